"""What an importer reads from files, also from files that are not quite right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mneme_cli.sources.files import content_hash, open_source
from mneme_cli.sources.survey import survey, wanted_turns
from mneme_cli.sources.turns import Turn, Unreadable, UnreadableFileError
from tests.fixtures.dialogue import DIALOGUE


def _file(folder: Path, content: str | bytes, name: str = "messages.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _turns(path: Path) -> list[Turn]:
    return [item for item in open_source(path).turns() if isinstance(item, Turn)]


@pytest.fixture
def locomo_file(tmp_path: Path) -> Path:
    """Our dialogue in the LoCoMo format."""
    return _file(tmp_path, json.dumps(DIALOGUE), "locomo.json")


def test_a_locomo_sample_becomes_a_user_and_its_sessions_conversations(locomo_file: Path) -> None:
    found = survey(open_source(locomo_file), None)
    sessions = {("conv-own", f"session_{number}") for number in (1, 2, 3)}
    assert (found.turns, list(found.users), found.conversations) == (24, ["conv-own"], sessions)


def test_a_locomo_turn_keeps_its_speaker_its_id_and_its_time(locomo_file: Path) -> None:
    second = _turns(locomo_file)[1]
    assert second.message == {
        "role": "user",
        "name": "Tomas",
        "content": "Congratulations! How is the neighbourhood? I remember you wanted to be near the river.",
        "conversation_id": "session_1",
        "metadata": {"dia_id": "D1:2"},
        "occurred_at": "2024-03-03T16:10:01+00:00",
    }


def test_a_photo_is_told_by_its_caption(tmp_path: Path) -> None:
    turn = {"speaker": "Ines", "dia_id": "D1:1", "text": "Look!", "blip_caption": "a grey kitten"}
    sample = {"sample_id": "s", "conversation": {"session_1": [turn]}}
    (found,) = _turns(_file(tmp_path, json.dumps([sample])))
    assert found.message["content"] == "Look!\n[shares a photo: a grey kitten]"


def test_a_message_in_openais_form_is_taken_as_it_is(tmp_path: Path) -> None:
    message = {"role": "user", "content": "Tea.", "name": "ada", "occurred_at": "2024-01-01", "metadata": {"a": 1}}
    (turn,) = _turns(_file(tmp_path, json.dumps({**message, "user_id": "u-1"})))
    assert (turn.user_id, turn.message, turn.place) == ("u-1", message, "line 1")


def test_the_role_developer_is_what_system_was(tmp_path: Path) -> None:
    (turn,) = _turns(_file(tmp_path, '{"role": "developer", "content": "Be brief."}'))
    assert turn.message["role"] == "system"


def test_a_json_list_of_messages_is_read_too(tmp_path: Path) -> None:
    path = _file(tmp_path, '\n [{"role": "user", "content": "Tea."}, {"role": "assistant", "content": "Here."}]')
    assert [turn.place for turn in _turns(path)] == ["item 1", "item 2"]


def test_a_bad_line_is_named_and_its_neighbours_are_read(tmp_path: Path) -> None:
    good = '{"role": "user", "content": "Tea."}'
    lines = [
        good.encode(),
        b'{"role": "user"}',
        b"tea",
        b'"tea"',
        b'{"role": "\xff", "content": ""}',
        b"",
        good.encode(),
    ]
    found = list(open_source(_file(tmp_path, b"\n".join(lines))).turns())
    places = [(item.place, isinstance(item, Unreadable)) for item in found]
    assert places == [(f"line {number}", number in {2, 3, 4, 5}) for number in (1, 2, 3, 4, 5, 7)]


def test_fields_that_are_not_imported_are_remembered_by_name(tmp_path: Path) -> None:
    source = open_source(_file(tmp_path, '{"role": "user", "content": "Tea.", "mood": "calm", "refusal": null}'))
    survey(source, None)
    assert source.remarks.ignored_fields == {"mood"}


@pytest.mark.parametrize("content", ["", " \n\n", "[1, 2"])
def test_a_file_in_no_known_format_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableFileError):
        open_source(_file(tmp_path, content))


def test_a_limit_counts_messages_from_the_beginning(locomo_file: Path) -> None:
    source = open_source(locomo_file)
    assert (survey(source, 5).turns, len(list(wanted_turns(source, 5)))) == (5, 5)


def test_files_with_equal_content_are_the_same_import(tmp_path: Path) -> None:
    first, second = _file(tmp_path, "a", "one.jsonl"), _file(tmp_path, "a", "two.jsonl")
    assert content_hash(first) == content_hash(second)
