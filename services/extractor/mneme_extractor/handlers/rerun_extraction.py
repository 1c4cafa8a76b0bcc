"""``extraction.rerun``: read messages again → keep what is found → compare it with what is live. Nothing is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from mneme_common.contracts.changes import MessageRecorded
from mneme_common.contracts.jobs import Job, RerunExtraction
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.metadata import JsonValue
from mneme_common.domain.subject import Subject
from mneme_common.runtime.job_delivery import Emit
from mneme_extractor.decide.comparison import Comparison, ReadMessage, compare
from mneme_extractor.decide.extraction import LIVE, Extraction, command_of
from mneme_extractor.decide.memory_classes import SCHEMA_VERSION
from mneme_extractor.ports import Extractor, Runs

SHOWN = 20

ChooseExtractor = Callable[[RerunExtraction], AbstractAsyncContextManager[Extractor]]
"""The extractor that a job asks for; raises PermanentError when there is none such."""


@dataclass(frozen=True, slots=True)
class RerunExtractions:
    """Begun again it goes on where it stopped. A message that can never be read counts, and has nothing in it."""

    runs: Runs
    choose: ChooseExtractor
    at_once: int = 8

    async def __call__(self, job: Job, _emit: Emit, /) -> Mapping[str, JsonValue]:
        """How many messages were read, and what accepting the run would change."""
        data = job.data
        if not isinstance(data, RerunExtraction):
            raise TypeError("extraction.rerun carries RerunExtraction")
        if data.run == LIVE:
            raise PermanentError("reserved_run", f"A run cannot be called {LIVE}.")
        report = RunReport(data.run)
        async with self.choose(data) as extractor:
            for subject in await self.runs.users(job.tenant_id, data.user_id):
                report.unreadable += await self._read(subject, data.run, extractor)
                read, live = await self.runs.found(subject, data.run)
                report.add(subject, len(read), compare(read, live))
        return report.as_result()

    async def _read(self, subject: Subject, run: str, extractor: Extractor) -> int:
        unreadable = 0
        while page := await self.runs.unread(subject, run):
            for start in range(0, len(page), self.at_once):
                part = page[start : start + self.at_once]
                reading = (_extracted(extractor, message, subject) for message, _ in part)
                found = await asyncio.gather(*reading, return_exceptions=True)
                unreadable += sum(extraction is None for extraction in found)
                await self._keep(subject, run, part, found)
        return unreadable

    async def _keep(
        self,
        subject: Subject,
        run: str,
        part: Sequence[tuple[MessageRecorded, int]],
        found: Sequence[Extraction | BaseException | None],
    ) -> None:
        """What was found is kept before what went wrong is raised: it was paid for."""
        for (message, head), extraction in zip(part, found, strict=True):
            if not isinstance(extraction, BaseException):
                proposed = command_of(message, extraction or Extraction("none"), SCHEMA_VERSION, run)
                await self.runs.keep(subject, ReadMessage(message.position, head, message.namespace, proposed))
        for extraction in found:
            if isinstance(extraction, BaseException):
                raise extraction


async def _extracted(extractor: Extractor, message: MessageRecorded, subject: Subject) -> Extraction | None:
    try:
        return await extractor.extract(message, subject)
    except PermanentError:
        return None


class RunReport:
    """The result of a job: counts, and the ids of the first twenty of each; never a word of what was said."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._counts = dict.fromkeys(("same", "added", "changed", "removed", "kept", "newer"), 0)
        self._shown: dict[str, list[JsonValue]] = {"added": [], "changed": [], "removed": []}
        self._users = self._messages = 0
        self.unreadable = 0

    def add(self, subject: Subject, messages: int, comparison: Comparison) -> None:
        """Takes in one user's."""
        self._users += 1
        self._messages += messages
        for name in self._counts:
            self._counts[name] += len(getattr(comparison, name))
        added: list[JsonValue] = [
            {"user_id": subject.user_id, "message_id": str(message_id), "memory_class": memory_class}
            for message_id, memory_class in comparison.added
        ]
        self._shown["added"] += added[: SHOWN - len(self._shown["added"])]
        for name in ("changed", "removed"):
            ids: list[JsonValue] = [
                {"user_id": subject.user_id, "memory_id": str(memory_id)} for memory_id in getattr(comparison, name)
            ]
            self._shown[name] += ids[: SHOWN - len(self._shown[name])]

    def as_result(self) -> dict[str, JsonValue]:
        """As the job shows it."""
        return {
            "run": self._run,
            "users": self._users,
            "messages": self._messages,
            "unreadable": self.unreadable,
            **self._counts,
            **{f"{name}_items": items for name, items in self._shown.items()},
        }
