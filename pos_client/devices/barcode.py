"""The front door for codes: what a scanned or typed text is, before anyone asks the catalogue.

GTINs and in-store labels are read by `pos_core.catalog`; GS1 element strings (GS1-128, DataBar, DataMatrix,
QR) by biip, loaded only when one comes. Used AIs: 01 GTIN, 02 + 37 contained GTIN and count, 30 count,
310n net weight in kg, 392n and 393n amount payable, 10 lot, 17 expiry. Others (serial) are read over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from pos_core.catalog.gtin import (
    GTIN_LENGTHS,
    NotABarcode,
    is_digits,
    normalise_gtin,
    require_check_digit,
)
from pos_core.catalog.in_store_code import InStoreLayout, read_in_store_code

if TYPE_CHECKING:
    from biip.gs1_messages import GS1Message

FNC1 = "\x1d"
PLU_DIGITS_MAX = 7
TEXT_MAX = 1024
_WEIGHT_AI = re.compile(r"310[0-6]")
_AMOUNT_AI = re.compile(r"39[23][0-9]")
# AIM symbology identifiers (ISO/IEC 15424) that scanners may put in front: EAN/UPC and GS1 carriers.
_PLAIN_IDENTIFIERS = ("]E0", "]E4", "]E3", "]C0", "]I1", "]I0", "]A0")
_GS1_IDENTIFIERS = ("]C1", "]e0", "]d2", "]Q3", "]J1")


@dataclass(frozen=True, slots=True)
class Code:
    """What a text says. Exactly one of `gtin`, `plu`, `label_code`, `text` is set.

    Attributes:
        gtin: 14 digits, check digit verified.
        plu: 1 to 7 digits typed by hand.
        label_code: item digits inside an in-store label (a PLU, leading zeros kept).
        text: anything else: only an SKU can match it.
        amount_minor, weight_milli: what the label or element string says of this very pack.
        count: pieces said by AI 30 or 37; None mostly.
        lot, expiry: AI 10, and AI 17 as it stands there (YYMMDD); "" where it says none.
        seen: the text for messages, without control characters.
    """

    kind: Literal["gtin", "in_store", "plu", "text"]
    seen: str
    gtin: str | None = None
    plu: str | None = None
    label_code: str | None = None
    text: str | None = None
    amount_minor: int | None = None
    weight_milli: int | None = None
    count: int | None = None
    lot: str = ""
    expiry: str = ""


def read_code(text: str, layouts: Iterable[InStoreLayout], *, exponent: int = 2, currency: str = "") -> Code:
    """What `text` is. Raises BadCheckDigit, NotABarcode (an element string that cannot be read).

    In-store layouts are asked before GTINs: a chain may use any restricted prefix for its labels.
    """
    body = text.strip(" \r\n\t")[:TEXT_MAX]
    for identifier in _PLAIN_IDENTIFIERS:
        body = body.removeprefix(identifier)
    identified = body.startswith(_GS1_IDENTIFIERS)
    if identified or FNC1 in body or _looks_like_gs1(body, layouts):
        return _element_string(body[3:] if identified else body, exponent, currency)
    seen = "".join(char for char in body if char.isprintable())
    if not is_digits(body):
        return Code("text", seen, text=seen)
    label = read_in_store_code(body, layouts, exponent=exponent)
    if label is not None:
        return Code(
            "in_store",
            seen,
            label_code=label.code,
            amount_minor=label.amount_minor,
            weight_milli=label.weight_milli,
        )
    if len(body) in GTIN_LENGTHS:
        return Code("gtin", seen, gtin=normalise_gtin(body))
    if len(body) <= PLU_DIGITS_MAX:
        return Code("plu", seen, plu=body)
    return Code("text", seen, text=seen)


def _looks_like_gs1(body: str, layouts: Iterable[InStoreLayout]) -> bool:
    """A scanner without identifiers: `01` and a GTIN, then more; or people's brackets `(01)…`."""
    if body.startswith(("(01)", "(02)")):
        return True
    if len(body) < 16 or body[:2] not in ("01", "02") or not is_digits(body[:16]):
        return False
    return not any(
        len(body) == layout.length and body.startswith(layout.prefix) and is_digits(body)
        for layout in layouts
    )


def _element_string(body: str, exponent: int, currency: str) -> Code:
    from biip import ParseError
    from biip.gs1_messages import GS1Message

    seen = "".join(char for char in body if char.isprintable())
    bracketed = body.startswith("(")
    found = re.match(r"\(?0[12]\)?(\d{14})", body)
    if found:
        require_check_digit(found.group(1))
    try:
        message = GS1Message.parse_hri(body) if bracketed else GS1Message.parse(body.strip(FNC1))
    except (ParseError, ValueError, ArithmeticError) as error:
        raise NotABarcode(f"not a GS1 element string: {error}"[:200], seen=seen) from None
    gtin = _value(message, "01") or _value(message, "02")
    if gtin is None:
        raise NotABarcode("a GS1 element string without a GTIN", seen=seen)
    count = _value(message, "30") or _value(message, "37")
    return Code(
        "gtin",
        seen,
        gtin=normalise_gtin(gtin),
        amount_minor=_amount(message, exponent, currency, seen),
        weight_milli=_weight(message, seen),
        count=int(count) if count else None,
        lot=_value(message, "10") or "",
        expiry=_value(message, "17") or "",
    )


def _value(message: GS1Message, ai: str) -> str | None:
    for element in message.element_strings:
        if element.ai.ai == ai:
            return element.value
    return None


def _weight(message: GS1Message, seen: str) -> int | None:
    for element in message.element_strings:
        if _WEIGHT_AI.fullmatch(element.ai.ai) and element.decimal is not None:
            return _scaled(element.decimal, 3, seen)
    return None


def _amount(message: GS1Message, exponent: int, currency: str, seen: str) -> int | None:
    for element in message.element_strings:
        ai = element.ai.ai
        if not _AMOUNT_AI.fullmatch(ai):
            continue
        digits = element.value
        if ai.startswith("393"):
            if currency and digits[:3] != _NUMERIC.get(currency, digits[:3]):
                raise NotABarcode("an amount in another currency", seen=seen)
            digits = digits[3:]
        return _scaled(Decimal(digits).scaleb(-int(ai[3])), exponent, seen)
    return None


# ISO 4217 numeric codes, as AI 393n carries them; a currency that is not listed is not checked.
_NUMERIC = {"CNY": "156", "HKD": "344", "JPY": "392", "USD": "840", "EUR": "978", "GBP": "826", "TWD": "901"}


def _scaled(value: Decimal, decimals: int, seen: str) -> int:
    """A decimal as an integer of 10**-decimals; more decimals than that round half up."""
    scaled = int((value.scaleb(decimals) + Decimal("0.5")).to_integral_value(rounding="ROUND_FLOOR"))
    if scaled <= 0:
        raise NotABarcode("a weight or price of zero", seen=seen)
    return scaled
