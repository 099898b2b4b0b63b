"""From bytes to rules and baskets, all or nothing: parse, validate, decode, look for contradictions."""

from __future__ import annotations

import json
from collections.abc import Callable
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
Source = bytes | str | dict[str, Any]
"""JSON text or JSON already parsed."""


def load_promotions(source: Source) -> PromotionSet:
    """A promotion set. Raises InvalidPromotions listing every problem."""
    return _checked(source, PromotionSet, "promotion_set", InvalidPromotions, contradictions_in)


def load_basket(source: Source) -> PricingInput:
    """A basket. Raises InvalidBasket listing every problem."""
    return _checked(source, PricingInput, "basket", InvalidBasket, basket_problems)


def load_priced_basket(source: Source) -> PricedBasket:
    """A result, shape only: whether it is right is the checker's business. Raises InvalidResult."""
    return _checked(source, PricedBasket, "priced_basket", InvalidResult)


def load_refund(source: Source) -> Refund:
    """A refund, shape only: `refund` looks whether it is one of the sale. Raises InvalidRefund."""
    return _checked(source, Refund, "refund", InvalidRefund)


def load_refund_request(source: Source) -> RefundRequest:
    """What comes back. Raises InvalidRefund listing every problem."""
    return _checked(source, RefundRequest, "refund_request", InvalidRefund)


def _checked(
    source: Source,
    kind: type[T],
    schema: str,
    refusal: type[InvalidPricingInput],
    contradictions: Callable[[T], list[Problem]] | None = None,
) -> T:
    """Parsed, of the shape of `schema`, free of `contradictions`; else `refusal` with every problem."""
    data = _parsed(source, refusal)
    problems = problems_in(data, schema)
    if problems:
        raise refusal(problems)
    value = decode(kind, data)
    problems = contradictions(value) if contradictions else []
    if problems:
        raise refusal(problems)
    return value


def _parsed(source: Source, refusal: type[InvalidPricingInput]) -> Any:
    if isinstance(source, dict):
        return source
    try:
        return parse_strict(source)
    except NotCanonical as error:
        if "value" in error.facts:
            # Sound JSON with an integer beyond 2**53: the validator can say where it stands.
            return json.loads(source)
        raise refusal([Problem("/", "not_json", error.message)]) from None
