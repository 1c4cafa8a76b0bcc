"""A tenant's own classes: annotated by a model, read from what is said, matched by what was annotated, replayed."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import pytest

from mneme_common.adapters.token_account import TokenAccount
from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.jobs import AnnotateSchema, Job
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.records import Message
from mneme_common.testing.openai_server import Answer, Failure
from mneme_extractor.adapters.model_annotator import ModelAnnotator
from mneme_extractor.adapters.rule_extractor import RuleExtractor
from mneme_extractor.decide.extraction import command_of
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.handlers.annotate_schema import AnnotateSchemas
from mneme_extractor.ports import Annotator, Extractor
from mneme_extractor.store.schema_rows import SchemaRows
from mneme_extractor.store.schema_versions import SchemaVersionRows
from mneme_resolver.decide.messages import recorded
from mneme_resolver.decide.report import Report
from tests.fixtures.databases import MnemeDatabase
from tests.fixtures.pipeline import TENANT, event, said
from tests.fixtures.schemas import activate, annotation, define
from tests.integration.extractor.test_extractions_are_run_again import Tenant
from tests.integration.extractor.waiting import World, extracting
from tests.integration.replay.ledgers import replays
from tests.unit.extractor.speech import ANN

SURE = {"book": annotation("title", "author") | {"confidence": 0.9}}


@pytest.fixture
async def world(database: MnemeDatabase) -> AsyncIterator[World]:
    """An extractor with a model that finds nothing unless it is told to."""
    async with extracting(database) as made:
        made.server.reply = lambda _body: '{"memories": []}'
        yield made


async def hear(tenant: Tenant, extractor: Extractor, *contents: str) -> None:
    """Each is recorded, read, and what was found is applied."""
    for content in contents:
        await tenant.apply(event(said(content)))
        row = tenant.world.rows.all("SELECT * FROM messages ORDER BY from_seq DESC LIMIT 1")[0]
        message: MessageRecorded = recorded(Message(**row), extract=True)
        found = await extractor.extract(message, ANN)
        await tenant.apply(event(command_of(message, found, SCHEMA_VERSION)))


def live(world: World) -> list[dict[str, Any]]:
    """The live books."""
    return world.rows.all(
        "SELECT values, version, schema_version FROM memories WHERE memory_class = 'book' AND to_seq IS NULL"
        " AND NOT tombstone ORDER BY memory_id"
    )


async def annotate(world: World, *script: Answer | Failure, activates: bool = True) -> dict[str, Any]:
    """The job that the gateway asks for; the version afterwards."""
    define(world.rows, 1, "title")
    world.rows.all("UPDATE schema_versions SET status = 'annotating', activates = %s, annotated_by = 'defaults'"
                   " RETURNING 1", activates)  # fmt: skip
    world.server.script.extend(script)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Annotator]:
        yield ModelAnnotator(world.model.endpoint, TokenAccount(world.pool, world.clock))

    data = AnnotateSchema(job_id=uuid.uuid4(), schema_version=1)
    handler = AnnotateSchemas(SchemaVersionRows(world.pool), opened)
    await handler(Job(data.job_id, "schema.annotate", TENANT, data), world.emit)
    (row,) = world.rows.all(
        "SELECT v.status, v.annotated_by, v.model, c.annotation FROM schema_versions v JOIN schema_classes c"
        " USING (tenant_id, version)"
    )
    return row


async def test_what_is_labelled_updates_the_record_with_the_same_identity(
    world: World, database: MnemeDatabase
) -> None:
    define(world.rows, 1, "title")
    activate(world.rows, 1)
    extractor = RuleExtractor(SchemaRows(world.pool, monotonic))
    tenant = Tenant(world, database)
    await hear(tenant, extractor, "Book: title Dune; author Frank Herbert", "I like tea.\nbook: title Emma",
               "book: title dune; pages = 412; colour = sand; lent to Grace Hopper",
               "Forget the book: title Emma")  # fmt: skip
    assert world.rows.value("SELECT count(*) FROM memories WHERE memory_class = 'book' AND tombstone") == 1
    (book,) = live(world)
    assert book == {"values": {"title": "dune", "author": "Frank Herbert", "pages": 412, "lent_to": "[redacted]"},
                    "version": 2, "schema_version": "tenant-1"}  # fmt: skip
    assert world.rows.value("SELECT count(*) FROM memories WHERE content LIKE '%%Grace%%'") == 0
    report = Report(redecides=True)
    await replays(world.pool, database).tenant(TENANT, report)
    assert (report.differences, report.redecisions) == ([], [])


async def test_a_model_finds_records_and_rewordings_are_matched_by_the_annotated_fields(
    world: World, database: MnemeDatabase
) -> None:
    define(world.rows, 1, "title", "author")
    activate(world.rows, 1)
    model = type(world.model)(endpoint=world.model.endpoint, longest=1_000, schemas=SchemaRows(world.pool, monotonic))
    tenant = Tenant(world, database)
    for values in ({"title": "Dune", "author": "Frank Herbert"}, {"title": "Dune", "pages": "412"}):
        item = {"action": "create", "memory_class": "book", "values": values, "content": "Ann reads Dune.",
                "confidence": 0.9, "quote": "Dune"}  # fmt: skip
        world.server.script.append(Answer(json.dumps({"memories": [item]})))
    await hear(tenant, model, "I read Dune.", "Dune has 412 pages.")
    (book,) = live(world)
    assert (book["values"], book["version"]) == ({"title": "Dune", "author": "Frank Herbert", "pages": 412}, 2)
    decision = world.rows.value("SELECT decision FROM ledger ORDER BY seq DESC LIMIT 1")
    assert decision["actions"][0]["basis"] == "bm25"
    assert decision["tenant_schema"]["classes"][0]["annotation"]["identity_fields"] == ["title", "author"]


async def test_a_model_that_is_sure_makes_the_version_active(world: World) -> None:
    searched = [*SURE["book"]["searchable_fields"], {"field": "pages", "boost": 1}, {"field": "lent_to", "boost": 1}]
    made = await annotate(world, Answer(json.dumps({"book": SURE["book"] | {"searchable_fields": searched}})))
    assert (made["status"], made["annotated_by"], made["model"]) == ("active", "model", "small-scripted")
    assert made["annotation"] == SURE["book"]
    assert world.rows.value("SELECT sum(requests) FROM model_usage") == 1


async def test_a_model_that_is_unsure_leaves_it_to_a_person(world: World) -> None:
    made = await annotate(world, Answer(json.dumps({"book": SURE["book"] | {"confidence": 0.69}})))
    assert (made["status"], made["annotation"]["identity_fields"]) == ("needs_approval", ["title", "author"])


@pytest.mark.parametrize("trouble", [Answer("no"), Answer('{"book": {"identity_fields": ["colour"]}}'), Failure(500)])
async def test_without_a_usable_answer_the_defaults_wait_for_a_person(world: World, trouble: Answer | Failure) -> None:
    made = await annotate(world, trouble, trouble)
    assert (made["status"], made["annotated_by"]) == ("needs_approval", "defaults")
    assert made["annotation"]["identity_fields"] == ["title"]


async def test_an_extractor_without_a_model_leaves_it_to_a_person(world: World) -> None:
    define(world.rows, 1, "title")
    world.rows.all("UPDATE schema_versions SET status = 'annotating' RETURNING 1")

    @asynccontextmanager
    async def none() -> AsyncIterator[Annotator]:
        if not world.server.script:
            raise PermanentError("no_model", "none")
        yield ModelAnnotator(world.model.endpoint, TokenAccount(world.pool, world.clock))

    data = AnnotateSchema(job_id=uuid.uuid4(), schema_version=1)
    result = await AnnotateSchemas(SchemaVersionRows(world.pool), none)(
        Job(data.job_id, "schema.annotate", TENANT, data), world.emit
    )
    assert result == {"schema_version": 1, "status": "needs_approval", "fault": "no_model"}
