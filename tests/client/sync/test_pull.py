"""Of several pages the next is asked for while the last is written, and the wire is never left in use."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from pos_client.replica.apply import BadPage
from pos_client.sync.errors import BrokenAnswer, ServerAway, StoppedByUs
from pos_client.sync.pull import Puller
from pos_core.sync.protocol import FeedPage, FeedRows

HEAD = 4
WAIT_S = 20


class PagesOfOne:
    """A wire: page n leads from n to n + 1, up to `HEAD`. `breaks_at` is the page that cannot be had."""

    def __init__(self, *, breaks_at: int = -1) -> None:
        self.asked: list[int] = []
        self.in_use = 0
        self.asked_for = [threading.Event() for _ in range(HEAD)]
        self._breaks_at = breaks_at

    def get(self, target: str, kind: type[FeedPage]) -> FeedPage:
        after = int(target.rpartition("=")[2])
        self.in_use += 1
        try:
            self.asked.append(after)
            self.asked_for[after].set()
            if after == self._breaks_at:
                raise ServerAway("cut")
            rows = FeedRows("plu", ["plu", "sku"], [[str(after), "A"]], [])
            return kind("e1", "chain", after, after + 1, HEAD, [rows])
        finally:
            self.in_use -= 1


class Rows:
    """A replica that keeps in what order pages came; `refuses` is the page that does not fit."""

    def __init__(self, wire: PagesOfOne, *, refuses: int = -1) -> None:
        self.applied: list[int] = []
        self._wire, self._refuses = wire, refuses

    def cursors(self) -> dict[str, tuple[str, int]]:
        return {}

    def apply_page(self, page: FeedPage) -> None:
        if page.to < HEAD:
            assert self._wire.asked_for[page.to].wait(WAIT_S), "nobody asked for the next page meanwhile"
        if page.after == self._refuses:
            raise BadPage("does not fit")
        self.applied.append(page.after)


def pull(wire: PagesOfOne, rows: Rows, keep_going: Any = lambda: None) -> int:
    return Puller(cast(Any, wire), cast(Any, rows)).pull("chain", "e1", keep_going=keep_going)


def test_the_next_page_is_on_its_way_while_one_is_written() -> None:
    wire = PagesOfOne()
    rows = Rows(wire)
    assert pull(wire, rows) == HEAD
    assert rows.applied == wire.asked == list(range(HEAD))


def test_a_page_that_does_not_fit_leaves_the_wire_free() -> None:
    wire = PagesOfOne()
    rows = Rows(wire, refuses=1)
    with pytest.raises(BrokenAnswer):
        pull(wire, rows)
    assert rows.applied == [0] and wire.asked == [0, 1, 2] and wire.in_use == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("feed-ahead")]


def test_what_came_before_a_lost_page_is_written() -> None:
    wire = PagesOfOne(breaks_at=2)
    rows = Rows(wire)
    with pytest.raises(ServerAway):
        pull(wire, rows)
    assert rows.applied == [0, 1]


def test_whoever_stops_it_keeps_the_page_that_was_being_written() -> None:
    wire = PagesOfOne()
    rows = Rows(wire)

    def stop_after_the_second() -> None:
        if len(rows.applied) == 2:
            raise StoppedByUs("offline by choice")

    with pytest.raises(StoppedByUs):
        pull(wire, rows, stop_after_the_second)
    assert rows.applied == [0, 1]


def test_a_single_page_needs_no_second_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = PagesOfOne()
    monkeypatch.setattr(f"{__name__}.HEAD", 1)
    started: list[str] = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: started.append(thread.name))
    assert pull(wire, Rows(wire)) == 1 and not started
