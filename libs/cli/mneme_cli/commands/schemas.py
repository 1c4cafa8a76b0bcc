"""`mneme schemas`: the classes of memories that a tenant defines; `mneme record`: memories of them."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from mneme import Mneme
from mneme.answers.schemas import Schema
from mneme_cli.failures import USAGE, CommandFailedError
from mneme_cli.screen import table, when
from mneme_cli.session import Session

Version = Annotated[int, typer.Argument(help="The number of the version.", min=1)]
_LOOK_EVERY_SECONDS = 0.5
_UNDER_WAY = ("queued", "running")


def list_schemas(session: Session) -> None:
    """List the versions, the last first."""
    with session.client() as client:
        found = client.schemas.list(tenant_id=session.tenant)
    if session.screen.as_json:
        session.screen.json(found.raw)
    elif not found.items:
        session.screen.say("No classes are defined.")
    else:
        rows = [
            [one.version, one.status, one.annotated_by, when(one.activated_at), _progress(one), _names(one)]
            for one in found
        ]
        session.screen.say(table("version", "status", "annotated by", "active since", "backfill", "classes", rows=rows))


def show_schema(session: Session, version: Version) -> None:
    """Show a version: its classes, what identifies and what is searched, how far its backfill is."""
    with session.client() as client:
        _show(session, client.schemas.get(version, tenant_id=session.tenant))


def create_schema(
    session: Session,
    file: Annotated[Path, typer.Argument(help="YAML or JSON with the list `classes`.", exists=True, dir_okay=False)],
    *,
    inactive: Annotated[bool, typer.Option("--inactive", help="Do not make it the active one yet.")] = False,
) -> None:
    """Define the next version: all of the tenant's own classes."""
    try:
        given: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandFailedError(f"{file} cannot be read: {error}", status=USAGE) from None
    classes = given.get("classes") if isinstance(given, dict) else None
    if not isinstance(classes, list):
        raise CommandFailedError(f"{file} has no list `classes`.", status=USAGE)
    with session.client() as client:
        _show(session, client.schemas.create(classes, activate=not inactive, tenant_id=session.tenant))


def approve_schema(
    session: Session,
    version: Version,
    *,
    identity: Annotated[
        list[str] | None, typer.Option(help="CLASS=COLUMN,COLUMN: what identifies a class after all; repeatable.")
    ] = None,
) -> None:
    """Approve a version's annotation, perhaps with other identity fields, and make it the active one."""
    with session.client() as client:
        known = client.schemas.get(version, tenant_id=session.tenant)
        annotations = {name: _corrected(known, name, columns) for name, columns in map(_identity, identity or [])}
        _show(session, client.schemas.approve(version, annotations=annotations, tenant_id=session.tenant))


def annotate_schema(
    session: Session,
    version: Version,
    *,
    by: Annotated[str | None, typer.Option(help="model or defaults; a model where there is one if absent.")] = None,
) -> None:
    """Annotate anew a version that has not been active."""
    with session.client() as client:
        _show(session, client.schemas.annotate(version, by=by, tenant_id=session.tenant))


def activate_schema(session: Session, version: Version) -> None:
    """Make a version the active one, also one of before."""
    with session.client() as client:
        _show(session, client.schemas.activate(version, tenant_id=session.tenant))


def deprecate_schema(session: Session, version: Version) -> None:
    """Take a version out of use; memories of its classes stay."""
    with session.client() as client:
        _show(session, client.schemas.deprecate(version, tenant_id=session.tenant))


def backfill_schema(
    session: Session,
    version: Version,
    *,
    again: Annotated[bool, typer.Option("--again", help="Begin anew, also when it is done.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="How many seconds to wait for its end.")] = 3_600.0,
) -> None:
    """Follow the backfill of the active version to its end."""
    waiting = session.screen.notes.status("bringing memories up to date") if session.screen.is_live else nullcontext()
    with session.client() as client, waiting:
        if again:
            client.schemas.backfill(version, tenant_id=session.tenant)
        schema = _followed(client, session, version, timeout)
    _show(session, schema)
    if schema.backfill is not None and schema.backfill.status in _UNDER_WAY:
        raise CommandFailedError("The backfill has not come to its end yet; it goes on.")


def record(
    session: Session,
    memory_class: Annotated[str, typer.Argument(help="A class of the active version.")],
    values: Annotated[list[str], typer.Argument(help="COLUMN=VALUE; several values of a column as a JSON list.")],
) -> None:
    """Remember a record, or say more of the one with the same identity."""
    pairs = dict(_pair(value) for value in values)
    with session.client() as client:
        made = client.record(memory_class, pairs)
    if session.screen.as_json:
        session.screen.json(made.raw)
    else:
        session.screen.say(f"memory {made.memory_id} {made.action or 'stored'} (version {made.version})")


def _followed(client: Mneme, session: Session, version: int, timeout: float) -> Schema:
    deadline = time.monotonic() + timeout
    while True:
        schema = client.schemas.get(version, tenant_id=session.tenant)
        under_way = schema.backfill is not None and schema.backfill.status in _UNDER_WAY
        if not under_way or time.monotonic() > deadline:
            return schema
        time.sleep(_LOOK_EVERY_SECONDS)


def _show(session: Session, schema: Schema) -> None:
    if session.screen.as_json:
        session.screen.json(schema.raw)
        return
    session.screen.say(f"version {schema.version} is {schema.status} (annotated by {schema.annotated_by})")
    if schema.backfill is not None:
        session.screen.say(f"backfill {_progress(schema)}")
    rows = [
        [
            one.name,
            ", ".join(one.identity_fields),
            f"{one.confidence:.2f}" + (" (approve)" if one.needs_approval and not schema.approved else ""),
            ", ".join(f"{field['field']} {field['boost']:g}" for field in one.searchable_fields),
        ]
        for one in schema.classes
    ]
    session.screen.say(table("class", "identified by", "confidence", "searched by", rows=rows))


def _progress(schema: Schema) -> str:
    backfill = schema.backfill
    if backfill is None:
        return ""
    of = "?" if backfill.users_total is None else backfill.users_total
    apart = f", {backfill.collisions} share an identity" if backfill.collisions else ""
    return f"{backfill.status}: {backfill.users_done} of {of} users, {backfill.memories_done} memories{apart}"


def _names(schema: Schema) -> str:
    return ", ".join(one.name for one in schema.classes)


def _identity(text: str) -> tuple[str, list[str]]:
    name, _, columns = text.partition("=")
    if not columns:
        raise CommandFailedError(f"{text}: say CLASS=COLUMN,COLUMN.", status=USAGE)
    return name, [column.strip() for column in columns.split(",")]


def _corrected(schema: Schema, name: str, columns: list[str]) -> dict[str, object]:
    """The class as it is searched, with other identity fields."""
    known = next((one for one in schema.classes if one.name == name), None)
    if known is None:
        raise CommandFailedError(f"Version {schema.version} has no class {name}.", status=USAGE)
    return {"identity_fields": columns, "searchable_fields": [dict(field) for field in known.searchable_fields]}


def _pair(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandFailedError(f"{text}: say COLUMN=VALUE.", status=USAGE)
    try:
        return name, json.loads(value) if value.startswith("[") else value
    except json.JSONDecodeError as error:
        raise CommandFailedError(f"{name}: {error}", status=USAGE) from None
