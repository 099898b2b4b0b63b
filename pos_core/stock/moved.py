"""What each document of goods moves at the store where it was written: one function for rows and facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_SIGNS = {
    "goods_received": (1, "receipt"),
    "transfer_shipped": (-1, "transfer_out"),
    "transfer_received": (1, "transfer_in"),
}
MOVING_TYPES = ("stock_movement", *_SIGNS)


def moved_lines(document_type: str, body: Mapping[str, Any]) -> Iterator[tuple[int, str, int, str]]:
    """`(line_no, sku, signed thousandths, reason)`; nothing for a document that moves no goods."""
    if document_type == "stock_movement":
        for line in body["lines"]:
            yield line["line_no"], line["sku"], line["quantity_milli"], line.get("reason") or body["reason"]
    elif document_type in _SIGNS:
        sign, reason = _SIGNS[document_type]
        for line in body["lines"]:
            if line["quantity_milli"]:
                yield line["line_no"], line["sku"], sign * line["quantity_milli"], reason
