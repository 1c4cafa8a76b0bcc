"""Writes docs/contracts/openapi.json: ``python -m mneme_gateway.openapi``, with ``--check`` to compare only."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from mneme_gateway.app import routes_alone

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "contracts" / "openapi.json"


def rendered() -> str:
    """The document as text; the same for the same code."""
    return json.dumps(routes_alone().openapi(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] = tuple(sys.argv[1:])) -> int:
    """Writes the document, or says whether the one that is there is up to date; the exit status."""
    text = rendered()
    if "--check" not in arguments:
        DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
        DOCUMENT.write_text(text, encoding="utf-8")
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{DOCUMENT.name} is not what the code says: run python -m mneme_gateway.openapi\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
