"""Two artefacts side by side, as ratios: `python -m tests.bench.compare BEFORE.json AFTER.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def ratios(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """One line for each scenario that both have: after divided by before."""
    old = {measure["scenario"]: measure for measure in before["measures"]}
    lines = []
    for new in after["measures"]:
        known = old.get(new["scenario"])
        if known is None:
            continue
        cells = [_ratio(known.get(name), new.get(name)) for name in ("per_second", "p50_ms", "p95_ms")]
        lines.append(f"{new['scenario']:<72}" + "".join(f"{cell:>10}" for cell in cells))
    return lines


def _ratio(before: float | None, after: float | None) -> str:
    return f"{after / before:.2f} x" if before and after is not None else ""


def main() -> None:
    """Prints the ratios."""
    before, after = (json.loads(Path(name).read_text()) for name in sys.argv[1:3])
    print(f"{'scenario':<72}{'rate':>10}{'p50':>10}{'p95':>10}")  # noqa: T201
    print("\n".join(ratios(before, after)))  # noqa: T201


if __name__ == "__main__":
    main()
