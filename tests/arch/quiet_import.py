"""Imports the modules named on standard input and reports, as lines, whatever else happens while they load.

Run as a program with an empty environment. It watches the interpreter's audit events, so the reports come from what
is done, not from what the source looks like.
"""

from __future__ import annotations

import importlib
import os
import sys

_FORBIDDEN = ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.posix_spawn")


class _WatchedEnvironment(dict[str, str]):
    """Stands in for os.environ and tells which of our modules reads it while it is imported."""

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]  # narrower on purpose
        _report_reader(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> str:
        _report_reader(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        _report_reader(str(key))
        return super().__contains__(key)


def _report_reader(key: str) -> None:
    frame = sys._getframe(2)
    if frame.f_globals.get("__name__", "").startswith("mneme"):
        sys.stdout.write(f"{frame.f_globals['__name__']} reads the environment variable {key}\n")


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event in _FORBIDDEN:
        raise RuntimeError(f"{event}{arguments!r} during an import")


def main() -> int:
    """Import everything; the exit status is 1 if an import failed."""
    sys.addaudithook(_audit)
    os.environ = _WatchedEnvironment(os.environ)  # type: ignore[assignment]  # noqa: B003  (stands in for it)
    failed = False
    for module in sys.stdin.read().split():
        try:
            importlib.import_module(module)
        except BaseException as error:  # noqa: BLE001  (SystemExit too: an import must not end the program)
            failed = True
            sys.stdout.write(f"{module}: {type(error).__name__}: {error}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
