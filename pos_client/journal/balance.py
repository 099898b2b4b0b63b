"""Promise P5 on one document: the money of a sale or return adds up. Used by `verify`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def imbalance(document: Mapping[str, Any]) -> str | None:
    """What does not add up in a sale or return; None when it balances or is no trade.

    lines − discounts = nets; nets + cash rounding = total = tenders − change; taxes add up.
    """
    if document["type"] not in ("sale", "return"):
        return None
    body = document["body"]
    try:
        net = sum(line["net_minor"] for line in body["lines"])
        tax = sum(line["tax_minor"] for line in body["lines"])
        paid = sum(tender["amount_minor"] - tender["change_minor"] for tender in body["tenders"])
        total = body["total_minor"]
        rounding = body["cash_rounding_minor"]
    except (KeyError, TypeError) as error:
        return f"a part is missing: {error}"
    if net + rounding != total:
        return f"lines {net} and cash rounding {rounding} make {net + rounding}, total is {total}"
    if paid != total:
        return f"tenders less change make {paid}, total is {total}"
    if tax != body["tax_minor"]:
        return f"line taxes make {tax}, the document says {body['tax_minor']}"
    return None
