"""A ruling as data: what the server says where facts cannot all be right. It undoes nothing.

A ruling follows from states and terms alone, so any order of arrival ends in the same standing rulings.
What an earlier order had said meanwhile is kept and marked as superseded (`restate`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.sync.folds.stamp import Stamp

_TAG = b"tidemark.ruling.1\x00"


@dataclass(frozen=True, slots=True)
class Ruling:
    """One standing ruling.

    Attributes:
        rule: the rule's name; one module of this package each.
        key: what it is about: a coupon, a member, a line, a held basket …
        cause: stable code; the window writes the sentence.
        stands: document keys on the side that the rule lets stand.
        against: document keys on the other side; the first is what the ruling is about.
        place: which fact of that document (0 where there is one only).
        cost_minor, points: what it cost, in money or in points, never below zero.
        bearer: `chain`, `store:<id>` or `member:<id>`: by the chain's policy.
        reaches: stores that see it, sorted.
        detail: further figures by name, for the screen.
    """

    rule: str
    key: str
    cause: str
    stands: tuple[str, ...]
    against: tuple[str, ...]
    place: int = 0
    cost_minor: int = 0
    points: int = 0
    bearer: str = "chain"
    reaches: tuple[str, ...] = ()
    detail: tuple[tuple[str, int | str], ...] = ()

    @property
    def subject(self) -> tuple[str, str, str, int]:
        """What it is about, whatever it says: the ruling that supersedes it has the same."""
        return (self.rule, self.key, self.against[0] if self.against else "", self.place)

    @property
    def ruling_id(self) -> str:
        """32 hex digits, from everything that the ruling says: the same facts give the same id."""
        return hashlib.sha256(_TAG + canonical_bytes(self._content())).hexdigest()[:32]

    def as_value(self) -> dict[str, Any]:
        """As it is kept and sent."""
        return {"ruling_id": self.ruling_id, **self._content()}

    def _content(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "key": self.key,
            "cause": self.cause,
            "stands": list(self.stands),
            "against": list(self.against),
            "place": self.place,
            "cost_minor": self.cost_minor,
            "points": self.points,
            "bearer": self.bearer,
            "reaches": list(self.reaches),
            "detail": dict(self.detail),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the rulings of a key.

    Attributes:
        made: rulings that now stand and did not before.
        superseded: id of a ruling that no longer stands → id of the one that took its place, or "" where
            the facts leave nothing to rule on any more.
    """

    made: tuple[Ruling, ...]
    superseded: dict[str, str]


def restate(standing: Iterable[Ruling], now: Iterable[Ruling]) -> Change:
    """From the rulings of a key that stood to those that its states give now."""
    before = {ruling.ruling_id: ruling for ruling in standing}
    after = {ruling.ruling_id: ruling for ruling in now}
    by_subject = {ruling.subject: ruling_id for ruling_id, ruling in after.items()}
    gone = {
        ruling_id: by_subject.get(ruling.subject, "")
        for ruling_id, ruling in before.items()
        if ruling_id not in after
    }
    made = tuple(ruling for ruling_id, ruling in after.items() if ruling_id not in before)
    return Change(made, dict(sorted(gone.items())))


def stores_of(*store_ids: str) -> tuple[str, ...]:
    """Sorted, each once, without head office's empty one."""
    return tuple(sorted({store_id for store_id in store_ids if store_id}))


def borne_by(policy: str, store_id: str) -> str:
    """The bearer that a policy's word names: `store` is the store where it happened."""
    return f"store:{store_id}" if policy == "store" and store_id else "chain"


def document_of(stamp_value: list[Any]) -> str:
    """The document key of a stamp as kept in states."""
    return Stamp(*stamp_value).document
