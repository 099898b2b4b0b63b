"""Text of one cell → a value, or a CellError that says why. No state, no table, no clock."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pos_core.canonical import NotCanonical, parse_strict
from pos_core.customer.phone import e164
from pos_core.errors import InvalidInput
from pos_core.money import BadAmount, parse_minor
from pos_core.quantity import parse_quantity
from sync_server.services.importing.problems import CellError

CODE_CHARS_MAX = 40
TEXT_CHARS_MAX = 200
INTEGER_MAX = 2**31 - 1
PRICE_MINOR_MAX = 10**12
"""Ten milliards of yuan: above any price, far below where totals could pass 2**53."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SCIENTIFIC = re.compile(r"-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
_DATE = re.compile(
    r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
    r"(?:[T ]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_TRUE = frozenset({"1", "y", "yes", "true", "是", "有", "启用", "在售", "√"})
_FALSE = frozenset({"0", "n", "no", "false", "否", "无", "停用", "停售", "×"})
_FULL_WIDTH_DIGITS = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")


def check_characters(text: str) -> None:
    """No control, private or unassigned characters. Raises CellError."""
    if text.isascii() and text.isprintable():
        return
    for char in text:
        category = unicodedata.category(char)
        if category in {"Cc", "Cs", "Co", "Cn"} and char not in "\n\t":
            raise CellError("control_character", f"character U+{ord(char):04X}")


def text_cell(text: str, *, chars_max: int = TEXT_CHARS_MAX) -> str:
    """One line of text, line breaks and tabs folded to a space."""
    if len(text) > chars_max:
        raise CellError("too_long", f"{len(text)} characters, at most {chars_max}")
    return " ".join(text.split()) if "\n" in text or "\t" in text else text


def code_cell(text: str) -> str:
    """An identity that HQ gives: A-Z a-z 0-9 . _ -, at most 40."""
    refuse_scientific(text)
    if len(text) > CODE_CHARS_MAX:
        raise CellError("too_long", f"{len(text)} characters, at most {CODE_CHARS_MAX}")
    if not _CODE.fullmatch(text):
        raise CellError("bad_code", f"{text!r} may hold only letters, digits, '.', '_' and '-'")
    return text


def refuse_scientific(text: str) -> None:
    """`6.90E+12` is what a spreadsheet leaves of a barcode: the digits are gone."""
    if "e" in text.lower() and _SCIENTIFIC.fullmatch(text) and ("+" in text or "." in text):
        raise CellError("number_in_scientific_notation", f"{text!r}: format the column as text")


def integer_cell(text: str, *, low: int = 0, high: int = INTEGER_MAX) -> int:
    """A whole number; `12.0` is not one."""
    digits = text.translate(_FULL_WIDTH_DIGITS)
    body = digits.removeprefix("-")
    if not (body.isascii() and body.isdigit()) or len(body) > 18:
        raise CellError("bad_number", f"{text[:30]!r} is not a whole number")
    value = int(digits)
    if not low <= value <= high:
        raise CellError("bad_number", f"{value} is not between {low} and {high}")
    return value


def amount_cell(text: str, exponent: int) -> int:
    """`¥12.50` or `12.50` → minor units; never negative. Grouping is not guessed at."""
    refuse_scientific(text)
    digits = text.translate(_FULL_WIDTH_DIGITS).removeprefix("¥").removeprefix("￥").strip()
    try:
        amount_minor = parse_minor(digits, exponent)
    except BadAmount:
        raise CellError(
            "bad_amount", f"{text[:30]!r} is not an amount with {exponent} decimals at most"
        ) from None
    if not 0 <= amount_minor <= PRICE_MINOR_MAX:
        raise CellError("bad_amount", f"{text[:30]!r} is out of range")
    return amount_minor


def quantity_cell(text: str) -> int:
    """`24` → 24000 thousandths."""
    try:
        return parse_quantity(text.translate(_FULL_WIDTH_DIGITS))
    except InvalidInput as error:
        raise CellError("bad_quantity", error.message) from None


def rate_cell(text: str) -> int:
    """`13%`, `13％` or `0.13` → parts per million. A bare number above 1 is refused: 13 could be either."""
    digits = text.translate(_FULL_WIDTH_DIGITS).replace("％", "%")
    percent = digits.endswith("%")
    try:
        rate_ppm = parse_minor(digits.rstrip("%").strip(), 4 if percent else 6)
    except BadAmount:
        raise CellError("bad_rate", f"{text[:30]!r} is not a rate") from None
    if not 0 <= rate_ppm <= 1_000_000 or digits.count("%") > 1:
        raise CellError("bad_rate", f"{text[:30]!r} is not a rate from 0 to 100 %")
    return rate_ppm


def choice_cell(text: str, choices: dict[str, str]) -> str:
    """One of the words in `choices` (word, Chinese or English → code), without regard to case."""
    found = choices.get(text.lower())
    if found is None:
        raise CellError("bad_choice", f"{text[:30]!r} is none of {', '.join(sorted(set(choices.values())))}")
    return found


def flag_cell(text: str) -> int:
    """是/否, yes/no, 1/0 → 1 or 0."""
    word = text.lower()
    if word in _TRUE:
        return 1
    if word in _FALSE:
        return 0
    raise CellError("bad_choice", f"{text[:30]!r} is neither yes (1, 是) nor no (0, 否)")


def list_cell(text: str) -> list[str]:
    """`a; b、c|d` → sorted texts without doubles."""
    return sorted({part.strip() for part in re.split(r"[;；,，、|]", text) if part.strip()})


def degrees_e6_cell(text: str, limit: int) -> int:
    """`31.230416` → 31230416 millionths of a degree; more decimals are cut, not rounded."""
    match = re.fullmatch(r"(-?)(\d{1,3})(?:\.(\d+))?", text, re.ASCII)
    if match is None:
        raise CellError("bad_coordinate", f"{text[:30]!r} is not degrees")
    sign, whole, fraction = match.groups()
    value = int(whole) * 1_000_000 + int((fraction or "0")[:6].ljust(6, "0"))
    if value > limit * 1_000_000:
        raise CellError("bad_coordinate", f"{text[:30]!r} is beyond {limit} degrees")
    return -value if sign else value


def zone_cell(text: str) -> str:
    """An IANA time zone such as Asia/Shanghai."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CellError("bad_time_zone", f"{text[:40]!r} is not a time zone") from None
    return text


def instant_cell(text: str, zone_name: str | None) -> int:
    """A date or time → epoch milliseconds UTC. Without an offset it is local time in `zone_name`.

    `2026-12-01`, `2026/12/1 08:30`, `2026年12月1日 8:30`, `2026-12-01T08:30:00+08:00`, `…Z`. A date alone is
    its midnight. `zone_name` None means that the local time would be ambiguous.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise CellError("bad_date", f"{text[:40]!r} is not a date or time such as 2026-12-01 08:30")
    parts = [int(match[name] or 0) for name in "ymdHMS"]
    try:
        naive = datetime(*parts)  # type: ignore[arg-type, misc, unused-ignore]  # noqa: DTZ001
    except ValueError as error:
        raise CellError("bad_date", f"{text[:40]!r}: {error}") from None
    if match["zone"]:
        instant = datetime.fromisoformat(naive.isoformat() + match["zone"].replace("Z", "+00:00"))
    elif zone_name is None:
        raise CellError("ambiguous_time_zone", "stores of this price list are in several time zones")
    else:
        instant = naive.replace(tzinfo=ZoneInfo(zone_name))
        if instant.astimezone(UTC).astimezone(ZoneInfo(zone_name)).replace(tzinfo=None) != naive:
            raise CellError("no_such_local_time", f"{text} is skipped by the clocks in {zone_name}")
    return int(instant.timestamp()) * 1000


def phone_cell(text: str) -> str:
    """A phone number → E.164; as at the tills."""
    number = e164(text)
    if number is None:
        raise CellError("bad_phone", "not a phone number")
    return number


def pin_cell(text: str) -> str:
    """6 to 12 digits. The reason never repeats them."""
    if not re.fullmatch(r"\d{6,12}", text, re.ASCII):
        raise CellError("bad_pin", "a PIN is 6 to 12 digits")
    return text


def json_cell(text: str) -> Any:
    """JSON without floats and doubled keys."""
    try:
        return parse_strict(text)
    except (NotCanonical, RecursionError, ValueError) as error:
        raise CellError("bad_json", str(error)[:120]) from None
