"""The embedded PostgreSQL: closed to strangers, and back after whatever killed it."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mneme_common.testing.waiting import eventually_blocking
from mneme_launcher.errors import StackError
from mneme_launcher.postgres import PostgresServer
from tests.fixtures.homes import temporary_home


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[PostgresServer, Path]]:
    """One server for the tests of this file, with its data directory: making one takes a second."""
    with temporary_home() as home:
        yield PostgresServer(home / "postgres"), home / "postgres"


@pytest.fixture
def server(shared: tuple[PostgresServer, Path]) -> Iterator[PostgresServer]:
    """The server, running."""
    shared[0].start()
    yield shared[0]
    shared[0].kill()


@pytest.fixture
def data_dir(shared: tuple[PostgresServer, Path]) -> Path:
    return shared[1]


def _execute(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(server.superuser_url()) as connection:
        connection.execute(statement)


def _count(server: PostgresServer) -> int:
    with psycopg.connect(server.superuser_url()) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    return int(row[0]) if row else -1


def _setting(server: PostgresServer, name: str) -> str:
    with psycopg.connect(server.superuser_url()) as connection:
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return str(row[0]) if row else ""


def test_committed_rows_survive_the_kill_of_every_process(server: PostgresServer) -> None:
    _execute(server, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 1")
    server.kill()
    server.start()
    assert _count(server) == 1


def test_it_starts_again_at_once_after_its_postmaster_alone_was_killed(server: PostgresServer) -> None:
    with psycopg.connect(server.superuser_url()):
        os.kill(server.pid or 0, signal.SIGKILL)
        eventually_blocking(lambda: not server.is_running())
        server.start()
    assert server.is_running()


def test_its_url_stays_the_same_over_restarts(server: PostgresServer) -> None:
    before = server.superuser_url()
    server.stop()
    server.start()
    assert server.superuser_url() == before


def test_starting_twice_changes_nothing(server: PostgresServer) -> None:
    before = server.pid
    server.start()
    assert server.pid == before


def test_stopping_twice_changes_nothing(server: PostgresServer) -> None:
    server.stop()
    server.stop()
    assert server.pid is None


def test_the_server_of_a_killed_launcher_is_ended_before_the_next(server: PostgresServer, data_dir: Path) -> None:
    _execute(server, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 1")
    successor = PostgresServer(data_dir)
    successor.start()
    try:
        assert (server.is_running(), _count(successor)) == (False, 1)
    finally:
        successor.stop()


def test_a_stale_lock_that_names_a_living_stranger_does_not_block(server: PostgresServer, data_dir: Path) -> None:
    lock = data_dir / "postmaster.pid"
    content = lock.read_text().splitlines()
    server.kill()
    lock.write_text("\n".join([str(os.getppid()), *content[1:]]))
    server.start()
    assert server.is_running()


@pytest.mark.parametrize("content", ["", "no number\n"])
def test_a_damaged_lock_does_not_block(server: PostgresServer, data_dir: Path, content: str) -> None:
    server.kill()
    (data_dir / "postmaster.pid").write_text(content)
    server.start()
    assert server.is_running()


def test_nobody_gets_in_without_the_password(server: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url("postgres", "wrong", "postgres"))


def test_it_listens_on_no_network_address(server: PostgresServer) -> None:
    assert _setting(server, "listen_addresses") == ""


def test_its_socket_and_password_are_closed_to_others(server: PostgresServer, data_dir: Path) -> None:
    socket_dir = Path(_setting(server, "unix_socket_directories"))
    modes = [
        stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (socket_dir, data_dir.with_name("postgres.password"))
    ]
    assert modes == [0, 0]


def test_a_directory_deeper_than_socket_paths_reach_is_no_hindrance(home: Path) -> None:
    deep = PostgresServer(home / ("d" * 100) / "postgres")
    deep.start()
    try:
        assert _setting(deep, "fsync") == "on"
    finally:
        deep.stop()


def test_a_directory_half_made_by_a_killed_start_is_made_anew(home: Path) -> None:
    data_dir = home / "postgres"
    (home / "postgres.unfinished").mkdir()
    (home / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    server = PostgresServer(data_dir)
    server.start()
    server.stop()
    assert (data_dir / "PG_VERSION").exists()


def test_data_of_another_major_version_is_refused_with_instructions(home: Path) -> None:
    data_dir = home / "postgres"
    data_dir.mkdir()
    (data_dir / "PG_VERSION").write_text("17\n")
    with pytest.raises(StackError, match=r"holds data of PostgreSQL 17, not 18: dump it"):
        PostgresServer(data_dir).start()


def test_a_server_that_cannot_start_says_why(server: PostgresServer, data_dir: Path) -> None:
    server.stop()
    settings = data_dir / "postgresql.auto.conf"
    settings.write_text("no_such_setting = 1\n")
    with pytest.raises(StackError, match="no_such_setting"):
        server.start()
    settings.write_text("")


def test_letters_of_all_scripts_are_letters_to_the_text_search(server: PostgresServer) -> None:
    with psycopg.connect(server.superuser_url()) as connection:
        row = connection.execute("SELECT to_tsvector('simple', 'ein wörld—ЖУК')::text, lower('ЖУК')").fetchone()
    assert row == ("'ein':1 'wörld':2 'жук':3", "жук")
