"""Any sequence of an operator's actions, on a real journal: money stays whole, nothing is shown too early."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.journal import WITNESS_KEY
from pos_client.journal.start import JOURNAL_KEY
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.services.refusals import ApprovalNeeded
from pos_client.services.return_origin import Origin
from pos_core.errors import TidemarkError
from pos_core.sale.transaction import check_balance
from pos_core.sync.envelope import check_body
from tests.client.services.purse_shop import CODE, CRATE, GIFT, PurseShop
from tests.client.services.shop import COLA, COLA_CASE, MILK, PIN, Shop, label

CODES = [COLA, MILK, COLA_CASE, "4011", "0.75*4011", "3*" + MILK, "5*", "*2", "*0", "999", "88", "kkkl"]
CODES += ["91", "2*91", "92", "93"]  # with a deposit, a deposit itself, for grown-ups
CODES += [label("21", "0012300999"), label("23", "0012301200"), "6901234567893", COLA, COLA, MILK]


class Operator:
    """Does something at random and keeps its own count of what it was told was sold."""

    def __init__(self, shop: Shop, dice: random.Random) -> None:
        self.shop = shop
        self.dice = dice
        self.sold: dict[int, tuple[int, int]] = {}

    def act(self) -> None:
        do: list[Callable[[], Any]] = [self.enter] * 8 + [self.change] * 3 + [self.pay] * 10
        do += [self.shop.workstation.payment.back, self.clear, self.member, self.restart, self.leave]
        do += [self.purse, self.empties, self.give_back, self.hold]
        with contextlib.suppress(TidemarkError):
            self.dice.choice(do)()

    def enter(self) -> None:
        ring_up = self.shop.workstation.ring_up
        before = ring_up.basket()
        try:
            entered = ring_up.enter(self.dice.choice(CODES))
        except TidemarkError:
            assert ring_up.basket() == before
            raise
        if entered.kind == "needs_weight":
            ring_up.add_sku(str(entered.sku), weight_milli=self.dice.randrange(1, 5000))
        elif entered.kind == "needs_price":
            ring_up.add_sku(str(entered.sku), price_minor=self.dice.randrange(1, 9999))

    def change(self) -> None:
        ring_up = self.shop.workstation.ring_up
        lines = ring_up.basket().lines
        line_no = self.dice.choice(lines).line_no if lines else 1
        if self.dice.random() < 0.5:
            ring_up.void_line(line_no)
        else:
            ring_up.set_quantity(line_no, self.dice.choice([1000, 2000, 9000, 500, 0, -1000]))

    def pay(self) -> None:
        payment = self.shop.workstation.payment
        if self.dice.random() < 0.9:
            with contextlib.suppress(TidemarkError):
                self.shop.workstation.ring_up.confirm_age()
                self.shop.workstation.members.attach("m1")
        view = payment.begin()
        amount = self.dice.choice([None] * 4 + [view.remaining_minor + self.dice.randrange(5000), 100, 0, -5])
        code = self.dice.choice(["cash", "cash", "mobile", "card", "gold", "stored_value", "voucher"])
        number = f"V{self.dice.randrange(9)}" if code == "voucher" else None
        if code == "stored_value" and self.dice.random() < 0.6:
            number = GIFT
        view = payment.add(code, amount, number)
        if view.can_finish:
            shown = self.shop.workstation.ring_up.basket()
            sale = payment.finish().result(10)
            assert sale.number not in self.sold
            self.sold[sale.number] = (sale.total_minor, sale.change_minor)
            assert sum(line.net_minor for line in shown.lines if not line.voided) == (
                sale.total_minor - sale.cash_rounding_minor
            )

    def purse(self) -> None:
        workstation = self.shop.workstation
        if self.dice.random() < 0.5:
            workstation.gift_cards.load(GIFT, self.dice.choice([50, 1_000, 5_000]))
        elif self.dice.random() < 0.2:
            self._approved(lambda nonce: workstation.gift_cards.pay_out(GIFT, None, nonce))
        elif self.dice.random() < 0.5:
            workstation.stored_value.top_up(self.dice.choice([50, 1_000, 10_000]))
        elif self.dice.random() < 0.7:
            workstation.member_codes.prove(CODE).result(20)
        else:
            self._approved(lambda nonce: workstation.stored_value.pay_out(None, approval=nonce))

    def empties(self) -> None:
        self.shop.workstation.deposits.give_back({CRATE: self.dice.randrange(1, 5) * 1000}).result(10)

    def give_back(self) -> None:
        if not self.sold:
            return
        returns = self.shop.workstation.returns
        receipt = returns.find(str(self.dice.choice(sorted(self.sold))))
        line = self.dice.choice(receipt.lines)
        origin = Origin(receipt.workstation_id, receipt.incarnation, receipt.number)
        returns.give_back(origin, {line.line_no: self.dice.choice([1000, line.left_milli])}, "defect").result(
            10
        )

    def hold(self) -> None:
        holding = self.shop.workstation.holding
        if holding.held():
            holding.recall(holding.held()[0].held_id).result(10)
        else:
            holding.hold().result(10)

    def _approved(self, attempt: Callable[[str | None], Any]) -> None:
        try:
            attempt(None).result(10)
        except ApprovalNeeded as needed:
            nonce = str(needed.facts["approval"])
            self.shop.workstation.approvals.approve(nonce, "2001", PIN).result(20)
            attempt(nonce).result(10)

    def clear(self) -> None:
        self.shop.workstation.ring_up.clear().result(10)

    def member(self) -> None:
        members = self.shop.workstation.members
        if self.dice.random() < 0.7:
            members.attach("m1")
        else:
            members.detach()

    def restart(self) -> None:
        if self.dice.random() < 0.3:
            self.shop.restart()
            self.shop.workstation.session.sign_on("1001", PIN).result(10)

    def leave(self) -> None:
        self.shop.workstation.session.sign_off().result(10)
        self.shop.workstation.session.sign_on("1001", PIN).result(10)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_an_operator_does_money_stays_whole(tmp_path: Path, seed: int) -> None:
    shop = PurseShop(tmp_path, purse_minor=5_000)
    shop.ready()
    shop.grant(20_000)
    account_id = shop.card()
    operator = Operator(shop, random.Random(seed))
    for _ in range(180):
        shop.clock.pass_ms(operator.dice.randrange(20_000))
        operator.act()
    documents = shop.documents()
    assert [each["number"] for each in documents] == list(range(1, len(documents) + 1))
    sales = {each["number"]: each["body"] for each in documents if each["type"] == "sale"}
    assert {number: body["total_minor"] for number, body in sales.items()} == {
        number: total for number, (total, _) in operator.sold.items()
    }
    assert len(sales) > 3
    for document in documents[1:]:
        check_body(document["type"], document["body"])
    for number, body in sales.items():
        check_balance(body)
        assert sum(tender["change_minor"] for tender in body["tenders"]) == operator.sold[number][1]
    returns = [each["body"] for each in documents if each["type"] == "return"]
    for body in returns:
        check_balance(body)
    assert_ledgers_are_their_movements(shop, [*sales.values()], returns, account_id)
    assert all(GIFT not in json.dumps(document) for document in documents)
    shop.workstation.printing.check().result(10)
    assert len(shop.paper.jobs) == len(sales) + len(returns)
    shop.workstation.close()
    assert verified(tmp_path) == []


def assert_ledgers_are_their_movements(
    shop: PurseShop, sales: list[dict[str, Any]], returns: list[dict[str, Any]], account_id: str
) -> None:
    """P7, P8 and the same for purses: what the operator sees is the sum of the documents, recounted."""
    stock: dict[str, int] = {}
    moved, points = {"member:m1": 5_000, account_id: 0}, 120
    for sign, bodies in ((-1, sales), (1, returns)):
        for body in bodies:
            for line in body["lines"]:
                if line.get("kind") != "stored_value":
                    stock[line["sku"]] = stock.get(line["sku"], 0) + sign * line["quantity_milli"]
            for move in body.get("stored_value_movements", ()):
                moved[move["account_id"]] += move["amount_minor"]
            points += sum(move["points"] for move in body.get("points_movements", ()))
    shared = shop.workstation.shared
    assert {sku: shared.on_hand(sku).own_milli for sku in stock} == stock
    assert shared.stored_value_of("m1") == moved["member:m1"] >= 0
    card = shared.gift_card(account_id)
    assert card is not None and card.balance_minor == moved[account_id] >= 0
    assert shared.points_of("m1") == points


def verified(folder: Path) -> list[str]:
    keys = FileKeyStore(folder / "keys")
    key = keys.get(JOURNAL_KEY)
    assert key is not None
    report = verify_journal(
        folder / "journal.db",
        key,
        witness_path=folder / "witness" / "w",
        witness_key=keys.get(WITNESS_KEY),
    )
    return [f"{each.code} {each.where}" for each in report.findings]


def test_the_drawer_and_the_paper_wait_for_the_disk(tmp_path: Path) -> None:
    """The write is held up by hand: until it is durable nothing has happened."""
    import threading

    shop = Shop(tmp_path).ready()
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", 500)
    held, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        held.set()
        go_on.wait(10)

    shop.journal.change(hold)
    assert held.wait(10)
    future = shop.workstation.payment.finish()
    shop.workstation.printing.check().result(10)
    assert not future.done()
    assert shop.paper.jobs == [] and shop.paper.drawer_openings == 0
    for call in (shop.workstation.payment.finish, lambda: shop.workstation.ring_up.enter(MILK)):
        with pytest.raises(TidemarkError) as caught:
            call()
        assert caught.value.code == "sale_being_written"
    go_on.set()
    assert future.result(10).change_minor == 150
    shop.workstation.printing.check().result(10)
    assert len(shop.paper.jobs) == 1 and shop.paper.drawer_openings == 1
    shop.workstation.close()
