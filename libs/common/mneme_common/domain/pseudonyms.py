"""The key of the stand-ins that scrubbing puts in the place of names."""

from __future__ import annotations

from mneme_common.domain.identifiers import digest


def pseudonym_key(master_key: bytes) -> bytes:
    """The same in every process that has the master key, and of no use for anything else."""
    return digest("mneme pseudonyms", master_key)
