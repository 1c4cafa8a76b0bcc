"""The name of a revision's vector is the same in SQL and in Python."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from mneme_common.domain.identifiers import point_id
from tests.fixtures.databases import MnemeDatabase

MESSAGES = (UUID(int=0), UUID("0193a5b0-1234-7abc-8def-0123456789ab"), UUID(int=2**128 - 1))


@pytest.mark.parametrize("message_id", MESSAGES)
def test_every_revision_has_the_same_point_in_sql_and_python(database: MnemeDatabase, message_id: UUID) -> None:
    revisions = [1, 2, 3, 9, 10, 11, 99, 100, 123_456]
    with psycopg.connect(database.writer_url) as connection:
        rows = connection.execute(
            "SELECT message_point_id(%s, r) FROM unnest(%s::integer[]) WITH ORDINALITY AS t(r, n) ORDER BY n",
            (message_id, revisions),
        ).fetchall()
    assert [row[0] for row in rows] == [point_id(message_id, revision) for revision in revisions]
