"""Whose words are read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A user of a tenant: the unit of order, and whom everything that is kept of an extraction belongs to."""

    tenant_id: str
    user_id: str
