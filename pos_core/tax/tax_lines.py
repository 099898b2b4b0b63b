"""The tax inside tax-inclusive prices, shared over lines so that each class adds up.

Rule (docs/documents.md, "Tax"): lines of one tax class and rate are one group. The group's tax is
Σ net × rate / (1 000 000 + rate), half-up, once. It is shared over the group's lines by largest remainder of
their exact shares, ties to the earlier line. Cash rounding does not change the tax.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos_core.rounding import half_up, spread_leftover

PPM = 1_000_000


class TaxableLine(NamedTuple):
    """What the rule needs to know of a line; `net_minor` may be below zero."""

    tax_class_code: str
    rate_ppm: int
    net_minor: int


class ClassTax(NamedTuple):
    """The tax of one class on a receipt: `net_minor` includes `tax_minor`."""

    tax_class_code: str
    rate_ppm: int
    net_minor: int
    tax_minor: int


def included_tax(net_minor: int, rate_ppm: int) -> int:
    """The tax inside a tax-inclusive amount, half-up: 113.00 at 13 % holds 13.00."""
    return half_up(net_minor * rate_ppm, PPM + rate_ppm)


def tax_shares(lines: Sequence[TaxableLine]) -> tuple[int, ...]:
    """The tax of each line, in their order; per class and rate they add up to the group's own tax."""
    return share_tax(lines)[0]


def tax_by_class(lines: Sequence[TaxableLine]) -> tuple[ClassTax, ...]:
    """One row per class and rate, in the order of their first lines: the tax block of a receipt."""
    return share_tax(lines)[1]


def share_tax(lines: Sequence[TaxableLine]) -> tuple[tuple[int, ...], tuple[ClassTax, ...]]:
    """`tax_shares` and `tax_by_class` of the same lines at once."""
    shares = [0] * len(lines)
    classes = []
    for (code, rate_ppm), places in _groups(lines).items():
        nets = [lines[place].net_minor for place in places]
        net_minor = sum(nets)
        whole = included_tax(net_minor, rate_ppm)
        if rate_ppm:
            exact = [divmod(each * rate_ppm, PPM + rate_ppm) for each in nets]
            parts = spread_leftover([floor for floor, _ in exact], [rest for _, rest in exact], whole)
            for place, part in zip(places, parts, strict=True):
                shares[place] = part
        classes.append(ClassTax(code, rate_ppm, net_minor, whole))
    return tuple(shares), tuple(classes)


def _groups(lines: Sequence[TaxableLine]) -> dict[tuple[str, int], list[int]]:
    groups: dict[tuple[str, int], list[int]] = {}
    for place, line in enumerate(lines):
        groups.setdefault((line.tax_class_code, line.rate_ppm), []).append(place)
    return groups
