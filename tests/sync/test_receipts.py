"""Goods of one receipt come back at several workstations: by its code, looked up, at home, in any order."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pos_client.journal.draft import Draft
from pos_client.journal.time_guard import TimeGuard
from pos_client.replica import rulings
from pos_client.services.counter import Counter, Identity
from pos_client.services.guarded_time import GuardedTime
from pos_client.services.papers.receipt_codes import ReceiptCodes
from pos_client.services.returns.receipt_look_up import ReceiptLookUp
from pos_client.services.returns.return_origin import Origin
from pos_client.services.returns.sold_receipts import SoldReceipts
from pos_client.services.views.staff import OperatorView
from pos_core.errors import TidemarkError
from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.refunding import left_of, plan_refund
from pos_core.sale.return_body import return_body
from pos_core.sync.envelope import check_body
from sync_server.store import ruling
from tests.server.support.series import sale_body
from tests.sync.world import Till, World, running_world

DAY = "2026-11-22"
RULE = "line_returned_twice"


@dataclass
class Desk:
    """What takes goods back at one workstation, over its real files and its real connection."""

    till: Till
    receipts: SoldReceipts
    codes: ReceiptCodes
    look_up: ReceiptLookUp

    @classmethod
    def of(cls, till: Till) -> Desk:
        guard = till.journal.read(lambda c: TimeGuard.load(till.clock, c, newest_document_ms=0))
        counter = Counter(
            identity=Identity(
                till.identity.workstation_id, "收银台", till.identity.store_id, till.identity.chain_id
            ),
            journal=till.journal,
            replica=till.replica,
            time=GuardedTime(till.clock, guard),
        )
        counter.operator = OperatorView("E1", "1001", "王小明", "cashier")
        codes = ReceiptCodes(counter)
        receipts = SoldReceipts(counter, codes)
        return cls(till, receipts, codes, ReceiptLookUp(counter, receipts, till.client.ask_receipts))

    def sell(self, seed: int, lines: int) -> tuple[Origin, str]:
        body = sale_body(random.Random(seed), lines)
        self.till.journal.record([Draft("sale", body, DAY, "E1", "SH1")]).result()
        document = self.documents("sale")[-1]
        origin = Origin(document["workstation_id"], document["incarnation"], document["number"])
        return origin, self.codes.of_sale(document)

    def give_back(self, origin: Origin, wanted: dict[int, int]) -> int:
        sold = self.receipts.of(origin)
        plan = plan_refund(sold.body, self.receipts.earlier(sold), wanted, rounding=CashRounding())
        body = return_body(
            self.receipts.body_with_names(sold), plan, origin=sold.as_origin(), reason_code="not_wanted"
        )
        check_body("return", body)
        self.till.journal.record([Draft("return", body, DAY, "E1", "SH1")]).result()
        self.till.clock.advance(1000)
        return plan.total_minor

    def left(self, origin: Origin) -> dict[int, int]:
        sold = self.receipts.of(origin)
        return left_of(sold.body, self.receipts.earlier(sold))

    def documents(self, kind: str) -> list[dict[str, Any]]:
        found = [json.loads(each.data) for each in self.till.journal.documents_after(0, limit=1000)]
        return [each for each in found if each["type"] == kind]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, list[Desk]]]:
    """Two tills of one store and one of another."""
    with running_world(tmp_path_factory.mktemp("receipts")) as world:
        world.stock_shelves()
        tills = [world.till("t1"), world.till("t2"), world.till("t3", store_id="S002")]
        sync(tills)
        yield world, [Desk.of(till) for till in tills]


def sync(tills: list[Till]) -> None:
    """Everybody twice: what the last one sent has reached the first."""
    for till in [*tills, *tills]:
        till.client.exchange()


def all_tills(desks: list[Desk]) -> list[Till]:
    return [desk.till for desk in desks]


def costs(world: World, origin: Origin) -> int:
    rows = world.office.store.read(lambda txn: ruling.listing(txn, rule=RULE))
    place = f"{origin.workstation_id}/{origin.incarnation}/{origin.number}#"
    return sum(row.ruling.cost_minor for row in rows if row.ruling.key.startswith(place))


def known_at(desk: Desk, origin: Origin, code: str) -> bool:
    """By the code on paper, as a shopper brings it."""
    try:
        desk.receipts.find(code)
    except TidemarkError:
        return False
    return True


def test_a_receipt_of_another_store_is_looked_up_and_named_in_the_return(
    desks: tuple[World, list[Desk]],
) -> None:
    _, (seller, neighbour, other) = desks
    origin, _ = seller.sell(1, 3)
    sync(all_tills(desks[1]))
    for desk in (neighbour, other):
        with pytest.raises(TidemarkError):
            desk.receipts.of(origin)
        (row,) = desk.look_up.one(origin).result(20)
        assert (row.number, row.store_id, row.found_by, row.line_count) == (
            origin.number,
            "S001",
            "head_office",
            3,
        )
    line_no, milli = next(iter(other.left(origin).items()))
    other.give_back(origin, {line_no: milli})
    sync(all_tills(desks[1]))
    assert line_no not in seller.left(origin)
    assert line_no not in neighbour.left(origin), "the feed brings it to every till of the store"
    (found,) = neighbour.look_up.one(origin).result(20)
    assert line_no not in neighbour.left(origin) and found.number == origin.number
    assert other.documents("return")[-1]["body"]["origin"]["by"] == "head_office"


def test_a_store_searches_its_own_day_and_its_own_members_only(desks: tuple[World, list[Desk]]) -> None:
    _, (seller, neighbour, other) = desks
    origin, _ = seller.sell(2, 2)
    body = {**sale_body(random.Random(9), 1), "member_id": "m1"}
    seller.till.journal.record([Draft("sale", body, DAY, "E1", "SH1")]).result()
    sync(all_tills(desks[1]))
    total = seller.documents("sale")[-2]["body"]["total_minor"]
    rows = neighbour.look_up.search(business_day=DAY, total_minor=total).result(20)
    assert origin.number in [row.number for row in rows]
    assert [row.line_count for row in neighbour.look_up.search(member_id="m1").result(20)] == [1]
    assert other.look_up.search(business_day=DAY).result(20) == []
    with pytest.raises(TidemarkError) as caught:
        other.look_up.search(member_id="m1").result(20)
    assert (caught.value.code, caught.value.facts["server_code"]) == ("look_up_refused", "not_yours")


def test_off_the_network_the_answer_is_to_scan_the_code(desks: tuple[World, list[Desk]]) -> None:
    _, (seller, neighbour, _) = desks
    origin, code = seller.sell(3, 2)
    neighbour.till.client.go_offline()
    try:
        with pytest.raises(TidemarkError) as caught:
            neighbour.look_up.one(origin).result(20)
        assert caught.value.code == "look_up_offline"
        assert neighbour.receipts.find(code).number == origin.number
    finally:
        neighbour.till.client.go_online()


@pytest.mark.parametrize("seed", range(4))
def test_returns_in_any_order_anywhere_pay_what_was_paid_or_a_ruling_says_more(
    desks: tuple[World, list[Desk]], seed: int
) -> None:
    world, everybody = desks
    dice = random.Random(seed)
    seller = everybody[0]
    origin, code = seller.sell(100 + seed, dice.randint(1, 4))
    sync(all_tills(everybody))
    always_online = seed % 2 == 0
    paid = seller.documents("sale")[-1]["body"]["total_minor"]
    refunded = 0
    for desk in everybody[1:]:
        if dice.random() < 0.5 or not known_at(desk, origin, code):
            desk.look_up.one(origin).result(20)
    for _ in range(40):
        desk = dice.choice(everybody)
        if always_online and desk is not seller:
            desk.look_up.one(origin).result(20)  # as the window does wherever head office answers
        left = desk.left(origin)
        if left:
            chosen = dice.sample(sorted(left), dice.randint(1, len(left)))
            refunded += desk.give_back(origin, {no: part(dice, desk, origin, no) for no in chosen})
        if always_online:
            desk.till.client.exchange()
            seller.till.client.exchange()
        if not any(each.left(origin) for each in everybody):
            break
    sync(all_tills(everybody))
    assert not any(desk.left(origin) for desk in everybody), "each sees what the others took back"
    assert refunded - paid == costs(world, origin)
    if always_online:
        assert refunded == paid


def part(dice: random.Random, desk: Desk, origin: Origin, line_no: int) -> int:
    view = next(line for line in desk.receipts.view(origin).lines if line.line_no == line_no)
    pieces = view.left_milli // 1000
    return 1000 * dice.randint(1, pieces) if view.by_piece else view.left_milli


def test_two_stores_that_take_back_the_same_line_offline_both_hear_of_it(
    desks: tuple[World, list[Desk]],
) -> None:
    world, (seller, _, other) = desks
    origin, code = seller.sell(4, 2)
    other.receipts.find(code)
    everything = seller.left(origin)
    paid = seller.give_back(origin, everything)
    assert other.give_back(origin, everything) == paid
    sync(all_tills(desks[1]))
    assert costs(world, origin) == paid
    for desk in (seller, other):
        assert desk.left(origin) == {}
        heard = [row.data for row in desk.till.replica.read(rulings.rulings)]
        assert RULE in {each["rule"] for each in heard}


def test_nobody_asks_for_more_than_sixty_receipts_a_minute(desks: tuple[World, list[Desk]]) -> None:
    _, (_, _, other) = desks
    unknown = Origin("nobody", 1, 1)
    codes = set()
    for _ in range(61):
        try:
            assert other.look_up.one(unknown).result(20) == []
        except TidemarkError as error:
            codes.add(error.facts["server_code"])
    assert codes == {"too_many_requests"}
    other.till.clock.advance(60_000)
    assert other.look_up.one(unknown).result(20) == []
