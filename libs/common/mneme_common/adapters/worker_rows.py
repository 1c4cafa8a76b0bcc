"""The rows that workers keep about themselves and about what they buried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from mneme_common.adapters.postgres import Connection, Database, insert_rows
from mneme_common.contracts.dead_letters import DeadLetter, redriven_letter
from mneme_common.contracts.envelope import InvalidEventError, parse_key
from mneme_common.domain.identifiers import digest
from mneme_common.telemetry.progress import Progress


class WorkerRows:
    """The table ``workers``: one row a living worker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, progress: Progress) -> None:
        """Writes the row, and removes those of the stage whose workers have been silent for a minute."""
        oldest = progress.oldest_pending_ms
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO workers (stage, instance, ready, lag, processed, failed, buried, per_second,"
                " oldest_pending_at, incarnation, detail, started_at, updated_at)"
                " VALUES (%s, %s, %s, %s, %s, 0, 0, %s, %s, %s, %s, %s, now())"
                " ON CONFLICT (stage, instance) DO UPDATE SET ready = excluded.ready, lag = excluded.lag,"
                " processed = excluded.processed, per_second = excluded.per_second,"
                " oldest_pending_at = excluded.oldest_pending_at, incarnation = excluded.incarnation,"
                " detail = excluded.detail, updated_at = now()",
                (
                    progress.stage,
                    progress.instance,
                    bool(progress.health()["ready"]),
                    progress.lag,
                    progress.processed,
                    progress.per_second,
                    datetime.fromtimestamp(oldest / 1000, UTC) if oldest is not None else None,
                    progress.incarnation,
                    Jsonb({"waiting_for": sorted(progress.waiting)}),
                    progress.started_at,
                ),
            )
            await connection.execute(
                "DELETE FROM workers WHERE stage = %s AND updated_at < now() - interval '1 minute'", (progress.stage,)
            )

    async def leave(self, progress: Progress) -> None:
        """Removes the row."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "DELETE FROM workers WHERE stage = %s AND instance = %s", (progress.stage, progress.instance)
            )


class DeadLetterRows:
    """The table ``dead_letters``, for stages that keep nothing else of what they bury."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Stores the letters; storing one twice changes nothing."""
        async with self._database.transaction(operator=True) as connection:
            await insert_letters(connection, letters)

    async def resolve(self, stage: str, letters: Sequence[UUID]) -> None:
        """Notes that what these letters hold has been processed."""
        async with self._database.transaction(operator=True) as connection:
            await resolve_letters(connection, stage, letters)


async def insert_letters(connection: Connection, letters: Sequence[DeadLetter]) -> None:
    """Inserts the letters that are not there yet; one whose key names no user has an empty tenant.

    A letter that was tried again and failed again is opened again, with what is known now.
    """
    known = await connection.execute(
        "SELECT letter_id FROM dead_letters WHERE letter_id = ANY(%s)", ([letter_id(letter) for letter in letters],)
    )
    there = {row["letter_id"] for row in await known.fetchall()}
    await insert_rows(
        connection, "dead_letters", [_row(letter) for letter in letters if letter_id(letter) not in there]
    )
    again = [letter for letter in letters if letter_id(letter) in there and redriven_letter(letter.record)]
    await _reopen(connection, again)


async def resolve_letters(connection: Connection, stage: str, letters: Sequence[UUID]) -> None:
    """Closes those of the letters that are this stage's."""
    await connection.execute(
        "UPDATE dead_letters SET resolved_at = now() WHERE letter_id = ANY(%s) AND stage = %s AND resolved_at IS NULL",
        (list(letters), stage),
    )


async def _reopen(connection: Connection, letters: Sequence[DeadLetter]) -> None:
    await connection.cursor().executemany(
        "UPDATE dead_letters SET reason = %s, detail = %s, attempts = %s, buried_at = %s, redriven_at = NULL,"
        " resolved_at = NULL WHERE letter_id = %s AND stage = %s",
        [
            (letter.reason, _clean(letter.detail), letter.attempts, letter.buried_at, letter_id(letter), letter.stage)
            for letter in letters
        ],
    )


def letter_id(letter: DeadLetter) -> UUID:
    """The same letter, buried again after a crash or a re-drive, has the same id."""
    known = redriven_letter(letter.record)
    if known is not None:
        return known
    record = letter.record
    place = (record.incarnation, record.topic, str(record.partition), str(record.offset))
    return UUID(bytes=digest("letter", letter.stage, *place)[:16])


def _row(letter: DeadLetter) -> Mapping[str, object]:
    try:
        tenant_id, user_id = parse_key(letter.record.key)
    except InvalidEventError:
        tenant_id, user_id = "", ""
    record = letter.record
    return {
        "letter_id": letter_id(letter),
        "tenant_id": tenant_id,
        "user_id": user_id,
        "stage": letter.stage,
        "topic": record.topic,
        "incarnation": record.incarnation,
        "partition": record.partition,
        "offset": record.offset,
        "event_id": letter.event_id,
        "event_type": _clean(letter.event_type or "") or None,
        "reason": letter.reason,
        "detail": _clean(letter.detail),
        "attempts": letter.attempts,
        "key": record.key,
        "value": record.value,
        "headers": [[_clean(name), value.hex()] for name, value in record.headers],
        "buried_at": letter.buried_at,
    }


def _clean(text: str) -> str:
    return text.replace("\x00", "")
