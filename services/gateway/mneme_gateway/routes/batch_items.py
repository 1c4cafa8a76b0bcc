"""What the batches of every resource have in common: items succeed and fail one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mneme_gateway.errors import ApiError
from mneme_gateway.routes.answers import item_error, item_pending
from mneme_gateway.schemas.parts import ItemError, ItemPending
from mneme_gateway.writing.events import Write
from mneme_gateway.writing.operations import OperationIds
from mneme_gateway.writing.writer import Result


def plan(makers: Sequence[Callable[[], Write]], errors: list[ItemError]) -> list[Write]:
    """The writes to make; an item with a secret fails alone, one that names another's user fails the request."""
    planned = []
    for index, make in enumerate(makers):
        try:
            planned.append(make())
        except ApiError as error:
            if error.code == "FORBIDDEN":
                raise
            errors.append(item_error(index, error.status_code, error.code, str(error.detail)))
    return planned


def note_results(
    operations: OperationIds, results: Sequence[Result], errors: list[ItemError], pending: list[ItemPending]
) -> None:
    """Adds what was refused and what is pending, each in the order of the request."""
    for result in results:
        refusal = result.refusal
        if refusal is not None:
            index, message = result.write.index, str(refusal.detail)
            errors.append(item_error(index, refusal.status_code, refusal.code, message))
        elif result.outcome is None:
            pending.append(item_pending(operations, result))
    errors.sort(key=lambda error: error.message_index)
