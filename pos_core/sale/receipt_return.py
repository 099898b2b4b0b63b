"""A return as other stores must know it: what came back of the receipt, and by which tenders.

`{"hlc", "store_id", "lines": [{"origin_line_no", "quantity_milli", "net_minor"}], "tenders":
[{"tender_code", "tender_kind", "amount_minor", "reference"}]}`: enough to stand among a sale's earlier
returns, nothing of goods or people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Place = tuple[str, int, int]
"""Workstation, incarnation, number."""
Known = tuple[Place, Mapping[str, Any]]
"""A return's place and its data."""


def place_of(numbered: Mapping[str, Any]) -> Place:
    """Of a document's header or of an `origin`."""
    return numbered["workstation_id"], numbered["incarnation"], numbered["number"]


def return_data(document: Mapping[str, Any]) -> dict[str, Any]:
    """Of a decoded `return` document."""
    body = document["body"]
    return {
        "hlc": document["hlc"],
        "store_id": document["store_id"],
        "lines": [
            {name: line[name] for name in ("origin_line_no", "quantity_milli", "net_minor")}
            for line in body["lines"]
            if line.get("origin_line_no") is not None
        ],
        "tenders": [
            {
                "tender_code": tender["tender_code"],
                "tender_kind": tender["tender_kind"],
                "amount_minor": tender["amount_minor"],
                "reference": tender["reference"] if tender["tender_kind"] == "stored_value" else None,
            }
            for tender in body["tenders"]
        ],
    }


def in_order(known: Iterable[Known]) -> list[Mapping[str, Any]]:
    """Each return once, in the order in which rulings let them stand: by hybrid time, then place."""
    by_place = dict(known)
    return [data for _, data in sorted(by_place.items(), key=lambda each: (each[1]["hlc"], each[0]))]
