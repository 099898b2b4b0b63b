"""Pricing after each step reuses work and answers as from scratch, whatever the till does in between."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput, PricingLine
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import EngineState, price_basket
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions

STEPS = 8


def _next(question: PricingInput, whole: PricingInput, chance: Random) -> PricingInput:
    """What a till may do: scan, void, more or fewer pieces, another price, member, coupons, counters."""
    lines = list(question.lines)
    step = chance.randrange(8)
    if step <= 1 or not lines:
        missing = [each for each in whole.lines if each.line_id not in {line.line_id for line in lines}]
        lines += [chance.choice(missing)] if missing else []
    elif step == 2:
        lines.pop(chance.randrange(len(lines)))
    elif step == 3:
        place = chance.randrange(len(lines))
        lines[place] = _other_quantity(lines[place], chance)
    elif step == 4:
        place = chance.randrange(len(lines))
        lines[place] = replace(lines[place], list_price_minor=chance.choice([1, 333, 1000, 2500]))
    elif step == 5:
        question = replace(question, member=None if question.member else whole.member)
    elif step == 6:
        question = replace(question, coupons=() if question.coupons else whole.coupons)
    else:
        question = replace(question, usage=() if question.usage else whole.usage)
    redeem = whole.redeem if question.member else ()
    standing = {line.line_id for line in lines}
    redeem = tuple(each for each in redeem if getattr(each, "line_id", None) in {None, *standing})
    return replace(question, lines=tuple(lines), redeem=redeem)


def _other_quantity(line: PricingLine, chance: Random) -> PricingLine:
    return line if line.weighed else replace(line, quantity_milli=1000 * chance.randint(1, 4))


def _bytes(question: PricingInput, rules: RuleSet, state: EngineState | None) -> bytes:
    return encode_bytes(price_basket(question, rules, previous=state))


@campaign(150)
@given(questions(units=8, rules=8), questions(units=2, rules=3), st.integers(0, 2**32))
def test_after_every_step_as_from_scratch(
    asked: tuple[PricingInput, PromotionSet], other: tuple[PricingInput, PromotionSet], seed: int
) -> None:
    whole, rules, chance = asked[0], compile_rules(asked[1]), Random(seed)
    state = EngineState()
    question = replace(whole, lines=whole.lines[:1])
    for _ in range(STEPS):
        question = _next(question, whole, chance)
        if not question.lines:
            continue
        assert _bytes(question, rules, state) == _bytes(question, rules, None)
        assert _bytes(question, rules, state) == _bytes(question, rules, None), "the same once more"
        if chance.randrange(4) == 0:  # a release of the same ids, as a price switch leaves it
            changed = compile_rules(other[1])
            assert _bytes(question, changed, state) == _bytes(question, changed, None)
