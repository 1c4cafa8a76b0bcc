"""Roles, database, extension and schema, on our server and on somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from mneme_common.adapters import migrations
from mneme_launcher import stack_secrets
from mneme_launcher.errors import StackError
from mneme_launcher.postgres import PostgresServer
from mneme_launcher.provision import (
    DATABASE,
    OWNER,
    READER,
    WRITER,
    DatabaseUrls,
    migrate,
    provision_embedded,
    provision_external,
    with_login,
)
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.homes import temporary_home

_SECRETS = stack_secrets.generate()


_THEIRS = "theirs"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server without anything of ours, shared by the tests of this file."""
    with temporary_home() as home:
        running = PostgresServer(home / "postgres")
        running.start()
        yield running
        running.stop()


@pytest.fixture
def bare(server: PostgresServer) -> Iterator[PostgresServer]:
    """The server, rid afterwards of what the test made on it."""
    yield server
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        for database in (_THEIRS, DATABASE):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        for role in (READER, WRITER, OWNER, "boss"):
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@dataclass(frozen=True, slots=True)
class Foreign:
    """A database that somebody else prepared: no role of ours, and an owner who may create roles."""

    owner_url: str
    superuser_url: str


@pytest.fixture
def foreign(bare: PostgresServer) -> Foreign:
    with psycopg.connect(bare.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'p'")
        connection.execute("CREATE DATABASE theirs OWNER boss")
    with psycopg.connect(bare.superuser_url(_THEIRS), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
    return Foreign(bare.url("boss", "p", _THEIRS), bare.superuser_url(_THEIRS))


def _attributes(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname LIKE 'mneme%'"
        ).fetchall()


def _can_read(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)


def _read_and_write(urls: DatabaseUrls) -> tuple[bool, bool]:
    return _can_read(urls.reader), _can_read(urls.writer)


def test_roles_have_no_power_beyond_their_tables(database: MnemeDatabase) -> None:
    assert _attributes(database.superuser_url) == [(False, False, False, False)] * 3


def test_provisioning_again_changes_nothing(bare: PostgresServer) -> None:
    first = provision_embedded(bare, _SECRETS)
    second = provision_embedded(bare, _SECRETS)
    assert (_read_and_write(second), first.reader == second.reader) == ((True, True), True)


def test_a_schema_of_a_newer_version_is_refused_with_instructions(database: MnemeDatabase) -> None:
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StackError, match=r"revision 9999.*newer version"):
        migrate(database.owner_url)


def test_a_power_that_a_role_was_given_is_taken_away(bare: PostgresServer) -> None:
    provision_embedded(bare, _SECRETS)
    with psycopg.connect(bare.superuser_url(), autocommit=True) as connection:
        connection.execute("ALTER ROLE mneme_reader SUPERUSER BYPASSRLS")
    provision_embedded(bare, _SECRETS)
    assert (True, True, False, False) not in _attributes(bare.superuser_url())


def test_another_database_gets_roles_and_schema(foreign: Foreign) -> None:
    urls = provision_external(foreign.owner_url, _SECRETS)
    assert (_read_and_write(urls), migrations.current(foreign.owner_url)) == ((True, True), migrations.head())


def test_another_database_is_left_alone_the_second_time(foreign: Foreign) -> None:
    provision_external(foreign.owner_url, _SECRETS)
    assert _read_and_write(provision_external(foreign.owner_url, _SECRETS)) == (True, True)


def test_the_passwords_of_roles_that_others_use_are_not_changed(foreign: Foreign) -> None:
    urls = provision_external(foreign.owner_url, _SECRETS)
    with pytest.raises(StackError, match="set MNEME_READER_DATABASE_URL"):
        provision_external(foreign.owner_url, stack_secrets.generate())
    assert _can_read(urls.reader)


def test_given_role_urls_are_used_as_they_are(foreign: Foreign) -> None:
    made = provision_external(foreign.owner_url, _SECRETS)
    given = provision_external(foreign.owner_url, stack_secrets.generate(), made.reader, made.writer)
    assert _read_and_write(given) == (True, True)


def test_an_owner_who_may_not_create_roles_is_told_so(foreign: Foreign) -> None:
    with psycopg.connect(foreign.superuser_url) as connection:
        connection.execute("ALTER ROLE boss NOCREATEROLE")
    with pytest.raises(StackError, match="give it CREATEROLE"):
        provision_external(foreign.owner_url, _SECRETS)


def test_a_missing_extension_is_asked_for(foreign: Foreign) -> None:
    with psycopg.connect(foreign.superuser_url) as connection:
        connection.execute("DROP EXTENSION vector")
    with pytest.raises(StackError, match="CREATE EXTENSION vector"):
        provision_external(foreign.owner_url, _SECRETS)


def test_an_unreachable_database_is_named_without_its_password(free_port: int) -> None:
    with pytest.raises(StackError, match=f"cannot connect to PostgreSQL at 127.0.0.1:{free_port}") as caught:
        provision_external(f"postgresql://boss:hidden@127.0.0.1:{free_port}/m", _SECRETS)
    assert "hidden" not in str(caught.value)


def test_the_service_roles_may_not_change_the_schema(foreign: Foreign) -> None:
    urls = provision_external(foreign.owner_url, _SECRETS)
    login = with_login(foreign.owner_url, WRITER, _SECRETS.writer_password)
    with psycopg.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE theft (x int)")
    assert login == urls.writer
