"""Quotes: the price of a basket under a release, the same bytes that a workstation computes.

A web shop asks before it sells. Nothing is kept and nothing is reserved: uses, budgets and coupons are what
the question says they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pos_core.canonical import NotCanonical, parse_strict, path_of_fraction
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidPricingInput
from pos_core.pricing.explain import FORCED_ASKED, explain
from pos_core.pricing.load import load_basket
from sync_server.services.errors import BadBasket, MalformedRequest, NotYours, UnknownRelease
from sync_server.services.keys import ChainKeys
from sync_server.services.release_rules import ReleaseRules, RuleBook
from sync_server.services.shared.pricing_member import pricing_member
from sync_server.store.engine import Store

QUOTE_BYTES_MAX = 1024 * 1024
LINES_MAX = 1_000
SEGMENTS_MAX = 100
SEGMENT_CHARS_MAX = 64
_FIELDS = frozenset({"basket", "release", "explain", "member_id", "segments"})
_ASKED = '{"basket", "release"?, "explain"?, "member_id"?, "segments"?} is asked for'


class Quotes:
    """Prices what it is asked; keeps nothing."""

    def __init__(self, rules: RuleBook, store: Store, keys: ChainKeys) -> None:
        self._rules = rules
        self._store = store
        self._keys = keys

    def quote(self, body: bytes, *, channel: str | None = None) -> bytes:
        """The priced basket's canonical bytes for a body as `_ASKED` says.

        Without `release`: the one in force at the basket's `instant_ms`. `member_id`: head office says what
        rules may ask of the member, where the basket has none, but for `segments`: the asker knows those it
        computes, and they decide for issued coupons only. `channel`: the only one that the asker may
        ask for. Raises MalformedRequest, BadBasket (path, problem), UnknownRelease, NotYours.
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
        question = self._with_member(question, data.get("member_id"), data.get("segments", []))
        found = self._release(data.get("release"), question.instant_ms)
        answer = price_basket(question, found.rules)
        if data.get("explain", False):
            answer = replace(
                answer, explanations=explain(question, found.rules, answer, forced_max=FORCED_ASKED)
            )
        return encode_bytes(answer)

    def _with_member(
        self, question: PricingInput, member_id: str | None, segments: Sequence[str]
    ) -> PricingInput:
        if member_id is None:
            return question
        if question.member is not None:
            raise BadBasket("the basket has a member of its own", path="/member", problem="member_twice")
        member = self._store.read(lambda txn: pricing_member(txn, self._keys, member_id))
        if member is None:
            raise BadBasket("no such member", path="/member_id", problem="unknown_member")
        return replace(question, member=replace(member, segments=tuple(sorted(segments))))

    def _release(self, version: int | None, instant_ms: int) -> ReleaseRules:
        found = self._rules.in_force(instant_ms) if version is None else self._rules.of(version)
        if found is None:
            raise UnknownRelease("no such release", release=version)
        return found


def _message(body: bytes) -> dict[str, Any]:
    try:
        data = parse_strict(body)
    except NotCanonical as error:
        path = path_of_fraction(body) if "text" in error.facts else ""
        if path.startswith("/basket/"):
            raise BadBasket(error.message, path=path.removeprefix("/basket"), problem="wrong_type") from None
        if "value" not in error.facts:
            raise MalformedRequest(error.message[:200]) from None
        data = json.loads(body)  # an integer beyond 2**53: the basket's validator says where it stands
    if not isinstance(data, dict) or not set(data) <= _FIELDS or not isinstance(data.get("basket"), dict):
        raise MalformedRequest(_ASKED)
    member_id = data.get("member_id")
    if member_id is not None and (not isinstance(member_id, str) or not 1 <= len(member_id) <= 100):
        raise MalformedRequest("member_id is a member's id")
    if "segments" in data and (member_id is None or not _segments(data["segments"])):
        raise MalformedRequest("segments are different codes of the member that member_id names")
    version, wanted = data.get("release"), data.get("explain", False)
    if version is not None and (type(version) is not int or not 1 <= version < 2**53):
        raise MalformedRequest("release is a version from 1 on")
    if type(wanted) is not bool:
        raise MalformedRequest("explain is true or false")
    return data


def _segments(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= SEGMENTS_MAX
        and all(isinstance(each, str) and 1 <= len(each) <= SEGMENT_CHARS_MAX for each in value)
        and len(set(value)) == len(value)
    )
