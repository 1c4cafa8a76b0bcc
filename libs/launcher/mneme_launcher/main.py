"""The command `mneme-stack`: the composition root of the launcher."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import json
import os
import signal
import sys
import time

from pydantic import ValidationError

from mneme_launcher.console import Console
from mneme_launcher.errors import StackError
from mneme_launcher.home import Home
from mneme_launcher.readiness import is_ready
from mneme_launcher.settings import StackSettings
from mneme_launcher.stack import Stack

_DOWN_PATIENCE_S = 90.0
_POLL_S = 0.1


def main() -> None:
    """Runs one verb; exits with 1 and one clear sentence when it cannot."""
    verb = _parse(sys.argv[1:])
    try:
        settings = StackSettings()
        home = Home(settings.home, importlib.metadata.version("mneme-launcher"))
        _VERBS[verb](settings, home)
    except StackError as error:
        sys.exit(f"mneme: {error}")
    except ValidationError as error:
        wrong = "; ".join(f"MNEME_{_name(detail['loc'])}: {detail['msg']}" for detail in error.errors())
        sys.exit(f"mneme: {wrong}")


async def run(settings: StackSettings, home: Home, console: Console) -> None:
    """Runs the stack in the foreground until SIGINT, SIGTERM or the end of the terminal; a second signal hurries."""
    stack, stopping = Stack(settings, home, console), asyncio.Event()

    def interrupted() -> None:
        if stopping.is_set():
            stack.hurry()
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, interrupted)
    await stack.up(stopping)


def up(settings: StackSettings, home: Home) -> None:
    """Starts everything and stays."""
    asyncio.run(run(settings, home, Console(sys.stdout)))


def down(_: StackSettings, home: Home) -> None:
    """Stops the stack that runs on this home, from another terminal."""
    holder = home.holder()
    if not holder:
        print(f"nothing runs on {home.path}")
        return
    os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + _DOWN_PATIENCE_S
    while home.holder() == holder:
        if time.monotonic() > deadline:
            raise StackError(f"process {holder} did not stop within {_DOWN_PATIENCE_S:.0f} s")
        time.sleep(_POLL_S)
    print(f"stopped the stack on {home.path}")


def migrate(settings: StackSettings, home: Home) -> None:
    """Brings the schema up to date and ends."""
    asyncio.run(Stack(settings, home, Console(sys.stdout)).migrate())


def status(_: StackSettings, home: Home) -> None:
    """Says whether a stack runs on this home, and where; exits with 1 when its API is not ready."""
    holder = home.holder()
    if not holder:
        sys.exit(f"nothing runs on {home.path}")
    try:
        facts = json.loads((home.run / "stack.json").read_text())
    except FileNotFoundError:
        sys.exit(f"process {holder} is starting or stopping the stack on {home.path}")
    ready = asyncio.run(is_ready(facts["api"]))
    print(f"process {holder} runs the stack on {home.path}\nAPI {facts['api']}: {'ready' if ready else 'not ready'}")
    for name, port in facts["workers"].items():
        print(f"{name}: http://127.0.0.1:{port}/healthz/ready")
    sys.exit(0 if ready else 1)


_VERBS = {"up": up, "down": down, "migrate": migrate, "status": status}


def _parse(arguments: list[str]) -> str:
    parser = argparse.ArgumentParser(
        prog="mneme-stack", description="Mneme on this machine: PostgreSQL, a broker and the five services."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, act in _VERBS.items():
        verbs.add_parser(name, help=(act.__doc__ or "").rstrip("."))
    return str(parser.parse_args(arguments).verb)


def _name(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)).upper()


if __name__ == "__main__":
    main()
