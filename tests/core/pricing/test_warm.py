"""What a release remembers of the goods it has met changes no byte: warm as cold, on one thread or many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.pricing_data import Chain, simple_basket, simple_promotions
from pos_core.pricing import compiled, index
from pos_core.pricing.basket import PricingInput, PricingLine
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions

CHAIN = Chain()
RELEASES = {
    "simple": (load_promotions(simple_promotions(100)), [simple_basket(8, Random(n)) for n in range(24)]),
    "usual": (load_promotions(CHAIN.promotions(300)), [CHAIN.basket(9, Random(n)) for n in range(24)]),
}


def _bytes(question: PricingInput, rules: RuleSet) -> bytes:
    return encode_bytes(price_basket(question, rules))


def _other(line: PricingLine, random: Random) -> PricingLine:
    turn = random.randrange(8)
    if turn == 0:
        return replace(line, list_price_minor=random.choice([1, 99, 500, 2500]))
    if turn == 1:
        return replace(line, brand=None, tags=())
    if turn == 2:
        return replace(line, departments=())
    if turn == 3:
        return replace(line, prices=(), floor_minor=min(50, line.list_price_minor))
    return replace(line, discountable=not line.discountable) if turn == 4 else line


def _like(question: PricingInput, random: Random) -> PricingInput:
    """Much the same basket: what is remembered of the one must not be taken for the other."""
    lines = [_other(line, random) for line in question.lines if random.randrange(6)]
    member = question.member if random.random() < 0.7 else None
    moved = question.instant_ms + random.choice([0, 0, 86_400_000 * 3])
    standing = {line.line_id for line in lines}
    redeem = tuple(r for r in question.redeem if member and getattr(r, "line_id", None) in {None, *standing})
    return replace(question, lines=tuple(lines), member=member, redeem=redeem, instant_ms=moved)


@campaign(150)
@given(questions(units=8, rules=10), st.integers(0, 2**32))
def test_after_other_baskets_as_the_first_one(asked: tuple[PricingInput, PromotionSet], seed: int) -> None:
    question, release = asked
    random, warm = Random(seed), compile_rules(release)
    for _ in range(8):
        assert _bytes(question, warm) == _bytes(question, compile_rules(release))
        question = _like(asked[0], random)


@pytest.mark.parametrize("name", RELEASES)
@pytest.mark.parametrize("room", [2, 20_000])
def test_on_many_threads_at_once(name: str, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`room`: with room for two items what is remembered is forgotten all the time, by everybody."""
    monkeypatch.setattr(compiled, "MEMO_MAX", room)
    monkeypatch.setattr(index, "MEMO_MAX", room)
    release, baskets = RELEASES[name]
    asked = [load_basket(basket) for basket in baskets]
    cold = [_bytes(question, compile_rules(release)) for question in asked]
    shared = compile_rules(release)

    def work(seed: int) -> bool:
        order = list(range(len(asked)))
        Random(seed).shuffle(order)
        return all(_bytes(asked[n], shared) == cold[n] for n in order)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))
