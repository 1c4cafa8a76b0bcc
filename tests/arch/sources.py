"""The repository as the architecture tests see it: packages, files, syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("gateway", "resolver", "extractor", "embedder", "retention")
WORKERS = SERVICES[1:]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file of ours."""

    path: Path

    @property
    def name(self) -> str:
        """Path from the root of the repository, with slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """Its content."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, self.name)

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """All nodes of these kinds, at any depth."""
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))

    def functions(self) -> Iterator[FunctionNode]:
        """All functions and methods, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, FunctionNode):
                yield node

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """All calls with the dotted name of what is called, as far as it is a plain one."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, dotted(node.func)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported; relative imports are not used in this repository."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def dotted(node: ast.AST) -> str:
    """`a.b.c` for an attribute chain; what is not a name in it counts as `?`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def packages() -> list[Path]:
    """The folders of our import packages."""
    return sorted(marker.parent for marker in ROOT.glob("[ls]*s/*/*/__init__.py"))


@cache
def package_sources() -> list[Source]:
    """Every module that ships."""
    return [Source(path) for package in packages() for path in sorted(package.rglob("*.py"))]


@cache
def sources_of_tests() -> list[Source]:
    """Every module under tests/."""
    return [Source(path) for path in sorted((ROOT / "tests").rglob("*.py"))]


def service_folder(service: str) -> Path:
    """The package of a service."""
    return ROOT / "services" / service / f"mneme_{service}"


def module_name(source: Source, package: Path) -> str:
    """The dotted name under which a module of `package` is imported."""
    parts = source.path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
