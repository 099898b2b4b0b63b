"""Quotes: the price of a basket under a release, the same bytes that a workstation computes.

A web shop asks before it sells. Nothing is kept and nothing is reserved: uses, budgets and coupons are what
the question says they are.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pos_core.canonical import NotCanonical, parse_strict
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidPricingInput
from pos_core.pricing.explain import explain
from pos_core.pricing.load import load_basket
from sync_server.services.errors import BadBasket, MalformedRequest, NotYours, UnknownRelease
from sync_server.services.release_rules import ReleaseRules, RuleBook

QUOTE_BYTES_MAX = 1024 * 1024
LINES_MAX = 1_000
_FIELDS = frozenset({"basket", "release", "explain"})


class Quotes:
    """Prices what it is asked; keeps nothing."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules

    def quote(self, body: bytes, *, channel: str | None = None) -> bytes:
        """The priced basket's canonical bytes for `{"basket": …, "release"?: version, "explain"?: bool}`.

        Without `release`: the one in force at the basket's `instant_ms`. `channel`: the only one that the
        asker may ask for. Raises MalformedRequest, BadBasket (path, problem), UnknownRelease, NotYours.
        """
        data = _message(body)
        try:
            question = load_basket(data["basket"])
        except InvalidPricingInput as error:
            raise BadBasket(error.message, **error.facts) from None
        if len(question.lines) > LINES_MAX:
            raise BadBasket("too many lines", path="/lines", problem="too_many", lines_max=LINES_MAX)
        if channel is not None and question.channel != channel:
            raise NotYours("the key is for another channel", channel=channel)
        found = self._release(data.get("release"), question.instant_ms)
        answer = price_basket(question, found.rules)
        if data.get("explain", False):
            answer = replace(answer, explanations=explain(question, found.rules, answer))
        return encode_bytes(answer)

    def _release(self, version: int | None, instant_ms: int) -> ReleaseRules:
        found = self._rules.in_force(instant_ms) if version is None else self._rules.of(version)
        if found is None:
            raise UnknownRelease("no such release", release=version)
        return found


def _message(body: bytes) -> dict[str, Any]:
    try:
        data = parse_strict(body)
    except NotCanonical as error:
        if "value" not in error.facts:
            raise MalformedRequest(error.message[:200]) from None
        data = json.loads(body)  # an integer beyond 2**53: the basket's validator says where it stands
    if not isinstance(data, dict) or not set(data) <= _FIELDS or not isinstance(data.get("basket"), dict):
        raise MalformedRequest('{"basket": {…}, "release"?: version, "explain"?: bool} is asked for')
    version, wanted = data.get("release"), data.get("explain", False)
    if version is not None and (type(version) is not int or not 1 <= version < 2**53):
        raise MalformedRequest("release is a version from 1 on")
    if type(wanted) is not bool:
        raise MalformedRequest("explain is true or false")
    return data
