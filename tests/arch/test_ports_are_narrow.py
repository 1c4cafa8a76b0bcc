"""Ports belong to who needs them and ask for little."""

from __future__ import annotations

import ast

from tests.arch.sources import FunctionNode, Source, dotted, package_sources

_MOST_METHODS = 4


def _protocols(source: Source) -> list[ast.ClassDef]:
    return [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and any(dotted(parent).split(".")[-1] == "Protocol" for parent in node.bases)
    ]


def _ports() -> list[tuple[str, ast.ClassDef]]:
    return [
        (f"{source.name}: {protocol.name}", protocol)
        for source in package_sources()
        if source.path.name == "ports.py"
        for protocol in _protocols(source)
    ]


def test_every_port_has_four_methods_at_most() -> None:
    wide = [
        name
        for name, protocol in _ports()
        if sum(isinstance(member, FunctionNode) for member in protocol.body) > _MOST_METHODS
    ]
    assert not wide, f"split these by what their users need: {wide}"


def test_every_port_says_what_its_methods_promise() -> None:
    silent = [
        f"{name}.{member.name}"
        for name, protocol in _ports()
        for member in protocol.body
        if isinstance(member, FunctionNode) and not ast.get_docstring(member)
    ]
    assert not silent, f"write the contract into the docstring: {silent}"


def test_ports_of_services_declare_types_and_no_behaviour() -> None:
    busy = [
        f"{source.name}:{function.lineno} {function.name}"
        for source in package_sources()
        if source.path.name == "ports.py" and source.name.startswith("services/")
        for function in source.functions()
        if any(not _is_declaration(statement) for statement in function.body)
    ]
    assert not busy


def _is_declaration(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
