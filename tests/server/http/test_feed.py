"""The feed over HTTP: whole, in order, in pages, repeated without change, across epochs."""

from __future__ import annotations

import random
from typing import Any

from pos_core.sync.digest import digest_of
from pos_core.sync.protocol import FEED_PAGE_BYTES
from sync_server.store import chain_state, feed
from tests.server.support.office import Chain, TestWorkstation


def put(chain: Chain, rows: list[list[Any]], deleted: list[list[Any]] | None = None) -> feed.Changes:
    return chain.office.store.write(lambda txn: feed.put_rows(txn, "plu", "chain", rows, deleted or []))


def chain_head(chain: Chain) -> int:
    return chain.office.store.read(lambda txn: feed.scope_head(txn, "chain"))


def follow(till: TestWorkstation, scope: str, state: dict[tuple[str, Any], Any], after: int = 0) -> int:
    """Pulls until caught up, the way a replica applies pages; returns the cursor."""
    while True:
        status, page = till.feed(scope, after)
        assert status == 200, page
        assert page["after"] == after and page["to"] >= after
        for kind in page["kinds"]:
            for row in kind["rows"]:
                state[kind["kind"], row[0]] = row
            for key in kind["deleted"]:
                state.pop((kind["kind"], key[0]), None)
        after = page["to"]
        if after == page["head"]:
            return after


def test_following_in_pages_gives_exactly_the_rows(chain: Chain) -> None:
    till = chain.enrol()
    dice = random.Random(3)
    truth: dict[str, list[Any]] = {}
    state: dict[tuple[str, Any], Any] = {}
    cursor = 0
    for _ in range(12):
        rows = [
            [f"{dice.randrange(4000)}", f"商品{dice.randrange(9)}" * dice.randrange(1, 120)]
            for _ in range(900)
        ]
        gone = [[f"{dice.randrange(4000)}"] for _ in range(50)]
        gone = [key for key in gone if all(row[0] != key[0] for row in rows)]
        put(chain, rows, gone)
        truth.update({row[0]: row for row in rows})
        for key in gone:
            truth.pop(key[0], None)
        cursor = follow(till, "chain", state, cursor)
        mine = {key[1]: row for key, row in state.items() if key[0] == "plu"}
        assert mine == truth
    count, total = digest_of("plu", truth.values())
    status, digest = till.call("GET", "/v1/digest?scope=chain")
    assert status == 200 and digest["kinds"]["plu"] == [count, total] and digest["sequence"] == cursor
    assert follow(till, "chain", fresh := {}) == cursor
    assert {key[1]: row for key, row in fresh.items() if key[0] == "plu"} == truth


def test_pages_close_by_size(chain: Chain) -> None:
    till = chain.enrol()
    put(chain, [[str(number), "x" * 2000] for number in range(2000)])
    _, page = till.feed("chain")
    size = sum(len(row[1]) for kind in page["kinds"] for row in kind["rows"])
    assert FEED_PAGE_BYTES // 4 < size < FEED_PAGE_BYTES
    assert page["to"] < page["head"]


def test_one_row_larger_than_a_page_still_comes(chain: Chain) -> None:
    till = chain.enrol()
    put(chain, [["1", "x" * (FEED_PAGE_BYTES * 2)], ["2", "y"]])
    state: dict[tuple[str, Any], Any] = {}
    follow(till, "chain", state)
    assert len(state["plu", "1"][1]) == FEED_PAGE_BYTES * 2 and state["plu", "2"] == ["2", "y"]


def test_unchanged_rows_are_not_sent_again(chain: Chain) -> None:
    rows = [[str(number), "S"] for number in range(100)]
    first = put(chain, rows)
    assert (first.inserted, first.unchanged) == (100, 0)
    head = chain_head(chain)
    again = put(chain, rows, [["never there"]])
    assert (again.inserted, again.changed, again.deleted) == (0, 0, 0) and chain_head(chain) == head
    one = put(chain, [["5", "T"]])
    assert one.changed == 1 and chain_head(chain) == head + 1
    put(chain, [], [["5"]])
    assert put(chain, [], [["5"]]).deleted == 0
    assert put(chain, [["5", "T"]]).inserted == 1


def test_the_cursor_of_another_epoch_is_told_so(chain: Chain) -> None:
    till = chain.enrol()
    put(chain, [["1", "S"]])
    for epoch, after in (("another", 0), (None, 10_000)):
        status, error = till.feed("chain", after, epoch)
        assert (status, error["code"]) == (409, "epoch_changed")
        assert error["facts"]["epoch"] == till.enrolled.epoch
    chain.office.store.write(lambda txn: chain_state.put(txn, "epoch", "e2"))
    status, error = till.feed("chain")
    assert (status, error["facts"]["epoch"]) == (409, "e2")
    assert till.feed("chain", 0, "e2")[0] == 200


def test_a_client_without_zstd_gets_the_same_page(chain: Chain) -> None:
    till = chain.enrol()
    put(chain, [[str(number), "S" * 50] for number in range(100)])
    target = f"/v1/feed?scope=chain&epoch={till.enrolled.epoch}&after=0"
    packed = till.call("GET", target)
    plain = till.call("GET", target, headers={"Accept-Encoding": "identity"})
    assert packed == plain


def test_pullers_racing_a_writer_never_skip_a_row(chain: Chain) -> None:
    import threading

    till = chain.enrol()
    done = threading.Event()

    def write() -> None:
        for batch in range(60):
            put(chain, [[f"{batch}-{number}", "S"] for number in range(5)])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    state: dict[tuple[str, Any], Any] = {}
    cursor = 0
    while not done.is_set():
        cursor = follow(till, "chain", state, cursor)
    writer.join()
    follow(till, "chain", state, cursor)
    assert len([key for key in state if key[0] == "plu"]) == 300


def test_malformed_queries_are_refused(chain: Chain) -> None:
    till = chain.enrol()
    for after in ("-1", "x", "1.5", "1e3", "", "９", "1" * 40):
        status, error = till.call(
            "GET", f"/v1/feed?scope=chain&epoch={till.enrolled.epoch}&after={httpx_quote(after)}"
        )
        assert (status, error["code"]) == (400, "malformed_request"), after


def httpx_quote(text: str) -> str:
    from urllib.parse import quote

    return quote(text)
