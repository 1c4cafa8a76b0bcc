"""The secrets of a home: made once, kept in one private file."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from mneme_launcher.errors import StackError
from mneme_launcher.private_files import write_private

ENCRYPTION_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class StackSecrets:
    """The master key of the ledger's payloads (base64) and the passwords of the database roles."""

    encryption_key: str
    owner_password: str
    reader_password: str
    writer_password: str


def generate() -> StackSecrets:
    """New random secrets."""
    key = base64.b64encode(secrets.token_bytes(ENCRYPTION_KEY_BYTES)).decode()
    return StackSecrets(key, *(secrets.token_urlsafe(24) for _ in range(3)))


def load_or_create(path: Path) -> StackSecrets:
    """The secrets in the file, made on first use.

    Raises:
        StackError: the file is there but unreadable; new secrets would make what is stored unreadable.
    """
    if not path.exists():
        made = generate()
        write_private(path, json.dumps(asdict(made), indent=2) + "\n")
        return made
    try:
        return StackSecrets(**json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise StackError(
            f"{path} is damaged: restore it from a backup, because the ledger cannot be decrypted without it"
        ) from error
