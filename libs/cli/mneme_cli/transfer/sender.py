"""Sends batches: lanes side by side, each lane in order, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime

from mneme import AsyncMneme, BadRequestError, NotFoundError, Retry, TooLargeError, UnprocessableError
from mneme.answers.messages import BatchResult, Message, Refused
from mneme.calls.batches import merged
from mneme_cli.sources.turns import Turn
from mneme_cli.transfer.batches import LANES, Batch
from mneme_cli.transfer.checkpoint import Checkpoint
from mneme_cli.transfer.tally import Tally

PATIENT = Retry(attempts=1000, longest_pause=5.0, patience=120.0)
"""An import waits for its turn, and for a server that is being restarted."""

OUTCOME_SECONDS = 300.0
_WAIT_SECONDS = 30.0
_QUEUED_BATCHES = 64


class Sender:
    """One run of an import. ``started`` tells what is new from what an earlier run recorded."""

    def __init__(
        self,
        client: AsyncMneme,
        import_id: str,
        checkpoint: Checkpoint,
        tally: Tally,
        started: datetime,
        *,
        user_id: str | None = None,
        parallel: int = 4,
    ) -> None:
        self._client = client
        self._import_id = import_id
        self._checkpoint = checkpoint
        self._tally = tally
        self._started = started
        self._user_id = user_id
        self._slots = asyncio.Semaphore(parallel)

    async def send(self, batches: Iterable[Batch]) -> None:
        """Returns when every batch is done; raises the first MnemeError that is not about a single message."""
        await self._check_marks()
        lanes: list[asyncio.Queue[Batch | None]] = [asyncio.Queue(_QUEUED_BATCHES) for _ in range(LANES)]
        try:
            async with asyncio.TaskGroup() as tasks:
                for lane in lanes:
                    tasks.create_task(self._drain(lane))
                for batch in batches:
                    await lanes[batch.lane].put(batch)
                for lane in lanes:
                    await lane.put(None)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _check_marks(self) -> None:
        """A mark counts only where the message that it names is there: the server may be another, or empty again."""
        for lane, mark in list(self._checkpoint.lanes.items()):
            try:
                await self._client.messages.get(mark.message_id, user_id=mark.user_id)
            except NotFoundError:
                self._checkpoint.forget(lane)

    async def _drain(self, lane: asyncio.Queue[Batch | None]) -> None:
        while (batch := await lane.get()) is not None:
            mark = self._checkpoint.lanes.get(batch.lane)
            if mark is not None and mark.covers(batch):
                self._tally.skip(batch.turns)
                continue
            async with self._slots:
                await self._send(batch)

    async def _send(self, batch: Batch) -> None:
        key = batch.key(self._import_id)
        messages = [self._message(turn) for turn in batch.turns]
        try:
            result = await self._client.messages.record_many(messages, idempotency_key=key, wait=_WAIT_SECONDS)
        except (UnprocessableError, BadRequestError, TooLargeError):
            result = await self._one_by_one(messages, key)
        self._count(batch, result)
        if result.created and not result.pending:
            last = result.created[-1]
            self._checkpoint.mark(batch, last.id, last.user_id or None)

    async def _one_by_one(self, messages: list[Mapping[str, object]], key: str) -> BatchResult:
        """What comes of a batch that holds something which is no message: all the others are sent."""
        results = []
        for index, message in enumerate(messages):
            try:
                result = await self._client.messages.record_many(
                    [message], idempotency_key=f"{key}-{index}", wait=_WAIT_SECONDS
                )
            except (UnprocessableError, BadRequestError, TooLargeError) as error:
                result = BatchResult(errors=(Refused(index=0, error=error.message, code=error.code),))
            results.append(result)
        return merged(results)

    def _message(self, turn: Turn) -> Mapping[str, object]:
        user = self._user_id or turn.user_id
        return turn.message if user is None else {**turn.message, "user_id": user}

    def _count(self, batch: Batch, result: BatchResult) -> None:
        new = sum(self._is_new(message) for message in result.created)
        self._tally.recorded += new
        self._tally.present += len(result.created) - new
        self._tally.accepted += len(result.pending)
        for item in result.errors:
            self._tally.refuse(batch.turns[item.index], item.error)

    def _is_new(self, message: Message) -> bool:
        return message.created_at is None or message.created_at >= self._started
