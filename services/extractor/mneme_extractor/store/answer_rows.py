"""Answers of models that are kept: the same question of a tenant is paid for once."""

from __future__ import annotations

from dataclasses import dataclass, field

from mneme_common.adapters.postgres import Connection, Database
from mneme_common.contracts.chat import ChatAnswer
from mneme_common.domain.subject import Subject
from mneme_extractor.decide.answer_key import AnswerKey

_TRIM_EVERY = 100

_FIND = """
SELECT answer, answered_by FROM model_answers
WHERE tenant_id = %(tenant)s AND question_hash = %(question)s AND model = %(model)s AND prompt_hash = %(prompt)s
    AND schema_version = %(schema)s
"""
# What a user asked to be forgotten must not come back with an answer that was under way.
_KEEP = """
INSERT INTO model_answers (tenant_id, question_hash, model, prompt_hash, schema_version, user_id, answered_by, answer)
SELECT %(tenant)s, %(question)s, %(model)s, %(prompt)s, %(schema)s, %(user)s, %(answered_by)s, %(answer)s
WHERE NOT EXISTS (
    SELECT 1 FROM subject_keys k WHERE k.tenant_id = %(tenant)s AND k.user_id = %(user)s AND k.erased_at IS NOT NULL)
ON CONFLICT DO NOTHING
"""
_TRIM = """
DELETE FROM model_answers WHERE tenant_id = %(tenant)s AND (
    created_at < now() - make_interval(days => %(days)s)
    OR created_at < (SELECT created_at FROM model_answers WHERE tenant_id = %(tenant)s
                     ORDER BY created_at DESC OFFSET %(most)s LIMIT 1))
"""


@dataclass(slots=True)
class AnswerRows:
    """The port Answers on PostgreSQL. ``most`` rows a tenant, none older than ``days``; trimmed every hundred."""

    database: Database
    most: int
    days: int
    _kept: int = field(default=0, init=False)

    async def find(self, subject: Subject, key: AnswerKey) -> ChatAnswer | None:
        """See Answers."""
        async with self.database.transaction([subject.tenant_id]) as connection:
            row = await (await connection.execute(_FIND, _parameters(subject, key))).fetchone()
        return None if row is None else ChatAnswer(row["answer"], model=row["answered_by"])

    async def keep(self, subject: Subject, key: AnswerKey, answer: ChatAnswer) -> None:
        """See Answers."""
        self._kept += 1
        text = answer.text.replace("\x00", "")
        async with self.database.transaction([subject.tenant_id]) as connection:
            parameters = _parameters(subject, key) | {"answered_by": answer.model, "answer": text}
            await connection.execute(_KEEP, parameters)
            if self._kept % _TRIM_EVERY == 0:
                await self._trim(connection, subject.tenant_id)

    async def _trim(self, connection: Connection, tenant_id: str) -> None:
        await connection.execute(_TRIM, {"tenant": tenant_id, "days": self.days, "most": self.most - 1})


def _parameters(subject: Subject, key: AnswerKey) -> dict[str, object]:
    return {
        "tenant": subject.tenant_id,
        "user": subject.user_id,
        "question": key.question_hash,
        "model": key.model,
        "prompt": key.prompt_hash,
        "schema": key.schema_version,
    }
