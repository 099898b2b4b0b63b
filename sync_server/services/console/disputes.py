"""A sale whose price somebody doubts: solved again off the receiving path, with the answer on its page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sync_server.services.acts import Act
from sync_server.services.console.documents import Documents, NoSuchDocument
from sync_server.services.price_check import PriceChecks
from sync_server.store.price_check import Place

_PLACES = (
    (re.compile(r"/lines/(\d+)"), "sold_line"),
    (re.compile(r"/pricing/result/lines/(\d+)"), "line"),
    (re.compile(r"/pricing/result/applications/(\d+)"), "application"),
    (re.compile(r"/pricing/result/coupons"), "coupons"),
    (re.compile(r"/pricing/result/gifts"), "gifts"),
    (re.compile(r"/pricing/result/points"), "points"),
    (re.compile(r"/pricing/result/shipping"), "shipping"),
    (re.compile(r"/pricing/result/(?:certificate|gap)"), "certificate"),
    (re.compile(r"/(?:pricing/result/)?release"), "release"),
    (re.compile(r"/pricing(?:/result)?$|/pricing/result/"), "whole"),
    (re.compile(r"/pricing"), "record"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a code of the checker, where in words' keys, and what it said itself.

    `place`: line, sold_line or application with `number` from 1; coupons, record, whole …
    """

    code: str
    place: str
    number: int | None
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class PriceState:
    """What is known of a sale's price.

    Attributes:
        why: what had it solved again: bound, sample or disputed; "" when nothing did.
        outcome: same, cheaper, dearer, other or not_solvable; "" while it waits.
        findings: of the checker and of solving again.
    """

    why: str = ""
    asked_at_ms: int = 0
    outcome: str = ""
    solved_at_ms: int | None = None
    difference_minor: int = 0
    findings: tuple[Fault, ...] = ()

    @property
    def waits(self) -> bool:
        """It will be solved again shortly."""
        return bool(self.why) and self.solved_at_ms is None


class Disputes:
    """For the page of a document."""

    def __init__(self, checks: PriceChecks, documents: Documents) -> None:
        self._checks = checks
        self._documents = documents

    def state(self, place: Place, region: str | None) -> PriceState | None:
        """None: the document is no sale, or none of this region."""
        if not self._checks.is_sale(place) or not self._is_seen(place, region):
            return None
        row = self._checks.solve_of(place)
        found = self._checks.findings_of(place)
        said = tuple(fault_of(**each) for one in found for each in json.loads(one.findings))
        difference = sum(one.difference_minor for one in found if one.source == "solve")
        if row is None:
            return PriceState(findings=said)
        return PriceState(row.why, row.asked_at_ms, row.outcome or "", row.solved_at_ms, difference, said)

    def dispute(self, act: Act, place: Place, region: str | None) -> None:
        """Solved again before the others. Raises NoSuchDocument."""
        if not self._is_seen(place, region) or not self._checks.dispute(place, act):
            raise NoSuchDocument("no such sale")

    def _is_seen(self, place: Place, region: str | None) -> bool:
        try:
            self._documents.one("/".join(str(each) for each in place), region)
        except NoSuchDocument:
            return False
        return True


def fault_of(*, path: str, code: str, reason: str) -> Fault:
    """With the place that a person knows."""
    for pattern, place in _PLACES:
        found = pattern.match(path)
        if found is not None:
            number = int(found[1]) + 1 if found.groups() else None
            return Fault(code, place, number, path, reason)
    return Fault(code, "whole", None, path, reason)
