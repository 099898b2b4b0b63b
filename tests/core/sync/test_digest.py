"""Digests see every difference but order."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from pos_core.sync.digest import digest_of, row_hash

ROWS = st.lists(st.tuples(st.text(max_size=5), st.none() | st.integers()), max_size=20)


@given(ROWS, st.randoms())
def test_order_does_not_matter(rows: list[tuple[str, int | None]], dice: random.Random) -> None:
    shuffled = list(rows)
    dice.shuffle(shuffled)
    assert digest_of("item", shuffled) == digest_of("item", rows)


@given(ROWS.filter(len))
def test_a_missing_a_doubled_and_a_changed_row_are_seen(rows: list[tuple[str, int | None]]) -> None:
    whole = digest_of("item", rows)
    changed = [(rows[0][0] + "x", rows[0][1]), *rows[1:]]
    assert whole not in (
        digest_of("item", rows[1:]),
        digest_of("item", [*rows, rows[0]]),
        digest_of("item", changed),
    )


def test_kinds_and_types_are_told_apart() -> None:
    hashes = {
        row_hash("a", ["1"]),
        row_hash("b", ["1"]),
        row_hash("a", [1]),
        row_hash("a", [None]),
        row_hash("a", []),
    }
    assert len(hashes) == 5


def test_pinned_so_that_both_ends_agree_for_ever() -> None:
    assert digest_of("tax_class", []) == (0, "0000000000000000")
    assert digest_of("tax_class", [["A", "标准", 130_000]]) == (1, "1d1540dc35408a32")
