"""A PostgreSQL server as a child process of ours, on a Unix socket that only its own account can use."""

from __future__ import annotations

import hashlib
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from mneme_launcher.errors import StackError
from mneme_launcher.postgres_account import Account, server_account
from mneme_launcher.postgres_cluster import SUPERUSER, ensure_cluster, environment, password_file, programs
from mneme_launcher.processes import end, kill_family, stop_child

_START_TIMEOUT_S = 120.0
_POLL_S = 0.02
_STOP_PATIENCE_S = 30.0
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 100  # bytes; the kernel's limit is 104 on macOS and 108 on Linux
_LOG_LIMIT_BYTES = 8 << 20
_STILL_IN_USE = ("pre-existing shared memory block", "lock file")
_SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "jit": "off",
    "fsync": "on",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class PostgresError(StackError):
    """The server did not come up; the text holds the end of its log."""


class PostgresServer:
    """One data directory and the server that runs on it.

    The directory is made at the first start, with a superuser password that lies beside it in a private
    file. Stopping and starting again is safe in any order; an earlier server of the same directory is ended
    first, so whoever uses this class must make sure that the directory is his (the launcher locks its home).
    When we are root, `opened` names the folders beyond the directory's own that its account may pass through
    since the latest start.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._log = self._data_dir.with_name(f"{self._data_dir.name}.log")
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self.opened: list[Path] = []

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster, None while it does not run."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def is_running(self) -> bool:
        """Whether our child lives; says nothing about whether it takes connections."""
        return self.pid is not None

    def superuser_url(self, database: str = "postgres") -> str:
        """The URL for psycopg. Only provisioning uses it: no service ever gets it."""
        return self.url(SUPERUSER, password_file(self._data_dir).read_text(), database)

    def url(self, user: str, password: str, database: str) -> str:
        """A URL of this server for psycopg; the same over restarts."""
        folder = quote(str(self._socket_dir()), safe="")
        return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@/{database}?host={folder}"

    def start(self) -> None:
        """Returns when the server takes connections; nothing happens when it does already.

        Raises:
            PostgresError: it ended, or was not ready after two minutes (in which a crash is recovered from).
        """
        if self.is_running():
            return
        self._data_dir.parent.mkdir(parents=True, exist_ok=True)
        account = server_account()
        end_earlier_server(self._data_dir)
        opened = ensure_cluster(self._data_dir, account)
        self.opened = [folder for folder in opened if folder != self._data_dir.parent]
        socket_dir = self._socket_dir()
        if socket_dir != self._data_dir:
            _make_private(socket_dir, account)
        self._start_until_ready(account, socket_dir)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is flushed."""
        if self._child is not None:
            stop_child(self._child, signal.SIGINT, _STOP_PATIENCE_S)

    def kill(self) -> None:
        """Ends the server and its backends as a power cut would."""
        if self._child is not None and self._child.poll() is None:
            kill_family(self._child)

    def _start_until_ready(self, account: Account, socket_dir: Path) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        self._child = self._spawn(account, socket_dir)
        while time.monotonic() < deadline:
            if self._child.poll() is not None:
                # Backends of a killed server hold its shared memory for a moment.
                if not any(sign in self._log_tail() for sign in _STILL_IN_USE):
                    break
                time.sleep(5 * _POLL_S)
                self._child = self._spawn(account, socket_dir)
            if _reports_ready(self._data_dir, self._child.pid):
                return
            time.sleep(_POLL_S)
        self.kill()
        raise PostgresError(f"PostgreSQL did not start; the end of {self._log}:\n{self._log_tail()}")

    def _spawn(self, account: Account, socket_dir: Path) -> subprocess.Popen[bytes]:
        command = [str(programs() / "postgres"), "-D", str(self._data_dir), "-h", "", "-k", str(socket_dir)]
        for name, value in _SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        keep = self._log.exists() and self._log.stat().st_size < _LOG_LIMIT_BYTES
        with self._log.open("ab" if keep else "wb") as log:
            self._log_start = log.tell()
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=environment(),
                start_new_session=True,  # Ctrl-C in a terminal must not reach it: the services drain first
                user=account.user,
                group=account.group,
                extra_groups=account.extra_groups,
            )

    def _log_tail(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read()[-4000:].decode(errors="replace").strip()

    def _socket_dir(self) -> Path:
        """The data directory, which is private, or a short folder named after it if its path is too long."""
        if len(bytes(self._data_dir / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT:
            return self._data_dir
        digest = hashlib.sha256(bytes(self._data_dir)).hexdigest()[:12]
        return Path(tempfile.gettempdir()).resolve() / f"mneme-{digest}"


def end_earlier_server(data_dir: Path) -> None:
    """Ends a server that still runs on this directory, and forgets the lock of one that does not any more.

    PostgreSQL by itself refuses to start when the id in a stale lock file belongs to any process of the same
    account, which is common where process ids start over with each boot of a container.
    """
    lock = data_dir / "postmaster.pid"
    try:
        process = psutil.Process(int(lock.read_text().splitlines()[0]))
        ours = process.name() == "postgres" and str(data_dir) in process.cmdline()
    except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess, psutil.AccessDenied):
        lock.unlink(missing_ok=True)
        return
    if ours:
        end(process, signal.SIGINT, _STOP_PATIENCE_S)
    lock.unlink(missing_ok=True)


def _reports_ready(data_dir: Path, pid: int) -> bool:
    """Line 8 of postmaster.pid turns to `ready` when connections are taken."""
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _make_private(folder: Path, account: Account) -> None:
    """Makes the socket folder; in a shared temporary directory somebody else might have been first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid not in (account.uid, 0) or not stat.S_ISDIR(found.st_mode):
        raise PostgresError(f"{folder} is not ours: remove it or set TMPDIR")
    account.own(folder)
    folder.chmod(0o700)
