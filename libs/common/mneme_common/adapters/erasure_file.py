"""The register of erasures as a file: a line of JSON each, appended and synced."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from mneme_common.contracts.erasures import SubjectErased, latest
from mneme_common.domain.failures import DependencyError


class ErasureFile:
    """Readable by its owner alone, since it names users."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """The file's name, without where it is."""
        return f"file {self._path.name}"

    async def record(self, erasure: SubjectErased) -> None:
        """Appends a line; one that was broken off before stays as it is."""
        try:
            await asyncio.to_thread(self._append, erasure.model_dump_json().encode())
        except OSError as error:
            raise DependencyError(f"the register of erasures cannot be written: {type(error).__name__}") from error

    async def erasures(self) -> Sequence[SubjectErased]:
        """Every whole line; no file is nobody."""
        try:
            text = await asyncio.to_thread(self._read)
        except OSError as error:
            raise DependencyError(f"the register of erasures cannot be read: {type(error).__name__}") from error
        return latest(found for line in text.splitlines() if (found := _erasure(line)) is not None)

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # Begun on a line of its own, whatever a crash has left of the one before.
            os.write(descriptor, b"\n" + line + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _read(self) -> bytes:
        return self._path.read_bytes() if self._path.exists() else b""


def _erasure(line: bytes) -> SubjectErased | None:
    try:
        return SubjectErased.model_validate_json(line) if line.strip() else None
    except ValidationError:
        return None
