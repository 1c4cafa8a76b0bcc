"""The version that requests say they come from."""

from __future__ import annotations

__version__ = "0.1.0"
