"""The tax inside prices adds up per class."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.rounding import half_up
from pos_core.tax.tax_lines import PPM, TaxableLine, included_tax, tax_by_class, tax_shares

CLASSES = st.sampled_from([("A", 130_000), ("B", 90_000), ("B", 60_000), ("Z", 0)])
LINES = st.lists(
    st.builds(lambda kind, net: TaxableLine(*kind, net), CLASSES, st.integers(-(10**9), 10**12)), max_size=25
)


@pytest.mark.parametrize(
    ("net", "rate", "tax"),
    [(11300, 130_000, 1300), (100, 130_000, 12), (0, 130_000, 0), (100, 0, 0), (-100, 130_000, -12)],
)
def test_the_tax_inside_an_amount(net: int, rate: int, tax: int) -> None:
    assert included_tax(net, rate) == tax


def test_the_worked_table_of_the_documentation() -> None:
    """docs/documents.md, "Tax": three lines of 1.00 hold 0.35 together."""
    assert tax_shares([TaxableLine("A", 130_000, 100)] * 3) == (12, 12, 11)


@given(LINES)
def test_each_class_adds_up_to_its_own_tax_and_no_line_is_a_unit_off(lines: list[TaxableLine]) -> None:
    shares = tax_shares(lines)
    for row in tax_by_class(lines):
        places = [
            i for i, line in enumerate(lines) if (line[0], line[1]) == (row.tax_class_code, row.rate_ppm)
        ]
        net = sum(lines[i].net_minor for i in places)
        assert row.net_minor == net
        assert (
            row.tax_minor == sum(shares[i] for i in places) == half_up(net * row.rate_ppm, PPM + row.rate_ppm)
        )
    for line, share in zip(lines, shares, strict=True):
        assert abs(share - Fraction(line.net_minor * line.rate_ppm, PPM + line.rate_ppm)) <= 1


@given(LINES)
def test_receipt_tax_block_names_each_class_once_and_holds_all_money(lines: list[TaxableLine]) -> None:
    block = tax_by_class(lines)
    assert len({(row.tax_class_code, row.rate_ppm) for row in block}) == len(block)
    assert sum(row.net_minor for row in block) == sum(line.net_minor for line in lines)


def test_equal_codes_with_different_rates_are_different_groups() -> None:
    lines = [TaxableLine("A", 130_000, 1000), TaxableLine("A", 60_000, 1000)]
    assert tax_shares(lines) == (115, 57)
