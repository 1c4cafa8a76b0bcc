"""Cursors: where a page ended, as text that clients hand back unread."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from uuid import UUID

from mneme_gateway.errors import ApiError


def encode_cursor(moment: datetime, record_id: UUID) -> str:
    """The cursor of a place in an order by time and id."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {record_id.hex}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, UUID]:
    """The place behind a cursor; raises ApiError 400 for one that was not made here."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, record_id = text.partition(" ")
        return datetime.fromisoformat(moment), UUID(hex=record_id)
    except (ValueError, binascii.Error):
        raise ApiError(400, "BAD_CURSOR", "The cursor was not issued by this endpoint.") from None
