"""What every command has: a client, and a way to show results."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Concatenate, ParamSpec

import typer

from mneme import (
    AsyncMneme,
    ConnectionFailedError,
    ForbiddenError,
    Mneme,
    MnemeError,
    Retry,
    UnauthorizedError,
    UnavailableError,
)
from mneme.options import Settings, checked_url, url_from_environment
from mneme_cli.failures import REFUSED, UNREACHABLE, USAGE, CommandFailedError
from mneme_cli.screen import Screen

P = ParamSpec("P")

_PANEL = "Connection"
_HASTY = Retry(attempts=3)  # somebody is watching
_KEY = "Give a key with --api-key or MNEME_API_KEY; `mneme keys create` makes one, with the master key."
_START = "Is it running there? `make up` starts one on this machine; --url or MNEME_URL names another."


@dataclass(frozen=True, slots=True)
class Session:
    """One command's connection and screen."""

    screen: Screen
    url: str | None
    settings: Settings

    @property
    def user(self) -> str | None:
        """The user that --user names."""
        return self.settings.get("user_id")

    @property
    def tenant(self) -> str | None:
        """The tenant that --tenant names."""
        return self.settings.get("tenant_id")

    @property
    def has_key(self) -> bool:
        """Whether an API key is sent."""
        return bool(self.settings.get("api_key"))

    @property
    def server(self) -> str:
        """The server's URL; raises CommandFailedError when it is none."""
        try:
            return checked_url(self.url or url_from_environment())
        except ValueError as error:
            raise CommandFailedError(str(error), status=USAGE) from None

    def client(self) -> Mneme:
        """A client as the options say; use it in a ``with`` block."""
        settings: Settings = {"retry": _HASTY, **self.settings}
        return Mneme(self.server, **settings)

    def async_client(self, retry: Retry, outcome_timeout: float) -> AsyncMneme:
        """A client that is awaited, as stubborn as ``retry`` says."""
        settings: Settings = {**self.settings, "retry": retry, "outcome_timeout": outcome_timeout}
        return AsyncMneme(self.server, **settings)


def _shared_options(
    url: Annotated[
        str | None,
        typer.Option(envvar="MNEME_URL", help="The server, http://127.0.0.1:8000 if absent.", rich_help_panel=_PANEL),
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="MNEME_API_KEY", help="An API key.", rich_help_panel=_PANEL)
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(envvar="MNEME_TENANT", help="Whose tenant.", rich_help_panel=_PANEL)
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", "-u", envvar="MNEME_USER", help="Whose memory.", rich_help_panel=_PANEL)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.", rich_help_panel=_PANEL)] = False,
) -> Session:
    # An empty variable is one that is not set.
    settings: Settings = {"api_key": api_key or None, "tenant_id": tenant or None, "user_id": user or None}
    return Session(Screen(as_json=as_json), url, settings)


def connected(function: Callable[Concatenate[Session, P], None]) -> Callable[..., None]:
    """A command of ``function``: with the options of the connection, and with errors as one line and a status."""
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = list(inspect.signature(_shared_options, eval_str=True).parameters.values())

    open_session: Callable[..., Session] = _shared_options
    act: Callable[..., None] = function

    def command(**arguments: object) -> None:
        session = open_session(**{option.name: arguments.pop(option.name) for option in shared})
        _run(session, lambda: act(session, **arguments))

    parameters = [part.replace(kind=inspect.Parameter.KEYWORD_ONLY) for part in (*own, *shared)]
    command.__name__ = function.__name__
    command.__doc__ = function.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {part.name: part.annotation for part in parameters}
    return command


def _run(session: Session, command: Callable[[], None]) -> None:
    try:
        command()
    except CommandFailedError as failed:
        session.screen.fail(failed.message, {"hint": failed.hint})
        raise typer.Exit(failed.status) from None
    except MnemeError as error:
        known = {"code": error.code, "status": error.status, "request_id": error.request_id, "details": error.details}
        hint = _hint(error, session)
        session.screen.fail(str(error), {name: value for name, value in {**known, "hint": hint}.items() if value})
        raise typer.Exit(UNREACHABLE if isinstance(error, UnavailableError) else REFUSED) from None


def _hint(error: MnemeError, session: Session) -> str | None:
    if isinstance(error, ConnectionFailedError):
        return _START
    if isinstance(error, ForbiddenError) and session.has_key:
        return "A key is for one user: name that one with --user, or use the master key."
    return _KEY if isinstance(error, UnauthorizedError) else None
