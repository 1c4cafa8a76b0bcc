"""The database fixture: migrated, separate for each test, walled by role."""

from __future__ import annotations

import psycopg
import pytest

from tests.fixtures.databases import Cluster, MnemeDatabase

_ADD = (
    "INSERT INTO heads (tenant_id, user_id) VALUES ('acme', 'ada')",
    "SELECT count(*) FROM heads",
)


@pytest.mark.parametrize("round_number", [1, 2])
def test_each_test_starts_with_no_rows_at_all(database: MnemeDatabase, round_number: int) -> None:
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(_ADD[0])
        assert connection.execute(_ADD[1]).fetchone() == (1,)


def test_owner_url_logs_in_as_owner_of_the_tables(database: MnemeDatabase) -> None:
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT tableowner = current_user FROM pg_tables WHERE tablename = 'ledger'")
        assert row.fetchone() == (True,)


@pytest.mark.parametrize("role", ["mneme_reader", "mneme_writer"])
def test_service_roles_see_nothing_without_a_named_tenant(database: MnemeDatabase, role: str) -> None:
    url = database.reader_url if role == "mneme_reader" else database.writer_url
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(_ADD[0])
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (role,)
        assert connection.execute(_ADD[1]).fetchone() == (0,)


def test_database_goes_away_even_with_open_connections(cluster: Cluster) -> None:
    with cluster.copy() as copy:
        left_open = psycopg.connect(copy.writer_url)
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()


def test_killed_server_keeps_what_was_committed(killable_cluster: Cluster) -> None:
    with killable_cluster.copy() as copy:
        with psycopg.connect(copy.superuser_url, autocommit=True) as connection:
            connection.execute(_ADD[0])
            killable_cluster.server.kill()
        killable_cluster.server.start()
        with psycopg.connect(copy.superuser_url) as connection:
            assert connection.execute(_ADD[1]).fetchone() == (1,)
