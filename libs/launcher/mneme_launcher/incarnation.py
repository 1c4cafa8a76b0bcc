"""The directory of broker starts in PostgreSQL: where clients find the broker of the moment."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from mneme_common.adapters.broker_directory import CHANNEL

_CONNECT_TIMEOUT_S = 5
_DRAINED_STAGES = ("resolver", "extractor", "embedder")


@dataclass(frozen=True, slots=True)
class Incarnation:
    """One start of the embedded broker; the name is part of every consumer group on it."""

    name: str
    bootstrap: str


class IncarnationRegistry:
    """Writes the directory as the workers' role. Each method is one transaction, on a connection of its own.

    All methods raise psycopg.OperationalError while the database is away.
    """

    def __init__(self, writer_url: str) -> None:
        self._url = writer_url

    def close_all(self) -> None:
        """Says that no broker is there: those of an earlier run are gone."""
        with self._connection() as connection:
            _close(connection)

    def announce(self, bootstrap: str, partitions: int) -> Incarnation:
        """Names a new incarnation, which nobody uses before it is opened."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO broker_incarnations (incarnation, bootstrap, partitions, state)"
                " VALUES (%s, %s, %s, 'starting')",
                (name, bootstrap, partitions),
            )
        return Incarnation(name, bootstrap)

    def open(self, incarnation: Incarnation) -> None:
        """Sends everybody to this incarnation; the earlier ones are closed in the same moment."""
        with self._connection() as connection:
            _close(connection, but=incarnation.name)
            connection.execute(
                "UPDATE broker_incarnations SET state = 'ready', ready_at = now() WHERE incarnation = %s",
                (incarnation.name,),
            )

    def drain(self, incarnation: Incarnation) -> None:
        """Asks the gateway to journal without publishing, so that the stages can come level."""
        with self._connection() as connection:
            connection.execute(
                "UPDATE broker_incarnations SET state = 'draining' WHERE incarnation = %s", (incarnation.name,)
            )
            _notify(connection)

    def is_level(self, incarnation: Incarnation, since: datetime) -> bool:
        """Whether every stage has reported after `since` that nothing is left for it on this incarnation."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT count(DISTINCT stage), coalesce(max(lag), 0) FROM workers"
                " WHERE stage = ANY(%s) AND incarnation = %s AND updated_at > %s",
                (list(_DRAINED_STAGES), incarnation.name, since),
            ).fetchone()
        return row is not None and row == (len(_DRAINED_STAGES), 0)

    def now(self) -> datetime:
        """The database's clock, by which the workers' reports are dated."""
        with self._connection() as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None  # noqa: S101  (a SELECT without FROM has a row)
        moment: datetime = row[0]
        return moment

    def _connection(self) -> psycopg.Connection:
        return psycopg.connect(self._url, connect_timeout=_CONNECT_TIMEOUT_S)


def _close(connection: psycopg.Connection, but: str = "") -> None:
    connection.execute(
        "UPDATE broker_incarnations SET state = 'closed', closed_at = now()"
        " WHERE state <> 'closed' AND incarnation <> %s",
        (but,),
    )
    _notify(connection)


def _notify(connection: psycopg.Connection) -> None:
    connection.execute(f"NOTIFY {CHANNEL}")
