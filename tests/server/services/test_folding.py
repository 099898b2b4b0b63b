"""Shared state at head office: any interleaving ends in the same states, rulings and rows (P11)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_core.clock import HybridTime
from pos_core.sync.document import document_bytes
from pos_core.sync.folds.facts import PointsMoved, StockMoved
from sync_server.head_office import HeadOffice
from sync_server.services.shared import Folding
from sync_server.services.shared.stretch import Stretch
from sync_server.store import feed, fold_state, ruling, workstation
from sync_server.store.workstation import WorkstationRow
from tests.fakes.facts import count, coupon, points, sale
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import START_MS, SeriesMaker

STORES = {"w-1": "S001", "w-2": "S001", "w-3": "S002"}
MINUTE = 60_000


def _write(maker: SeriesMaker, kind: str, body: dict[str, Any], at_ms: int) -> None:
    header = maker.header(kind, hybrid_time=HybridTime(START_MS + at_ms, 0))
    maker.append(document_bytes(header, body))


def _day(seed: int) -> dict[str, SeriesMaker]:
    """Three workstations of two stores on a day when everything goes wrong once."""
    dice = random.Random(seed)
    makers = {name: SeriesMaker(name, store_id=store) for name, store in STORES.items()}
    for step in range(25):
        name = dice.choice(sorted(makers))
        maker, at_ms = makers[name], step * MINUTE + dice.randrange(3 * MINUTE)
        match dice.randrange(6):
            case 0:
                spent = points(
                    "M1", -dice.randrange(1, 90), authority="allowance", allowance_id=f"points/{name}/g"
                )
                _write(maker, "sale", sale(member_id="M1", points=(spent,)), at_ms)
            case 1:
                _write(maker, "sale", sale(coupons=(coupon(dice.choice(("C1", "C2"))),)), at_ms)
            case 2:
                other = makers[dice.choice(sorted(makers))]
                origin = {
                    "workstation_id": other.workstation_id,
                    "incarnation": 1,
                    "number": 1 + dice.randrange(4),
                }
                _write(maker, "return", sale(origin=origin), at_ms)
            case 3:
                heard = {each: makers[each].number for each in ("w-1", "w-2") if each != name}
                _write(maker, "count", count(dice.randrange(20) * 1000, cut=heard), at_ms)
            case 4:
                body = {"member_id": dice.choice(("M1", "M2")), "phone_index": "hq:" + "a" * 32}
                _write(maker, "member_joined", body, at_ms)
            case _:
                ahead = 40 * MINUTE if dice.randrange(4) == 0 else 0
                _write(maker, "sale", sale(quantity_milli=1000 * dice.randrange(1, 4)), at_ms + ahead)
    return makers


def _office(folder: Path) -> HeadOffice:
    return found_office(folder, HandClock(wall_ms=START_MS + 20 * MINUTE))


def _push(office: HeadOffice, makers: dict[str, SeriesMaker], dice: random.Random) -> None:
    rows = {}
    for name, maker in makers.items():
        rows[name] = WorkstationRow(
            name, STORES[name], "t", "active", maker.public_key, maker.sealing_key, 1, "", 0, None, 0
        )
        office.store.write(lambda txn, row=rows[name]: workstation.add(txn, row))
    sent = dict.fromkeys(makers, 0)
    while any(sent[name] < makers[name].number for name in makers):
        name = dice.choice(sorted(n for n in makers if sent[n] < makers[n].number))
        last = min(makers[name].number, sent[name] + dice.randrange(1, 5))
        first = max(1, sent[name] - dice.randrange(2))  # sometimes the answer was lost: it comes again
        office.push.push(rows[name], makers[name].push_body(first, last))
        sent[name] = last


def _of_two_lines(body: dict[str, Any]) -> dict[str, Any]:
    """The same basket with its line twice."""
    (line,) = body["lines"]
    twice = {name: 2 * body[name] for name in ("subtotal_minor", "total_minor")}
    tenders = [{**body["tenders"][0], "amount_minor": twice["total_minor"]}]
    return {**body, **twice, "lines": [line, {**line, "line_no": 2}], "tenders": tenders}


def _outcome(office: HeadOffice) -> dict[str, Any]:
    def read(txn: Any) -> dict[str, Any]:
        rows = {}
        for scope in ("store:S001", "store:S002"):
            for kind in ("stock_on_hand", "series_point"):
                rows[scope, kind] = sorted(feed.rows_of(txn, kind, scope))
            standing = [row[0] for row in feed.rows_of(txn, "ruling", scope) if row[2] is None]
            rows[scope, "ruling"] = sorted(standing)
        return {
            "states": dict(fold_state.everything(txn)),
            "rulings": sorted(row.data for row in ruling.listing(txn)),
            "rows": rows,
        }

    return office.store.read(read)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_interleaving_ends_in_the_same_states_and_standing_rulings(tmp_path: Path, seed: int) -> None:
    makers, outcomes = _day(seed), []
    for order in (10, 20):
        office = _office(tmp_path / f"o{order}")
        _push(office, makers, random.Random(seed * 100 + order))
        outcomes.append(_outcome(office))
        office.close()
    first, second = outcomes
    assert first["states"] == second["states"]
    assert first["rulings"] == second["rulings"]
    assert first["rows"] == second["rows"]
    assert {json.loads(text)["rule"] for text in first["rulings"]} >= {"clock_out_of_bounds"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[HeadOffice]:
    made = _office(tmp_path / "chain")
    yield made
    made.close()


def _rows(office: HeadOffice, kind: str, scope: str = "store:S001") -> list[list[Any]]:
    return office.store.read(lambda txn: sorted(feed.rows_of(txn, kind, scope)))


def test_a_store_s_rows_stand_for_the_documents_that_its_point_names(office: HeadOffice) -> None:
    makers = {"w-1": SeriesMaker("w-1")}
    _write(makers["w-1"], "sale", sale(quantity_milli=2000), 0)
    _write(makers["w-1"], "sale", sale(quantity_milli=3000), MINUTE)
    _push(office, makers, random.Random(1))
    assert _rows(office, "series_point") == [["w-1", 1, 2]]
    assert [(row[0], row[1]) for row in _rows(office, "stock_on_hand")] == [("1001", -5000)]
    assert _rows(office, "stock_on_hand", "store:S002") == []


def test_a_coupon_used_three_times_has_two_rulings_at_the_stores_concerned(office: HeadOffice) -> None:
    makers = {name: SeriesMaker(name, store_id=store) for name, store in STORES.items()}
    for place, maker in enumerate(makers.values()):
        _write(maker, "sale", sale(coupons=(coupon("C1"),)), place * MINUTE)
    _push(office, makers, random.Random(5))
    kept = office.store.read(lambda txn: ruling.listing(txn, rule="coupon_used_twice"))
    assert len(kept) == 2
    seen = [json.loads(row[1])["rule"] for row in _rows(office, "ruling", "store:S002") if row[2] is None]
    assert seen.count("coupon_used_twice") >= 1


def test_a_return_before_its_sale_is_judged_when_the_sale_comes(office: HeadOffice) -> None:
    seller, taker = SeriesMaker("w-1"), SeriesMaker("w-2")
    _write(seller, "sale", sale(quantity_milli=1000), 0)
    origin = {"workstation_id": "w-1", "incarnation": 1, "number": 1}
    _write(taker, "return", sale(quantity_milli=2000, origin=origin), MINUTE)
    _push(office, {"w-2": taker}, random.Random(1))
    _push(office, {"w-1": seller}, random.Random(1))
    (found,) = office.store.read(lambda txn: ruling.listing(txn, rule="line_returned_twice"))
    assert dict(found.ruling.detail)["excess_milli"] == 1000


def test_a_line_that_never_came_back_has_no_state_whichever_came_first(tmp_path: Path) -> None:
    seller, taker = SeriesMaker("w-1"), SeriesMaker("w-2")
    _write(seller, "sale", _of_two_lines(sale()), 0)
    origin = {"workstation_id": "w-1", "incarnation": 1, "number": 1}
    _write(taker, "return", sale(origin=origin), MINUTE)
    makers, outcomes = {"w-1": seller, "w-2": taker}, []
    for order in (("w-1", "w-2"), ("w-2", "w-1")):
        office = _office(tmp_path / "-".join(order))
        for name in order:
            _push(office, {name: makers[name]}, random.Random(1))
        outcomes.append(_outcome(office)["states"])
        office.close()
    assert outcomes[0] == outcomes[1]


def test_a_count_that_looks_back_far_asks_the_ledger(office: HeadOffice) -> None:
    counter, seller = SeriesMaker("w-1"), SeriesMaker("w-2")
    for place in range(30):
        _write(seller, "sale", sale(), place * 1000)
    _write(counter, "count", count(50_000, cut={"w-2": 4}), MINUTE)
    makers = {"w-2": seller, "w-1": counter}
    _push(office, {"w-2": seller}, random.Random(1))
    _push(office, {"w-1": counter}, random.Random(1))
    assert makers and _rows(office, "stock_on_hand")[0][1] == 50_000 - 26 * 1000


def test_head_office_s_own_facts_are_kept_and_fold_again(office: HeadOffice) -> None:
    folding = Folding(office.keys)

    def take(txn: Any) -> None:
        folding.take_hq(
            txn,
            [
                lambda at: PointsMoved(at, "", "M1", 120, "adjusted"),
                lambda at: StockMoved(at, "S001", "1001", 9000, "opening"),
            ],
            now_ms=START_MS,
        )

    office.store.write(take)
    assert _rows(office, "stock_on_hand") == [["1001", 9000, None, 0]]
    kept = office.store.read(lambda txn: [kind for _, kind, _ in fold_state.hq_facts(txn)])
    assert kept == ["PointsMoved", "StockMoved"]


def test_a_crash_while_folding_sets_one_document_aside_and_the_others_go_on(
    office: HeadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = SeriesMaker("w-1")
    for place in range(3):
        _write(maker, "sale", sale(), place * MINUTE)
    real = Folding.take

    def fails_on_two(self: Folding, txn: Any, stretch: Stretch, **named: Any) -> None:
        if any(each["number"] == 2 for each in stretch.telling):
            raise KeyError("a defect of ours")
        real(self, txn, stretch, **named)

    monkeypatch.setattr(Folding, "take", fails_on_two)
    _push(office, {"w-1": maker}, random.Random(99))
    assert _rows(office, "series_point") == [["w-1", 1, 3]]
    assert _rows(office, "stock_on_hand")[0][1] == -2000
