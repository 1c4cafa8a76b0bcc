"""One question to an OpenAI-compatible endpoint, with everything that can go wrong on the way to its answer."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import openai
import structlog
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import ResponseFormat
from pydantic import BaseModel, Field, ValidationError

from mneme_common.adapters.chat_breakers import Breakers
from mneme_common.adapters.retry_after import parse_retry_after
from mneme_common.contracts.chat import AnswerForm, ChatAnswer, ChatMessage
from mneme_common.contracts.commands import Usage
from mneme_common.domain.failures import PermanentError
from mneme_common.domain.model_capabilities import Capabilities, without_refused
from mneme_common.domain.model_retrying import Away, CallFailure, Retry, RetryPolicy, Trouble, next_step
from mneme_common.domain.model_waiting import PostponedError, WaitReason

Spent = Callable[[str, Usage], None]
"""Told of the tokens of every answer, with the model that gave it."""

_SEED = 42
_LONGEST_DETAIL = 200
_LONGEST_MODEL_NAME = 128  # a label of the contracts


class _CallFailedError(Exception):
    """One call failed; ``said`` is what the endpoint said, without the key."""

    def __init__(self, failure: CallFailure, said: str = "") -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.said = said


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Tokens(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(BaseModel):
    """What is needed of a chat completion."""

    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: _Tokens | None = None


class ChatEndpoint:
    """Asks one model. What the endpoint does not understand is learnt once and kept for the life of the process."""

    def __init__(
        self, client: AsyncOpenAI, model: str, *, limit_seconds: float, policy: RetryPolicy, spent: Spent, doing: str
    ) -> None:
        self.model = model
        self._client = client
        self._limit_seconds = limit_seconds
        self._policy = policy
        self._spent = spent
        self._doing = doing
        self._capabilities = Capabilities()
        self.breakers = Breakers(time.monotonic)
        self._proven = False

    async def ask(
        self, tenant_id: str, question: Callable[[Capabilities], list[ChatMessage]], form: AnswerForm | None = None
    ) -> ChatAnswer:
        """The answer to the question, which may be put differently to endpoints that understand less.

        With a ``form`` the answer is asked for as JSON, else as text.
        Raises PostponedError when the endpoint does not answer this tenant after all attempts, or did not a moment
        ago; PermanentError when it refuses this question for good. Neither shows the key.
        """
        closed_for = self.breakers.admit(tenant_id, self._patience())
        if closed_for is not None:
            detail = f"{self.model} failed a moment ago and is left alone for a while"
            raise PostponedError(WaitReason.MODEL_AWAY, detail, closed_for)
        attempt = 1
        while True:
            used = self._capabilities
            try:
                answer = await self._call(question(used), used, form)
            except _CallFailedError as error:
                if self._learns(used, error):
                    continue
                await self._wait(tenant_id, error, attempt)
                attempt += 1
            else:
                self._proven = True
                self.breakers.succeeded(tenant_id)
                self._spent(answer.model or self.model, answer.usage)
                return answer

    def _learns(self, used: Capabilities, error: _CallFailedError) -> bool:
        if error.failure.status not in (400, 422):
            return False
        remaining = without_refused(used, error.said)
        if remaining is None:
            return False
        if self._capabilities == used:  # else somebody beside us has learnt it already
            self._capabilities = remaining
            structlog.get_logger("mneme.model").info("the model's endpoint understands less", remaining=repr(remaining))
        return True

    def _patience(self) -> float:
        """How long a call may take with all its retries, at the worst."""
        longest = max(self._policy.longest, self._policy.longest_retry_after) + self._policy.first
        return self._policy.attempts * (self._limit_seconds + longest)

    async def _wait(self, tenant_id: str, error: _CallFailedError, attempt: int) -> None:
        jitter = random.random()  # noqa: S311  (spreads retries, keeps no secret)
        step = next_step(error.failure, attempt, self._policy, jitter, proven=self._proven)
        if isinstance(step, Retry):
            await asyncio.sleep(step.seconds)
            return
        if isinstance(step, Away):
            detail = f"{self.model} does not answer after {attempt} attempts: {error.failure}"
            seconds = self.breakers.failed(tenant_id)
            structlog.get_logger("mneme.model").info(
                "waiting for a dependency", doing=self._doing, tenant=tenant_id, error=detail, seconds=round(seconds, 1)
            )
            raise PostponedError(WaitReason.MODEL_AWAY, detail, seconds) from None
        self.breakers.succeeded(tenant_id)  # it is there: what it refuses is this question
        raise PermanentError("refused_by_model", f"{error.failure}: {error.said}") from None

    async def _call(
        self, messages: list[ChatMessage], capabilities: Capabilities, form: AnswerForm | None
    ) -> ChatAnswer:
        try:
            async with asyncio.timeout(self._limit_seconds):
                raw = await self._client.chat.completions.with_raw_response.create(
                    model=self.model,
                    messages=[_parameter(message) for message in messages],
                    response_format=_response_format(capabilities, form),
                    temperature=0.0 if capabilities.temperature else openai.omit,
                    seed=_SEED if capabilities.seed else openai.omit,
                )
                body = raw.content
        except (openai.APITimeoutError, TimeoutError):
            raise _CallFailedError(CallFailure(Trouble.TIMEOUT)) from None
        except openai.APIConnectionError:
            raise _CallFailedError(CallFailure(Trouble.CONNECTION)) from None
        except openai.APIStatusError as error:
            raise self._status_failure(error) from None
        return _answer(body)

    def _status_failure(self, error: openai.APIStatusError) -> _CallFailedError:
        said = f"{error.param or ''} {error.message}".strip()
        return _CallFailedError(
            CallFailure(
                Trouble.STATUS,
                status=error.status_code,
                code=self._without_key(error.code or "")[:64],
                retry_after=parse_retry_after(error.response.headers.get("retry-after"), datetime.now(UTC)),
            ),
            self._without_key(said)[:_LONGEST_DETAIL],
        )

    def _without_key(self, text: str) -> str:
        """Some endpoints repeat the key in their errors."""
        return text.replace(self._client.api_key, "[key]") if self._client.api_key else text


def _answer(body: bytes) -> ChatAnswer:
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        raise _CallFailedError(CallFailure(Trouble.GARBLED)) from None
    choice, tokens = completion.choices[0], completion.usage or _Tokens()
    return ChatAnswer(
        text=choice.message.content or "",
        finish=choice.finish_reason or "stop",
        refusal=choice.message.refusal,
        model=(completion.model or "").replace("\x00", "")[:_LONGEST_MODEL_NAME] or None,
        usage=Usage(prompt_tokens=tokens.prompt_tokens, completion_tokens=tokens.completion_tokens, requests=1),
    )


def _parameter(message: ChatMessage) -> ChatCompletionMessageParam:
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "user":
            return {"role": "user", "content": message.content}
        case "assistant":
            return {"role": "assistant", "content": message.content}


def _response_format(capabilities: Capabilities, form: AnswerForm | None) -> ResponseFormat | openai.Omit:
    if form is None:
        return openai.omit
    if capabilities.json_schema:
        schema: dict[str, object] = dict(form.schema)
        return {"type": "json_schema", "json_schema": {"name": form.name, "schema": schema, "strict": True}}
    return {"type": "json_object"} if capabilities.json_object else openai.omit


@asynccontextmanager
async def chat_endpoint(
    *,
    model: str,
    api_key: str | None,
    base_url: str | None,
    limit_seconds: float,
    attempts: int,
    spent: Spent,
    doing: str,
) -> AsyncIterator[ChatEndpoint]:
    """An endpoint with connections of its own, closed at the end. Servers of one's own often want no key.

    ``doing`` says in the log what its answers are for.
    """
    client = AsyncOpenAI(api_key=api_key or "none", base_url=base_url, timeout=limit_seconds, max_retries=0)
    policy = RetryPolicy(attempts=attempts)
    try:
        yield ChatEndpoint(client, model, limit_seconds=limit_seconds, policy=policy, spent=spent, doing=doing)
    finally:
        await client.close()
