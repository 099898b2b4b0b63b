"""The form of every kind: what it says is what the engine's loader takes, both ways."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pos_core.pricing.benefit import KINDS_OF_PHASE
from pos_core.pricing.codec import decode
from pos_core.pricing.rule import Promotion
from sync_server.console.builder.form import shown, understood
from sync_server.console.builder.kinds import GROUPS, KINDS
from sync_server.console.words import sentences

DOCS = Path(__file__).resolve().parents[3] / "docs" / "promotions.md"
EXAMPLES: list[dict[str, Any]] = [
    json.loads(text) for text in re.findall(r'```json\n(\{"id".*?)\n```', DOCS.read_text("utf-8"), re.DOTALL)
]
BASICS = {"id": "X", "name": "促销", "stack": "one_promotion_per_item"}


def test_every_kind_of_the_engine_has_a_form() -> None:
    assert set(KINDS) == {kind for kinds in KINDS_OF_PHASE.values() for kind in kinds}
    assert {kind.group for kind in KINDS.values()} == set(GROUPS)
    assert {rule["benefit"]["kind"] for rule in EXAMPLES} == set(KINDS), "the documented ones are all kinds"


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: rule["id"])
def test_the_documented_promotions_go_through_the_form(rule: dict[str, Any]) -> None:
    values = shown(rule, 2)
    assert values is not None
    again = understood(KINDS[rule["benefit"]["kind"]], values, 2)
    assert not again.errors
    assert decode(Promotion, again.rule) == decode(Promotion, rule)


def test_names_with_spaces_go_through_the_form_in_quotes() -> None:
    clause = {"brands": ["Dr. Tide", "A：B", '12" pan'], "skus": ["x:1"], "tags": ["new, hot"]}
    scope = {"store_groups": ["city centre", "north"]}
    rule = EXAMPLES[0] | {"select": {"any_of": [clause]}, "scope": scope}
    values = shown(rule, 2)
    assert values is not None
    assert values["goods"] == 'sku:x:1 "brand:Dr. Tide" brand:A：B “brand:12" pan” "tag:new, hot"'
    assert values["store_groups"] == '"city centre" north'
    assert understood(KINDS[rule["benefit"]["kind"]], values, 2).rule["select"]["any_of"] == [clause]


def test_what_the_form_cannot_say_is_not_shown_as_a_form() -> None:
    rule = EXAMPLES[0] | {"conditions": [{"min_units": 2}, {"min_amount_minor": 100}]}
    assert shown(rule, 2) is None


@pytest.mark.parametrize(
    ("kind", "said", "field", "code"),
    [
        ("percent_each", {"rate": "half"}, "rate", "not_percent"),
        ("percent_each", {"rate": "120"}, "rate", "too_large"),
        ("percent_each", {}, "rate", "value_or_ladder"),
        ("percent_each", {"rate": "10", "goods": "shop:x"}, "goods", "not_goods"),
        ("percent_each", {"rate": "10", "goods": 'brand:"Dr. Tide'}, "goods", "open_quote"),
        ("basket_amount", {"phase": "basket", "amount_steps": "400 30\n200 80"}, "amount_steps",
         "ladder_not_rising"),
        ("basket_amount", {"phase": "basket", "amount_steps": "400"}, "amount_steps", "not_steps"),
        ("nth_percent", {"units": "2", "discounted": "3", "rate": "50"}, "discounted", "more_than_group"),
        ("nth_percent", {"rate": "50"}, "units", "missing"),
        ("percent_each", {"rate": "10", "starts": "2026-13-01T00:00"}, "starts", "no_such_time"),
        ("percent_each", {"rate": "10", "starts": "2026-02-01T00:00", "ends": "2026-01-01T00:00"}, "ends",
         "window_ends_first"),
        ("percent_each", {"rate": "10", "id": ""}, "id", "missing"),
        ("percent_each", {"rate": "10", "partial": "1"}, "partial", "without_budget"),
        ("percent_each", {"rate": "10", "segments": "vip"}, "segments", "segment_without_coupon"),
        ("gift", {"gift_units": "1", "per_units": "2", "per_amount": "10"}, "per_units", "two_measures"),
        ("bundle_price", {"price": "10"}, "slots", "missing"),
        ("buy_get", {"buy": "a", "get": "b\nc", "reward": "price", "reward_price": "0"}, "get", "one_line"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_at_its_field(kind: str, said: dict[str, str], field: str, code: str) -> None:
    found = understood(KINDS[kind], BASICS | {"phase": "item"} | said, 2)
    assert (field, code) in {(name, each[0]) for name, every in found.errors.items() for each in every}, found


def test_words_of_the_form_are_there() -> None:
    known = sentences("zh").keys()
    needed = {f"kind.{kind}" for kind in KINDS} | {f"kind_group.{group}" for group in GROUPS}
    for kind in KINDS.values():
        for section, fields in kind.sections:
            needed.add(f"section.{section}")
            for field in fields:
                needed.add(f"field.{field.name}")
                needed |= {f"choice.{field.name}.{each or 'default'}" for each in field.choices}
    assert needed - known == set()
