"""Dead letters for operators: read, and sent again."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from mneme_common.contracts.dead_letters import REDRIVE_LETTER, REDRIVE_ORIGIN
from mneme_common.contracts.envelope import OutgoingRecord
from mneme_gateway.errors import ApiError, not_found
from mneme_gateway.ports import Database, OpenSeal, Redriver
from mneme_gateway.schemas.operator import DeadLetterDetail, DeadLetterOut, DeadLetters

_SUMMARY = (
    'letter_id, tenant_id, user_id, stage, topic, partition, "offset", incarnation, event_id, event_type, reason,'
    " detail, attempts, buried_at, redriven_at, resolved_at"
)
_CHOSEN = "(%(stage)s::text IS NULL OR stage = %(stage)s::text) AND (%(all)s OR resolved_at IS NULL)"
_PAGE = (
    f"SELECT {_SUMMARY} FROM dead_letters WHERE {_CHOSEN}"
    " AND (%(after)s::uuid IS NULL OR (buried_at, letter_id) <"
    " (SELECT l.buried_at, l.letter_id FROM dead_letters l WHERE l.letter_id = %(after)s::uuid))"
    " ORDER BY buried_at DESC, letter_id DESC LIMIT %(limit)s"
)
_REDRIVEN_AT_ONCE = 500


class DeadLetterDesk:
    """Reads letters of every tenant and sends their records again."""

    def __init__(self, database: Database, redriver: Redriver, open_seal: OpenSeal) -> None:
        self._database = database
        self._redriver = redriver
        self._open_seal = open_seal

    async def page(self, *, stage: str | None, every: bool, after: UUID | None, limit: int) -> DeadLetters:
        """Letters, newest first; those that are resolved only with ``every``."""
        parameters = {"stage": stage, "all": every, "after": after, "limit": limit}
        async with self._database.transaction(operator=True) as connection:
            rows = await (await connection.execute(_PAGE, parameters)).fetchall()
            cursor = await connection.execute(f"SELECT count(*) AS n FROM dead_letters WHERE {_CHOSEN}", parameters)
            (counted,) = await cursor.fetchall()
        items = [DeadLetterOut(**row) for row in rows]
        cursor_after = str(items[-1].letter_id) if len(items) == limit else None
        return DeadLetters(items=items, total=counted["n"], next_cursor=cursor_after)

    async def get(self, letter_id: UUID) -> DeadLetterDetail:
        """One letter with its bytes; raises ApiError 404."""
        row = (await self._rows([letter_id]))[0]
        value = row["value"]
        return DeadLetterDetail(
            **{name.strip('" '): row[name.strip('" ')] for name in _SUMMARY.split(",")},
            key=None if row["key"] is None else bytes(row["key"]).decode(errors="replace"),
            value_text=_text(value),
            value_base64=None if value is None else base64.b64encode(value).decode(),
            headers=[(name, bytes.fromhex(text).decode(errors="replace")) for name, text in row["headers"]],
        )

    async def redrive(self, letter_ids: Sequence[UUID], stage: str | None) -> list[UUID]:
        """Sends the records of these letters, or of a stage's open ones, to where they came from.

        A letter is resolved when its stage has succeeded with the record. Raises ApiError 404 and 503.
        """
        chosen = list(letter_ids) or await self._open(stage)
        rows = await self._rows(chosen) if chosen else []
        await self._redriver.redrive([_record(row) for row in rows])
        async with self._database.transaction(operator=True) as connection:
            await connection.execute("UPDATE dead_letters SET redriven_at = now() WHERE letter_id = ANY(%s)", (chosen,))
        return chosen

    async def _open(self, stage: str | None) -> list[UUID]:
        parameters = {"stage": stage, "all": False, "limit": _REDRIVEN_AT_ONCE}
        async with self._database.transaction(operator=True) as connection:
            cursor = await connection.execute(
                f"SELECT letter_id FROM dead_letters WHERE {_CHOSEN} ORDER BY buried_at, letter_id LIMIT %(limit)s",
                parameters,
            )
            return [row["letter_id"] for row in await cursor.fetchall()]

    async def _rows(self, letter_ids: Sequence[UUID]) -> list[dict[str, Any]]:
        async with self._database.transaction(operator=True) as connection:
            cursor = await connection.execute(
                f"SELECT {_SUMMARY}, key, value, headers FROM dead_letters WHERE letter_id = ANY(%s)"
                " ORDER BY buried_at, letter_id",
                (list(letter_ids),),
            )
            rows = await cursor.fetchall()
        if len(rows) != len(set(letter_ids)):
            raise not_found("Dead letter")
        return [self._opened(row) for row in rows]

    def _opened(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row with value and headers as they were consumed."""
        headers = tuple((name, bytes.fromhex(text)) for name, text in row["headers"])
        key, value = (None if row[name] is None else bytes(row[name]) for name in ("key", "value"))
        try:
            value, headers = self._open_seal(key, value, headers)
        except ValueError as error:
            raise ApiError(409, "SEALED", f"{row['letter_id']}: {error}") from None
        return row | {"value": value, "headers": [(name, raw.hex()) for name, raw in headers]}


def _record(row: Mapping[str, Any]) -> OutgoingRecord:
    """The original record, with the letter it was taken from and the place where it first stood."""
    origin = f"{row['incarnation']}/{row['topic']}/{row['partition']}/{row['offset']}"
    own = {REDRIVE_LETTER: str(row["letter_id"]), REDRIVE_ORIGIN: origin}
    kept = [(name, bytes.fromhex(text)) for name, text in row["headers"] if name not in own]
    added = [(name, text.encode()) for name, text in own.items()]
    return OutgoingRecord(row["topic"], bytes(row["key"] or b""), bytes(row["value"] or b""), tuple(kept + added))


def _text(value: bytes | None) -> str | None:
    try:
        return None if value is None else bytes(value).decode()
    except UnicodeDecodeError:
        return None
