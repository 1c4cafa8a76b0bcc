"""What the stack under measurement uses: CPU by process, memory, and counts in its database."""

from __future__ import annotations

import contextlib
from collections import Counter

import psutil
import psycopg

from mneme_launcher.postgres import PostgresServer
from tests.fixtures.stacks import SERVICES, StackProcess

_BOOTSTRAP = "SELECT bootstrap FROM broker_incarnations WHERE state = 'ready' ORDER BY started_at DESC LIMIT 1"
_BACKENDS = "SELECT pid, coalesce(nullif(application_name, ''), backend_type) FROM pg_stat_activity"


def database_url(stack: StackProcess) -> str:
    """The embedded database, past every wall."""
    return PostgresServer(stack.home / "postgres").superuser_url("mneme")


def count(stack: StackProcess, statement: str) -> int:
    """One number from the stack's database."""
    with psycopg.connect(database_url(stack)) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return int(row[0]) if row else 0


def text(stack: StackProcess, statement: str) -> str:
    """One text from the stack's database."""
    with psycopg.connect(database_url(stack)) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return str(row[0]) if row else ""


def bootstrap(stack: StackProcess) -> str:
    """Where the stack's log is."""
    return stack.settings.get("MNEME_KAFKA_BOOTSTRAP") or text(stack, _BOOTSTRAP)


def cpu_microseconds(stack: StackProcess) -> Counter[str]:
    """CPU used since the start, by service, by database role, by the broker and the launcher."""
    with psycopg.connect(database_url(stack)) as connection:
        backends: dict[int, str] = dict(connection.execute(_BACKENDS).fetchall())
    used: Counter[str] = Counter()
    for process in [stack.launcher, *stack.launcher.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used[_name(stack, process, backends)] += round((times.user + times.system) * 1e6)
    return used


def memory_mib(stack: StackProcess) -> float:
    """Resident memory of all processes, what they share counted once (PSS)."""
    total = 0.0
    for process in [stack.launcher, *stack.launcher.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += process.memory_full_info().pss
    return total / 1_048_576


def _name(stack: StackProcess, process: psutil.Process, backends: dict[int, str]) -> str:
    if process.pid == stack.launcher.pid:
        return "launcher"
    if process.pid in backends:
        return f"postgres: {backends[process.pid].removeprefix('mneme-')}"
    line = " ".join(process.cmdline())
    named = [service for service in SERVICES if f"mneme_{service}.main" in line]
    if named:
        return named[0]
    return "broker" if "tansu" in line else "postgres"
