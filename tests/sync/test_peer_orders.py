"""In every order of cuts between the workstations of a store, each fact counts once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.replica.series_points import all_folded
from pos_core.sync.folds import FOLDS, Fact, State, facts_of, folds_of
from pos_core.sync.folds.coupon_use import live_uses
from pos_core.sync.folds.extract_trade import coupon_key
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.points import balance
from pos_core.sync.folds.stock import on_hand
from tests.fakes.facts import count, coupon, points, sale
from tests.sync.floor import Floor, Station, running_floor

COLA = "1001"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with running_floor(tmp_path) as found:
        yield found


class _Day:
    """A seeded day of three workstations; after each step everybody sees what he must have heard of."""

    def __init__(self, floor: Floor, dice: random.Random) -> None:
        self.floor = floor
        self.dice = dice
        self.wan = True
        self.untold = 0
        self.cut: set[frozenset[int]] = set()
        self.heard: list[dict[tuple[str, int, int], dict[str, Any]]] = [{} for _ in floor.stations]

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.floor.world.clock.advance(self.dice.randrange(1, 5_000))
            self.step()
            for place in range(len(self.floor.stations)):
                self.check(place)

    def step(self) -> None:
        dice, stations = self.dice, self.floor.stations
        place = dice.randrange(len(stations))
        match dice.randrange(12):
            case 0 | 1 | 2 | 3:
                stations[place].record(*self.document())
            case 4 | 5 | 6:
                other = dice.randrange(len(stations))
                if other != place and frozenset((place, other)) not in self.cut:
                    stations[place].ask(stations[other])
                    for each in stations[other].documents():
                        self.heard[place][each["workstation_id"], each["incarnation"], each["number"]] = each
            case 7 | 8:
                if self.wan:
                    self.floor.exchange(stations[place])
            case 9:
                self.wan = not self.wan
            case 10:
                pair = frozenset(dice.sample(range(len(stations)), 2))
                self.cut ^= {pair}
            case _:
                stations[place].desk.tidy()
                if dice.randrange(3) == 0:
                    stations[place].power_cut()

    def document(self) -> tuple[str, dict[str, Any]]:
        dice = self.dice
        match dice.randrange(4):
            case 0:
                return "count", count(dice.randrange(50) * 1000)
            case 1:
                return "sale", sale(coupons=(coupon(f"C{dice.randrange(3)}"),))
            case 2:
                return "sale", sale(points=(points("m1", dice.randrange(-40, 90)),))
            case _:
                return "sale", sale(quantity_milli=1000 * dice.randrange(1, 5))

    def check(self, place: int) -> None:
        """What is shown is the fold of what head office told, our own, and what peers said: each once."""
        station = self.floor.stations[place]
        points_of = station.till.replica.read(all_folded)
        known = dict(self.heard[place])
        for each in self.floor.stations:
            for document in each.documents():
                key = (document["workstation_id"], document["incarnation"], document["number"])
                if each is station or document["number"] <= points_of.get(key[:2], 0):
                    known[key] = document
        facts = _facts(known)
        there = _facts({key: each for key, each in known.items() if key[2] <= points_of.get(key[:2], 0)})
        late = [fact for fact in facts if fact not in there]
        self.check_stock(station, there, late)
        assert station.shared.points_of("m1") == self._at_head_office(station) + balance(
            _state("points", "m1", late)
        )
        for each in (coupon(f"C{number}") for number in range(3)):
            key = coupon_key({**each, "member_id": None})
            assert key is not None
            shown = station.shared.coupon_state(each["campaign_id"], each["coupon_code"])
            assert shown.own_uses == len(live_uses(_state("coupon_use", key, late)))

    def check_stock(self, station: Station, there: list[Fact], late: list[Fact]) -> None:
        """A count heard late may be older than what head office folded after it: nobody here can tell how

        much of its figure came after, so it stands as it was counted until head office has folded it.
        """
        counts = [fact.stamp.hlc for fact in late if isinstance(fact, Counted)]
        if any(fact.stamp.hlc > each for each in counts for fact in there if isinstance(fact, StockMoved)):
            self.untold += 1
            return
        stock = _state("stock", f"S001/{COLA}", [*there, *late])
        assert station.shared.on_hand(COLA).on_hand_milli == (0 if stock is None else on_hand(stock))

    def _at_head_office(self, station: Station) -> int:
        row = station.till.replica.read(
            lambda c: c.execute("SELECT points_balance FROM member WHERE member_id = 'm1'").fetchone()
        )
        return 0 if row is None else int(row[0])


def _facts(documents: dict[tuple[str, int, int], dict[str, Any]]) -> list[Fact]:
    return [f for _, each in sorted(documents.items()) for f in facts_of(each, each["body"], lean=True)]


def _state(name: str, key: str, facts: list[Fact]) -> State | None:
    own = [fact for fact in facts for fold, k in folds_of(fact) if (fold.name, k) == (name, key)]
    return FOLDS[name].refold(own)


@pytest.mark.parametrize("seed", range(6))
def test_in_every_order_of_cuts_each_fact_counts_once(floor: Floor, seed: int) -> None:
    day = _Day(floor, random.Random(seed))
    day.run(60)
    day.wan, day.cut = True, set()
    for _ in range(2):  # everything mended: all three agree with head office, and nobody counts twice
        floor.exchange()
    shown = {(s.shared.on_hand(COLA).on_hand_milli, s.shared.points_of("m1")) for s in floor.stations}
    assert len(shown) == 1
    assert all(floor.world.has_all_of(station.till) for station in floor.stations)
