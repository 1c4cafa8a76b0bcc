"""The system account PostgreSQL runs under: ours, or `pgserver` when we are root, which it refuses to be."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mneme_launcher.errors import StackError

ROOT_STAND_IN = "pgserver"


class AccountError(StackError):
    """We are root and no unprivileged account could be found or made."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account that owns the data directory and the server process."""

    uid: int
    gid: int
    switches: bool

    def own(self, path: Path) -> None:
        """Hands `path` over to the account; nothing to do when it is our own."""
        if self.switches:
            os.chown(path, self.uid, self.gid)

    @property
    def user(self) -> int | None:
        """The `user` for subprocess; None keeps our own. `group` and `extra_groups` likewise."""
        return self.uid if self.switches else None

    @property
    def group(self) -> int | None:
        return self.gid if self.switches else None

    @property
    def extra_groups(self) -> list[int] | None:
        return [] if self.switches else None


def server_account() -> Account:
    """Our own account, or the stand-in for root (made on first use).

    Raises:
        AccountError: we are root and `useradd` is missing or failed.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switches=False)
    try:
        entry = pwd.getpwnam(ROOT_STAND_IN)
    except KeyError:
        entry = _make_stand_in()
    return Account(entry.pw_uid, entry.pw_gid, switches=True)


def _make_stand_in() -> pwd.struct_passwd:
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if useradd is None:
        raise AccountError(
            f"PostgreSQL refuses to be root: make a system user `{ROOT_STAND_IN}`, or start as another user"
        )
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ROOT_STAND_IN]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise AccountError(f"could not create the system user `{ROOT_STAND_IN}`: {done.stderr.strip()}")
    return pwd.getpwnam(ROOT_STAND_IN)


def let_through(path: Path) -> list[Path]:
    """Lets other accounts pass through (not list) the folders above `path`; those where they could not before."""
    closed = [folder for folder in path.resolve().parents if not folder.stat().st_mode & stat.S_IXOTH]
    for folder in closed:
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
    return closed


def let_read(folder: Path) -> None:
    """Lets other accounts read a tree of programs that was installed with a tight umask."""
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode and not path.is_symlink():
            path.chmod(wanted)
