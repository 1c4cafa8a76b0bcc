"""The launcher's output."""

from __future__ import annotations

import asyncio
import io

import pytest

from mneme_launcher.console import Console


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def _pumped(*chunks: bytes) -> str:
    stream, reader = io.StringIO(), asyncio.StreamReader()
    for chunk in chunks:
        reader.feed_data(chunk)
    reader.feed_eof()
    await Console(stream).pump("resolver", reader)
    return stream.getvalue()


async def test_each_line_of_a_child_carries_its_name() -> None:
    assert await _pumped(b"one\r\ntwo\nthr", b"ee") == "resolver  | one\nresolver  | two\nresolver  | three\n"


async def test_a_line_without_end_is_shown_in_pieces() -> None:
    shown = await _pumped(b"x" * 200_000)
    assert shown.count("x") == 200_000


async def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert await _pumped(b"\xff\n") == "resolver  | \ufffd\n"


def test_names_are_coloured_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, pipe = _Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        Console(stream).line("gateway", "text")
    assert ("\x1b[" in terminal.getvalue(), "\x1b[" in pipe.getvalue()) == (True, False)


def test_no_color_is_honoured_on_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = _Terminal()
    Console(terminal).say("text")
    assert "\x1b[" not in terminal.getvalue()


def test_a_closed_terminal_stops_nothing() -> None:
    stream = io.StringIO()
    console = Console(stream)
    stream.close()
    console.say("text")
    assert stream.closed
