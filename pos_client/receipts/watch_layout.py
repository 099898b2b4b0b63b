"""The watch of a day as rows of paper: one block an operator, only what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pos_client.receipts.model import Language
from pos_client.receipts.rows import Row, TextRow, pair, wrap
from pos_client.receipts.words import word
from pos_core.money import format_minor
from pos_core.sync.folds.watch import NAMES

_WITHOUT_AMOUNT = frozenset({"drawer_without_sale", "no_sale_after_void", "reprints", "till_counts"})


@dataclass(frozen=True, slots=True)
class WatchPaper:
    """`operators`: (name, counts by name as (how often, amount))."""

    store_id: str
    store_name: str
    workstation_name: str
    business_day: str
    exponent: int
    operators: tuple[tuple[str, Mapping[str, tuple[int, int]]], ...]
    language: Language = "zh"


def lay_out_watch(paper: WatchPaper, columns: int) -> list[Row]:
    """All operators of the day."""
    language = paper.language
    rows: list[Row] = [
        TextRow(word("watch", language), size=2, bold=True, align="center"),
        *(TextRow(text) for text in wrap(f"{paper.store_id} {paper.store_name}", columns)),
        TextRow(f"{paper.workstation_name}  {paper.business_day}"),
    ]
    for name, counts in paper.operators:
        rows += [TextRow("-" * columns), TextRow(name, bold=True)]
        rows += [
            row for each in NAMES if counts[each][0] for row in _count(paper, each, counts[each], columns)
        ]
        sales, overrides = counts["sales"][0], counts["overrides"][0]
        if sales and overrides:
            rate = f"{format_minor(overrides * 1000 // sales, 1)}%"
            rows += [TextRow(text) for text in pair(f"  {word('override_rate', language)}", rate, columns)]
    return rows


def _count(paper: WatchPaper, name: str, counted: tuple[int, int], columns: int) -> list[Row]:
    count, amount_minor = counted
    left = f"  {word(f'watch_{name}', paper.language)} ({count})"
    right = "" if name in _WITHOUT_AMOUNT else format_minor(amount_minor, paper.exponent)
    return [TextRow(text) for text in pair(left, right, columns)]
