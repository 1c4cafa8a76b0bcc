"""If-Match: a write names the version of a memory, or revision of a message, that was read (RFC 9110, 13.1.1)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from mneme_common.domain.limits import VERSION_MAX
from mneme_gateway.errors import invalid_field

_ENTITY_TAG = re.compile(r'"(\d{1,10})"')
_ANY = "*"


async def expected_version(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=64,
            description='The ETag of the version that was read, such as `"3"`; another current version is a 409.',
        ),
    ] = None,
) -> int | None:
    """The version's number; None when none is named, or any (`*`). Raises ApiError 422."""
    if if_match is None or if_match.strip() == _ANY:
        return None
    found = _ENTITY_TAG.fullmatch(if_match.strip())
    version = int(found[1]) if found else 0
    if not 1 <= version <= VERSION_MAX:
        raise invalid_field("If-Match", 'must be the number of one version in quotes, such as "3"')
    return version


ExpectedVersion = Annotated[int | None, Depends(expected_version)]


def entity_tag(version: int) -> dict[str, str]:
    """The header that names a version."""
    return {"ETag": f'"{version}"'}
