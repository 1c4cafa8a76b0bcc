"""One measurement that needs no server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and its values by name: shares from 0 to 1, or counts."""

    title: str
    values: Mapping[str, float]
