"""Explanations in words, Chinese and English, short enough for a till: at most 40 Chinese characters a line.

The sentences are data (`SENTENCES`, `OFFERS`); a promotion's own name is shortened to fit. An English line is
at most 80 characters, which takes the same room. docs/promotions.md, "In words".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.result import Explanation, NextTier
from pos_core.pricing.rule import Promotion
from pos_core.pricing.values import PPM

Language = Literal["zh", "en"]
WIDTH_MAX = 80
"""Columns of a line: a Chinese character takes two."""
NAME_WIDTH = 24

SENTENCES: Mapping[str, tuple[str, str]] = {
    "applied": ("{name}：已减 {amount}，{units} 件", "{name}: {amount} off {units} unit{s}"),
    "applied_all": ("{name}：已减 {amount}", "{name}: {amount} off"),
    "applied_paid": ("{name}：{points} 积分抵 {amount}", "{name}: {points} points pay {amount}"),
    "applied_points": ("{name}：得 {points} 积分", "{name}: {points} points earned"),
    "applied_spent": ("{name}：用 {points} 积分", "{name}: {points} points used"),
    "applied_units": ("{name}：{units} 件参加", "{name}: on {units} unit{s}"),
    "next_units": ("再买 {units} 件，{offer}", "Buy {units} more: {offer}"),
    "next_amount": ("再买 {amount}，{offer}", "Spend {amount} more: {offer}"),
    "missing_units": ("{name}：再买 {units} 件，{offer}", "{name}: buy {units} more, {offer}"),
    "missing_units_of_one_sku": ("{name}：同款再买 {units} 件", "{name}: buy {units} more of one item"),
    "missing_distinct_skus": ("{name}：再买 {units} 种商品", "{name}: buy {units} more different items"),
    "missing_amount": ("{name}：再买 {amount}，{offer}", "{name}: spend {amount} more, {offer}"),
    "missing_goods": ("{name}：没有适用商品", "{name}: no item it applies to"),
    "missing_shipping": ("{name}：本单没有运费", "{name}: no shipping to pay"),
    "missing_saving": ("{name}：对本单没有优惠", "{name}: gives nothing on this basket"),
    "missing_coupon": ("{name}：需出示优惠券", "{name}: needs its coupon"),
    "missing_member": ("{name}：会员可享", "{name}: for members"),
    "missing_points": ("{name}：需用 {points} 积分", "{name}: needs {points} points"),
    "missing_points_short": ("{name}：还差 {points} 积分", "{name}: {points} points short"),
    "missing_gift_line": ("{name}：可领赠品 {units} 件", "{name}: {units} gift{s} to collect"),
    "beaten": ("{name}：“{by}”更省 {amount}", "{name}: “{by}” saves {amount} more"),
    "beaten_plan": ("{name}：其他组合更省 {amount}", "{name}: another combination saves {amount} more"),
    "beaten_even": ("{name}：“{by}”同样省", "{name}: “{by}” saves as much"),
    "beaten_plan_even": ("{name}：其他组合同样省", "{name}: another combination costs the same"),
    "beaten_by": ("{name}：已享“{by}”", "{name}: “{by}” applies instead"),
    "beaten_by_plan": ("{name}：已享其他组合", "{name}: another combination applies instead"),
    "blocked": ("{name}：不能与“{by}”同享", "{name}: not together with “{by}”"),
    "blocked_alone": ("{name}：不能与其他优惠同享", "{name}: not with other promotions"),
    "exhausted_per_basket": ("{name}：本单次数已用完", "{name}: limit of this basket reached"),
    "exhausted_per_member": ("{name}：您的次数已用完", "{name}: limit per member reached"),
    "exhausted_per_member_day": ("{name}：您今日次数已用完", "{name}: member's limit for today reached"),
    "exhausted_per_day": ("{name}：今日次数已用完", "{name}: today's limit reached"),
    "exhausted_in_all": ("{name}：活动次数已用完", "{name}: no uses left"),
    "exhausted_budget": ("{name}：活动预算已用完", "{name}: budget used up"),
    "out_of_scope": ("{name}：此店、此时或此顾客不适用", "{name}: not here, now or for this customer"),
}
"""key → (Chinese, English)."""

OFFERS: Mapping[str, tuple[str, str]] = {
    "percent_each": ("每件{discount}", "{rate} off each"),
    "each_free": ("{most}件免费", "{most} free"),
    "amount_each": ("每件减{price}", "{amount} off each"),
    "price_each": ("每件{price}", "{amount} each"),
    "group_percent": ("{units}件{discount}", "{units} for {rate} off"),
    "group_amount": ("{units}件减{price}", "{units} for {amount} off"),
    "group_amount_each": ("{units}件每件减{price}", "{units} for {amount} off each"),
    "group_price": ("任选{units}件{price}", "any {units} for {amount}"),
    "nth_percent": ("第{nth}件{discount}", "unit {nth} at {rate} off"),
    "nth_half": ("第{nth}件半价", "unit {nth} half price"),
    "nth_free": ("第{nth}件免费", "unit {nth} free"),
    "nth_price": ("第{nth}件{price}", "unit {nth} for {amount}"),
    "bundle_percent": ("组合{discount}", "bundle at {rate} off"),
    "bundle_amount": ("组合减{price}", "bundle {amount} off"),
    "bundle_price": ("组合价{price}", "bundle for {amount}"),
    "buy_get": ("即享买赠", "buy-and-get"),
    "basket_percent": ("享{discount}", "{rate} off"),
    "basket_amount": ("减{price}", "{amount} off"),
    "basket_amount_at": ("满{threshold}减{amount}", "{amount} off {threshold}"),
    "basket_amount_at_units": ("满{threshold}件减{amount}", "{amount} off {threshold} units"),
    "basket_percent_at": ("满{threshold}享{discount}", "{rate} off {threshold}"),
    "basket_percent_at_units": ("满{threshold}件享{discount}", "{rate} off {threshold} units"),
    "basket_price": ("整单{price}", "basket for {amount}"),
    "gift": ("得赠品", "a gift"),
    "shipping_percent": ("运费{discount}", "{rate} off shipping"),
    "shipping_free": ("包邮", "free shipping"),
    "shipping_amount": ("运费减{price}", "{amount} off shipping"),
    "shipping_max": ("运费最高{price}", "shipping at most {amount}"),
    "other": ("即可享受", "and it applies"),
}
"""What a promotion gives, in a few words."""

_CHINESE_NUMBERS = "零一二三四五六七八九十"


class Words:
    """Sentences for one release, language and currency."""

    def __init__(self, rules: RuleSet, language: Language, *, exponent: int = 2, symbol: str = "¥") -> None:
        self._rules = rules
        self._place = 0 if language == "zh" else 1
        self._exponent = exponent
        self._symbol = symbol

    def lines(self, explanation: Explanation) -> tuple[str, ...]:
        """One line for the outcome; a second one when an applied promotion has a next step."""
        rule = self._rule(explanation.promotion_id)
        said = self._outcome(explanation, rule)
        following = explanation.next_tier
        if following is None or rule is None or explanation.outcome != "applied":
            return (said,)
        return (said, self.next_step(rule, following))

    def next_step(self, rule: Promotion, tier: NextTier) -> str:
        """“再买 ¥12.00，满200减30”."""
        offer = self._offer(rule, tier)
        if tier.short_units:
            return self._say("next_units", units=tier.short_units, offer=offer)
        return self._say("next_amount", amount=self.money(tier.short_minor), offer=offer)

    def money(self, amount_minor: int, *, short: bool = False) -> str:
        """12.00 with the symbol; `short` leaves out a fraction of zero, as in 满200减30."""
        whole, fraction = divmod(amount_minor, 10**self._exponent)
        if self._exponent == 0 or (short and fraction == 0):
            return f"{whole}" if short and self._place == 0 else f"{self._symbol}{whole}"
        digits = f"{whole}.{fraction:0{self._exponent}d}"
        return digits if short and self._place == 0 else f"{self._symbol}{digits}"

    def _outcome(self, e: Explanation, rule: Promotion | None) -> str:
        """With whole names where the sentence has room for them."""
        whole = self._sentence(e, rule, WIDTH_MAX)
        return whole if width(whole) <= WIDTH_MAX else fitted(self._sentence(e, rule, NAME_WIDTH), WIDTH_MAX)

    def _sentence(self, e: Explanation, rule: Promotion | None, name_width: int) -> str:
        name = self._name(e.promotion_id, name_width)
        by = self._name(e.by[0], name_width) if e.by else ""
        key = self._key(e, rule)
        offer = ""
        if rule is not None and key in ("missing_units", "missing_amount"):
            offer = self._offer(rule, e.next_tier)
            if offer in name:  # the name says it already: 再买 1 件，饮料第二件半价
                key, offer = key.replace("missing", "next"), name
        units = e.short if e.outcome == "missing" else e.units
        return SENTENCES[key][self._place].format(
            name=name,
            by=by,
            amount=self.money(e.short if e.outcome == "missing" else e.amount_minor),
            units=units,
            s="" if units == 1 else "s",
            points=e.short if e.outcome == "missing" else e.points,
            offer=offer,
        )

    def _key(self, e: Explanation, rule: Promotion | None) -> str:
        if e.outcome == "applied":
            return _applied_key(e)
        if e.outcome == "missing":
            short = rule is not None and rule.phase == "points" and e.what == "points"
            return "missing_points_short" if short and not _asks_all(e, rule) else f"missing_{e.what}"
        if e.outcome == "beaten":
            return _beaten_key(e)
        if e.outcome == "blocked":
            return "blocked" if e.by else "blocked_alone"
        return f"exhausted_{e.limit}" if e.outcome == "exhausted" else "out_of_scope"

    def _offer(self, rule: Promotion, tier: NextTier | None) -> str:
        """What the promotion gives at `tier`, or at its first step."""
        benefit: Any = rule.benefit
        kind: str = benefit.kind
        value, threshold, by_units = _value_of(rule, tier)
        nth = getattr(benefit, "units", 0)
        free = value == PPM
        if kind == "nth_percent" and value == PPM // 2:
            kind = "nth_half"
        elif kind == "nth_percent" and free:
            kind = "nth_free"
        elif kind == "percent_each" and free and benefit.max_units:
            kind = "each_free"
        elif kind == "shipping_percent" and free:
            kind = "shipping_free"
        elif threshold and kind in ("basket_amount", "basket_percent"):
            kind += "_at_units" if by_units else "_at"
        template = OFFERS.get(kind, OFFERS["other"])[self._place]
        return template.format(
            discount=_discount(value),
            rate=_percent(value),
            amount=self.money(value, short=True),
            price=self._price(value),
            units=nth,
            most=getattr(benefit, "max_units", None) or 0,
            nth=self._number(nth),
            threshold=threshold if by_units else self.money(threshold, short=True),
        )

    def _price(self, amount_minor: int) -> str:
        """As shops write a price behind its kind: 任选3件20元."""
        digits = self.money(amount_minor, short=True).removeprefix(self._symbol)
        return f"{digits}元" if self._place == 0 and self._symbol == "¥" else f"{self._symbol}{digits}"

    def _number(self, number: int) -> str:
        chinese = self._place == 0 and number < len(_CHINESE_NUMBERS)
        if chinese:
            return "二" if number == 2 else _CHINESE_NUMBERS[number]
        return str(number)

    def _say(self, key: str, **facts: object) -> str:
        return fitted(SENTENCES[key][self._place].format(**facts), WIDTH_MAX)

    def _rule(self, promotion_id: str) -> Promotion | None:
        number = self._rules.by_id.get(promotion_id)
        return None if number is None else self._rules.promotions[number].rule

    def _name(self, promotion_id: str, room: int) -> str:
        rule = self._rule(promotion_id)
        if rule is None:  # a price list
            return fitted(promotion_id, room)
        return fitted((rule.name_en or rule.name) if self._place else rule.name, room)


def width(text: str) -> int:
    """Columns on a till: everything from U+1100 on (Chinese, full-width signs) counts two."""
    return sum(2 if ord(sign) >= 0x1100 and sign not in "“”…" else 1 for sign in text)


def fitted(text: str, room: int) -> str:
    """`text`, cut with … when it is wider than `room` columns."""
    if width(text) <= room:
        return text
    taken = ""
    used = 1
    for sign in text:
        used += width(sign)
        if used > room:
            break
        taken += sign
    return taken.rstrip() + "…"


def _beaten_key(e: Explanation) -> str:
    """An amount only where it was worked out, and never one of nothing."""
    if e.amount_open:
        return "beaten_by" if e.by else "beaten_by_plan"
    key = "beaten" if e.by else "beaten_plan"
    return key if e.amount_minor else f"{key}_even"


def _applied_key(e: Explanation) -> str:
    if e.points and e.amount_minor:
        return "applied_paid" if not e.units else "applied"
    if e.amount_minor:
        return "applied" if e.units else "applied_all"
    if e.points:
        return "applied_points" if e.units else "applied_spent"
    return "applied_units"


def _asks_all(e: Explanation, rule: Promotion | None) -> bool:
    """True when nobody asked for the points: then what is short is the whole price in points."""
    benefit: Any = rule.benefit if rule is not None else None
    least = getattr(benefit, "points_each", 0) or max(
        getattr(benefit, "points", 0), getattr(benefit, "min_points", 0)
    )
    return bool(e.short >= least)


def _value_of(rule: Promotion, tier: NextTier | None) -> tuple[int, int, bool]:
    """(value, threshold or 0, is it units) of the step named by `tier`, else of the first step."""
    benefit: Any = rule.benefit
    ladder = getattr(benefit, "ladder", None)
    if ladder is not None:
        step = next((t for t in ladder.tiers if tier is not None and t.value == tier.value), ladder.tiers[0])
        return step.value, step.min_units or step.min_amount_minor or 0, step.min_units is not None
    value = 0
    for name in ("rate_ppm", "amount_minor", "price_minor"):
        value = getattr(benefit, name, None) or value
    threshold = getattr(benefit, "every_minor", None)
    if threshold is None and len(rule.conditions) == 1:
        threshold = rule.conditions[0].min_amount_minor
    every_units = getattr(benefit, "every_units", None)
    return value, threshold or every_units or 0, bool(every_units and not threshold)


def _discount(rate_ppm: int) -> str:
    """25 % off is 7.5 折."""
    left = PPM - rate_ppm
    if left <= 0:
        return "免费"
    tenths, rest = divmod(left, PPM // 10)
    digits = f"{rest:05d}".rstrip("0")
    return f"{tenths}.{digits}折" if digits else f"{tenths}折"


def _percent(rate_ppm: int) -> str:
    whole, rest = divmod(rate_ppm, PPM // 100)
    digits = f"{rest:04d}".rstrip("0")
    return f"{whole}.{digits}%" if digits else f"{whole}%"
