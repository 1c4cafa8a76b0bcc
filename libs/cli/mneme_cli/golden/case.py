"""A case as it is written in YAML (docs/golden.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

SETTLE = "settle"
DEFAULT_USER = "ada"

_FOUND = {"has", "lacks", "order", "first", "count", "nothing", "stable"}
_NARROWING = {
    "kinds",
    "types",
    "tags",
    "in",
    "namespace",
    "from",
    "to",
    "as_of",
    "filters",
    "top",
    "profile",
    "min_score",
    "score_gap",
}
_STEPS: Mapping[str, frozenset[str]] = {
    "say": frozenset({"user", "by", "role", "at", "in", "namespace", "metadata", "importance"}),
    "know": frozenset(
        {"user", "key", "tags", "namespace", "type", "memory_type", "pinned", "importance", "at", "in", "metadata"}
    ),
    "forget": frozenset({"user"}),
    "mark": frozenset({"user"}),
}
_CHECKS: Mapping[str, frozenset[str]] = {
    "memories": frozenset({"user", "has", "lacks", "count", "exactly"}),
    "history": frozenset({"user", "versions", "decided", "rules"}),
    "search": frozenset({"user", *_FOUND, *_NARROWING}),
    "context": frozenset({"user", "budget", "dropped", *_FOUND, *_NARROWING}),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A step or a check: the act, what it is about, and the rest."""

    act: str
    about: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def user(self) -> str:
        """Whose memory it is about."""
        return str(self.fields.get("user", DEFAULT_USER))

    def __str__(self) -> str:
        return f"{self.act} {self.about!r}" if self.about else self.act


@dataclass(frozen=True, slots=True)
class Case:
    """What is told, in phases between which everything is taken in, and what is expected then."""

    name: str
    covers: str
    phases: tuple[tuple[Part, ...], ...]
    checks: tuple[Part, ...]


class InvalidCaseError(Exception):
    """A file is no golden set; the text says where and why."""


def cases_in(path: Path) -> tuple[Case, ...]:
    """The cases of a file, or of every YAML file in a folder by name; raises InvalidCaseError."""
    files = sorted(path.glob("**/*.yaml")) if path.is_dir() else [path]
    cases = tuple(case for file in files for case in _cases(file))
    names = [case.name for case in cases]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidCaseError(f"{path}: two cases are called {repeated[0]!r}")
    return cases


def _cases(file: Path) -> tuple[Case, ...]:
    try:
        value = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidCaseError(f"{file}: {error}") from None
    if not isinstance(value, list):
        raise InvalidCaseError(f"{file}: expected a list of cases")
    return tuple(_case(item, f"{file.name}, case {place}") for place, item in enumerate(value, start=1))


def _case(item: object, where: str) -> Case:
    if not isinstance(item, Mapping) or item.keys() - {"name", "covers", "given", "expect"} or not item.get("name"):
        raise InvalidCaseError(f"{where}: expected name, covers, given and expect")
    where = f"{where} ({item['name']})"
    phases: list[list[Part]] = [[]]
    for step in _listed(item.get("given", []), where):
        if step == SETTLE:
            phases.append([])
        else:
            phases[-1].append(_part(step, _STEPS, where))
    checks = tuple(_part(check, _CHECKS, where) for check in _listed(item.get("expect"), where))
    if not checks:
        raise InvalidCaseError(f"{where}: nothing is expected")
    return Case(str(item["name"]), str(item.get("covers", "")), tuple(map(tuple, phases)), checks)


def _part(item: object, known: Mapping[str, frozenset[str]], where: str) -> Part:
    acts = [name for name in known if isinstance(item, Mapping) and name in item]
    if not isinstance(item, Mapping) or len(acts) != 1:
        raise InvalidCaseError(f"{where}: each part is one of {', '.join(known)}: {item!r}")
    act = acts[0]
    rest = {str(name): value for name, value in item.items() if name != act}
    if act == "memories" and isinstance(item[act], Mapping):
        rest |= {str(name): value for name, value in item[act].items()}
    if unknown := sorted(rest.keys() - known[act]):
        raise InvalidCaseError(f"{where}: {act} has no {', '.join(unknown)}")
    return Part(act, "" if act == "memories" else str(item[act]), rest)


def _listed(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise InvalidCaseError(f"{where}: given and expect are lists")
    return value
