"""What a basket costs under a set of promotions and why, beside what it costs today; nothing is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.engine import price_basket
from pos_core.pricing.explain import FORCED_ASKED, explain
from pos_core.pricing.result import LineResult, PricedBasket
from pos_core.pricing.units import basket_problems
from pos_core.pricing.words import Words
from sync_server.services.console.goods_facts import GoodsFacts
from sync_server.services.console.price_lists import price_lists
from sync_server.services.console.rule_sets import Rule, compiled
from sync_server.services.console.tried_basket import (
    BadUnits,
    Shelf,
    TriedBasket,
    TriedMember,
    question_of,
    shelf_of,
)
from sync_server.store.engine import Store, Txn
from sync_server.store.feed import rows_of

CHANNELS = ("pos", "web")
"""Always offered; what promotions name is offered too."""
CHANNELS_MAX = 8
_CELLS_MAX = 60
_ORDER = ("applied", "beaten", "blocked", "missing", "exhausted", "out_of_scope")


@dataclass(frozen=True, slots=True)
class Given:
    """What one promotion took off one line."""

    promotion_id: str
    name: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its goods and what made its price."""

    goods: GoodsFacts
    quantity_milli: int
    result: LineResult
    given: tuple[Given, ...]
    source: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """A promotion's explanation in words. `touched`: it differs from what runs today."""

    promotion_id: str
    outcome: str
    lines: tuple[str, ...]
    touched: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """The answer. `today` is the same basket under the promotions in force."""

    answer: PricedBasket
    today: PricedBasket
    lines: tuple[PricedLine, ...]
    said: tuple[Said, ...]
    tiers: tuple[str, ...]
    """"" stands for a shopper who is no member."""
    channels: tuple[str, ...]
    payable: tuple[tuple[int, ...], ...]
    """By tier, then channel."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers: stores (id, name), tiers (code, name, name_en), campaigns (id, name, name_en)."""

    stores: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[str, str, str], ...]
    campaigns: tuple[tuple[str, str, str], ...]


class TryBasket:
    """Prices what it is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def choices(self, region: str | None) -> Choices:
        """Stores of the region, tiers and coupon campaigns."""

        def read(txn: Txn) -> Choices:
            chain, _ = price_lists(txn, region)
            stores = sorted(
                (store_id, str(row["name"]))
                for store_id, row in chain.stores.items()
                if region in (None, row["region"])
            )
            campaigns = sorted((r[0], r[1], r[2] or r[1]) for r in rows_of(txn, "coupon_campaign", "chain"))
            return Choices(tuple(stores), tier_names(chain.policies.get("member_tiers")), tuple(campaigns))

        return self._store.read(read)

    def price(
        self,
        basket: TriedBasket,
        rules: Iterable[Rule],
        today: Iterable[Rule],
        *,
        language: Literal["zh", "en"],
        region: str | None,
    ) -> Tried:
        """Raises NoSuchStore, NoSuchItem, NoPriceThere, BadUnits, PromotionsRefused."""
        after, before = compiled(rules), compiled(today)
        shelf = self._store.read(lambda txn: shelf_of(txn, basket, region))
        question = _checked(question_of(basket, shelf, after))
        answer = price_basket(question, after)
        words = Words(after, language, exponent=shelf.chain.exponent)
        known = {each.rule.id: each.rule for each in before.promotions}
        touched = {each.rule.id for each in after.promotions if each.rule != known.get(each.rule.id)}
        said = [
            Said(e.promotion_id, e.outcome, words.lines(e), e.promotion_id in touched)
            for e in explain(question, after, answer, forced_max=FORCED_ASKED)
        ]
        said.sort(key=lambda s: (_ORDER.index(s.outcome), not s.touched, s.promotion_id))
        tiers = ("", *(code for code, _, _ in tier_names(shelf.chain.policies.get("member_tiers"))))
        channels = _channels(after, basket.channel)
        tiers = tiers[: _CELLS_MAX // len(channels)]
        return Tried(
            answer=answer,
            today=price_basket(_checked(question_of(basket, shelf, before)), before),
            lines=_lines(question, answer, after, shelf, language),
            said=tuple(said),
            tiers=tiers,
            channels=channels,
            payable=_payable(basket, shelf, after, tiers, channels),
        )


def tier_names(policy: object) -> tuple[tuple[str, str, str], ...]:
    """(code, name, English name) of the policy `member_tiers`."""
    rows = policy if isinstance(policy, list) else []
    good = [row for row in rows if isinstance(row, dict) and row.get("code") and row.get("name")]
    return tuple((str(r["code"]), str(r["name"]), str(r.get("name_en") or r["name"])) for r in good)


def _checked(question: PricingInput) -> PricingInput:
    problems = basket_problems(question)
    if problems:
        raise BadUnits(problems[0].reason, sku=problems[0].path)
    return question


def _channels(rules: RuleSet, asked: str) -> tuple[str, ...]:
    named = {name for each in rules.promotions for name in each.rule.scope.channels}
    return (*CHANNELS, *sorted((named | {asked}) - set(CHANNELS)))[:CHANNELS_MAX]


def _payable(
    basket: TriedBasket, shelf: Shelf, rules: RuleSet, tiers: Sequence[str], channels: Sequence[str]
) -> tuple[tuple[int, ...], ...]:
    """The same goods for every kind of shopper in every channel."""
    found = []
    for tier in tiers:
        member = dataclasses.replace(basket.member or TriedMember(), tier=tier) if tier else None
        row = []
        for channel in channels:
            asked = replace(basket, member=member, channel=channel)
            row.append(price_basket(question_of(asked, shelf, rules), rules).payable_minor)
        found.append(tuple(row))
    return tuple(found)


def _lines(
    question: PricingInput, answer: PricedBasket, rules: RuleSet, shelf: Shelf, language: str
) -> tuple[PricedLine, ...]:
    asked = {line.line_id: line for line in question.lines}
    found = []
    for line in answer.lines:
        given: dict[str, int] = {}
        sources: set[str] = set()
        for units in line.units:
            outcome = answer.outcomes[units.outcome]
            source = answer.classes[outcome.unit_class].price_source
            sources |= {source} if source else set()
            for share in outcome.shares:
                name = answer.applications[share.application].promotion_id
                given[name] = given.get(name, 0) + share.amount_minor * units.count
        found.append(
            PricedLine(
                goods=shelf.goods[asked[line.line_id].sku],
                quantity_milli=asked[line.line_id].quantity_milli,
                result=line,
                given=tuple(
                    Given(name, _name(rules, name, language), amount)
                    for name, amount in given.items()
                    if amount
                ),
                source="、".join(_name(rules, name, language) for name in sorted(sources)) or None,
            )
        )
    return tuple(sorted(found, key=lambda each: int(each.result.line_id)))


def _name(rules: RuleSet, promotion_id: str, language: str) -> str:
    number = rules.by_id.get(promotion_id)
    if number is None:
        return promotion_id
    rule = rules.promotions[number].rule
    return rule.name if language == "zh" else rule.name_en or rule.name
