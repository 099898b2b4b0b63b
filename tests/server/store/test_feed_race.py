"""The trap of every feed by number on PostgreSQL, and that ours does not fall into it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from benchmarks.feed_race import NaiveEngine, prepared
from sync_server.store import feed
from sync_server.store.engine import Store, Txn
from sync_server.store.postgresql import PostgresEngine
from tests.server.support import databases

pytestmark = pytest.mark.database("postgresql")
SCOPE = "chain"
Put = Callable[[Txn, list[str]], None]


@pytest.fixture
def url(database: str) -> str:
    return prepared(databases.fresh_postgresql())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = Store(PostgresEngine(url))
    yield made
    made.close()


def put(txn: Txn, rows: list[str]) -> None:
    feed.put_rows(txn, "tax_class", SCOPE, [[row, "", 0] for row in rows])


class Puller:
    """Follows a scope by its cursor and keeps what it saw."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.after = 0
        self.seen: list[str] = []

    def pull(self) -> None:
        rows = self.store.read(lambda txn: feed.page_rows(txn, SCOPE, self.after, 1 << 20))
        assert [row.sequence for row in rows] == sorted(row.sequence for row in rows)
        assert all(row.sequence > self.after for row in rows)
        self.seen += [row.payload.split('"')[1] for row in rows]
        self.after = rows[-1].sequence if rows else self.after


def overtake(store: Store) -> list[str]:
    """A writer takes its number, a second takes one and commits, a puller looks, the first commits."""
    puller, written, go_on = Puller(store), threading.Event(), threading.Event()

    def slow(txn: Txn) -> None:
        put(txn, ["slow"])
        written.set()
        assert go_on.wait(20)

    thread = threading.Thread(target=lambda: store.write(slow, of="W1"))
    thread.start()
    assert written.wait(20)
    store.write(lambda txn: put(txn, ["quick"]), of="W2")
    puller.pull()
    assert puller.seen == ["quick"]
    go_on.set()
    thread.join()
    puller.pull()
    return puller.seen


def test_a_naive_cursor_loses_the_row_that_was_overtaken_and_ours_does_not(url: str, store: Store) -> None:
    assert overtake(store) == ["quick", "slow"]
    with psycopg.connect(url) as admin:
        admin.execute("CREATE SEQUENCE naive START 1000000")
        admin.execute("DELETE FROM feed_row")
    naive = Store(NaiveEngine(url))
    assert overtake(naive) == ["quick"], "the race is not the race that this file is about"
    naive.close()


@pytest.mark.parametrize("leaders", [0, 1, 3])
def test_sixteen_writers_and_three_pullers_lose_and_repeat_nothing(
    url: str, store: Store, leaders: int
) -> None:
    """With leaders stamping beside each other, and with none at all (each writer stamps after its commit)."""
    others = [Store(PostgresEngine(url)) for _ in range(leaders)]
    for other in [store, *others] if leaders else []:
        other.engine.start_background()
    committed: list[str] = []
    lock, over = threading.Lock(), threading.Event()

    def write(number: int) -> None:
        dice = random.Random(number)
        for turn in range(12):
            rows = [f"{number}-{turn}-{row}" for row in range(dice.randint(1, 4))]

            def work(txn: Txn, rows: list[str] = rows, fails: bool = dice.random() < 0.1) -> None:
                put(txn, rows)
                if fails:
                    raise ZeroDivisionError

            try:
                store.write(work, of=f"W{number}")
            except ZeroDivisionError:
                continue
            with lock:
                committed.extend(rows)

    def follow(puller: Puller) -> None:
        while not over.is_set():
            puller.pull()

    pullers = [Puller(store) for _ in range(3)]
    writers = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    readers = [threading.Thread(target=follow, args=(puller,)) for puller in pullers]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    store.engine.stamp_feed()
    for other in others:
        other.close()
    for puller in pullers:
        puller.pull()
        assert sorted(puller.seen) == sorted(committed)
        assert puller.after == store.read(lambda txn: feed.scope_head(txn, SCOPE)) == len(committed)


def test_a_long_transaction_delays_its_own_keys_alone(store: Store) -> None:
    store.write(lambda txn: put(txn, ["held", "free"]))
    written, go_on = threading.Event(), threading.Event()

    def slow(txn: Txn) -> None:
        feed.put_rows(txn, "tax_class", SCOPE, [["held", "changed", 0]])
        written.set()
        assert go_on.wait(20)

    puller = Puller(store)
    puller.pull()
    thread = threading.Thread(target=lambda: store.write(slow, of="W1"))
    thread.start()
    assert written.wait(20)
    store.write(lambda txn: feed.put_rows(txn, "tax_class", SCOPE, [["free", "changed", 0]]), of="W2")
    puller.pull()
    assert puller.seen == ["held", "free", "free"]
    go_on.set()
    thread.join()
    puller.pull()
    assert puller.seen == ["held", "free", "free", "held"]


def test_what_two_writers_change_alike_is_not_lost(store: Store) -> None:
    """Read, add one, write: the later of two runs again on what the first has written."""
    from sync_server.store import chain_state

    chain_state_start = store.write(lambda txn: chain_state.put(txn, "counter", "0"))
    assert chain_state_start is None

    def add(number: int) -> None:
        for _ in range(10):
            store.write(
                lambda txn: chain_state.put(
                    txn, "counter", str(int(chain_state.get(txn, "counter") or "0") + 1)
                ),
                of=f"W{number}",
            )

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read(lambda txn: chain_state.get(txn, "counter")) == "40"
