"""What the Prefer header asks of a write (RFC 7240)."""

from __future__ import annotations

import pytest

from mneme_gateway.routes.write_options import preferred_wait


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, (None, None)),
        ("return=minimal", (None, None)),
        ("wait=5", (5.0, "wait=5")),
        ("wait=0", (0.0, "wait=0")),
        ("wait=0.5", (0.5, "wait=0.5")),
        ("WAIT=7", (7.0, "wait=7")),
        ('wait="3"', (3.0, "wait=3")),
        ("wait=900", (30.0, "wait=30")),
        ("return=minimal, wait=2", (2.0, "wait=2")),
        ("respond-async", (0.0, "respond-async")),
        ("respond-async, wait=10", (10.0, "wait=10")),
        ("wait=-1", (None, None)),
        ("wait=soon", (None, None)),
        ("await=3", (None, None)),
    ],
)
def test_the_wait_is_read_from_the_header(header: str | None, wanted: tuple[float | None, str | None]) -> None:
    assert preferred_wait(header) == wanted
