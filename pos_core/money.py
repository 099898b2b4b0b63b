"""Money: integer minor units with their currency. Text ↔ Money only at the edges.

Inside the core bare integers carry their unit in the name (`amount_minor`).
"""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.errors import InvalidInput

# ISO 4217 exponents other than 2; anything else known by three letters has two decimals.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

AMOUNT_MINOR_MAX = 2**53 - 1
"""Largest absolute amount: what every JSON reader keeps exact."""


class BadAmount(InvalidInput):
    """An amount that is not a number of this currency, or too large."""

    code = "bad_amount"


def currency_exponent(currency: str) -> int:
    """Decimals of an ISO 4217 currency (CNY 2, JPY 0, KWD 3). Raises BadAmount for a malformed code."""
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise BadAmount(f"{currency!r} is not a currency code", currency=currency)
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount_minor` minor units of `currency`."""

    amount_minor: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        if abs(self.amount_minor) > AMOUNT_MINOR_MAX:
            raise BadAmount("amount too large", amount_minor=self.amount_minor)
        currency_exponent(self.currency)


def format_minor(amount_minor: int, exponent: int = 2) -> str:
    """`1234, 2 -> "12.34"`: plain digits, a leading minus, no grouping, no symbol."""
    sign = "-" if amount_minor < 0 else ""
    digits = str(abs(amount_minor)).rjust(exponent + 1, "0")
    return sign + (f"{digits[:-exponent]}.{digits[-exponent:]}" if exponent else digits)


def parse_minor(text: str, exponent: int = 2) -> int:
    """`"12.3", 2 -> 1230`. Accepts a leading minus and at most `exponent` decimals.

    Raises BadAmount for anything else: grouping, exponents, non-ASCII digits, too many decimals.
    """
    stripped = text.strip()
    body = stripped.removeprefix("-")
    whole, dot, fraction = body.partition(".")
    digits_ok = (whole + fraction).isascii() and (whole + fraction).isdigit() and whole != ""
    if not digits_ok or len(fraction) > exponent or (dot and not fraction) or len(whole) > 16:
        raise BadAmount(f"{text!r} is not an amount", text=text)
    amount_minor = int(whole + fraction.ljust(exponent, "0"))
    if amount_minor > AMOUNT_MINOR_MAX:
        raise BadAmount("amount too large", text=text)
    return -amount_minor if stripped.startswith("-") else amount_minor
