"""Rulings that follow from receipt: forks, prices, documents let out of quarantine; many writers at once."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pos_core.clock import HybridTime
from pos_core.sync.document import ReleaseRef, document_bytes
from sync_server.head_office import HeadOffice
from sync_server.services import applicability
from sync_server.services.acts import at_command_line
from sync_server.services.errors import Fork
from sync_server.services.received import NotApplicable
from sync_server.services.verify import Verify
from sync_server.store import feed, fold_state, masters, ruling, workstation
from sync_server.store.masters import PriceRow
from sync_server.store.workstation import WorkstationRow
from tests.fakes.facts import count, coupon, points, sale
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import START_MS, SeriesMaker

MINUTE = 60_000
STORES = {"w-1": "S001", "w-2": "S001", "w-3": "S002"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[HeadOffice]:
    made = found_office(tmp_path / "chain", HandClock(wall_ms=START_MS + 60 * MINUTE))
    yield made
    assert Verify(made.store, made.blobs, made.keys).run().problems == []
    made.close()


def _enrol(office: HeadOffice, maker: SeriesMaker) -> WorkstationRow:
    keys = (maker.public_key, maker.sealing_key)
    row = WorkstationRow(maker.workstation_id, maker.store_id, "t", "active", *keys, 1, "", 0, None, 0)
    office.store.write(lambda txn: workstation.add(txn, row))
    return row


def _write(maker: SeriesMaker, kind: str, body: dict[str, Any], **changes: Any) -> None:
    at_ms = START_MS + maker.number * MINUTE
    header = maker.header(kind, hybrid_time=HybridTime(at_ms, 0), **changes)
    maker.append(document_bytes(header, body))


def _rulings(office: HeadOffice, rule: str) -> list[Any]:
    return [row.ruling for row in office.store.read(lambda txn: ruling.listing(txn, rule=rule))]


def _states(office: HeadOffice) -> dict[Any, str]:
    return office.store.read(lambda txn: dict(fold_state.everything(txn)))


def _feed(office: HeadOffice, kind: str, store: str = "S001") -> list[list[Any]]:
    return office.store.read(lambda txn: sorted(feed.rows_of(txn, kind, f"store:{store}")))


def test_each_document_beside_the_chain_has_one_ruling_however_often_it_is_offered(
    office: HeadOffice,
) -> None:
    maker = SeriesMaker("w-1")
    row = _enrol(office, maker)
    _write(maker, "sale", sale())
    _write(maker, "sale", sale())
    office.push.push(row, maker.push_body())
    clone = SeriesMaker("w-1", signing=maker.signing)
    clone.append(maker.documents[0])
    _write(clone, "sale", sale(price_minor=900))
    _write(clone, "no_sale", {"reason": "x"})
    clone.append(b'{"type":"sale","body":{"total_minor":"9","hlc":7}}')
    for _ in range(2):
        with pytest.raises(Fork):
            office.push.push(row, clone.push_body())
    found = _rulings(office, "series_forked")
    assert sorted(dict(each.detail)["quarantined_minor"] for each in found) == [0, 0, 900]
    assert sum("series_forked" in row[1] for row in _feed(office, "ruling")) == 3
    assert _feed(office, "ruling", "S002") == []
    assert [row[1] for row in _feed(office, "stock_on_hand")] == [-2000]  # the other side moves nothing


def _priced(office: HeadOffice, price_minor: int, version: int | None) -> None:
    rows = [PriceRow("PL1", "1001", START_MS - MINUTE, None, price_minor, version)]
    office.store.write(lambda txn: masters.put_prices(txn, rows))


@pytest.mark.parametrize(
    "price_minor,version,causes",
    [
        (350, 1, []),
        (400, 1, ["charged_below_release"]),
        (300, 1, ["charged_above_release"]),
        (400, 2, []),  # changed since: head office does not know any more what it was
        (400, None, []),
    ],
)
def test_a_price_that_is_not_the_release_s_is_ruled_on(
    office: HeadOffice, price_minor: int, version: int | None, causes: list[str]
) -> None:
    maker = SeriesMaker("w-1")
    row = _enrol(office, maker)
    release = ReleaseRef(1, "0" * 64)
    body = sale(quantity_milli=2000) | {"instant_ms": START_MS}
    _write(maker, "sale", body, release=release)
    _write(maker, "sale", body)
    _write(maker, "sale", body | {"external_ref": "old till"}, release=release)
    office.push.push(row, maker.push_body())
    _priced(office, price_minor, version)
    office.price_checks.check_new()
    found = _rulings(office, "price_differs")
    assert [(each.cause, each.against) for each in found] == [(cause, ("w-1/1/1",)) for cause in causes]
    assert [each.cost_minor for each in found] == (
        [100] if causes == ["charged_below_release"] else [0] * len(causes)
    )


def _trade(maker: SeriesMaker, dice: random.Random) -> None:
    origin = {"workstation_id": "w-1", "incarnation": 1, "number": 1 + dice.randrange(6)}
    kind, body = dice.choice(
        [
            ("sale", sale(points=(points("M1", -dice.randrange(40)),), member_id="M1")),
            ("sale", sale(coupons=(coupon("C1"),), quantity_milli=3000)),
            ("return", sale(origin=origin, quantity_milli=2000)),
            ("count", count(dice.randrange(30) * 1000)),
            ("sale", sale()),
        ]
    )
    _write(maker, kind, body)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_document_let_out_of_quarantine_ends_as_if_it_had_come_in_its_turn(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One office meets two documents that it cannot apply, is repaired, and tries again."""
    dice = random.Random(seed)
    makers = [SeriesMaker(name, store_id=store) for name, store in STORES.items()]
    for _ in range(30):
        _trade(dice.choice(makers), dice)
    bad = {(makers[0].workstation_id, 2), (makers[1].workstation_id, 3)}
    real = applicability.rows_of
    broken = [True]

    def rows_of(received: Any, series: Any, store_id: str) -> Any:
        if broken[0] and (series.workstation_id, received.number) in bad:
            raise NotApplicable("not_applicable", "a defect of ours")
        return real(received, series, store_id)

    monkeypatch.setattr(applicability, "rows_of", rows_of)
    outcomes = []
    for name in ("repaired", "sound"):
        office = found_office(tmp_path / name, HandClock(wall_ms=START_MS + 60 * MINUTE))
        for maker in makers:
            row = _enrol(office, maker)
            for first in range(1, maker.number + 1, 4):
                office.push.push(row, maker.push_body(first, min(first + 3, maker.number)))
        if broken[0]:
            points_before = _feed(office, "series_point")
            tried = office.releasing.try_again(at_command_line())
            assert (tried.applied, tried.left) == (2, 0)
            assert office.releasing.try_again(at_command_line()) == type(tried)(0, 0)
            assert _feed(office, "series_point") == points_before
            for maker in makers:  # and the workstation hears that nothing lies there any more
                again = office.push.push(_row(office, maker), maker.push_body(maker.number, maker.number))
                assert again.quarantined == []
        assert Verify(office.store, office.blobs, office.keys).run().problems == []
        standing = sorted(row.data for row in office.store.read(ruling.listing))
        outcomes.append((_states(office), standing, _feed(office, "stock_on_hand")))
        office.close()
        broken[0] = False
    assert outcomes[0] == outcomes[1]


def _row(office: HeadOffice, maker: SeriesMaker) -> WorkstationRow:
    row = office.store.read(lambda txn: workstation.get(txn, maker.workstation_id))
    assert row is not None
    return row


def test_workstations_that_push_at_once_end_in_the_states_of_one_after_the_other(
    tmp_path: Path, database: str
) -> None:
    """The same member, coupon and items from all; on PostgreSQL the later transaction runs again."""
    dice = random.Random(3)
    makers = [SeriesMaker(f"w-{n}", store_id="S001") for n in range(4)]
    for _ in range(60):
        _trade(dice.choice(makers), dice)
    outcomes = []
    for at_once in (4, 1):
        office = found_office(tmp_path / f"o{at_once}", HandClock(wall_ms=START_MS + 60 * MINUTE))
        rows = {maker.workstation_id: _enrol(office, maker) for maker in makers}

        def send(maker: SeriesMaker, office: HeadOffice = office, rows: Any = rows) -> None:
            for number in range(1, maker.number + 1, 2):
                last = min(number + 1, maker.number)
                office.push.push(rows[maker.workstation_id], maker.push_body(number, last))

        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(send, makers))
        outcomes.append((_states(office), _feed(office, "stock_on_hand"), _feed(office, "series_point")))
        office.close()
    assert outcomes[0] == outcomes[1]
    assert json.loads(outcomes[0][0]["points", "M1"])["sums"]
