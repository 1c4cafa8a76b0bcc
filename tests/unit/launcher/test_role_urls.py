"""The URL of one database for another role."""

from __future__ import annotations

import pytest

from mneme_launcher.provision import with_login


@pytest.mark.parametrize(
    ("owner", "reader"),
    [
        ("postgresql://o:p@db:5432/m?sslmode=require", "postgresql://r:a%2Fb@db:5432/m?sslmode=require"),
        ("postgresql://o@/m?host=%2Frun", "postgresql://r:a%2Fb@/m?host=%2Frun"),
        ("postgresql://db/m", "postgresql://r:a%2Fb@db/m"),
        ("postgres://o:p@one:1,two:2/m", "postgres://r:a%2Fb@one:1,two:2/m"),
        ("postgresql://o:p%40x@[::1]:5432/m", "postgresql://r:a%2Fb@[::1]:5432/m"),
    ],
)
def test_only_the_login_of_a_url_changes(owner: str, reader: str) -> None:
    assert with_login(owner, "r", "a/b") == reader
