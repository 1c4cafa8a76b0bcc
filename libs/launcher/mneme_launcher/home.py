"""MNEME_HOME: one directory with all state of an embedded stack, for one launcher at a time."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from typing import IO

from mneme_launcher.errors import StackError

_PRIVATE = 0o711  # passing through stays allowed where it was: the database may run under another account
_LEFT_BY_AN_INTERRUPTED_START = {"lock", "run", "version", "version.unfinished"}


class Home:
    """The directory's layout. Nothing is touched before `open`."""

    def __init__(self, path: Path, version: str) -> None:
        self.path = path.expanduser().resolve()
        self._version = version
        self._lock: IO[str] | None = None

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "postgres"

    @property
    def secrets(self) -> Path:
        """The encryption key and the passwords."""
        return self.path / "secrets.json"

    @property
    def run(self) -> Path:
        """What describes the running stack: of no use to the next."""
        return self.path / "run"

    @property
    def ports(self) -> Path:
        """The ports of the workers' health and metrics, kept so that they stay the same."""
        return self.path / "ports.json"

    def open(self) -> None:
        """Makes the directory if needed and holds it until `close` or the end of this process.

        Raises:
            StackError: written by a newer version, in use, or somebody else's directory; it is untouched then.
        """
        self._refuse_newer()
        self._refuse_foreign()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take()
        except PermissionError as error:
            raise StackError(f"no permission to write to MNEME_HOME={self.path}") from error
        mode = self.path.stat().st_mode & 0o777
        if mode & ~_PRIVATE:
            self.path.chmod(mode & _PRIVATE)
        self.run.mkdir(mode=0o700, exist_ok=True)
        self._write_version()

    def close(self) -> None:
        """Lets the next launcher have the directory."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def holder(self) -> int | None:
        """The process id of the launcher that holds the directory now, None when nobody does."""
        try:
            with self._lock_file.open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(file.read().strip() or 0)
                return None
        except FileNotFoundError:
            return None

    @property
    def _lock_file(self) -> Path:
        return self.path / "lock"

    @property
    def _version_file(self) -> Path:
        return self.path / "version"

    def _refuse_newer(self) -> None:
        if not self._version_file.exists():
            return
        written_by = self._version_file.read_text().strip()
        if _release(written_by) > _release(self._version):
            raise StackError(
                f"{self.path} was written by Mneme {written_by}, and this is {self._version}: "
                f"use Mneme {written_by} or newer, or choose another home with MNEME_HOME=..."
            )

    def _refuse_foreign(self) -> None:
        if self._version_file.exists() or not self.path.exists():
            return
        if not self.path.is_dir():
            raise StackError(f"MNEME_HOME={self.path} is not a directory")
        if {entry.name for entry in self.path.iterdir()} - _LEFT_BY_AN_INTERRUPTED_START:
            raise StackError(f"{self.path} has files in it and is no home of Mneme: set MNEME_HOME to a new directory")

    def _take(self) -> None:
        # Not closed by a `with`: the lock is held as long as the file is open.
        file = os.fdopen(os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = file.read().strip()
            file.close()
            raise StackError(
                f"{self.path} is in use by process {holder}: stop it with `make down`, "
                "or start another instance with MNEME_HOME=... MNEME_HTTP_PORT=..."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._lock = file

    def _write_version(self) -> None:
        unfinished = self._version_file.with_suffix(".unfinished")
        unfinished.write_text(f"{self._version}\n")
        unfinished.rename(self._version_file)


def _release(version: str) -> tuple[int, ...]:
    """The numbers before any suffix: 1.10.0rc1 is (1, 10, 0). Text without numbers counts as newest."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found.group().split("."))) if found else (1 << 30,)
