"""What a chain asks of a means of payment beside what its type says: policy `tender_rules`.

    {tender_code: {"over", "least_minor", "most_minor", "partial", "reference", "times_max"}}

Every field is optional (docs/cash.md, "Tender rules"). A code that is not named has the default rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pos_core.errors import InvalidInput, Refusal

Over = Literal["refuse", "forfeit"]
ReferenceRule = Literal["optional", "required"]


class BadTenderRules(InvalidInput):
    """A policy that cannot be understood; `facts["path"]` says where."""

    code = "bad_tender_rules"


class TenderTooLow(Refusal):
    """Less than this tender takes; `facts["minimum_minor"]`."""

    code = "tender_too_low"


class TenderMustCover(Refusal):
    """This tender pays all that is due or nothing; `facts["remaining_minor"]`."""

    code = "tender_must_cover"


class TenderOverMost(Refusal):
    """More than this tender takes in one sale; `facts["maximum_minor"]`."""

    code = "tender_over_most"


class TenderTooOften(Refusal):
    """This tender was taken `facts["maximum"]` times already."""

    code = "tender_too_often"


class ReferenceRequired(Refusal):
    """This tender needs its number: a voucher's, a slip's."""

    code = "reference_required"


class ReferenceTwice(Refusal):
    """The same voucher stands on this sale already."""

    code = "reference_twice"


@dataclass(frozen=True, slots=True)
class TenderRule:
    """One tender's rule.

    Attributes:
        over: what is more than due, where the type gives no change: refused, or forfeited (a voucher of 50
            for goods of 42: 42 are taken, its face of 50 stands in the document).
        least_minor, most_minor: of one tender, and of all of its kind in one sale.
        partial: False: it pays all that is due or nothing.
    """

    over: Over = "refuse"
    least_minor: int = 0
    most_minor: int | None = None
    partial: bool = True
    reference: ReferenceRule = "optional"
    times_max: int | None = None


DEFAULT_RULE = TenderRule()
TenderRules = Mapping[str, TenderRule]


def parse_tender_rules(value: object) -> TenderRules:
    """From the decoded policy; None: no rules. Raises BadTenderRules."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadTenderRules("not an object", path="tender_rules")
    return {str(code): _rule(row, f"tender_rules.{str(code)[:32]}") for code, row in value.items()}


def _rule(row: Any, path: str) -> TenderRule:
    _require(isinstance(row, dict), path)
    rule = TenderRule(
        over=row.get("over", "refuse"),
        least_minor=row.get("least_minor", 0),
        most_minor=row.get("most_minor"),
        partial=row.get("partial", True),
        reference=row.get("reference", "optional"),
        times_max=row.get("times_max"),
    )
    _require(rule.over in ("refuse", "forfeit"), f"{path}.over")
    _require(_is_amount(rule.least_minor), f"{path}.least_minor")
    _require(rule.most_minor is None or _is_amount(rule.most_minor), f"{path}.most_minor")
    _require(isinstance(rule.partial, bool), f"{path}.partial")
    _require(rule.reference in ("optional", "required"), f"{path}.reference")
    _require(
        rule.times_max is None or (_is_amount(rule.times_max) and rule.times_max > 0), f"{path}.times_max"
    )
    return rule


def check_rule(
    rule: TenderRule,
    *,
    amount_minor: int,
    due_minor: int,
    taken_minor: int,
    times: int,
    reference: str | None,
    references: frozenset[str | None],
) -> None:
    """Whether a tender may be taken: `taken_minor` and `times` are what of it stands on the sale already.

    Raises TenderTooLow, TenderMustCover, TenderOverMost, TenderTooOften, ReferenceRequired, ReferenceTwice.
    """
    if amount_minor < rule.least_minor:
        raise TenderTooLow("too little", minimum_minor=rule.least_minor)
    if not rule.partial and amount_minor < due_minor:
        raise TenderMustCover("all or nothing", remaining_minor=due_minor)
    if rule.most_minor is not None and taken_minor + amount_minor > rule.most_minor:
        raise TenderOverMost("more than this tender takes", maximum_minor=rule.most_minor)
    if rule.times_max is not None and times >= rule.times_max:
        raise TenderTooOften("often enough", maximum=rule.times_max)
    if rule.reference == "required" and not reference:
        raise ReferenceRequired("its number is needed")
    if rule.reference == "required" and reference in references:
        raise ReferenceTwice("this one stands there already")


def _is_amount(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


def _require(right: bool, path: str) -> None:
    if not right:
        raise BadTenderRules(f"{path} is wrong", path=path)
