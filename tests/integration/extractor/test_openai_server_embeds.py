"""The server that stands in for OpenAI's embeddings, asked through OpenAI's client."""

from __future__ import annotations

import math
from typing import Literal

import pytest
from openai import AsyncOpenAI, NotFoundError, Omit, omit

from mneme_common.testing.openai_server import OpenAIServer, embedding


@pytest.mark.parametrize("form", ["float", omit], ids=["float", "base64 by default"])
async def test_vectors_are_a_function_of_the_words_and_of_length_one(form: Literal["float"] | Omit) -> None:
    async with (
        OpenAIServer().running() as server,
        AsyncOpenAI(api_key="none", base_url=server.base_url, max_retries=0) as client,
    ):
        answer = await client.embeddings.create(
            model="m", input=["I love tea", "I love jam", "snow in May"], dimensions=32, encoding_format=form
        )
    tea, jam, snow = (item.embedding for item in answer.data)
    assert tea == pytest.approx(embedding("I love tea", 32), abs=1e-6)
    assert math.hypot(*tea) == pytest.approx(1.0, abs=1e-6)
    assert math.dist(tea, jam) < math.dist(tea, snow), "like texts are near"


async def test_what_the_server_does_not_speak_is_not_found() -> None:
    async with (
        OpenAIServer().running() as server,
        AsyncOpenAI(api_key="none", base_url=server.base_url, max_retries=0) as client,
    ):
        with pytest.raises(NotFoundError):
            await client.models.list()
