"""Every settlement once more from the documents that it names: a Z report is nothing but their sums (P6)."""

from __future__ import annotations

from collections.abc import Iterator

from pos_client.journal import shifts
from pos_client.storage.connection import Connection

_FIGURES = (
    "sale_count",
    "return_count",
    "sales_minor",
    "returns_minor",
    "discount_minor",
    "tax_minor",
    "cash_rounding_minor",
    "no_sale_count",
)
_EVERY = 1 << 40


def wrong_settlements(connection: Connection) -> Iterator[tuple[str, str]]:
    """(which Z report, what is wrong with it); nothing where all agree and no number is missing."""
    numbers = []
    for shift in shifts.settled_shifts(connection, limit=_EVERY):
        assert shift.settled_key is not None
        document = shifts.settlement_of(connection, shift)
        body, where = document["body"], f"Z {shift.z_number}"
        numbers.append(body["z_number"])
        if "covers" not in body:
            continue  # written by another program: it says nothing that could be summed again
        last_key = shift.settled_key - 1
        covered = shifts.covered(connection, shift, document["workstation_id"], last_key)
        if [cover.as_value() for cover in covered.covers] != body["covers"]:
            yield where, "it covers other documents than it names"
        totals = covered.sums.totals
        for name in _FIGURES:
            if body.get(name, getattr(totals, name)) != getattr(totals, name):
                yield where, f"{name} is {body[name]}, its documents sum to {getattr(totals, name)}"
        for tender in body["tenders"]:
            known = totals.tenders.get(tender["tender_code"])
            expected = 0 if known is None else known.expected_minor
            if tender["expected_minor"] != expected:
                yield where, f"{tender['tender_code']} is {tender['expected_minor']}, expected {expected}"
    if numbers and numbers != list(range(numbers[0], numbers[0] - len(numbers), -1)):
        yield "Z numbers", "a number is missing"
