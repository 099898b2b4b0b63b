"""The feed's order on PostgreSQL under 16 writers: our sequencer beside the naive cursor, in one run.

    python -m benchmarks.feed_race [--seconds 8] [--writers 16] [--database postgresql://…]

Each writer commits transactions of 1 to 4 rows after 0 to 10 ms of other work inside the transaction; one
in twenty rolls back, all through `Store.write` and `feed.put_rows`, read in pages after a cursor. Naive: the
sequence is a `nextval` at the INSERT. Ours: a ticket, stamped by the leader after the commit. Counts what
the puller never saw, commits a second, and how long a row takes from the return of its commit to the
puller. The last round holds an unrelated transaction open all the time. Goals: 0 missed, ≥ 80 % of the naive
commits, lag p99 ≤ 250 ms. Without `--database` it starts the test extra's PostgreSQL, durable (`fsync=on`).
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import text

from benchmarks.report import percentiles
from sync_server.store import chain_state, feed
from sync_server.store.engine import Store, Txn
from sync_server.store.migrations import migrate
from sync_server.store.postgresql import PostgresEngine

GOAL_COMMITS, GOAL_LAG_MS = 0.8, 250


@dataclass
class Round:
    """What one round came to."""

    committed: dict[str, float] = field(default_factory=dict)
    """Row → when its commit returned."""
    seen: dict[str, float] = field(default_factory=dict)
    commits: int = 0
    seconds: float = 0

    @property
    def missed(self) -> int:
        return len(self.committed.keys() - self.seen.keys())

    def lags_ms(self) -> list[float]:
        return [
            max(0.0, (self.seen[row] - at) * 1000) for row, at in self.committed.items() if row in self.seen
        ]


Write = Callable[[list[str], random.Random, bool], None]


class Rolled(Exception):
    """A writer that changes its mind."""


def race(
    seconds: float, writers: int, make_writer: Callable[[], Write], pull: Callable[[], list[str]]
) -> Round:
    """Runs writers against one puller; the puller has a last look after all have ended."""
    result, lock, over = Round(), threading.Lock(), threading.Event()

    def write(number: int) -> None:
        dice, one, turn = random.Random(number), make_writer(), 0
        while not over.is_set():
            turn += 1
            rows = [f"{number}-{turn}-{row}" for row in range(dice.randint(1, 4))]
            try:
                one(rows, dice, dice.random() < 0.05)
            except Rolled:
                continue
            now = time.perf_counter()
            with lock:
                result.commits += 1
                result.committed.update(dict.fromkeys(rows, now))

    def look() -> None:
        while not over.is_set():
            note()

    def note() -> None:
        found = pull()
        now = time.perf_counter()
        for row in found:
            result.seen.setdefault(row, now)

    puller = threading.Thread(target=look)
    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    started = time.perf_counter()
    for thread in [puller, *threads]:
        thread.start()
    time.sleep(seconds)
    over.set()
    for thread in [*threads, puller]:
        thread.join()
    result.seconds = time.perf_counter() - started
    end = time.perf_counter() + 2
    while time.perf_counter() < end and result.missed:
        note()
    return result


class NaiveEngine(PostgresEngine):
    """What everybody writes first: a number from a sequence, taken inside the transaction."""

    def next_sequences(self, txn: Txn, count: int, scope: str) -> list[int]:
        """In order of allocation, which is not the order of commits."""
        taken = txn.execute(text("SELECT nextval('naive') FROM generate_series(1, :count)"), {"count": count})
        return [row[0] for row in taken]

    def feed_written(self, *, alone: bool) -> None:
        """Nothing comes after the commit."""

    def start_background(self) -> None:
        """Nobody stamps."""


def one_round(engine: PostgresEngine, scope: str, seconds: float, writers: int) -> Round:
    """`feed_row` through the store, one puller in pages."""
    store = Store(engine)
    store.engine.start_background()
    after = 0
    try:
        workstations = iter(range(writers))

        def pull() -> list[str]:
            nonlocal after
            rows = store.read(lambda txn: feed.page_rows(txn, scope, after, 256 * 1024))
            if rows:
                after = rows[-1].sequence
            time.sleep(0.005)
            return [row.payload.split('"')[1] for row in rows]

        def make_writer() -> Write:
            name = f"W{next(workstations)}"

            def write(rows: list[str], dice: random.Random, rolls_back: bool) -> None:
                def work(txn: Txn) -> None:
                    feed.put_rows(txn, "tax_class", scope, [[row, "", 0] for row in rows])
                    time.sleep(dice.uniform(0, 0.010))
                    if rolls_back:
                        raise Rolled

                store.write(work, of=name)

            return write

        return race(seconds, writers, make_writer, pull)
    finally:
        store.close()


def told(name: str, result: Round) -> None:
    """One line."""
    print(
        f"  {name:28} {len(result.committed):6} rows, missed {result.missed:6}, "
        f"{result.commits / result.seconds:7.0f} commits/s, lag {percentiles(result.lags_ms())}"
    )


def prepared(url: str) -> str:
    """An empty chain in this database."""
    store = Store(PostgresEngine(url))
    migrate(store)
    store.write(
        lambda txn: (
            chain_state.found(txn, chain_id="c", chain_name="n", epoch="e", currency="CNY", now_ms=1)
            if chain_state.get(txn, "epoch") is None
            else None
        )
    )
    store.close()
    return url


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=8.0)
    arguments.add_argument("--writers", type=int, default=16)
    arguments.add_argument("--database")
    options = arguments.parse_args()
    with ExitStack() as stack:
        url = options.database
        if url is None:
            from tests.server.support.postgres import cluster

            url = stack.enter_context(cluster(fsync="on", full_page_writes="on")).create("race")
        prepared(url)
        with psycopg.connect(url) as admin:
            admin.execute("CREATE SEQUENCE IF NOT EXISTS naive")
        naive = one_round(NaiveEngine(url), "store:naive", options.seconds, options.writers)
        ours = one_round(PostgresEngine(url), "store:ours", options.seconds, options.writers)
        with psycopg.connect(url) as other:
            other.execute("SELECT pg_current_xact_id()")
            long = one_round(PostgresEngine(url), "store:long", options.seconds, options.writers)
        print(f"{options.writers} writers, 1 to 4 rows a transaction, {options.seconds:g} s a round")
        told("naive id > last", naive)
        told("ours", ours)
        told("ours, a long transaction", long)
        ratio = (ours.commits / ours.seconds) / (naive.commits / naive.seconds)
        lag = sorted(ours.lags_ms())[int(len(ours.lags_ms()) * 0.99)]
        commits = "within" if ratio >= GOAL_COMMITS else "BELOW"
        quick = "within" if lag <= GOAL_LAG_MS else "ABOVE"
        print(f"  commits against naive {ratio:.0%}, {commits} the goal of {GOAL_COMMITS:.0%}")
        print(f"  lag p99 {lag:.0f} ms, {quick} the goal of {GOAL_LAG_MS} ms")


if __name__ == "__main__":
    main()
