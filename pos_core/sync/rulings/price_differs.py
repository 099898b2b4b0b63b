"""A line whose list price is not its release's. The sale stands; the difference is a figure, not a refund.

Lines whose amount is given by a label, a recorded sale or the operator (open price) have no release price:
`price_of` answers None for them and for what the release does not sell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pos_core.rounding import half_up
from pos_core.sale.balance import GIVEN_AMOUNTS
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "price_differs"


def rule(
    document: str,
    store_id: str,
    body: Mapping[str, Any],
    price_of: Callable[[str], int | None],
    terms: Terms,
) -> tuple[Ruling, ...]:
    """One ruling a line. `price_of` gives the sku's list price in the document's own release."""
    found = []
    for line in body["lines"]:
        if line["entered"] in GIVEN_AMOUNTS:
            continue
        expected_minor = price_of(line["sku"])
        if expected_minor is None:
            continue
        short_minor = expected_minor - line["unit_price_minor"]
        if abs(short_minor) <= terms.price_tolerance_minor:
            continue
        found.append(
            Ruling(
                RULE,
                f"{document}#{line['line_no']}",
                "charged_below_release" if short_minor > 0 else "charged_above_release",
                stands=(),
                against=(document,),
                place=line["line_no"],
                cost_minor=max(0, half_up(short_minor * line["quantity_milli"], 1000)),
                bearer=borne_by(terms.bearer(RULE), store_id),
                reaches=stores_of(store_id),
                detail=(
                    ("charged_minor", line["unit_price_minor"]),
                    ("release_minor", expected_minor),
                    ("sku", line["sku"]),
                ),
            )
        )
    return tuple(found)
