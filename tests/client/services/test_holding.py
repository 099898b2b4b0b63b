"""Held baskets: in the journal, through restarts and kills, priced anew when they come back."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_client.services.basket.holding import HELD_MAX
from pos_core.errors import TidemarkError
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, PRICES, Shop, label
from tests.fakes.releases import T0, release


def hold(shop: Shop, *codes: str) -> str:
    shop.clock.pass_ms(1000)
    for code in codes:
        shop.workstation.ring_up.enter(code)
    return shop.workstation.holding.hold().result(10).held_id


def new_prices(shop: Shop, changes: dict[str, int | None]) -> None:
    """Release 2: another price, or (None) an item that is no longer priced."""
    rows = [[*row[:4], changes.get(str(row[1]), row[4])] for row in PRICES]
    made = release(2, [row for row in rows if row[4] is not None])
    manifest = Manifest.read(made.text)
    shop.replica.stage_release(manifest, made.files, check_files(manifest, made.files), at_ms=T0)


def test_several_baskets_wait_and_each_comes_back_whole(shop: Shop) -> None:
    holding, ring_up = shop.workstation.holding, shop.workstation.ring_up
    shop.workstation.members.attach("m1")
    first = hold(shop, f"3*{COLA}", label("21", "0012301200"))
    assert ring_up.basket().lines == () and ring_up.basket().member is None
    second = hold(shop, MILK)
    assert [(each.held_id, each.total_minor) for each in holding.held()] == [(first, 2250), (second, 590)]
    assert shop.workstation.status.view().held_count == 2
    back = holding.recall(first).result(10)
    assert [line.quantity_milli for line in back.basket.lines] == [3000, 938]
    assert back.basket.member is not None and back.basket.member.member_id == "m1"
    assert (back.changes, back.gone, back.total_before_minor) == ((), (), 2250)
    assert ring_up.basket() == back.basket
    assert shop.workstation.status.view().held_count == 1


def test_documents_name_the_held_basket_to_its_sale(shop: Shop) -> None:
    held_id = hold(shop, COLA)
    shop.workstation.holding.recall(held_id).result(10)
    assert hold(shop, MILK) == held_id  # held again it keeps its name
    shop.workstation.holding.recall(held_id).result(10)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("card", None)
    shop.workstation.payment.finish().result(10)
    kinds = ("basket_held", "basket_recalled", "basket_held", "basket_recalled", "sale")
    documents = [each for each in shop.documents() if each["type"] in kinds]
    assert [each["type"] for each in documents] == list(kinds)
    assert {each["body"]["held_id"] for each in documents} == {held_id}
    for document in documents:
        check_body(document["type"], document["body"])
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("card", None)
    shop.workstation.payment.finish().result(10)
    assert "held_id" not in shop.documents("sale")[-1]["body"]


def test_held_baskets_and_a_recalled_one_survive_restarts(shop: Shop) -> None:
    first, second = hold(shop, COLA), hold(shop, MILK)
    shop.restart()
    shop.workstation.session.sign_on("1001", "246810").result(10)
    assert [each.held_id for each in shop.workstation.holding.held()] == [first, second]
    shop.workstation.holding.recall(second).result(10)
    shop.restart()
    assert [line.sku for line in shop.workstation.ring_up.basket().lines] == ["M1"]
    assert [each.held_id for each in shop.workstation.holding.held()] == [first]


def test_a_recalled_basket_is_priced_anew_and_says_so(shop: Shop) -> None:
    held_id = hold(shop, f"2*{COLA}", MILK, label("21", "0012301200"), "0.5*4011")
    new_prices(shop, {"C1": 300, "M1": None})
    back = shop.workstation.holding.recall(held_id).result(10)
    assert [(each.before_minor, each.after_minor) for each in back.changes] == [(700, 600)]
    assert back.gone == ("纯牛奶 250ml",)
    # the label's own amount stands whatever the price per kilogram is now
    assert [line.net_minor for line in back.basket.lines if not line.voided] == [600, 1200, 640]
    assert back.basket.release_version == 2 and back.total_before_minor == 3130


def test_what_cannot_be_held_or_recalled_says_why(shop: Shop) -> None:
    holding = shop.workstation.holding
    for call, code in [
        (holding.hold, "basket_empty"),
        (lambda: holding.recall("nothing"), "unknown_held"),
        (lambda: holding.abandon("nothing"), "unknown_held"),
    ]:
        with pytest.raises(TidemarkError) as caught:
            call()
        assert caught.value.code == code
    held_id = hold(shop, COLA)
    shop.workstation.ring_up.enter(MILK)
    with pytest.raises(TidemarkError) as caught:
        holding.recall(held_id)
    assert caught.value.code == "basket_not_empty"
    shop.workstation.payment.begin()
    with pytest.raises(TidemarkError) as caught:
        holding.hold()
    assert caught.value.code == "basket_locked"


def test_there_is_an_end_to_holding(shop: Shop) -> None:
    for _ in range(HELD_MAX):
        hold(shop, COLA)
    with pytest.raises(TidemarkError) as caught:
        hold(shop, COLA)
    assert caught.value.code == "too_many_held"
    assert len(shop.workstation.ring_up.basket().lines) == 1


def test_an_abandoned_one_is_journaled_with_its_lines(shop: Shop) -> None:
    held_id = hold(shop, COLA, MILK)
    shop.workstation.holding.abandon(held_id).result(10)
    (body,) = [each["body"] for each in shop.documents("basket_abandoned")]
    assert (body["held_id"], body["reason"], body["subtotal_minor"]) == (held_id, "not_recalled", 949)
    assert shop.workstation.holding.held() == []


def test_lines_voided_before_a_recall_are_not_forgotten(shop: Shop) -> None:
    held_id = hold(shop, COLA)
    shop.workstation.ring_up.enter(MILK)
    shop.workstation.ring_up.void_line(1)
    shop.workstation.holding.recall(held_id).result(10)
    (body,) = [each["body"] for each in shop.documents("basket_abandoned")]
    assert (body["reason"], [line["sku"] for line in body["lines"]]) == ("recalled_over", ["M1"])


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_at_any_step_leaves_each_basket_once(tmp_path: Path, seed: int) -> None:
    """Files copied while the program runs are what a kill leaves: on the screen or on hold, never both."""
    dice = random.Random(seed)
    shop = Shop(tmp_path / "shop").ready()
    baskets = 0
    for _ in range(30):
        step = dice.randrange(4)
        held = shop.workstation.holding.held()
        try:
            if step == 0:
                shop.workstation.ring_up.enter(dice.choice([COLA, MILK]))
            elif step == 1:
                shop.workstation.holding.hold().result(10)
            elif step == 2 and held:
                shop.workstation.holding.recall(dice.choice(held).held_id).result(10)
            elif held:
                shop.workstation.holding.abandon(dice.choice(held).held_id).result(10)
        except TidemarkError:
            continue
        kinds = [each["type"] for each in shop.documents()]
        on_hold = kinds.count("basket_held") - kinds.count("basket_recalled")
        on_hold -= sum(
            each["body"]["reason"] == "not_recalled" for each in shop.documents("basket_abandoned")
        )
        assert on_hold == len(shop.workstation.holding.held())
        before = shop.workstation.ring_up.basket().lines
        shop.basket_is_kept()
        if dice.random() < 0.3:
            shop.restart()
            shop.workstation.session.sign_on("1001", "246810").result(10)
            assert shop.workstation.ring_up.basket().lines == before
            baskets += 1
    assert baskets
    shop.workstation.close()
