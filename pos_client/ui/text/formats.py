"""Amounts, quantities and times as text for people. Integers in, text out; no float on the way."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QDateTime, QTimeZone

from pos_core.errors import InvalidInput
from pos_core.money import format_minor, parse_minor
from pos_core.quantity import format_quantity

_SYMBOLS = {"CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "KRW": "₩", "VND": "₫"}
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_MINUS = "\N{MINUS SIGN}"


def group_digits(plain: str) -> str:
    """`"-1234567.80" -> "−1,234,567.80"`."""
    sign = _MINUS if plain.startswith("-") else ""
    whole, dot, fraction = plain.removeprefix("-").partition(".")
    return f"{sign}{int(whole):,}{dot}{fraction}"


def format_plain(amount_minor: int, exponent: int) -> str:
    """Grouped digits without a symbol: `128050, 2 -> "1,280.50"`."""
    return group_digits(format_minor(amount_minor, exponent))


def format_amount(amount_minor: int, currency: str, exponent: int) -> str:
    """With the symbol before the digits and the minus before the symbol: `"−¥5.00"`."""
    digits = format_plain(abs(amount_minor), exponent)
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f"{_MINUS if amount_minor < 0 else ''}{symbol}{digits}"


def format_quantity_text(quantity_milli: int) -> str:
    """`3000 -> "3"`, `452 -> "0.452"`, a true minus sign."""
    return format_quantity(quantity_milli).replace("-", _MINUS)


def amount_or_none(text: str, exponent: int) -> int | None:
    """The positive amount that `text` is, or None."""
    try:
        amount_minor = parse_minor(text, exponent)
    except InvalidInput:
        return None
    return amount_minor if amount_minor > 0 else None


def format_time(epoch_ms: int, time_zone: str, pattern: str = "HH:mm") -> str:
    """Local time of the store. Qt's own zone data, so Windows needs no extra package."""
    zone = QTimeZone(QByteArray(time_zone.encode()))
    if not zone.isValid():
        zone = QTimeZone.utc()
    return QDateTime.fromMSecsSinceEpoch(epoch_ms, zone).toString(pattern)


def format_distance(distance_m: int) -> str:
    """`850 -> "0.9 km"`, `128_400 -> "128 km"`."""
    tenths = (distance_m + 50) // 100
    return f"{tenths // 10}.{tenths % 10} km" if tenths < 100 else f"{(distance_m + 500) // 1000} km"


def age_words(age_ms: int) -> tuple[str, int]:
    """The catalogue key and the number for an age: `("age.minutes", 12)`."""
    if age_ms < _MINUTE_MS:
        return "age.now", 0
    if age_ms < _HOUR_MS:
        return "age.minutes", age_ms // _MINUTE_MS
    if age_ms < 2 * _DAY_MS:
        return "age.hours", age_ms // _HOUR_MS
    return "age.days", age_ms // _DAY_MS
