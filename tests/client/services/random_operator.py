"""An operator who does anything at random, on a shop with purses, deposits, points and promotions."""

from __future__ import annotations

import contextlib
import functools
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from pos_client.services.basket.adjusting import Off
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.returns.return_origin import Origin
from pos_client.services.till.settlement import CountEntry
from pos_core.errors import TidemarkError
from tests.client.services.purse_shop import CODE, CRATE, GIFT
from tests.client.services.shop import COLA, COLA_CASE, MILK, PIN, Shop, label
from tests.fakes.point_rules import EARN, redeem

CODES = [COLA, MILK, COLA_CASE, "4011", "0.75*4011", "3*" + MILK, "5*", "*2", "*0", "999", "88", "kkkl"]
CODES += ["91", "2*91", "92", "93"]  # with a deposit, a deposit itself, for grown-ups
CODES += [label("21", "0012300999"), label("23", "0012301200"), "6901234567893", COLA, COLA, MILK]


RULES: dict[str, Any] = {
    "format": 1,
    "promotions": [
        EARN,
        redeem(10),
        {
            "id": "SECOND-HALF",
            "name": "可乐第二件半价",
            "phase": "item",
            "select": {"any_of": [{"skus": ["C1"]}]},
            "benefit": {"kind": "nth_percent", "units": 2, "discounted": 1, "rate_ppm": 500_000},
            "stack": "cheapest_for_customer",
        },
    ],
}


class Operator:
    """Does something at random and keeps its own count of what it was told was sold."""

    def __init__(self, shop: Shop, dice: random.Random) -> None:
        self.shop = shop
        self.dice = dice
        self.sold: dict[int, tuple[int, int]] = {}
        self.done = Counter[str]()
        self.z_numbers: list[int] = []

    def act(self) -> None:
        do: list[Callable[[], Any]] = [self.enter] * 8 + [self.change] * 3 + [self.pay] * 10
        do += [self.shop.workstation.payment.back, self.clear, self.member, self.restart, self.leave]
        do += [self.purse, self.empties, self.give_back, self.give_back, self.hold]
        do += [self.by_hand] * 3 + [
            self.points,
            self.points,
            self.exchange,
            self.till,
            self.settle,
            self.settle,
        ]
        done = self.dice.choice(do)
        with contextlib.suppress(TidemarkError):
            done()
            self.done[done.__name__] += 1

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
        receipt = returns.find(str(self.dice.choice(sorted(self.sold)[-2:])))
        line = self.dice.choice(receipt.lines)
        origin = Origin(receipt.workstation_id, receipt.incarnation, receipt.number)
        returns.give_back(
            origin,
            {line.line_no: self.dice.choice([1000, line.left_milli, line.left_milli + 1000])},
            "defect",
        ).result(10)

    def by_hand(self) -> None:
        """A price or a discount of the operator's, let go by a second person where it is too much."""
        self.enter()
        adjusting, line_no = self.shop.workstation.adjusting, self.dice.choice(self._line_nos())
        rate, price = Off(rate_ppm=self.dice.randrange(10_000, 900_000)), self.dice.randrange(400)
        attempt: Callable[..., Any] = self.dice.choice(
            [
                functools.partial(adjusting.override_price, line_no, price, "damaged"),
                functools.partial(adjusting.discount_line, line_no, Off(amount_minor=50), "display"),
                functools.partial(adjusting.discount_basket, rate, "goodwill"),
            ]
        )
        self._let_go(lambda nonce: attempt(approval=nonce))

    def _line_nos(self) -> list[int]:
        return [line.line_no for line in self.shop.workstation.ring_up.basket().lines] or [1]

    def points(self) -> None:
        """The member pays with points; he has shown his code."""
        self.shop.workstation.members.attach("m1")
        self.shop.workstation.ring_up._counter.proven_member_id = "m1"
        amount = self.dice.choice([10, 20, 50])
        self._let_go(lambda nonce: self.shop.workstation.points.redeem("REDEEM", amount, nonce))
        self.pay()

    def exchange(self) -> None:
        """Goods against goods, paid to the end or given up."""
        if not self.sold:
            return
        workstation = self.shop.workstation
        receipt = workstation.returns.find(str(self.dice.choice(sorted(self.sold))))
        origin = Origin(receipt.workstation_id, receipt.incarnation, receipt.number)
        workstation.returns.exchange(origin, {self.dice.choice(receipt.lines).line_no: 1000}, "wrong_item")
        self.enter()
        self.pay()

    def till(self) -> None:
        """Money without a sale, or the drawer alone."""
        till, kind = (
            self.shop.workstation.till,
            self.dice.choice(["loan", "pickup", "paid_in", "paid_out", ""]),
        )
        if kind:
            till.move(kind, self.dice.randrange(1, 3_000), "测试").result(10)
        else:
            till.no_sale("换零").result(10)

    def settle(self) -> None:
        """The shift ends on what was counted; the next one begins."""
        settlement = self.shop.workstation.settlement
        for give_up in (self.shop.workstation.payment.back, self.clear):
            with contextlib.suppress(TidemarkError):
                give_up()
        settlement.begin()
        settlement.declare({"cash": CountEntry({}, self.dice.randrange(90_000))}).result(10)
        self.z_numbers.append(settlement.settle(reason="测试").result(10).z_number)
        self.shop.workstation.shift.open_shift(self.dice.randrange(30_000)).result(10)

    def _let_go(self, attempt: Callable[[str | None], Any]) -> None:
        try:
            attempt(None)
        except ApprovalNeeded as needed:
            nonce = str(needed.facts["approval"])
            self.shop.workstation.approvals.approve(nonce, "2001", PIN).result(20)
            attempt(nonce)

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
