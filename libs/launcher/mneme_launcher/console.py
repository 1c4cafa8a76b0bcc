"""What the launcher shows: its own short lines, and those of the children with their name in front."""

from __future__ import annotations

import contextlib
import os
from asyncio import StreamReader
from collections.abc import AsyncIterator
from typing import TextIO

_COLOURS = {"gateway": 36, "resolver": 32, "extractor": 35, "embedder": 34, "retention": 33}
_OURS = 90
_WIDTH = 9
_LONGEST_LINE = 1 << 16


class Console:
    """Writes whole lines to one stream, in colour on a terminal unless NO_COLOR is set."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ

    def say(self, text: str) -> None:
        """A line of the launcher's own."""
        self.line("mneme", text)

    def line(self, source: str, text: str) -> None:
        """A line with its source in front."""
        prefix = f"{source:<{_WIDTH}} |"
        if self._coloured:
            prefix = f"\x1b[{_COLOURS.get(source, _OURS)}m{prefix}\x1b[0m"
        self.plain(f"{prefix} {text}")

    def plain(self, text: str) -> None:
        """A line as it is. A reader that went away (a closed terminal) stops nothing."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{text}\n")
            self._stream.flush()

    async def pump(self, source: str, reader: StreamReader) -> None:
        """Shows every line of a child until it closes its output."""
        async for text in _lines(reader):
            self.line(source, text)


async def _lines(reader: StreamReader) -> AsyncIterator[str]:
    """Lines of any length: very long ones in pieces."""
    rest = b""
    while chunk := await reader.read(_LONGEST_LINE):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) >= _LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")
