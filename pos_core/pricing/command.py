"""What `python -m pos_core.pricing` answers, as pure functions of text: the edge is `__main__.py`.

docs/promotions.md, "The command line".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from pos_core.canonical import NotCanonical, canonical_bytes, parse_strict, path_of_fraction
from pos_core.errors import InvalidInput, TidemarkError
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.codec import encode, encode_bytes
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.explain import FORCED_ASKED, explain
from pos_core.pricing.load import load_basket, load_priced_basket, load_promotions, load_refund_request
from pos_core.pricing.refund import refund
from pos_core.pricing.refund_terms import refund_terms
from pos_core.pricing.refund_values import PricedSale, Refund
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import PromotionSet
from pos_core.pricing.words import Language, Words

DONE, FOUND, REFUSED, DEFECT = 0, 1, 2, 3
"""Exit codes: done; the checker found something; input refused; a defect of ours."""

BASKET_WORDS = frozenset({"basket", "promotions", "priced", "returns"})


class BadQuestion(InvalidInput):
    """The text is no question of this command. `facts["path"]`."""

    code = "invalid_question"


class Defect(TidemarkError):
    """A bug of this program; `facts["kind"]` names it."""

    code = "defect"


def defect(error: Exception) -> Defect:
    """What nobody foresaw, as an error like any other."""
    return Defect(f"{type(error).__name__}: {error}"[:500], kind=type(error).__name__)


class Options(NamedTuple):
    """What is wanted. `language`: also sentences; without `explain` it means nothing."""

    explain: bool = False
    language: Language | None = None
    check: bool = False
    refunds: bool = False
    symbol: str = "¥"


class Release:
    """A promotion set in the forms the command needs, each made when first asked for."""

    def __init__(self, promotions: PromotionSet) -> None:
        self.promotions = promotions
        self.rules: RuleSet = compile_rules(promotions)
        self._check: CheckRules | None = None

    @property
    def check(self) -> CheckRules:
        """For the checker."""
        if self._check is None:
            self._check = CheckRules(self.promotions)
        return self._check


class Answer(NamedTuple):
    """One line of output and the exit code it stands for."""

    line: bytes
    code: int = DONE


def load_release(text: bytes) -> Release:
    """A release from the text of a file. Raises InvalidPromotions."""
    return Release(load_promotions(text))


def answer(text: bytes, options: Options, release: Release | None) -> Answer:
    """The answer to one question. Raises TidemarkError."""
    data = _question(text)
    return _asked(data, options, _named(data) or release)


def batch(lines: Iterable[bytes], options: Options, release: Release | None) -> Iterator[Answer]:
    """One answer a line, in the order of the lines; one that is refused, or that we fail on, answers
    `{"error": …}`, and the others are answered all the same.

    Promotions named by a line hold for it and for the lines after it, whatever becomes of its basket. Refused
    promotions leave none: nothing is priced under those before. Empty lines are passed over.
    """
    for text in lines:
        if not text.strip():
            continue
        try:
            data = _question(text)
            if data.get("promotions") is not None:
                release = None
                release = _named(data)
            yield _asked(data, options, release)
        except TidemarkError as error:
            yield Answer(error_line(error), REFUSED)
        except Exception as error:
            yield Answer(error_line(defect(error)), DEFECT)


def _named(data: dict[str, Any]) -> Release | None:
    """The release of the question's own promotions; None: it names none."""
    promotions = data.get("promotions")
    return None if promotions is None else Release(load_promotions(_as_set(promotions)))


def _asked(data: dict[str, Any], options: Options, release: Release | None) -> Answer:
    if release is None:
        raise BadQuestion("neither the question nor --promotions names promotions", path="/promotions")
    if not isinstance(data.get("basket"), dict):
        raise BadQuestion("a basket is asked for", path="/basket")
    return _answer(load_basket(data["basket"]), data, options, release)


def error_line(error: TidemarkError) -> bytes:
    """A typed error as one line of JSON: code, message, facts (with `path`), problems."""
    return canonical_bytes({"error": error.as_dict()})


def _question(text: bytes) -> dict[str, Any]:
    try:
        data = parse_strict(text)
    except NotCanonical as error:
        if "value" not in error.facts:
            path = path_of_fraction(text) if "text" in error.facts else "/"
            raise BadQuestion(error.message, path=path) from None
        data = json.loads(text)  # an integer beyond 2**53: the validator says where it stands
    if not isinstance(data, dict):
        raise BadQuestion("an object is asked for", path="/")
    if "basket" not in data and "lines" in data:
        return {"basket": data}  # a basket by itself
    strange = sorted(set(data) - BASKET_WORDS)
    if strange:
        raise BadQuestion(f"unknown field {strange[0]!r}", path=f"/{strange[0]}")
    return data


def _as_set(promotions: Any) -> dict[str, Any]:
    """A promotion set; a bare list of promotions will do."""
    if isinstance(promotions, list):
        return {"promotions": promotions}
    if isinstance(promotions, dict):
        return promotions
    raise BadQuestion("a promotion set or a list of promotions is asked for", path="/promotions")


def _answer(question: PricingInput, data: dict[str, Any], options: Options, release: Release) -> Answer:
    given = data.get("priced")
    if given is not None and not isinstance(given, dict):
        raise BadQuestion("a priced basket is asked for", path="/priced")
    priced = price_basket(question, release.rules) if given is None else load_priced_basket(given)
    if options.check:
        return _checked(question, release, priced)
    if options.refunds:
        return _refunds(question, data, release, priced)
    if not options.explain:
        return Answer(encode_bytes(priced))
    if priced.release_hash != release.rules.release_hash:
        raise BadQuestion("priced under another release", path="/priced/release_hash")
    if given is not None:
        _must_be_right(question, release, priced)  # what contradicts itself has no explanation
    told = replace(priced, explanations=explain(question, release.rules, priced, forced_max=FORCED_ASKED))
    if options.language is None:
        return Answer(encode_bytes(told))
    words = Words(release.rules, options.language, exponent=question.exponent, symbol=options.symbol)
    lines = [text for each in told.explanations for text in words.lines(each)]
    return Answer(canonical_bytes({"priced": encode(told), "words": lines}))


def _checked(question: PricingInput, release: Release, priced: PricedBasket) -> Answer:
    findings = check_basket(question, release.check, priced)
    listed = [{"path": f.path, "code": f.code, "reason": f.reason} for f in findings]
    return Answer(canonical_bytes({"findings": listed}), FOUND if findings else DONE)


def _must_be_right(question: PricingInput, release: Release, priced: PricedBasket) -> None:
    """Refuses a priced basket that a stranger gave and the checker does not accept."""
    if check_basket(question, release.check, priced):
        raise BadQuestion("the priced basket is not right; --check says why", path="/priced")


def _refunds(question: PricingInput, data: dict[str, Any], release: Release, priced: PricedBasket) -> Answer:
    """The returns of `returns`, one after the other."""
    returns = data.get("returns")
    if not isinstance(returns, list):
        raise BadQuestion("a list of returns is asked for", path="/returns")
    _must_be_right(question, release, priced)
    sale = PricedSale(question=question, answer=priced, terms=refund_terms(priced, release.rules))
    found: list[Refund] = []
    for number, each in enumerate(returns):
        if not isinstance(each, dict):
            raise BadQuestion("a return is an object", path=f"/returns/{number}")
        found.append(refund(sale, load_refund_request(each), found, release.rules))
    return Answer(canonical_bytes({"refunds": [encode(each) for each in found]}))
