"""What waits for the writer shares its commit; what fails fails alone, and a commit that fails fails all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from sync_server.store import chain_state
from sync_server.store.engine import Store, Txn
from sync_server.store.migrations import migrate
from sync_server.store.sqlite import SqliteEngine

pytestmark = pytest.mark.database("sqlite")
WAITING = 6


class CountingEngine(SqliteEngine):
    begun = 0

    def begin_write(self):  # type: ignore[no-untyped-def]
        self.begun += 1
        return super().begin_write()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store(CountingEngine(tmp_path_factory.mktemp("group") / "x.db", bytes(32)))
    migrate(made)
    yield made
    made.close()


def together(store: Store, works: list[Callable[[Txn], str]]) -> tuple[list[Future[str]], int]:
    """All of them wait while the writer is busy; how many transactions they took then."""
    busy, free = threading.Event(), threading.Event()

    def hold(_: Txn) -> None:
        busy.set()
        assert free.wait(30)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        holder = pool.submit(store.write, hold)
        assert busy.wait(30)
        before = store.engine.begun  # type: ignore[attr-defined]
        found = []
        for number, work in enumerate(works, start=1):
            found.append(pool.submit(store.write, work, of="W"))
            while len(store._group) < number:  # in this order
                threading.Event().wait(0.001)
        free.set()
        holder.result(30)
    return found, store.engine.begun - before  # type: ignore[attr-defined]


def put(name: str, value: str) -> Callable[[Txn], str]:
    def work(txn: Txn) -> str:
        chain_state.put(txn, name, value)
        txn.feed_changed |= value == "feed"
        if value == "bad":
            raise ZeroDivisionError(name)
        return value

    return work


def kept(store: Store) -> dict[str, str]:
    return store.read(chain_state.all_of)


def test_those_who_wait_share_one_commit_and_one_failure_is_its_own(store: Store) -> None:
    told: list[str] = []
    store.on_feed_changed.append(lambda: told.append("told"))
    values = ["1", "bad", "feed", "bad", "5", "6"]
    found, transactions = together(store, [put(f"a{n}", value) for n, value in enumerate(values)])
    assert transactions == 1 and told == ["told"]
    assert [type(each.exception()).__name__ if each.exception() else each.result() for each in found] == [
        "1", "ZeroDivisionError", "feed", "ZeroDivisionError", "5", "6",
    ]  # fmt: skip
    assert {name for name in kept(store) if name[0] == "a"} == {"a0", "a2", "a4", "a5"}
    store.on_feed_changed.clear()


def test_nobody_hears_of_success_when_the_common_commit_fails(store: Store) -> None:
    def spoilt(txn: Txn) -> str:
        txn.connection.connection.cursor().execute("ROLLBACK")  # as SQLite does by itself on a full disk
        raise OSError("full")

    found, _ = together(store, [put("b0", "1"), spoilt, put("b2", "1")])
    assert all(each.exception() is not None for each in found)
    assert not [name for name in kept(store) if name[0] == "b"]
    assert store.write(put("b3", "1"), of="W") == "1", "the next one is none the worse"
