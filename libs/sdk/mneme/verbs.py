"""Verbs: a method written once, which blocks on ``Mneme`` and is awaited on ``AsyncMneme``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, overload

from mneme.exchange import Call
from mneme.runners import AsyncRunner, SyncRunner

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=SyncRunner | AsyncRunner)


class Group(Generic[R]):
    """Verbs that belong together, carried out by one runner."""

    def __init__(self, runner: R) -> None:
        self._runner = runner

    @property
    def runner(self) -> R:
        """What carries out the verbs."""
        return self._runner


class Verb(Generic[P, T]):
    """Makes a method of a function that says what to ask and how to read the answer."""

    def __init__(self, build: Callable[P, Call[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, group: None, owner: object) -> Verb[P, T]: ...
    @overload
    def __get__(self, group: Group[SyncRunner], owner: object) -> Callable[P, T]: ...
    @overload
    def __get__(self, group: Group[AsyncRunner], owner: object) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, group: Group[SyncRunner] | Group[AsyncRunner] | None, owner: object) -> object:
        """The method of one client."""
        if group is None:
            return self
        runner = group.runner

        def verb(*args: P.args, **kwargs: P.kwargs) -> object:
            return runner.run(self.build(*args, **kwargs))

        return update_wrapper(verb, self.build)
