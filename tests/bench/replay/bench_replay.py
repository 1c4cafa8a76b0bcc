"""How fast a ledger is folded and compared: one user, so many events, on a PostgreSQL of its own.

python -m tests.bench.replay.bench_replay [EVENTS]
"""

from __future__ import annotations

import asyncio
import sys
import time

from mneme_common.adapters.postgres import Database
from mneme_resolver.decide.report import Report
from tests.fixtures.databases import running_cluster
from tests.fixtures.homes import temporary_home
from tests.fixtures.pipeline import TENANT, USER, Rows
from tests.integration.replay.ledgers import History, replays


async def main(events: int) -> None:
    """Prints one line for each kind of replay."""
    with temporary_home() as home, running_cluster(home / "postgres") as cluster, cluster.copy() as made:
        database = Database(made.writer_url, name="bench", by_key=True)
        await database.open()
        rows = Rows(made)
        history = History(database, rows)
        started = time.perf_counter()
        while rows.value("SELECT count(*) FROM ledger") < events:
            await history.grow(1, largest=500)
        sys.stdout.write(f"written:  {rows.value('SELECT count(*) FROM ledger')} events"
                         f" in {time.perf_counter() - started:.1f} s\n")  # fmt: skip
        for redecides in (False, True):
            report = Report(redecides=redecides)
            started = time.perf_counter()
            await replays(database, made).user(TENANT, USER, report)
            seconds = time.perf_counter() - started
            name = "redecided" if redecides else "replayed"
            sys.stdout.write(f"{name}: {report.events} events, {report.rows} rows, {report.found} differences"
                             f" in {seconds:.2f} s: {report.events / seconds:.0f} events/s\n")  # fmt: skip
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000))
