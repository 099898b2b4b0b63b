"""From bytes to rules and baskets, all or nothing: parse, validate, decode, look for contradictions."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pos_core.canonical import NotCanonical, parse_strict
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import decode
from pos_core.pricing.contradictions import contradictions_in
from pos_core.pricing.errors import (
    InvalidBasket,
    InvalidPricingInput,
    InvalidPromotions,
    InvalidRefund,
    InvalidResult,
)
from pos_core.pricing.refund_values import Refund, RefundRequest
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import PromotionSet
from pos_core.pricing.units import basket_problems
from pos_core.pricing.validate import Problem, problems_in

T = TypeVar("T")


def load_promotions(source: bytes | str | dict[str, Any]) -> PromotionSet:
    """A promotion set from JSON text or parsed JSON. Raises InvalidPromotions listing every problem."""
    data = _parsed(source, InvalidPromotions)
    problems = problems_in(data, "promotion_set")
    if problems:
        raise InvalidPromotions(problems)
    rules = decode(PromotionSet, data)
    problems = contradictions_in(rules)
    if problems:
        raise InvalidPromotions(problems)
    return rules


def load_basket(source: bytes | str | dict[str, Any]) -> PricingInput:
    """A basket from JSON text or parsed JSON. Raises InvalidBasket listing every problem."""
    data = _parsed(source, InvalidBasket)
    problems = problems_in(data, "basket")
    if problems:
        raise InvalidBasket(problems)
    question = decode(PricingInput, data)
    problems = basket_problems(question)
    if problems:
        raise InvalidBasket(problems)
    return question


def load_priced_basket(source: bytes | str | dict[str, Any]) -> PricedBasket:
    """A result from JSON, shape only: whether it is right is the checker's business. Raises InvalidResult."""
    data = _parsed(source, InvalidResult)
    problems = problems_in(data, "priced_basket")
    if problems:
        raise InvalidResult(problems)
    return decode(PricedBasket, data)


def load_refund(source: bytes | str | dict[str, Any]) -> Refund:
    """A refund from JSON, shape only: `refund` looks whether it is one of the sale. Raises InvalidRefund."""
    return _shaped(source, Refund, "refund")


def load_refund_request(source: bytes | str | dict[str, Any]) -> RefundRequest:
    """What comes back, from JSON. Raises InvalidRefund listing every problem."""
    return _shaped(source, RefundRequest, "refund_request")


def _shaped(source: bytes | str | dict[str, Any], kind: type[T], schema: str) -> T:
    data = _parsed(source, InvalidRefund)
    problems = problems_in(data, schema)
    if problems:
        raise InvalidRefund(problems)
    return decode(kind, data)


def _parsed(source: bytes | str | dict[str, Any], refusal: type[InvalidPricingInput]) -> Any:
    if isinstance(source, dict):
        return source
    try:
        return parse_strict(source)
    except NotCanonical as error:
        if "value" in error.facts:
            # Sound JSON with an integer beyond 2**53: the validator can say where it stands.
            return json.loads(source)
        raise refusal([Problem("/", "not_json", error.message)]) from None
