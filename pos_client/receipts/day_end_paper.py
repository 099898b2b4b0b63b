"""The day's end as rows of paper: workstations, operators, who is missing, what was restated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pos_client.receipts.layout import local_time
from pos_client.receipts.model import Language
from pos_client.receipts.rows import Row, TextRow, pair, wrap
from pos_client.receipts.words import word
from pos_core.money import format_minor


@dataclass(frozen=True, slots=True)
class TillRow:
    """One workstation: `as_of_ms` None is now, or never where it `is_silent`."""

    name: str
    state: Literal["settled", "open", "unused"]
    is_silent: bool
    by_neighbour: bool
    as_of_ms: int | None
    is_own: bool
    sales: int
    total_minor: int
    over_minor: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What the paper says of the day; `operators`: name, sales, minor units; `tenders`: Chinese and English

    name, minor units taken.
    """

    business_day: str
    total_minor: int
    sales: int
    last_week_minor: int
    tills: tuple[TillRow, ...]
    operators: tuple[tuple[str, int, int], ...]
    missing: tuple[str, ...]
    tenders: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DayEndPaper:
    """`before`: when the day was printed last, its total and its sales."""

    view: DayFigures
    store_id: str
    store_name: str
    operator_name: str
    at_ms: int
    time_zone: str
    exponent: int
    before: tuple[int, int, int] | None
    language: Language = "zh"
    is_training: bool = False


def lay_out_day_end(paper: DayEndPaper, columns: int) -> list[Row]:
    """On paper of `columns`."""
    return [
        *_heading(paper, columns),
        *_tills(paper, columns),
        *_sums(paper, columns),
        *_restated(paper, columns),
        *_missing(paper, columns),
        TextRow(""),
        TextRow(f"{word('signature', paper.language)} " + "_" * (columns // 3)),
    ]


def _heading(paper: DayEndPaper, columns: int) -> Iterator[Row]:
    language = paper.language
    if paper.is_training:
        yield TextRow(word("training", language), size=2, bold=True, align="center")
    yield TextRow(word("day_end", language), size=2, bold=True, align="center")
    yield TextRow("-" * columns)
    for name, value in (
        ("store", f"{paper.store_id} {paper.store_name}"),
        ("business_day", paper.view.business_day),
        ("day_printed_by", paper.operator_name),
        ("time", local_time(paper.at_ms, paper.time_zone)),
    ):
        yield from (TextRow(text) for text in wrap(f"{word(name, language)} {value}", columns))
    yield TextRow("-" * columns)


def _tills(paper: DayEndPaper, columns: int) -> Iterator[Row]:
    language = paper.language
    for till in paper.view.tills:
        amount = format_minor(till.total_minor, paper.exponent)
        yield from (TextRow(text, bold=True) for text in pair(till.name, amount, columns))
        said = [word("day_silent" if till.is_silent else f"day_{till.state}", language), f"×{till.sales}"]
        if till.over_minor:
            said.append(f"{word('day_over', language)} {format_minor(till.over_minor, paper.exponent)}")
        if till.as_of_ms is not None:
            when = local_time(till.as_of_ms, paper.time_zone)
            said.append(f"{word('day_by_neighbour' if till.by_neighbour else 'day_as_of', language)} {when}")
        elif not till.is_own:
            said.append(word("day_never_heard", language))
        yield from (TextRow(f"  {text}") for text in wrap(" · ".join(said), columns - 2))
    yield TextRow("-" * columns)


def _sums(paper: DayEndPaper, columns: int) -> Iterator[Row]:
    language, view = paper.language, paper.view

    def row(name: str, value: str, *, bold: bool = False) -> Iterator[Row]:
        return (TextRow(text, bold=bold) for text in pair(name, value, columns))

    yield from row(word("total", language), format_minor(view.total_minor, paper.exponent), bold=True)
    yield from row(word("day_sales", language), str(view.sales))
    yield from row(word("day_last_week", language), format_minor(view.last_week_minor, paper.exponent))
    yield TextRow("-" * columns)
    for name_zh, name_en, minor in view.tenders:
        yield from row(name_zh if language == "zh" else name_en, format_minor(minor, paper.exponent))
    if view.tenders:
        yield TextRow("-" * columns)
    for name, sales, total_minor in view.operators:
        yield from row(f"{name} ×{sales}", format_minor(total_minor, paper.exponent))


def _restated(paper: DayEndPaper, columns: int) -> Iterator[Row]:
    """Only where the figures of an earlier paper no longer hold."""
    before, view, language = paper.before, paper.view, paper.language
    if before is None or before[1:] == (view.total_minor, view.sales):
        return
    at_ms, total_minor, sales = before
    yield TextRow("-" * columns)
    yield TextRow(word("day_restated", language), bold=True)
    was = f"{word('day_printed', language)} {local_time(at_ms, paper.time_zone)}"
    was_figures = f"{format_minor(total_minor, paper.exponent)} ×{sales}"
    difference = format_minor(view.total_minor - total_minor, paper.exponent)
    yield from (TextRow(text) for text in pair(was, was_figures, columns))
    yield from (TextRow(text) for text in pair(word("day_difference", language), difference, columns))


def _missing(paper: DayEndPaper, columns: int) -> Iterator[Row]:
    yield TextRow("-" * columns)
    if not paper.view.missing:
        yield TextRow(word("day_whole", paper.language))
        return
    names = ("、" if paper.language == "zh" else ", ").join(paper.view.missing)
    words = f"{word('day_lacks', paper.language)}{names}"
    yield from (TextRow(text, bold=True) for text in wrap(words, columns))
