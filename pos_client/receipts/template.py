"""The policy `receipt_template`: what a chain puts on its receipts. Fields and defaults: docs/receipts.md."""

from __future__ import annotations

import base64
import binascii
import string
from dataclasses import dataclass
from typing import Any

from pos_client.receipts.rows import PictureRow
from pos_core.errors import InvalidInput

BLOCKS = (
    "logo",
    "store",
    "header",
    "facts",
    "member",
    "lines",
    "totals",
    "tenders",
    "taxes",
    "points",
    "return_code",
    "invoice",
    "footer",
)
"""Everything a receipt may hold, in the order of the default."""
ALWAYS = frozenset({"store", "facts", "lines", "totals", "tenders"})
"""Without these it is no receipt; a template that leaves one out gets it in its usual place."""
LINES_MAX, TEXT_MAX, LINK_MAX = 20, 200, 300
LOGO_WIDTH_MAX, LOGO_HEIGHT_MAX = 576, 400
LINK_FIELDS = frozenset(
    "store_id workstation_id incarnation number business_day total_minor document_id code".split()
)


class BadReceiptTemplate(InvalidInput):
    """A template that cannot be understood; `facts["path"]` says where."""

    code = "bad_receipt_template"


@dataclass(frozen=True, slots=True)
class ReceiptTemplate:
    """Texts are printed as they are, wrapped to the paper.

    Attributes:
        blocks: which of `BLOCKS`, in this order.
        invoice_link: a link with `{fields}` of the sale for the e-invoice (开票) code; "" prints none.
        return_summary: the return code carries the signed sale, so that any store takes goods back offline.
    """

    blocks: tuple[str, ...] = BLOCKS
    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    logo: PictureRow | None = None
    invoice_link: str = ""
    return_summary: bool = True


DEFAULT_TEMPLATE = ReceiptTemplate()


def parse_template(value: object) -> ReceiptTemplate:
    """From the decoded policy; None is the default, unknown fields do no harm. Raises BadReceiptTemplate."""
    if value is None:
        return DEFAULT_TEMPLATE
    if not isinstance(value, dict):
        raise BadReceiptTemplate("not an object", path="receipt_template")
    return ReceiptTemplate(
        blocks=_blocks(value.get("blocks", list(BLOCKS))),
        header=_texts(value.get("header", []), "header"),
        footer=_texts(value.get("footer", []), "footer"),
        logo=None if value.get("logo") is None else _logo(value["logo"]),
        invoice_link=_link(value.get("invoice_link", "")),
        return_summary=_switch(value.get("return_summary", True), "return_summary"),
    )


def _blocks(value: Any) -> tuple[str, ...]:
    _require(isinstance(value, list) and all(block in BLOCKS for block in value), "blocks")
    named = list(dict.fromkeys(value))
    for block in BLOCKS:
        if block in ALWAYS and block not in named:
            before = [each for each in BLOCKS[: BLOCKS.index(block)] if each in named]
            named.insert(named.index(before[-1]) + 1 if before else 0, block)
    return tuple(named)


def _texts(value: Any, path: str) -> tuple[str, ...]:
    right = isinstance(value, list) and len(value) <= LINES_MAX
    _require(right and all(isinstance(text, str) and len(text) <= TEXT_MAX for text in value), path)
    return tuple(value)


def _switch(value: Any, path: str) -> bool:
    _require(type(value) is bool, path)
    return bool(value)


def _link(value: Any) -> str:
    _require(isinstance(value, str) and len(value) <= LINK_MAX and value.isascii(), "invoice_link")
    assert isinstance(value, str)
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(value)]
    except ValueError:
        raise BadReceiptTemplate("invoice_link is wrong", path="invoice_link") from None
    for name, spec, conversion in fields:
        _require(name is None or (name in LINK_FIELDS and not spec and not conversion), "invoice_link")
    return value


def _logo(value: Any) -> PictureRow:
    """`{"width", "height", "bits"}`: bits in base64, row by row, each row filled up to a byte, 1 is black."""
    _require(isinstance(value, dict), "logo")
    width, height, bits = value.get("width"), value.get("height"), value.get("bits")
    _require(type(width) is int and 0 < width <= LOGO_WIDTH_MAX, "logo.width")
    _require(type(height) is int and 0 < height <= LOGO_HEIGHT_MAX, "logo.height")
    _require(isinstance(bits, str), "logo.bits")
    try:
        data = base64.b64decode(bits, validate=True)
    except (binascii.Error, ValueError):
        raise BadReceiptTemplate("logo.bits is wrong", path="logo.bits") from None
    _require(len(data) == (width + 7) // 8 * height, "logo.bits")
    return PictureRow(width, height, data)


def _require(right: bool, path: str) -> None:
    if not right:
        raise BadReceiptTemplate(f"{path} is wrong", path=path)
