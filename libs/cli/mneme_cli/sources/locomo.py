"""The LoCoMo format: a list of dialogues, each in dated sessions between two speakers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from mneme_cli.sources.turns import Remarks, Turn, Unreadable, UnreadableFileError

_SESSION = re.compile(r"session_(\d+)$")
_DATE_FORMAT = "%I:%M %p on %d %B, %Y"  # 1:56 pm on 8 May, 2023


class LocomoSource:
    """``user_id`` is the sample's id, the conversation its session, and both speakers speak as users under their names.

    A turn's time is its session's, plus one second for each turn before it, in UTC.
    """

    format_name = "LoCoMo"

    def __init__(self, samples: Sequence[object]) -> None:
        self._samples = samples
        self.remarks = Remarks()

    def turns(self) -> Iterator[Turn | Unreadable]:
        """All turns, sample by sample and session by session."""
        for number, sample in enumerate(self._samples, start=1):
            if not isinstance(sample, Mapping) or not isinstance(sample.get("conversation"), Mapping):
                raise UnreadableFileError(f"sample {number} has no conversation")
            yield from _sample_turns(str(sample.get("sample_id", f"sample-{number}")), sample["conversation"])


def is_locomo(value: object) -> bool:
    """Whether parsed JSON looks like LoCoMo's: a list of objects with a conversation."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping) and "conversation" in value[0]


def _sample_turns(sample_id: str, conversation: Mapping[str, object]) -> Iterator[Turn | Unreadable]:
    numbers = sorted(int(found[1]) for name in conversation if (found := _SESSION.fullmatch(name)))
    for number in numbers:
        session = f"session_{number}"
        turns = conversation[session]
        begin = _begin(str(conversation.get(f"{session}_date_time", "")))
        if not isinstance(turns, list):
            yield Unreadable(f"{sample_id} {session}", "a session must be a list of turns")
            continue
        for offset, turn in enumerate(turns):
            place = f"{sample_id} {session} turn {offset + 1}"
            yield _turn(sample_id, session, turn, begin and begin + timedelta(seconds=offset), place)


def _turn(sample_id: str, session: str, turn: object, moment: datetime | None, place: str) -> Turn | Unreadable:
    if not isinstance(turn, Mapping) or "speaker" not in turn:
        return Unreadable(place, "a turn must be an object with speaker and text")
    metadata = {"dia_id": str(turn["dia_id"])} if "dia_id" in turn else {}
    message: dict[str, object] = {
        "role": "user",
        "name": str(turn["speaker"]),
        "content": _content(turn),
        "conversation_id": session,
        "metadata": metadata,
    }
    if moment is not None:
        message["occurred_at"] = moment.isoformat()
    return Turn(message, place, sample_id)


def _content(turn: Mapping[str, object]) -> str:
    """What was said; a photo that was shared is told by its caption."""
    said = str(turn.get("text", "")).strip()
    caption = str(turn.get("blip_caption", "")).strip()
    return f"{said}\n[shares a photo: {caption}]".strip() if caption else said


def _begin(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), _DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
