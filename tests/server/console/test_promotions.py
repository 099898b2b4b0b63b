"""Drafts of promotions: edited, checked, approved by somebody else, published with what they say."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from pos_core.pricing.codec import decode
from pos_core.pricing.rule import Promotion
from sync_server.console.words import sentences
from sync_server.services.console.promotion_checks import DANGEROUS, HARMLESS, findings_of
from sync_server.services.console.roles import Role
from sync_server.services.release_rules import RuleBook
from sync_server.store import catalog, feed, masters
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.promotions import GOLD, HALF, prepare, stocked
from tests.server.support.shop import item_row, sku

FORM: dict[str, str] = {
    "kind": "basket_amount",
    "f_id": "FULL",
    "f_name": "满100减10",
    "f_phase": "basket",
    "f_amount": "10",
    "f_min_amount": "100",
    "f_stack": "one_promotion_per_item",
    "f_ends": "2099-12-31T23:59",
}


def begun(visitor: Visitor, title: str = "双十一") -> str:
    answer = visitor.post("/promotion-changes", {"title": title})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0].removeprefix("/console")


def running(chain: Chain) -> set[str]:
    found = RuleBook(chain.office.store, chain.office.releases).in_force(chain.clock.now_ms())
    assert found is not None
    return {each.rule.id for each in found.rules.promotions}


def test_a_harmless_promotion_goes_from_the_form_into_a_release(chain: Chain) -> None:
    stocked(chain, HALF)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    saved = visitor.post(f"{draft}/rules", FORM, why="")
    assert saved.status_code == 303, saved.text
    page = visitor.get(draft).text
    assert "满100减10" in page and "新增" in page
    assert "change_harmless" in visitor.post(f"{draft}/submit", why="").headers["location"]
    made = visitor.post(f"{draft}/publish", {"mode": "all"})
    assert made.status_code == 303, made.text
    assert running(chain) == {"HALF", "FULL"}
    assert "/releases/2" in visitor.get(draft).text


def test_problems_come_back_at_their_fields_and_nothing_is_kept(chain: Chain) -> None:
    stocked(chain)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    answer = visitor.post(f"{draft}/rules", FORM | {"f_amount": "ten", "f_name": ""}, why="")
    assert answer.status_code == 422
    assert 'value="ten"' in answer.text and "不是金额" in answer.text and "必填" in answer.text
    assert "还没有促销" in visitor.get(draft).text
    checked = visitor.post(f"{draft}/check", FORM | {"f_amount": "ten"}, why="").text
    assert "还不完整" in checked and "不是金额" in checked
    assert "可以这样写" in visitor.post(f"{draft}/check", FORM, why="").text


def test_a_dangerous_one_waits_for_somebody_else(chain: Chain) -> None:
    stocked(chain)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    visitor.post(f"{draft}/rules", FORM | {"f_amount": "60"}, why="")
    assert "change_waits" in visitor.post(f"{draft}/submit", why="").headers["location"]
    assert "优惠超过门槛的一半" in visitor.get(draft).text
    both = sign_in(chain, Role.MARKETER, Role.APPROVER, login="both")
    own = begun(both, "自己的")
    both.post(f"{own}/rules", FORM | {"f_amount": "60", "f_id": "OWN"}, why="")
    both.post(f"{own}/submit", why="")
    assert code_of(both.post(f"{own}/approve")) == "own_approval"
    assert code_of(visitor.post(f"{draft}/publish", {"mode": "all"})) == "promotion_change_not_open"
    approver = sign_in(chain, Role.APPROVER)
    assert approver.post(f"{draft}/approve", why="促销力度已确认").status_code == 303
    assert approver.post(f"{draft}/publish", {"mode": "all"}).status_code == 303
    assert running(chain) == {"FULL"}
    rows = chain.office.store.read(lambda txn: list(txn.execute(_audit())))
    assert {row[0] for row in rows} >= {
        "promotion_change_begun",
        "promotion_change_edited",
        "promotion_change_submitted",
        "promotion_change_approved",
        "promotion_change_published",
    }


def _audit() -> Any:
    from sqlalchemy import select

    from sync_server.store.schema.tables import audit

    return select(audit.c.action)


def test_a_running_one_is_changed_ended_and_taken_out_again(chain: Chain) -> None:
    stocked(chain, HALF, GOLD)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    form = visitor.get(f"{draft}/edit/HALF")
    assert form.status_code == 200 and 'value="第二件半价"' in form.text
    half = {"kind": "nth_percent", "f_id": "HALF", "f_name": "第二件六折", "f_phase": "item", "f_units": "2",
            "f_rate": "40", "f_stack": "one_promotion_per_item", "before": "HALF"}  # fmt: skip
    assert visitor.post(f"{draft}/rules", half, why="").status_code == 303
    assert visitor.post(f"{draft}/end", {"promotion": "GOLD"}).status_code == 303
    text = visitor.get(draft).text
    assert "修改" in text and "停止" in text
    assert visitor.post(f"{draft}/take-out", {"promotion": "GOLD"}).status_code == 303
    assert visitor.post(f"{draft}/end", {"promotion": "GOLD"}).status_code == 303
    visitor.post(f"{draft}/submit", why="")
    assert visitor.post(f"{draft}/publish", {"mode": "all"}).status_code == 303
    assert running(chain) == {"HALF"}
    assert code_of(visitor.post(f"{draft}/end", {"promotion": "HALF"})) == "promotion_change_not_open"
    assert code_of(visitor.get(f"{draft}/edit/NOPE")) == "no_such_promotion"


def test_json_has_the_same_checks(chain: Chain) -> None:
    stocked(chain)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    assert visitor.post(f"{draft}/json", {"json": "{"}, why="").status_code == 422
    bad = visitor.post(f"{draft}/json", {"json": json.dumps({**HALF, "phase": "basket"})}, why="")
    assert bad.status_code == 422 and "不能在这个阶段" in bad.text
    two = {**HALF, "conditions": [{"min_units": 2}, {"min_amount_minor": 100}]}
    assert visitor.post(f"{draft}/json", {"json": json.dumps(two)}, why="").status_code == 303
    assert "按 JSON 编辑" in visitor.get(f"{draft}/edit/HALF").text


def test_overlaps_are_shown_with_what_happens(chain: Chain) -> None:
    stocked(chain, HALF, GOLD)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    each = {"kind": "percent_each", "f_id": "TEN", "f_name": "九折", "f_phase": "item", "f_rate": "10",
            "f_goods": "A000001\n部门:D9", "f_stack": "one_promotion_per_item"}  # fmt: skip
    assert visitor.post(f"{draft}/rules", each, why="").status_code == 303
    text = visitor.get(f"{draft}/overlaps", htmx=True).text
    assert "每件只享更省的" in text and "先后都享" in text and "可乐1" in text
    stacked = each | {"f_stack": "cheapest_for_customer", "before": "TEN"}
    visitor.post(f"{draft}/rules", stacked, why="")
    assert "叠加" in visitor.get(f"{draft}/overlaps", htmx=True).text
    visitor.post(f"{draft}/submit", why="")
    assert "与同阶段促销叠加" in visitor.get(draft).text


def test_what_else_waits_is_not_carried_along_unseen(chain: Chain) -> None:
    stocked(chain)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    visitor.post(f"{draft}/rules", FORM, why="")
    visitor.post(f"{draft}/submit", why="")
    prepare(chain, HALF)
    assert code_of(visitor.post(f"{draft}/publish", {"mode": "all"})) == "promotion_change_others_wait"
    visitor.post(f"{draft}/send-back")
    assert visitor.post(f"{draft}/take-waiting").status_code == 303
    visitor.post(f"{draft}/submit", why="")
    chain.office.store.write(lambda txn: masters.put_prices(txn, [PriceRow("PL1", "A000001", 5, None, 900)]))
    assert code_of(visitor.post(f"{draft}/publish", {"mode": "all"})) == "promotion_change_prices_wait"
    chain.office.publisher.publish(note="prices")
    assert running(chain) == {"HALF"}


def test_a_draft_on_what_has_changed_meanwhile_is_refused(chain: Chain) -> None:
    stocked(chain, HALF)
    visitor = sign_in(chain, Role.MARKETER)
    first, second = begun(visitor, "一"), begun(visitor, "二")
    for draft in (first, second):
        assert visitor.post(f"{draft}/end", {"promotion": "HALF"}).status_code == 303
        visitor.post(f"{draft}/submit", why="")
    assert visitor.post(f"{first}/publish", {"mode": "all"}).status_code == 303
    assert code_of(visitor.post(f"{second}/publish", {"mode": "all"})) == "promotion_change_outdated"


def hidden(page: str, name: str = "seen") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_what_was_changed_after_it_was_looked_at_is_not_approved(chain: Chain) -> None:
    stocked(chain)
    visitor, approver = sign_in(chain, Role.MARKETER), sign_in(chain, Role.APPROVER)
    draft = begun(visitor)
    visitor.post(f"{draft}/rules", FORM | {"f_amount": "60"}, why="")
    visitor.post(f"{draft}/submit", why="")
    looked_at = {"seen": hidden(approver.get(draft).text)}
    chain.clock.wall_ms += 60_000
    visitor.post(f"{draft}/send-back")
    visitor.post(f"{draft}/rules", FORM | {"f_amount": "99", "before": "FULL"}, why="")
    visitor.post(f"{draft}/submit", why="")
    assert code_of(approver.post(f"{draft}/approve", looked_at)) == "draft_moved"
    assert approver.post(f"{draft}/approve", {"seen": hidden(approver.get(draft).text)}).status_code == 303


def test_two_marketers_do_not_write_over_each_other(chain: Chain) -> None:
    stocked(chain, HALF)
    first, second = sign_in(chain, Role.MARKETER), sign_in(chain, Role.MARKETER, login="second")
    draft = begun(first)
    first.post(f"{draft}/rules", FORM, why="")
    opened = {"before": "FULL", "seen": hidden(second.get(f"{draft}/edit/FULL").text)}
    assert first.post(f"{draft}/rules", FORM | opened | {"f_amount": "20"}, why="").status_code == 303
    late = second.post(f"{draft}/rules", FORM | opened | {"f_amount": "30"}, why="")
    assert code_of(late) == "promotion_moved" and "FULL" in late.text
    again = {"before": "FULL", "seen": hidden(second.get(f"{draft}/edit/FULL").text)}
    assert second.post(f"{draft}/rules", FORM | again | {"f_amount": "30"}, why="").status_code == 303


def test_a_new_promotion_does_not_take_the_place_of_one_that_is_there(chain: Chain) -> None:
    stocked(chain, HALF)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    assert code_of(visitor.post(f"{draft}/rules", FORM | {"f_id": "HALF"}, why="")) == "promotion_there"
    visitor.post(f"{draft}/rules", FORM, why="")
    assert code_of(visitor.post(f"{draft}/rules", FORM, why="")) == "promotion_there", "one of the draft too"
    renamed = FORM | {"before": "FULL", "f_id": "HALF"}
    assert code_of(visitor.post(f"{draft}/rules", renamed, why="")) == "promotion_there"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"benefit": {"kind": "percent_each", "rate_ppm": 600_000}}, "deep"),
        ({"benefit": {"kind": "percent_each", "rate_ppm": 100_000}}, "everything"),
        ({"benefit": {"kind": "price_each", "price_minor": 0}}, "price_zero"),
        ({"phase": "basket", "benefit": {"kind": "basket_amount", "amount_minor": 500}}, "no_threshold"),
        ({"coupon": {"campaign": "C"}}, "no_limit"),
        ({"scope": {"window": {"ends": "2020-01-01T00:00:00"}}}, "ended"),
        ({"scope": {"window": {"starts": "2020-01-01T00:00:00"}}}, "started"),
        ({}, "no_end"),
    ],
)
def test_findings(change: dict[str, Any], code: str) -> None:
    rule = decode(Promotion, HALF | change)
    assert code in findings_of(rule, now_second=63_900_000_000, changes_running=False)


def test_every_finding_has_words() -> None:
    assert {f"promo_finding.{code}" for code in DANGEROUS | HARMLESS} <= sentences("zh").keys()


def test_a_basket_is_priced_under_what_the_form_says_and_nothing_is_kept(chain: Chain) -> None:
    stocked(chain, HALF)
    visitor = sign_in(chain, Role.MARKETER)
    draft = begun(visitor)
    asked: dict[str, object] = {**FORM, "f_amount": "10", "f_min_amount": "30", "store": "S001"}
    asked |= {"sku": sku(1), "quantity": "4", "use": ""}
    assert ">20.00<" in visitor.post(f"{draft}/try", asked, why="").text, "40, at half 30, less 10"
    assert ">25.00<" in visitor.post(f"{draft}/try", asked | {"f_amount": "5"}, why="").text
    waits = visitor.post(f"{draft}/try", asked | {"f_amount": "ten"}, why="")
    assert waits.status_code == 200 and "促销写完整后" in waits.text
    assert running(chain) == {"HALF"} and FORM["f_id"] not in visitor.get(draft).text


def test_items_of_before_are_picked_by_their_tags_too(chain: Chain) -> None:
    tagged = item_row(6)
    tagged[12] = '["tea"]'

    def write(txn: Txn) -> None:
        feed.put_rows(txn, "item", "chain", [tagged, item_row(7)])
        txn.execute(text("DROP INDEX catalog_item_tagged"))
        txn.execute(text("ALTER TABLE catalog_item DROP COLUMN tags"))
        step = importlib.import_module("sync_server.store.migrations.versions.0037_item_tags")
        with Operations.context(MigrationContext.configure(txn.connection)):
            step.upgrade()

    chain.office.store.write(write)
    assert chain.office.store.read(catalog.tags) == ["tea"]


def test_codes_are_picked_by_name(chain: Chain) -> None:
    stocked(chain)
    tagged = item_row(6)
    tagged[4], tagged[12] = "Dr. Tide", '["new in","tea"]'
    chain.office.store.write(lambda txn: feed.put_rows(txn, "item", "chain", [tagged]))
    visitor = sign_in(chain, Role.MARKETER)
    picked = {
        "goods&text=dr.": '"brand:Dr. Tide"', "goods&text=TEA": "tag:tea", "goods&text=new": '"tag:new in"',
        "goods&text=Item 2": sku(2), "goods&text=饮": "dept:D1", "goods&text=潮": "brand:潮牌",
        "stores&text=解放": "S002", "channels&text=we": "web", "tiers&text=金": "gold",
    }  # fmt: skip
    for asked, code in picked.items():
        assert code in {each[0] for each in visitor.get(f"/promotion-picks?what={asked}").json()}, asked
    for asked in ("nothing&text=", "stores&text=饮", "groups&text="):
        assert visitor.get(f"/promotion-picks?what={asked}").json() == []
    assert visitor.get("/store-picks?text=解放").json() == [["S002", "解放路店"]]
    of_east = sign_in(chain, Role.REGIONAL_MANAGER, region="east")
    assert [each[0] for each in of_east.get("/store-picks").json()] == ["S001"]
