"""The clients' verbs against a running stack, blocking and awaited."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from mneme import ConflictError, ForbiddenError, NotFoundError, PartlyRefusedError, PendingError
from mneme_common.testing.waiting import eventually
from tests.fixtures.clients import Connect, Verbs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SECRET = "My key is AKIAIOSFODNN7EXAMPLE."


@pytest.fixture
def user() -> str:
    """A user whom no other test knows."""
    return f"u{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def call(connect: Connect, stack_url: str, user: str) -> AsyncIterator[Verbs]:
    """The verbs of a client for that user."""
    async with connect(stack_url, user_id=user) as verbs:
        yield verbs


async def test_what_is_recorded_is_read_back_the_same(call: Verbs, user: str) -> None:
    said = datetime(2024, 3, 1, 12, tzinfo=UTC)
    fields = {"name": "Ada", "conversation_id": "c", "occurred_at": said, "metadata": {"mood": "calm"}}
    recorded = await call("messages.record", "A heron.", **fields)
    read = await call("messages.get", recorded.id)
    shown = (read.content, read.name, read.occurred_at, read.metadata, read.user_id)
    assert shown == ("A heron.", "Ada", said, {"mood": "calm"}, user)


async def test_a_write_is_found_as_soon_as_it_is_answered(call: Verbs) -> None:
    added = await call("add", "The heron stood in the reeds.")
    found = await call("search", "heron")
    assert [hit.content for hit in found] == ["The heron stood in the reeds."]
    assert found.position >= added.position  # the note that nothing was extracted may have come since


async def test_what_a_message_gave_is_known_once_it_has_been_read(call: Verbs) -> None:
    said = await call("messages.record", "I live in Porto.", name="Ada")
    learned = await call("messages.learned", said.id)
    assert [memory.content for memory in learned] == ["Ada lives in Porto."]
    assert (learned.extractor, learned.proposals, learned.is_done) == ("rules-2", 1, True)


async def test_more_messages_than_a_batch_holds_arrive_in_order(call: Verbs) -> None:
    texts = [f"Message number {number}." for number in range(250)]
    result = await call("messages.record_many", [{"role": "user", "content": text} for text in texts])
    page = await call("messages.conversation", "default", limit=500)
    assert ([message.content for message in result], [message.content for message in page]) == (texts, texts)


async def test_the_same_key_is_the_same_write(call: Verbs) -> None:
    first = await call("messages.record", "Once.", idempotency_key="k-1")
    again = await call("messages.record", "Once.", idempotency_key="k-1")
    assert (again.id, again.position) == (first.id, first.position)


async def test_the_same_key_for_another_request_is_a_conflict(call: Verbs) -> None:
    await call("messages.record", "Once.", idempotency_key="k-1")
    with pytest.raises(ConflictError) as raised:
        await call("messages.record", "Twice.", idempotency_key="k-1")
    assert (raised.value.code, bool(raised.value.request_id)) == ("IDEMPOTENCY_CONFLICT", True)


async def test_who_asks_not_to_wait_gets_the_message_all_the_same(call: Verbs) -> None:
    recorded = await call("messages.record", "A heron.", wait=0)
    assert (recorded.content, recorded.revision) == ("A heron.", 1)


async def test_an_operation_is_followed_to_its_outcome(connect: Connect, stack_url: str, user: str) -> None:
    async with connect(stack_url, user_id=user, wait=0, wait_for_outcome=False) as call:
        with pytest.raises(PendingError) as raised:
            await call("messages.record", "A heron.")
        operation = await call("operations.wait", raised.value.operation_id)
    assert (operation.status, operation.outcome["status"], operation.type) == ("applied", 201, "message.record")


async def test_a_message_is_changed_and_deleted(call: Verbs) -> None:
    recorded = await call("messages.record", "A heron.")
    changed = await call("messages.update", recorded.id, content="An egret.")
    await call("messages.delete", recorded.id)
    with pytest.raises(NotFoundError):
        await call("messages.get", recorded.id)
    assert (changed.content, changed.revision) == ("An egret.", 2)


async def test_a_secret_is_refused_alone_and_never_silently(call: Verbs) -> None:
    with pytest.raises(ForbiddenError):
        await call("messages.record", SECRET)
    with pytest.raises(PartlyRefusedError) as raised:
        await call("add", ["A heron.", SECRET])
    assert [message.content for message in raised.value.result.created] == ["A heron."]


async def test_a_memory_is_stored_versioned_listed_and_forgotten(call: Verbs) -> None:
    first = await call("memories.store", "The shed is green.", key="shed", tags=["garden"])
    second = await call("memories.store", "The shed is blue.", key="shed")
    listed = [memory.memory_id for memory in await call("get_all")]
    await call("forget", second.memory_id, reason="sold")
    history = [(version.version, version.op, version.content) for version in await call("history", first.memory_id)]
    assert (first.action, second.action, listed) == ("created", "updated", [second.memory_id])
    assert history[:2] == [(1, "create", "The shed is green."), (2, "version", "The shed is blue.")]
    assert (history[2][:2], len(await call("get_all"))) == ((3, "forget"), 0)


async def test_a_memory_is_updated_corrected_taught_and_forgotten_in_words(call: Verbs) -> None:
    first = await call("teach", "The shed is green.", label="garden")
    second = await call("update", first.memory_id, "The shed is blue.", if_version=1)
    with pytest.raises(ConflictError):
        await call("update", first.memory_id, "The shed is red.", if_version=1)
    third = await call("correct", "The shed is grey.", query="what colour is the shed", reason="seen")
    gone = await call("memories.forget", query="shed")
    history = [(version.op, version.content) for version in await call("history", first.memory_id)]
    assert (first.tags, second.version, third.matched_memory_id) == (("garden",), 2, second.memory_id)
    assert [tombstone.root_id for tombstone in gone] == [first.root_id]
    texts = ["The shed is green.", "The shed is blue.", "The shed is grey.", ""]
    assert history == list(zip(["teach", "version", "correct", "forget"], texts, strict=True))


async def test_infer_false_stores_each_text_as_it_is(call: Verbs) -> None:
    added = await call("add", ["A heron.", "An egret."], infer=False)
    assert [memory.content for memory in added.memories] == ["A heron.", "An egret."]


async def test_what_matters_is_extracted_from_what_was_said(call: Verbs) -> None:
    await call("remember", {"role": "user", "name": "Ada", "content": "I live in Berlin."})

    async def remembered() -> list[str]:
        return [memory.content for memory in await call("get_all")]

    assert await eventually(remembered, within=60) == ["Ada lives in Berlin."]


async def test_every_memory_is_listed_however_many_pages_it_takes(call: Verbs) -> None:
    texts = [f"Fact number {number}." for number in range(100)]
    await call("memories.store_many", [{"content": text} for text in texts])
    await call("memories.store", "One more.")
    everything, some = await call("get_all"), await call("get_all", limit=3)
    assert (len(everything), len(some), everything.items[0].content) == (101, 3, "One more.")


async def test_observing_answers_with_what_was_remembered(call: Verbs) -> None:
    observed = await call("observe", [{"role": "user", "content": "I am allergic to peanuts."}])
    assert [memory.content for memory in observed] == ["I am allergic to peanuts."]


async def test_search_can_be_narrowed_in_every_direction(call: Verbs) -> None:
    await call("messages.record", "A heron.", conversation_id="a", occurred_at="2024-01-01", metadata={"mood": "calm"})
    await call("messages.record", "A heron.", conversation_id="b", occurred_at="2024-06-01", namespace="chef")
    narrowed = (
        await call("search", "heron", run_id="a"),
        await call("search", "heron", agent_id="chef"),
        await call("search", "heron", filters={"mood": "calm"}),
        await call("search", "heron", occurred_from="2024-02-01"),
        await call("search", "heron", kinds=["memory"]),
        await call("search", "heron", as_of=1),
    )
    assert [[hit.session_id for hit in found] for found in narrowed] == [["a"], ["b"], ["a"], ["b"], [], ["a"]]


async def test_health_names_every_stage(call: Verbs) -> None:
    health = await call("health")
    stages = {stage.stage for stage in health.stages}
    assert (health.database, stages) == ("ok", {"resolver", "extractor", "embedder", "retention"})


async def test_a_decision_is_shown_undone_and_taken_again(call: Verbs) -> None:
    await call("memories.store", "The shed is green.", key="shed")
    blue = await call("memories.store", "The shed is blue.", key="shed")
    decision = await call("decision", blue.memory_id)
    assert (decision.action, decision.basis, decision.version) == ("update", "identity", 2)
    undone = await call("undo", blue.memory_id, version=2, reason="green after all")
    assert (undone.content, undone.action) == ("The shed is green.", "restored")
    with pytest.raises(ConflictError):
        await call("undo", blue.memory_id, version=2)
    (back,) = (await call("operations.undo", undone.operation_id)).memories
    assert (back.content, back.version) == ("The shed is blue.", 4)
