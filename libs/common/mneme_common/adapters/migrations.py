"""Brings a database's schema up to this version; the migrations are in infra/migrations."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

_FOLDER = Path(__file__).resolve().parents[4] / "infra" / "migrations"


class NewerDatabaseError(RuntimeError):
    """The database was written by a newer version of Mneme."""


def upgrade(url: str, revision: str = "head") -> None:
    """Runs the missing migrations as the owner; raises NewerDatabaseError before touching anything."""
    engine = _engine(url)
    try:
        config = _config()
        _refuse_newer(engine, config)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def current(url: str) -> str | None:
    """The revision that the database has, None when it has none."""
    engine = _engine(url)
    try:
        return _current(engine)
    finally:
        engine.dispose()


def head() -> str:
    """The revision that this version of Mneme needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise RuntimeError(f"there are no migrations in {_FOLDER}")
    return revision


def _refuse_newer(engine: Engine, config: Config) -> None:
    found = _current(engine)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise NewerDatabaseError(
            f"The database has schema revision {found}, which this version of Mneme does not know: it was written by a "
            "newer version. Start that version, or point Mneme at another database or home."
        )


def _current(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def _engine(url: str) -> Engine:
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"))
