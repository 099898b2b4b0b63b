"""A count in a shop that sells finds what it would have found in a shop that stood still.

Three workstations that hear nothing of each other sell, receive and count; things also vanish without a
document. Head office hears their documents in any order. The oracle knows what lay where, and nothing of
folds: a frozen shop's variance is what vanished from each side before that side was counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pos_core.sync.folds import FOLDS, Fact, State, facts_of
from pos_core.sync.folds.counts import variances
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.stamp import hlc_ms
from pos_core.sync.folds.stock import doubtful, expected, on_hand
from tests.fakes.facts import document, hlc, sale

WORKSTATIONS = ("ws-1", "ws-2", "ws-3")
SECOND = 1000
SESSIONS = ("20260102-1", "20260103-1")

events = st.one_of(
    st.tuples(st.just("sell"), st.integers(0, 2), st.integers(1, 3)),
    st.tuples(st.just("receive"), st.integers(0, 2), st.integers(1, 9)),
    st.tuples(st.just("vanish"), st.sampled_from(("floor", "back")), st.integers(1, 2)),
    st.tuples(st.just("write"), st.integers(0, 2), st.just(0)),
)


@dataclass
class Shop:
    """What really lies there, the workstations' documents, and counts that were made and not yet written."""

    skews_ms: tuple[int, int, int] = (0, 0, 0)
    live: bool = False
    late_ms: int = 0
    at_ms: int = 0
    lies: dict[str, int] = field(default_factory=lambda: {"floor": 0, "back": 0})
    vanished: dict[str, int] = field(default_factory=lambda: {"floor": 0, "back": 0})
    journals: list[list[tuple[Fact, ...]]] = field(default_factory=lambda: [[], [], []])
    drafts: list[list[dict[str, Any]]] = field(default_factory=lambda: [[], [], []])
    frozen: dict[str, int] = field(default_factory=dict)

    def record(self, ws: int, kind: str, body: dict[str, Any]) -> None:
        self.at_ms += SECOND
        number = len(self.journals[ws]) + 1
        at = self.at_ms + self.skews_ms[ws]
        made = document(kind, body, at=at, workstation_id=WORKSTATIONS[ws], number=number)
        self.journals[ws].append(facts_of(*made))

    def happens(self, what: str, where: Any, many: int) -> None:
        if what == "sell" and self.lies["floor"] >= many:
            self.lies["floor"] -= many
            self.record(where, "sale", sale(quantity_milli=many * 1000))
        elif what == "receive":
            self.lies["back"] += many
            line = {"line_no": 1, "sku": "1001", "quantity_milli": many * 1000}
            self.record(where, "stock_movement", {"reason": "receipt", "lines": [line]})
        elif what == "vanish" and self.lies[where] >= many:
            self.lies[where] -= many
            self.vanished[where] += many
        elif what == "write":
            self.write(where)

    def carry_to_the_floor(self, many: int) -> None:
        """Before anything is counted: goods that move between a counted and an uncounted place mislead."""
        self.lies["back"] -= many
        self.lies["floor"] += many

    def count(self, ws: int, side: str, session: str) -> None:
        """At this moment; the document comes when the person is done."""
        self.at_ms += SECOND
        line = {
            "line_no": len(self.drafts[ws]) + 1,
            "sku": "1001",
            "recorded_milli": 0,
            "counted_milli": self.lies[side] * 1000,
            "hlc": hlc(self.at_ms + self.skews_ms[ws]),
            "number": len(self.journals[ws]),
            "area": side,
        }
        if self.live:  # the counter hears what every other workstation has written, but for the newest
            line["cut"] = [
                {"workstation_id": WORKSTATIONS[other], "incarnation": 1, "number": self.heard_of(other)}
                for other in {0, 1, 2} - {ws}
            ]
        self.drafts[ws].append({"session": session, "line": line})
        self.frozen[session] = self.frozen.get(session, 0) - self.vanished[side] * 1000
        self.vanished[side] = 0

    def heard_of(self, ws: int) -> int:
        """How many documents of a workstation are so old that word of them has come."""
        since = self.at_ms + self.skews_ms[ws] - self.late_ms
        return sum(hlc_ms(made[0].stamp.hlc) <= hlc_ms(hlc(since)) for made in self.journals[ws])

    def write(self, ws: int) -> None:
        for session in SESSIONS:
            lines = [each["line"] for each in self.drafts[ws] if each["session"] == session]
            if lines:
                self.record(ws, "count", {"session_id": session, "lines": lines})
        self.drafts[ws] = []


@st.composite
def shops(draw: st.DrawFn, *, skew_ms: int, live: bool = False, late_ms: int = 0) -> Shop:
    """Two sessions; each side is counted once in each, by anybody, while things happen."""
    skews = tuple(draw(st.integers(-skew_ms, skew_ms)) for _ in WORKSTATIONS)
    shop = Shop(skews, live, late_ms)  # type: ignore[arg-type]
    shop.happens("receive", 0, 9)
    shop.happens("receive", 1, 9)
    shop.carry_to_the_floor(12)
    for session in SESSIONS:
        shop.at_ms += 3 * skew_ms  # a stocktake is over before the next one
        for side in draw(st.permutations(("floor", "back"))):
            for event in draw(st.lists(events, max_size=14)):
                shop.happens(*event)
            shop.count(draw(st.integers(0, 2)), side, session)
        for ws in range(3):
            shop.write(ws)
    for event in draw(st.lists(events, max_size=10)):
        shop.happens(*event)
    return shop


def heard(shop: Shop, order: list[int]) -> State:
    """Documents as they reach head office: each series in its order, the series in any."""
    fold, left = FOLDS["stock"], [list(journal) for journal in shop.journals]
    state: State | None = None
    ledger: list[Fact] = []
    for ws in [*order, *(late for late in range(3) for _ in left[late])]:
        for fact in left[ws].pop(0) if left[ws] else ():
            if isinstance(fact, fold.takes):
                state = fold.step(state, fact, lambda: ledger)
                ledger.append(fact)
    assert state is not None
    return state


orders = st.lists(st.integers(0, 2), max_size=40)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(shops(skew_ms=0), orders)
def test_variance_and_on_hand_are_those_of_a_frozen_shop(shop: Shop, order: list[int]) -> None:
    state = heard(shop, order)
    facts = [fact for journal in shop.journals for made in journal for fact in made]
    counts = FOLDS["counts"].refold([fact for fact in facts if isinstance(fact, Counted)])
    found = variances(counts, [fact for fact in facts if isinstance(fact, StockMoved)])
    # The first count starts from nothing known: its books are all movements, so its variance is a shop's too.
    assert {each.session: each.variance_milli for each in found} == shop.frozen
    assert state["count"][1] - expected(state) == shop.frozen[SESSIONS[-1]]
    lost_since = sum(shop.vanished.values()) * 1000
    assert on_hand(state) == sum(shop.lies.values()) * 1000 + lost_since


@settings(max_examples=100, deadline=None, derandomize=True)
@given(shops(skew_ms=120 * SECOND, live=True), orders)
def test_where_the_counter_hears_the_others_live_no_clock_matters(shop: Shop, order: list[int]) -> None:
    state = heard(shop, order)
    assert state["count"][1] - expected(state) == shop.frozen[SESSIONS[-1]]
    assert on_hand(state) == sum(shop.lies.values()) * 1000 + sum(shop.vanished.values()) * 1000
    if not any(shop.skews_ms):
        assert doubtful(state) == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(shops(skew_ms=0, live=True, late_ms=5 * SECOND), orders)
def test_a_sale_whose_word_was_on_its_way_to_the_counter_is_doubtful(shop: Shop, order: list[int]) -> None:
    state = heard(shop, order)
    unsure = sum(abs(each[3]) for each in doubtful(state))
    really = sum(shop.lies.values()) * 1000 + sum(shop.vanished.values()) * 1000
    assert abs(on_hand(state) - really) <= unsure


@settings(max_examples=150, deadline=None, derandomize=True)
@given(shops(skew_ms=120 * SECOND), orders)
def test_where_clocks_disagree_the_doubtful_movements_explain_the_whole_error(
    shop: Shop, order: list[int]
) -> None:
    state = heard(shop, order)
    unsure = sum(abs(each[3]) for each in doubtful(state))
    really = sum(shop.lies.values()) * 1000 + sum(shop.vanished.values()) * 1000
    assert abs(on_hand(state) - really) <= unsure
