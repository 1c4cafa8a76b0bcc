"""What a scenario yields, and how it is shown."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: a rate, latencies in milliseconds, or both."""

    scenario: str
    per_second: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    note: str = ""

    def as_json(self) -> dict[str, object]:
        """The line as the artefact has it."""
        return asdict(self)


def latencies(scenario: str, seconds: Sequence[float], elapsed: float, *, each: int = 1, note: str = "") -> Measure:
    """Rate and percentiles of requests that took so long each, ``each`` items a request."""
    ordered = sorted(seconds)
    return Measure(
        scenario,
        per_second=len(ordered) * each / elapsed,
        p50_ms=percentile(ordered, 0.50) * 1000,
        p95_ms=percentile(ordered, 0.95) * 1000,
        note=note,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank)."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(runs: Sequence[Measure]) -> Measure:
    """The run in the middle by its rate, else by its latency; the note says how far the others were."""
    if len(runs) == 1:
        return runs[0]
    ordered = sorted(runs, key=lambda run: run.per_second or -(run.p50_ms or 0.0))
    middle = ordered[len(ordered) // 2]
    rates = [run.per_second if run.per_second is not None else run.p50_ms or 0.0 for run in runs]
    spread = f"{len(runs)} runs, {min(rates):,.1f} to {max(rates):,.1f}"
    return replace(middle, note=f"{spread}; {middle.note}" if middle.note else spread)


def table(measures: Sequence[Measure]) -> str:
    """The measures for people."""
    lines = [f"{'scenario':<72}{'per second':>12}{'p50 ms':>10}{'p95 ms':>10}  note"]
    for measure in measures:
        cells = (measure.per_second, measure.p50_ms, measure.p95_ms)
        rate, middle, high = ("" if cell is None else f"{cell:,.1f}" for cell in cells)
        lines.append(f"{measure.scenario:<72}{rate:>12}{middle:>10}{high:>10}  {measure.note}")
    return "\n".join(lines)


def own_cpu_seconds() -> float:
    """CPU that this process, the load client, has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
