"""Prices and discounts by hand: limits, floors, promotions, and what the sale's document says of them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pos_client.services.basket.adjusting import Off
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_core.errors import TidemarkError
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.load import load_promotions
from pos_core.pricing.sale_record import line_faults, load_sale_record
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.client.services.test_pricing import PROMOTIONS, PromotionShop
from tests.fakes.reference_rows import item_row, page, rows_of


@pytest.fixture
def deals(tmp_path: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "deals").mkdir()
    shop = PromotionShop(tmp_path / "deals").ready()
    yield shop
    shop.workstation.close()


def nets(shop: Shop) -> list[int]:
    return [line.net_minor for line in shop.workstation.ring_up.basket().lines if not line.voided]


def sold(shop: Shop, tender: str = "card") -> dict[str, Any]:
    shop.workstation.payment.begin()
    shop.workstation.payment.add(tender, None)
    shop.workstation.payment.finish().result(10)
    body: dict[str, Any] = shop.documents("sale")[-1]["body"]
    check_body("sale", body)
    return body


def floor(shop: Shop, sku: str, floor_minor: int) -> None:
    """Head office sets a floor."""
    cursor = shop.replica.cursors()["chain"][1]
    row = rows_of("item", [item_row(sku, "可口可乐 330ml", unit="罐", floor_minor=floor_minor)])
    shop.replica.apply_page(page(row, after=cursor, to=cursor + 1))


def test_a_price_by_hand_is_a_price_that_promotions_see(deals: Shop) -> None:
    ring_up, adjusting = deals.workstation.ring_up, deals.workstation.adjusting
    ring_up.enter(f"2*{COLA}")
    assert nets(deals) == [525]  # the second at half price: 350 + 175
    adjusting.override_price(1, 320, "damaged")
    assert nets(deals) == [480]  # 320 + 160
    body = sold(deals)
    line = body["lines"][0]
    assert (line["unit_price_minor"], line["list_minor"], line["net_minor"]) == (350, 700, 480)
    by_hand = [each for each in line["discounts"] if each["source"] == "manual"]
    assert by_hand == [
        {
            "source": "manual",
            "id": "price_override",
            "name": "破损",
            "amount_minor": 60,
            "reason_code": "damaged",
        }
    ]
    agrees(body)


def test_discounts_by_hand_come_after_promotions_and_take_what_was_typed(deals: Shop) -> None:
    ring_up, adjusting = deals.workstation.ring_up, deals.workstation.adjusting
    for code in (f"2*{COLA}", MILK):
        ring_up.enter(code)
    before = sum(nets(deals))
    adjusting.discount_line(2, Off(rate_ppm=100_000), "display")
    assert nets(deals) == [525, 539]
    adjusting.discount_basket(Off(amount_minor=53), "goodwill")
    assert sum(nets(deals)) == before - 60 - 53
    body = sold(deals)
    agrees(body)
    found = {(each["id"], each["amount_minor"]) for line in body["lines"] for each in line["discounts"]}
    shares = {("basket_discount", 26), ("basket_discount", 27)}
    assert found == {("SECOND-HALF", 175), ("line_discount", 60)} | shares


def agrees(body: dict[str, Any]) -> None:
    """Head office's own check of the sale's pricing finds nothing."""
    record = load_sale_record(body["pricing"])
    loaded = load_promotions(PROMOTIONS)
    assert check_basket(record.question, CheckRules(loaded), record.answer) == ()
    assert line_faults(body, record) == []
    changed = copy.deepcopy(body)
    changed["lines"][0]["discounts"][0]["amount_minor"] += 1
    changed["lines"][0]["net_minor"] -= 1
    assert line_faults(changed, record) != []


@pytest.mark.parametrize("shop_kind", ["plain", "deals"])
def test_an_approval_lets_one_action_happen_and_goes_with_the_sale(
    shop: Shop, deals: Shop, shop_kind: str
) -> None:
    shop = shop if shop_kind == "plain" else deals
    services = shop.workstation
    services.ring_up.enter(f"3*{COLA}")
    with pytest.raises(ApprovalNeeded) as caught:
        services.adjusting.discount_line(1, Off(rate_ppm=200_000), "near_expiry")
    nonce = str(caught.value.facts["approval"])
    assert caught.value.facts["kind"] == "line_discount" and caught.value.facts["rate_ppm"] == 200_000
    view = services.approvals.approve(nonce, "2001", PIN).result(10)
    assert (view.nonce, view.name, view.role) == (nonce, "赵经理", "manager")
    # bound to the action: another rate is another action
    with pytest.raises(ApprovalNeeded):
        services.adjusting.discount_line(1, Off(rate_ppm=210_000), "near_expiry", nonce)
    services.adjusting.discount_line(1, Off(rate_ppm=200_000), "near_expiry", nonce)
    # used up
    services.adjusting.discount_line(1, Off(), "")
    with pytest.raises(ApprovalNeeded):
        services.adjusting.discount_line(1, Off(rate_ppm=200_000), "near_expiry", nonce)
    before = len(shop.documents())
    sold(shop)
    after = shop.documents()[before:]
    assert [each["type"] for each in after] == ["override_approved", "sale"]
    body = after[0]["body"]
    assert (body["approved_by"], body["operator_number"], body["reason"]) == ("e2", "2001", "near_expiry")
    assert after[0]["operator_id"] == "e1"
    check_body("override_approved", body)


def test_nobody_approves_himself_and_wrong_pins_lock(shop: Shop) -> None:
    services = shop.workstation
    services.ring_up.enter(COLA)
    with pytest.raises(ApprovalNeeded) as caught:
        services.adjusting.discount_line(1, Off(rate_ppm=500_000), "damaged")
    nonce = str(caught.value.facts["approval"])
    for number, pin, code in [
        ("1001", PIN, "own_approval"),
        ("1009", PIN, "unknown_operator"),
        ("2001", "12", "pin_too_short"),
        *[("2001", "999999", "wrong_pin")] * 5,
        ("2001", PIN, "locked_out"),
    ]:
        with pytest.raises(TidemarkError) as refused:
            services.approvals.approve(nonce, number, pin).result(10)
        assert refused.value.code == code
    assert len(shop.documents("sign_on_failed")) == 5
    shop.clock.pass_ms(61_000)
    services.approvals.approve(nonce, "2001", PIN).result(10)
    services.adjusting.discount_line(1, Off(rate_ppm=500_000), "damaged", nonce)
    sold(shop)
    # the right PIN ended the row of failures: one more wrong one does not lock
    services.session.sign_off().result(10)
    with pytest.raises(TidemarkError) as refused:
        services.session.sign_on("2001", "999999").result(10)
    assert (refused.value.code, refused.value.facts["attempts_left"]) == ("wrong_pin", 4)


def test_an_approver_has_limits_too(shop: Shop) -> None:
    shop.policy("role_limits", {"manager": {"line_discount": {"rate_ppm": 300_000}}})
    services = shop.workstation
    services.ring_up.enter(COLA)
    with pytest.raises(ApprovalNeeded) as caught:
        services.adjusting.discount_line(1, Off(rate_ppm=400_000), "damaged")
    with pytest.raises(TidemarkError) as refused:
        services.approvals.approve(str(caught.value.facts["approval"]), "2001", PIN).result(10)
    assert refused.value.code == "approver_limit"


def test_an_approval_is_not_another_operators(shop: Shop) -> None:
    services = shop.workstation
    services.ring_up.enter(COLA)
    with pytest.raises(ApprovalNeeded) as caught:
        services.adjusting.discount_line(1, Off(rate_ppm=400_000), "damaged")
    nonce = str(caught.value.facts["approval"])
    services.approvals.approve(nonce, "2001", PIN).result(10)
    shop.policy("role_limits", {"manager": {"line_discount": False}})
    services.session.sign_off().result(10)
    services.session.sign_on("2001", PIN).result(10)
    with pytest.raises(ApprovalNeeded):  # the manager signed on himself: it was not given to him
        services.adjusting.discount_line(1, Off(rate_ppm=400_000), "damaged", nonce)


def test_nothing_goes_below_the_floor_without_a_second_person(shop: Shop) -> None:
    floor(shop, "C1", 340)
    services = shop.workstation
    services.ring_up.enter(COLA)
    for call in (
        lambda nonce: services.adjusting.override_price(1, 339, "damaged", nonce),
        lambda nonce: services.adjusting.discount_line(1, Off(amount_minor=11), "damaged", nonce),
        lambda nonce: services.adjusting.discount_basket(Off(amount_minor=11), "goodwill", nonce),
    ):
        with pytest.raises(ApprovalNeeded) as caught:
            call(None)
        assert caught.value.facts["kind"] == "below_floor"
        nonce = str(caught.value.facts["approval"])
        services.approvals.approve(nonce, "2001", PIN).result(10)
    services.adjusting.discount_line(1, Off(amount_minor=10), "damaged")
    assert nets(shop) == [340]


def test_a_discount_that_grew_is_asked_about_before_payment(shop: Shop) -> None:
    services = shop.workstation
    services.ring_up.enter(MILK)
    services.adjusting.discount_basket(Off(rate_ppm=50_000), "goodwill")
    services.ring_up.enter(f"100*{MILK}")  # 5 % of 604.99 is more than a cashier's 20.00
    with pytest.raises(ApprovalNeeded) as caught:
        services.payment.begin()
    nonce = str(caught.value.facts["approval"])
    services.approvals.approve(nonce, "2001", PIN).result(10)
    services.payment.begin(nonce)
    services.payment.add("card", None)
    services.payment.finish().result(10)
    assert [each["type"] for each in shop.documents()][-2:] == ["override_approved", "sale"]


THRESHOLD: dict[str, Any] = {
    "id": "T",
    "name": "满6减2",
    "phase": "basket",
    "benefit": {
        "kind": "basket_amount",
        "ladder": {"basis": "phase", "tiers": [{"min_amount_minor": 600, "value": 200}]},
    },
    "stack": "cheapest_for_customer",
}


class Threshold(PromotionShop):
    promotions: ClassVar[Any] = {"format": 1, "promotions": [THRESHOLD]}


def test_a_discount_that_costs_the_shopper_a_promotion_is_refused(shop: Shop, tmp_path: Path) -> None:
    """A threshold measured at prices: a lower price by hand loses more than it gives."""

    (tmp_path / "t").mkdir()
    other = Threshold(tmp_path / "t").ready()
    services = other.workstation
    services.ring_up.enter(f"2*{COLA}")
    assert nets(other) == [500]
    with pytest.raises(TidemarkError) as caught:
        services.adjusting.override_price(1, 299, "damaged")
    assert caught.value.code == "discount_without_effect"
    services.adjusting.discount_line(1, Off(amount_minor=50), "damaged")  # no threshold sees a discount
    assert nets(other) == [450]
    other.workstation.close()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda a: a.override_price(1, 350, "damaged"), "price_not_lower"),
        (lambda a: a.override_price(1, -1, "damaged"), "bad_amount"),
        (lambda a: a.override_price(9, 300, "damaged"), "unknown_line"),
        (lambda a: a.override_price(1, 300, "because"), "unknown_reason"),
        (lambda a: a.override_price(1, 300), "unknown_reason"),
        (lambda a: a.discount_line(1, Off(rate_ppm=1_000_001), "damaged"), "bad_amount"),
        (lambda a: a.discount_line(1, Off(rate_ppm=1, amount_minor=1), "damaged"), "bad_amount"),
        (lambda a: a.discount_line(1, Off(amount_minor=-5), "damaged"), "bad_amount"),
        (lambda a: a.discount_line(1, Off(rate_ppm=1), "damaged"), "discount_without_effect"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(shop: Shop, call: Any, code: str) -> None:
    shop.workstation.ring_up.enter(COLA)
    before = shop.workstation.ring_up.basket()
    with pytest.raises(TidemarkError) as caught:
        call(shop.workstation.adjusting)
    assert caught.value.code == code
    assert shop.workstation.ring_up.basket() == before


def test_a_given_discount_survives_a_restart_and_is_for_its_own_pieces(shop: Shop) -> None:
    services = shop.workstation
    services.ring_up.enter(COLA)
    services.adjusting.override_price(1, 320, "damaged")
    services.ring_up.enter(COLA)
    services.adjusting.discount_line(2, Off(amount_minor=30), "display")
    services.ring_up.enter(COLA)
    assert nets(shop) == [320, 320, 350]
    shop.basket_is_kept()
    shop.restart()
    assert nets(shop) == [320, 320, 350]
    shop.workstation.session.sign_on("1001", PIN).result(10)
    shop.workstation.ring_up.void_line(2)
    assert nets(shop) == [320, 350]
    shop.workstation.adjusting.override_price(1, None)
    assert nets(shop) == [350, 350]


def test_held_and_taken_up_again_what_was_given_by_hand_stands(shop: Shop) -> None:
    services = shop.workstation
    services.ring_up.enter(COLA)
    services.ring_up.enter(MILK)
    services.adjusting.override_price(1, 320, "damaged")
    services.adjusting.discount_basket(Off(amount_minor=10), "goodwill")
    held_id = services.holding.hold().result(10).held_id
    assert services.ring_up.basket().lines == ()
    services.ring_up.enter(MILK)
    assert nets(shop) == [599]  # the next shopper gets nothing of it
    services.ring_up.clear().result(10)
    back = services.holding.recall(held_id).result(10)
    assert (sum(nets(shop)), back.changes) == (909, ())


def test_voids_beyond_the_limit_need_a_second_person(shop: Shop) -> None:
    shop.policy("role_limits", {"cashier": {"void": {"amount_minor": 400}}})
    services = shop.workstation
    services.ring_up.enter(COLA)
    services.ring_up.enter(MILK)
    services.ring_up.void_line(1)
    for call in (lambda n=None: services.ring_up.void_line(2, n), lambda n=None: services.ring_up.clear(n)):
        with pytest.raises(ApprovalNeeded) as caught:
            call()
    nonce = str(caught.value.facts["approval"])
    services.approvals.approve(nonce, "2001", PIN).result(10)
    services.ring_up.clear(nonce).result(10)
    assert [each["type"] for each in shop.documents()][-2:] == ["override_approved", "basket_abandoned"]
