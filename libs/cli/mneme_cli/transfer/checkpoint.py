"""How far an earlier run came. It only saves work: without it all is sent again, and nothing is written twice."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from mneme_cli.transfer.batches import Batch


@dataclass(frozen=True, slots=True)
class LaneMark:
    """A lane's progress: batches that are done, the size of the last one, and a message to recognise the server by."""

    batches: int
    last_size: int
    message_id: str
    user_id: str | None

    def covers(self, batch: Batch) -> bool:
        """Whether the batch was done by then; the last one may have been cut off, and have more turns now."""
        if batch.number == self.batches - 1:
            return len(batch.turns) <= self.last_size
        return batch.number < self.batches


class Checkpoint:
    """Marks of one import into one place, kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lanes = _read(path)

    def mark(self, batch: Batch, message_id: str, user_id: str | None) -> None:
        """Notes that a batch, and all before it in its lane, are done."""
        self.lanes[batch.lane] = LaneMark(batch.number + 1, len(batch.turns), message_id, user_id)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._path.with_suffix(".new")
        written.write_text(json.dumps({str(lane): asdict(mark) for lane, mark in self.lanes.items()}))
        written.replace(self._path)

    def forget(self, lane: int) -> None:
        """Takes a lane's mark back: the server does not have what it says."""
        self.lanes.pop(lane, None)


def checkpoint_path(import_id: str, *target: str | None) -> Path:
    """Where the marks of an import into a target (server, tenant, user) are kept: $XDG_STATE_HOME/mneme/imports."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    named = json.dumps([import_id, *target])
    return state / "mneme" / "imports" / f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> dict[int, LaneMark]:
    """The marks in the file; a file that cannot be read counts as none."""
    try:
        return {int(lane): LaneMark(**mark) for lane, mark in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
