"""Roles, database, extension and schema: what PostgreSQL must have before a service may start.

Everything here can be run again at any time and then changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from mneme_common.adapters import migrations
from mneme_launcher.errors import StackError
from mneme_launcher.postgres import PostgresServer
from mneme_launcher.stack_secrets import StackSecrets

DATABASE = "mneme"
OWNER = "mneme_owner"
READER = "mneme_reader"
WRITER = "mneme_writer"
_CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseUrls:
    """One database as seen by its three roles; services get the last two only."""

    owner: str
    reader: str
    writer: str


def provision_embedded(server: PostgresServer, secrets: StackSecrets, database: str = DATABASE) -> DatabaseUrls:
    """Brings a running server of ours to this version and returns its URLs.

    Raises:
        StackError: the schema was written by a newer version; nothing has been touched then.
    """
    passwords = {
        OWNER: secrets.owner_password,
        READER: secrets.reader_password,
        WRITER: secrets.writer_password,
    }
    with _connect(server.superuser_url()) as connection:
        for role, password in passwords.items():
            _set_role(connection, role, password)
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        name = sql.Identifier(database)
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER)))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        roles = sql.SQL(", ").join(map(sql.Identifier, passwords))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, roles))
    with _connect(server.superuser_url(database)) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    owner, reader, writer = (server.url(role, password, database) for role, password in passwords.items())
    migrate(owner)
    return DatabaseUrls(owner, reader, writer)


def provision_external(
    owner_url: str, secrets: StackSecrets, reader_url: str | None = None, writer_url: str | None = None
) -> DatabaseUrls:
    """Brings the database of `owner_url` to this version; makes the service roles unless both URLs are given.

    Raises:
        StackError: unreachable, not permitted, a role with another password, or a newer schema.
    """
    if reader_url is None or writer_url is None:
        with _connect(owner_url) as connection:
            _ensure_login(connection, owner_url, READER, secrets.reader_password)
            _ensure_login(connection, owner_url, WRITER, secrets.writer_password)
            _ensure_extension(connection)
    migrate(owner_url)
    return DatabaseUrls(
        owner_url,
        reader_url or with_login(owner_url, READER, secrets.reader_password),
        writer_url or with_login(owner_url, WRITER, secrets.writer_password),
    )


def migrate(owner_url: str) -> None:
    """Runs the missing migrations; a schema that this version does not know is refused as a StackError."""
    try:
        if migrations.current(owner_url) != migrations.head():
            migrations.upgrade(owner_url)
    except migrations.NewerDatabaseError as error:
        raise StackError(str(error)) from error


def with_login(url: str, user: str, password: str) -> str:
    """The same URL for another role."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{place}"))


def _connect(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S)
    except psycopg.OperationalError as error:
        place = urlsplit(url).netloc.rpartition("@")[2] or "its socket"
        raise StackError(f"cannot connect to PostgreSQL at {place}: {error}".strip()) from error


def _set_role(connection: psycopg.Connection, role: str, password: str) -> None:
    """Makes the role, or sets our password and takes from it whatever a service role must not do."""
    verb = sql.SQL("ALTER" if _has_role(connection, role) else "CREATE")
    statement = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}")
    connection.execute(statement.format(verb, sql.Identifier(role), _verifier(connection, role, password)))


def _has_role(connection: psycopg.Connection, role: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is not None


def _verifier(connection: psycopg.Connection, role: str, password: str) -> sql.Literal:
    """What the server stores for a password, sent in its place so that no server log can hold it."""
    made = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return sql.Literal(made.decode())


def _ensure_login(connection: psycopg.Connection, owner_url: str, role: str, password: str) -> None:
    """Makes the role unless it is there; then it must have our password, which others may rely on."""
    variable = f"MNEME_{role.removeprefix('mneme_').upper()}_DATABASE_URL"
    try:
        if not _has_role(connection, role):
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            verifier = _verifier(connection, role, password)
            connection.execute(statement.format(sql.Identifier(role), verifier))
        psycopg.connect(with_login(owner_url, role, password), connect_timeout=_CONNECT_TIMEOUT_S).close()
    except psycopg.errors.InsufficientPrivilege as error:
        raise StackError(
            f"the role of MNEME_DATABASE_URL may not create the role {role}: give it CREATEROLE, "
            f"or create the role yourself and set {variable}"
        ) from error
    except psycopg.OperationalError as error:
        raise StackError(
            f"the role {role} exists, but with another password than in this home: set {variable} ({error})"
        ) from error


def _ensure_extension(connection: psycopg.Connection) -> None:
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.Error as error:
        raise StackError(f"the database needs pgvector: have `CREATE EXTENSION vector` run in it ({error})") from error
