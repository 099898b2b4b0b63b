"""A sale whose promotions are not what its release gives, as head office's price check found.

The sale stands. It is said by whom it was found: the checker of every sale, or solving the sale again; the
second is stated anew whenever the sale is solved again, so a doubt that is cleared away no longer stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "promotions_differ"
CAUSES: Mapping[str, str] = {
    "not_cheapest": "charged_too_much",
    "too_cheap": "charged_too_little",
    "other_plan": "other_plan",
    "not_priced": "not_priced",
    **dict.fromkeys(("release_unknown", "check_failed", "not_solvable", "solve_failed"), "not_checkable"),
}
"""Code of the first finding → cause; every other code is the checker's: `record_unsound`."""


def key_of(document: str, found_by: Literal["check", "solve"]) -> str:
    """What the ruling is about: the sale, as seen by one of the two."""
    return f"{document}#{found_by}"


def rule(
    document: str,
    store_id: str,
    found_by: Literal["check", "solve"],
    findings: Sequence[Mapping[str, str]],
    terms: Terms,
    *,
    difference_minor: int = 0,
) -> tuple[Ruling, ...]:
    """One ruling for a sale with findings, none without.

    `findings` are `{"path", "code", "reason"}`; `difference_minor` is the sale's payable less the best legal
    one, 0 where it was not solved again: below zero is what it cost.
    """
    if not findings:
        return ()
    first = findings[0]
    detail: list[tuple[str, int | str]] = [("finding", first["code"]), ("findings", len(findings))]
    if difference_minor:
        detail.insert(0, ("difference_minor", difference_minor))
    return (
        Ruling(
            RULE,
            key_of(document, found_by),
            CAUSES.get(first["code"], "record_unsound"),
            stands=(),
            against=(document,),
            cost_minor=max(0, -difference_minor),
            bearer=borne_by(terms.bearer(RULE), store_id),
            reaches=stores_of(store_id),
            detail=(*detail, ("path", first["path"]), ("reason", first["reason"])),
        ),
    )
