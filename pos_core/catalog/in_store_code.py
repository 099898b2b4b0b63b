"""Codes that a store's scale or labeller prints: an item and the price or weight of this very pack.

Layouts are a chain's policy `in_store_codes`: a list of objects, tried by length and longest prefix:

    {"prefix": "21", "length": 13, "code_digits": 5, "value_digits": 5, "value": "amount",
     "value_exponent": 2, "check": true, "inner_check": false}

The digits stand in this order: prefix, code, inner check digit (if any), value, second value (if any),
check digit (if any). An 18-digit label with weight and amount adds `second_digits`, `second` and
`second_exponent`. `value_exponent` is the number of decimals: 3 for a weight in grams of a kg, 2 for 分.
Source: GS1 General Specifications, 2.1.12 (restricted circulation numbers) and 7.9.3 to 7.9.5 (price check
digits); the 18-digit form is that of Chinese label scales.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pos_core.catalog.gtin import BadCheckDigit, is_digits, require_check_digit, with_check_digit
from pos_core.errors import InvalidInput

ValueKind = Literal["amount", "weight"]

DEFAULT_IN_STORE_CODES: tuple[Mapping[str, Any], ...] = (
    {
        "prefix": "21",
        "length": 13,
        "code_digits": 5,
        "value_digits": 5,
        "value": "amount",
        "value_exponent": 2,
    },
    {
        "prefix": "22",
        "length": 13,
        "code_digits": 4,
        "value_digits": 6,
        "value": "amount",
        "value_exponent": 2,
    },
    {
        "prefix": "23",
        "length": 13,
        "code_digits": 5,
        "value_digits": 5,
        "value": "weight",
        "value_exponent": 3,
    },
    {
        "prefix": "24",
        "length": 18,
        "code_digits": 5,
        "value_digits": 5,
        "value": "weight",
        "value_exponent": 3,
        "second_digits": 5,
        "second": "amount",
        "second_exponent": 2,
    },
)
"""What a chain starts with: 5+5 and 4+6 with the price, 5+5 with the weight, 18 digits with both."""


class BadInStoreLayout(InvalidInput):
    """A policy row that describes no code; `facts`: `path` and `reason`."""

    code = "bad_in_store_layout"


@dataclass(frozen=True, slots=True)
class InStoreLayout:
    """Where the parts of an in-store code stand; made by `parse_layouts`, which checks the sums."""

    prefix: str
    length: int
    code_digits: int
    value_digits: int
    value: ValueKind
    value_exponent: int
    check: bool = True
    inner_check: bool = False
    second_digits: int = 0
    second: ValueKind | None = None
    second_exponent: int = 0


@dataclass(frozen=True, slots=True)
class InStoreCode:
    """What a label says. `code` is the PLU (or end of the SKU) with its leading zeros.

    Attributes:
        amount_minor: price of this pack in minor units; None when the label has no price.
        weight_milli: kg thousandths; None when the label has no weight.
    """

    text: str
    code: str
    amount_minor: int | None
    weight_milli: int | None


def parse_layouts(policy: object, *, exponent: int = 2) -> tuple[InStoreLayout, ...]:
    """The layouts of a policy value (decoded JSON), most specific first. Raises BadInStoreLayout.

    `exponent` is the currency's: an amount with more decimals than the currency is refused.
    Two layouts of one length and prefix would be a coin toss: refused.
    """
    if not isinstance(policy, (list, tuple)):
        raise BadInStoreLayout("in_store_codes must be a list", path="in_store_codes", reason="not_a_list")
    layouts = [_layout(row, f"in_store_codes[{index}]", exponent) for index, row in enumerate(policy)]
    if len({(layout.length, layout.prefix) for layout in layouts}) != len(layouts):
        raise BadInStoreLayout(
            "two layouts share prefix and length", path="in_store_codes", reason="ambiguous"
        )
    return tuple(sorted(layouts, key=lambda layout: (-len(layout.prefix), layout.prefix, layout.length)))


def read_in_store_code(
    text: str, layouts: Iterable[InStoreLayout], *, exponent: int = 2
) -> InStoreCode | None:
    """What the label says, or None when no layout claims these digits (then it may be a GTIN).

    Raises BadCheckDigit when a layout claims it and either check digit is wrong. `exponent` is the
    currency's, as given to `parse_layouts`.
    """
    digits = text.strip()
    if not is_digits(digits):
        return None
    for layout in layouts:
        if len(digits) == layout.length and digits.startswith(layout.prefix):
            return _read(digits, layout, exponent)
    return None


def amount_code(code: str, amount_minor: int, layouts: Iterable[InStoreLayout], *, exponent: int = 2) -> str:
    """The label's digits for a PLU at a price of its own; "" where no layout holds both."""
    for layout in layouts:
        decimals = exponent - layout.value_exponent
        value, rest = divmod(amount_minor, 10**decimals)
        fits = is_digits(code) and len(code) <= layout.code_digits and value < 10**layout.value_digits
        if layout.value != "amount" or layout.second is not None or not layout.check or rest or not fits:
            continue
        digits = f"{value:0{layout.value_digits}d}"
        inner = price_check_digit(digits) if layout.inner_check else ""
        return with_check_digit(layout.prefix + code.zfill(layout.code_digits) + inner + digits)
    return ""


def price_check_digit(value: str) -> str:
    """The check digit over a price or weight field of 4 or 5 digits inside a code.

    >>> price_check_digit("2875"), price_check_digit("14685")
    ('9', '6')
    """
    if len(value) == 4:
        total = sum(_PRODUCTS[weight][int(digit)] for weight, digit in zip(_FOUR, value, strict=True))
        return str(total * 3 % 10)
    assert len(value) == 5, "GS1 defines the price check digit for 4 and 5 digits"
    total = sum(_PRODUCTS[weight][int(digit)] for weight, digit in zip(_FIVE, value, strict=True))
    return str(_PRODUCTS["5-"].index(-total % 10))


_PRODUCTS = {
    "2-": (0, 2, 4, 6, 8, 9, 1, 3, 5, 7),
    "3": (0, 3, 6, 9, 2, 5, 8, 1, 4, 7),
    "5+": (0, 5, 1, 6, 2, 7, 3, 8, 4, 9),
    "5-": (0, 5, 9, 4, 8, 3, 7, 2, 6, 1),
}
"""Weighted products of a digit by GS1's weighting factors 2-, 3, 5+ and 5-."""
_FOUR = ("2-", "2-", "3", "5-")
_FIVE = ("5+", "2-", "5-", "5+", "2-")


def _read(digits: str, layout: InStoreLayout, exponent: int) -> InStoreCode:
    if layout.check:
        require_check_digit(digits)
    place = len(layout.prefix)
    code = digits[place : place + layout.code_digits]
    place += layout.code_digits
    inner = digits[place] if layout.inner_check else ""
    place += layout.inner_check
    value = digits[place : place + layout.value_digits]
    second = digits[place + layout.value_digits : place + layout.value_digits + layout.second_digits]
    if layout.inner_check and inner != price_check_digit(value):
        raise BadCheckDigit(
            f"inner check digit of {digits} is wrong", seen=digits, expected=price_check_digit(value)
        )
    found = {layout.value: _scaled(value, layout.value, layout.value_exponent, exponent)}
    if layout.second is not None:
        found[layout.second] = _scaled(second, layout.second, layout.second_exponent, exponent)
    return InStoreCode(digits, code, found.get("amount"), found.get("weight"))


def _scaled(value: str, kind: ValueKind, value_exponent: int, exponent: int) -> int:
    more_decimals = (exponent if kind == "amount" else 3) - value_exponent
    return int(value + "0" * more_decimals)


def _layout(row: object, path: str, exponent: int) -> InStoreLayout:
    if not isinstance(row, Mapping):
        raise BadInStoreLayout(f"{path} must be an object", path=path, reason="not_an_object")
    unknown = set(row) - set(InStoreLayout.__dataclass_fields__)
    if unknown:
        raise BadInStoreLayout(f"{path} has unknown keys", path=path, reason="unknown_key", keys=str(unknown))
    prefix = row.get("prefix")
    if not isinstance(prefix, str) or not is_digits(prefix):
        raise BadInStoreLayout(f"{path}.prefix must be digits", path=f"{path}.prefix", reason="not_digits")
    layout = InStoreLayout(
        prefix=prefix,
        length=_whole(row, "length", path, (8, 48)),
        code_digits=_whole(row, "code_digits", path, (1, 14)),
        value_digits=_whole(row, "value_digits", path, (1, 9)),
        value=_kind(row, "value", path),
        value_exponent=_whole(row, "value_exponent", path, (0, 4)),
        check=_flag(row, "check", path, default=True),
        inner_check=_flag(row, "inner_check", path, default=False),
        second_digits=_whole(row, "second_digits", path, (0, 9), default=0),
        second=_kind(row, "second", path) if row.get("second") is not None else None,
        second_exponent=_whole(row, "second_exponent", path, (0, 4), default=0),
    )
    _check_sums(layout, path, exponent)
    return layout


def _check_sums(layout: InStoreLayout, path: str, exponent: int) -> None:
    used = len(layout.prefix) + layout.code_digits + layout.value_digits + layout.second_digits
    used += layout.inner_check + layout.check
    if used != layout.length:
        raise BadInStoreLayout(
            f"{path}: parts take {used} digits of {layout.length}", path=path, reason="length", used=used
        )
    if (layout.second is None) != (layout.second_digits == 0) or layout.second == layout.value:
        raise BadInStoreLayout(f"{path}: second value is half described", path=path, reason="second")
    if layout.inner_check and layout.value_digits not in (4, 5):
        raise BadInStoreLayout(f"{path}: inner check needs 4 or 5 digits", path=path, reason="inner_check")
    for kind, decimals in ((layout.value, layout.value_exponent), (layout.second, layout.second_exponent)):
        if kind is not None and decimals > (exponent if kind == "amount" else 3):
            raise BadInStoreLayout(f"{path}: {kind} has too many decimals", path=path, reason="exponent")


def _whole(
    row: Mapping[str, Any], name: str, path: str, bounds: tuple[int, int], *, default: int | None = None
) -> int:
    value: Any = row.get(name, default)
    low, high = bounds
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadInStoreLayout(
            f"{path}.{name} must be {low} to {high}",
            path=f"{path}.{name}",
            reason="range",
            least=low,
            most=high,
        )
    return value


def _kind(row: Mapping[str, Any], name: str, path: str) -> ValueKind:
    value = row.get(name)
    if value == "amount":
        return "amount"
    if value == "weight":
        return "weight"
    raise BadInStoreLayout(f"{path}.{name} must be amount or weight", path=f"{path}.{name}", reason="kind")


def _flag(row: Mapping[str, Any], name: str, path: str, *, default: bool) -> bool:
    value = row.get(name, default)
    if not isinstance(value, bool):
        raise BadInStoreLayout(f"{path}.{name} must be true or false", path=f"{path}.{name}", reason="flag")
    return value
