"""Baskets tried at head office: the engine's own price, for every kind of shopper, with reasons."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sync_server.services.console.roles import Role
from sync_server.store import feed
from sync_server.store.engine import Txn
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.promotions import GOLD, HALF, prepare, stocked
from tests.server.support.shop import item_row, sku

ONE: dict[str, Any] = {"store": "S001", "channel": "pos", "quantity": ["2"], "use": [""], "sku": [sku(1)]}


def tried(visitor: Visitor, **changes: object) -> str:
    answer = visitor.post("/try-basket", ONE | changes, why="")
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_a_draft_is_priced_beside_what_runs_today(chain: Chain) -> None:
    stocked(chain, GOLD)
    prepare(chain, HALF)
    visitor = sign_in(chain, Role.MARKETER)
    text = tried(visitor, rules="prepared")
    assert text.count("与现行不同") == 1, "what runs already is no change"
    assert "应付 15.00" in text and "按现行促销 20.00" in text
    assert "比现行促销便宜 5.00" in text and "与现行不同" in text
    assert "第二件半价：已减 ¥5.00，2 件" in text
    assert "应付 20.00" in tried(visitor, rules="running")


def test_every_tier_and_channel_has_its_price(chain: Chain) -> None:
    stocked(chain, HALF, GOLD)
    visitor = sign_in(chain, Role.MARKETER)
    text = tried(visitor, shopper="tier:gold")
    assert "应付 13.50" in text
    assert "顾客 pos web 非会员 15.00 15.00 金卡 13.50 15.00" in text


def test_prices_of_a_members_list_count(chain: Chain) -> None:
    stocked(chain)
    offers = '[{"price_list_id":"PL2","kind":"tier","tiers":["gold"]}]'
    chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [["price_offers", offers]]))
    visitor = sign_in(chain, Role.MARKETER)
    basket = ONE | {"store": "S001"}
    assert "应付 20.00" in tried(visitor, **basket, shopper="tier:gold"), "12.00 is dearer than 10.00"
    assert "应付 24.00" in tried(visitor, **basket | {"store": "S002"}, shopper="tier:gold")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sku": ["NOPE"]}, "try_no_such_item"),
        ({"store": "S999"}, "try_no_such_store"),
        ({"quantity": ["1.5"]}, "try_bad_quantity"),
        ({"quantity": ["0"]}, "bad_form"),
        ({"quantity": ["many"]}, "bad_form"),
        ({"when": "yesterday"}, "bad_form"),
        ({"when": "1969-12-31T12:00"}, "try_no_price"),
        ({"rules": "other"}, "bad_form"),
        ({"use": ["stolen"]}, "bad_form"),
        ({"shopper": "member", "orders_before": "-1"}, "bad_form"),
    ],
)
def test_what_cannot_be_priced_is_said(chain: Chain, changes: dict[str, object], code: str) -> None:
    stocked(chain)
    answer = sign_in(chain, Role.MARKETER).post("/try-basket", ONE | changes, why="")
    assert code_of(answer) == code, answer.text


def test_an_empty_basket_is_no_error_and_lines_are_offered(chain: Chain) -> None:
    stocked(chain)
    visitor = sign_in(chain, Role.AUDITOR)
    assert "左边选好商品" in tried(visitor, sku=[""])
    assert visitor.get("/try-basket/items?text=A000002").json() == [[sku(2), "牛奶2"]]
    assert visitor.get("/try-basket/items?text=").json() == []


def test_a_regional_manager_tries_baskets_of_his_region(chain: Chain) -> None:
    stocked(chain)
    visitor = sign_in(chain, Role.REGIONAL_MANAGER, region="east")
    assert "解放路店" not in visitor.get("/try-basket").text
    assert code_of(visitor.post("/try-basket", ONE | {"store": "S002"})) == "try_no_such_store"


def test_gifts_coupons_points_and_birthdays(chain: Chain) -> None:
    gift = {
        "id": "GIFT",
        "name": "满10赠一",
        "phase": "basket",
        "conditions": [{"min_amount_minor": 1000}],
        "benefit": {"kind": "gift"},
        "stack": "one_promotion_per_item",
    }
    birthday = {
        "id": "BIRTHDAY",
        "name": "生日券",
        "phase": "coupon",
        "coupon": {"campaign": "C-BIRTHDAY"},
        "scope": {"member": {"birthday": "day"}},
        "benefit": {"kind": "basket_amount", "amount_minor": 200},
        "stack": "one_promotion_per_item",
    }
    points = {
        "id": "REDEEM",
        "name": "积分抵现",
        "phase": "points",
        "benefit": {"kind": "points_redeem", "points": 100, "amount_minor": 100},
        "stack": "one_promotion_per_item",
    }
    stocked(chain, gift, birthday, points)
    visitor = sign_in(chain, Role.MARKETER)
    lines = {"sku": [sku(1), sku(2)], "quantity": ["1", ""], "use": ["", "gift"]}
    member = {"shopper": "member", "birthday": "1", "points_balance": "500", "points_to_use": "300"}
    assert "应付 10.00" in tried(visitor, **lines)
    assert "应付 5.00" in tried(visitor, **lines, **member, campaign=["", "C-BIRTHDAY"])

    def tag(txn: Txn) -> None:
        row = item_row(2)
        row[12] = json.dumps(["gift"])
        feed.put_rows(txn, "item", "chain", [row])

    chain.office.store.write(tag)  # an item tagged as a gift is one without being asked for as one
    assert "应付 10.00" in tried(visitor, **lines | {"use": ["", ""]})
