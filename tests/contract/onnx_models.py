"""Models of a few numbers in the format that FastEmbed loads: its own code runs on them, only the weights are ours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

EMBEDDING_MODEL = "BAAI/bge-small-en-v1.5"
RERANKING_MODEL = "Xenova/ms-marco-MiniLM-L-6-v2"
DIMENSION = 24

_SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "sep_token": "[SEP]"}
_WORDS = (
    "Ada lives in Berlin Grace likes chess the weather is fine today moved to last year same words even odd word"
    " green tea black coffee who drinks what"
)
_OPSET = 17


def write_embedding_model(models_folder: Path, name: str) -> None:
    """A model that adds up one fixed direction a word."""
    folder = _folder(models_folder, name)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["gathered"]),
        *_masked("gathered", "attention_mask", "words"),
        helper.make_node("ReduceSum", ["words", "along"], ["last_hidden_state"], keepdims=1),
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", 1, DIMENSION])
    _write(folder / "model_optimized.onnx", nodes, ["input_ids", "attention_mask"], output)


def write_reranking_model(models_folder: Path, name: str) -> None:
    """A model whose score is how much of their words query and text share."""
    folder = _folder(models_folder, name)
    (folder / "onnx").mkdir()
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["gathered"]),
        *_masked("gathered", "attention_mask", "words"),
        *_masked("words", "token_type_ids", "of_text"),
        helper.make_node("Sub", ["words", "of_text"], ["of_query"]),
        helper.make_node("ReduceSum", ["of_query", "along"], ["query"], keepdims=0),
        helper.make_node("ReduceSum", ["of_text", "along"], ["text"], keepdims=0),
        helper.make_node("Mul", ["query", "text"], ["products"]),
        helper.make_node("ReduceSum", ["products", "along"], ["logits"], keepdims=1),
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1])
    _write(folder / "onnx" / "model.onnx", nodes, ["input_ids", "attention_mask", "token_type_ids"], output)


def _masked(values: str, mask: str, result: str) -> list[onnx.NodeProto]:
    """The values where the mask is 1, 0 where it is 0."""
    return [
        helper.make_node("Cast", [mask], [f"{result}_flags"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", [f"{result}_flags", "last"], [f"{result}_mask"]),
        helper.make_node("Mul", [values, f"{result}_mask"], [result]),
    ]


def _write(path: Path, nodes: list[onnx.NodeProto], inputs: list[str], output: onnx.ValueInfoProto) -> None:
    constants = [
        numpy_helper.from_array(_table(), "table"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "along"),
        numpy_helper.from_array(np.array([-1], dtype=np.int64), "last"),
    ]
    graph = helper.make_graph(
        nodes,
        "words",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs],
        [output],
        initializer=constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def _table() -> npt.NDArray[np.float32]:
    """A direction a word; padding and the separator point nowhere."""
    table = np.random.default_rng(7).standard_normal((len(_vocabulary()), DIMENSION)).astype(np.float32)
    table[[0, 2]] = 0
    return table


def _vocabulary() -> dict[str, int]:
    return {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[SEP]", *dict.fromkeys(_WORDS.split())])}


def _folder(models_folder: Path, name: str) -> Path:
    """The files beside the weights."""
    folder = models_folder / name
    folder.mkdir(parents=True)
    tokenizer = Tokenizer(models.WordLevel(_vocabulary(), unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A [SEP]", pair="$A [SEP] $B:1 [SEP]:1", special_tokens=[("[SEP]", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"pad_token_id": 0}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512, **_SPECIAL}))
    (folder / "special_tokens_map.json").write_text(json.dumps(_SPECIAL))
    return folder
