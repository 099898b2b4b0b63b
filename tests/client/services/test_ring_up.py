from __future__ import annotations

import pytest

from pos_client.services.refusals.basket import QuantityTooHigh
from pos_core.errors import TidemarkError
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, COLA_CASE, GONE, MILK, NO_PRICE, PIN, Shop, label
from tests.fakes.releases import DAY_MS, T0


def refused(shop: Shop, text: str) -> str:
    before = shop.workstation.ring_up.basket()
    with pytest.raises(TidemarkError) as caught:
        shop.workstation.ring_up.enter(text)
    assert shop.workstation.ring_up.basket() == before
    return caught.value.code


def test_a_scan_shows_a_line_with_its_list_price(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    entered = ring_up.enter(COLA[1:])
    assert (entered.kind, entered.line_no, entered.sku) == ("line_added", 1, "C1")
    view = ring_up.basket()
    assert [(line.name, line.quantity_milli, line.net_minor) for line in view.lines] == [
        ("可口可乐 330ml", 1000, 350)
    ]
    assert (view.total_minor, view.release_version, view.newest_line_no) == (350, 1, 1)


def test_scanning_the_newest_item_again_adds_one_to_its_line_and_loses_nothing(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    for code in [COLA, COLA, MILK, COLA, COLA, COLA]:
        ring_up.enter(code)
    assert [(line.sku, line.quantity_milli) for line in ring_up.basket().lines] == [
        ("C1", 2000),
        ("M1", 1000),
        ("C1", 3000),
    ]
    assert ring_up.basket().piece_count == 6


@pytest.mark.parametrize(
    "text,sku,quantity_milli,list_minor",
    [
        ("3*" + COLA, "C1", 3000, 1050),
        ("３＊７", "C1", 3000, 1050),
        (COLA_CASE, "C1", 6000, 2100),
        ("2*" + COLA_CASE, "C1", 12_000, 4200),
        ("7", "C1", 1000, 350),
        ("C1", "C1", 1000, 350),
        ("]C10109521234543213" + "3103000452", "W1", 452, 579),
        ("0109521234543213" + "3922000999", "W1", 780, 999),
        (label("21", "0012301599"), "W1", 1249, 1599),
        (label("23", "0012300452"), "W1", 452, 579),
        (label("24", "001230045200580"), "W1", 452, 580),
        ("0.5*4011", "W1", 500, 640),
    ],
)
def test_every_way_to_enter(shop: Shop, text: str, sku: str, quantity_milli: int, list_minor: int) -> None:
    shop.workstation.ring_up.enter(text)
    (line,) = shop.workstation.ring_up.basket().lines
    assert (line.sku, line.quantity_milli, line.list_minor) == (sku, quantity_milli, list_minor)


@pytest.mark.parametrize(
    "text,code",
    [
        ("6901234567893", "bad_check_digit"),
        ("6901234567885", "unknown_code"),
        ("99999", "unknown_code"),
        ("xyzxyz", "unknown_code"),
        (GONE, "item_not_sold"),
        (NO_PRICE, "no_price"),
        ("0*7", "bad_quantity"),
        ("abc*7", "bad_quantity"),
        ("*", "bad_quantity"),
        ("*5", "no_line_chosen"),
        ("1.5*7", "quantity_not_whole"),
        ("2*" + label("21", "0012301599"), "bad_quantity"),
        ("   ", "empty_entry"),
        ("0109521234543213" + "3922x", "not_a_barcode"),
    ],
)
def test_refusals_say_which_and_keep_the_basket(shop: Shop, text: str, code: str) -> None:
    assert refused(shop, text) == code


@pytest.mark.parametrize("text", ["*6901234", "6901234*", "6901234*7", "*1000"])
def test_a_barcode_scanned_into_the_quantity_is_no_quantity(shop: Shop, text: str) -> None:
    shop.workstation.ring_up.enter("999*" + COLA)
    with pytest.raises(QuantityTooHigh) as caught:
        shop.workstation.ring_up.enter(text)
    assert caught.value.facts == {"maximum": 999}
    assert shop.workstation.ring_up.multiplier is None
    assert [line.quantity_milli for line in shop.workstation.ring_up.basket().lines] == [999_000]


def test_one_more_scan_does_not_pass_the_most_of_a_line_and_head_office_sets_it(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    ring_up.enter("999*" + COLA)
    assert refused(shop, COLA) == "quantity_too_high"
    shop.policy("line_quantity_max", 1_000)
    ring_up.enter(COLA)
    with pytest.raises(QuantityTooHigh):
        ring_up.set_quantity(1, 1_001_000)
    shop.policy("line_quantity_max", "many")  # what cannot be understood leaves the default
    assert refused(shop, "*1000") == "quantity_too_high"
    ring_up.enter("*999")
    assert [line.quantity_milli for line in ring_up.basket().lines] == [999_000]


def test_a_multiplier_waits_for_the_next_code_only(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    assert ring_up.enter("4*").kind == "multiplier_set"
    assert ring_up.multiplier == 4000
    ring_up.enter(COLA)
    assert ring_up.multiplier is None
    ring_up.enter(MILK)
    assert [line.quantity_milli for line in ring_up.basket().lines] == [4000, 1000]


def test_star_five_sets_the_chosen_line_else_the_newest(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    ring_up.enter(COLA)
    ring_up.enter(MILK)
    ring_up.enter("*5")
    ring_up.choose(1)
    ring_up.enter("*2")
    assert [line.quantity_milli for line in ring_up.basket().lines] == [2000, 5000]


def test_missing_weight_and_price_are_asked_for(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    assert ring_up.enter("4011").kind == "needs_weight"
    assert ring_up.enter("88").kind == "needs_price"
    assert ring_up.basket().lines == ()
    ring_up.add_sku("W1", weight_milli=1250)
    ring_up.add_sku("O1", price_minor=2800, quantity_milli=2000)
    assert [(line.list_minor, line.entered) for line in ring_up.basket().lines] == [
        (1600, "weighed"),
        (5600, "search"),
    ]
    assert ring_up.basket().piece_count == 3


def test_words_are_searched_for(shop: Shop) -> None:
    found = shop.workstation.ring_up.enter("kkkl")
    assert found.kind == "ambiguous"
    assert [(each.sku, each.price_minor, each.gtin) for each in found.candidates] == [
        ("C1", 350, "6901234567892")
    ]
    assert [each.sku for each in shop.workstation.find_item.search("苹果")] == ["W1"]
    assert shop.workstation.find_item.search("  ") == []


def test_a_voided_line_stays_visible_and_counts_nothing(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    ring_up.enter(COLA)
    ring_up.enter(MILK)
    view = ring_up.void_line(1)
    assert [(line.line_no, line.voided) for line in view.lines] == [(1, True), (2, False)]
    assert (view.total_minor, view.line_count) == (590, 1)  # 5.99 in cash, down to 0.1
    with pytest.raises(TidemarkError) as caught:
        ring_up.set_quantity(1, 2000)
    assert caught.value.code == "line_voided"


def test_clear_journals_what_was_there(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    ring_up.enter("2*" + COLA)
    ring_up.enter(MILK)
    ring_up.void_line(2)
    ring_up.clear().result(5)
    assert ring_up.basket().lines == ()
    (document,) = shop.documents("basket_abandoned")
    assert document["body"]["subtotal_minor"] == 700
    assert [line["line_no"] for line in document["body"]["lines"]] == [1, 2]


def test_nobody_scans_before_signing_on_and_opening_a_shift(closed_shop: Shop) -> None:
    assert refused(closed_shop, COLA) == "not_signed_on"
    closed_shop.workstation.session.sign_on("1001", PIN).result(10)
    assert refused(closed_shop, COLA) == "no_open_shift"


def test_the_basket_keeps_its_release_and_instant(shop: Shop) -> None:
    from pos_client.replica.release_files import check_files
    from pos_client.replica.release_rules import Manifest
    from tests.client.services.shop import PRICES
    from tests.fakes.releases import release

    first = release(1, PRICES)
    raised = release(2, [["PL1", "C1", T0, None, 500]], after=first, effective_from_ms=T0 + DAY_MS)
    manifest = Manifest.read(raised.text)
    shop.replica.stage_release(manifest, raised.files, check_files(manifest, raised.files), at_ms=T0)
    ring_up = shop.workstation.ring_up
    ring_up.enter(COLA)
    shop.clock.pass_ms(DAY_MS)
    ring_up.enter(COLA)
    assert ring_up.basket().total_minor == 700
    ring_up.clear().result(5)
    ring_up.enter(COLA)
    assert (ring_up.basket().total_minor, ring_up.basket().release_version) == (500, 2)


def test_a_changed_layout_policy_counts_from_the_next_scan(shop: Shop) -> None:
    layout = {
        "prefix": "29",
        "length": 13,
        "code_digits": 5,
        "value_digits": 5,
        "value": "weight",
        "value_exponent": 3,
    }
    code = label("29", "0012300500")
    assert refused(shop, code) == "unknown_code"
    shop.policy("in_store_codes", [layout])
    shop.workstation.ring_up.enter(code)
    assert shop.workstation.ring_up.basket().lines[0].quantity_milli == 500
    shop.policy("in_store_codes", "nonsense")
    assert refused(shop, code) == "unknown_code"


def test_the_basket_survives_a_restart(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    ring_up.enter("2*" + COLA)
    ring_up.enter(MILK)
    ring_up.void_line(2)
    shop.workstation.members.attach("m1")
    before = ring_up.basket()
    shop.restart()
    again = shop.workstation.ring_up.basket()
    assert (again.lines, again.member) == (before.lines, before.member)
    assert "basket_restored" in {notice.code for notice in shop.workstation.status.view().notices}


def test_a_lot_in_the_code_stays_with_its_units_into_the_sale(shop: Shop) -> None:
    """Goods that turn up far from where they were shipped are found by it (docs/console.md)."""
    ring_up, holding = shop.workstation.ring_up, shop.workstation.holding
    for lot in ("L7A", "L7A", "L8"):
        ring_up.enter(f"]C101{COLA}10{lot}")
    ring_up.repeat()
    ring_up.enter(COLA)
    holding.recall(holding.hold().result(10).held_id).result(10)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    shop.workstation.payment.finish().result(10)
    body = shop.documents("sale")[-1]["body"]
    check_body("sale", body)
    lots = [(line.get("lot"), line["quantity_milli"]) for line in body["lines"]]
    assert lots == [("L7A", 2000), ("L8", 2000), (None, 1000)]
