"""Settling by keys: count blind, see the difference, say why, and the Z report is on the screen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pos_client.services.till.settlement import CountEntry
from pos_client.services.views.staff import OperatorView
from pos_client.services.views.till import CountSheetView, DeclarationView, SettledView
from pos_client.ui.manager.cash_forms import reason_field, words_field
from pos_client.ui.manager.paper_mode import PaperMode, paper_of
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.form_mode import Field, FormMode
from pos_core.cash.count import CountPurpose
from pos_core.errors import TidemarkError

_LOOSE = "loose"


def settle(bench: Bench) -> None:
    """Ask the service whether the shift may be settled, open the drawer, ask for the count."""
    desk = bench.desk
    try:
        sheet = desk.workstation.settlement.begin()
        opened = desk.workstation.till.open_to_count()
    except TidemarkError as error:
        desk.refuse(error)
        return
    desk.wait_for(opened, lambda _: _count(bench, sheet), desk.refuse)


def hand_over(bench: Bench) -> None:
    """The till to the next operator: counted, then his number and PIN."""
    desk = bench.desk
    try:
        desk.workstation.hand_over.check()
        sheet = desk.workstation.settlement.sheet()
        opened = desk.workstation.till.open_to_count()
    except TidemarkError as error:
        desk.refuse(error)
        return
    desk.wait_for(opened, lambda _: _count_to_hand_over(bench, sheet), desk.refuse)


def _count_to_hand_over(bench: Bench, sheet: CountSheetView) -> None:
    _ask_count(bench, sheet, "hand_over", lambda view: _ask_next(bench, view))


def _ask_next(bench: Bench, view: DeclarationView) -> None:
    """Who takes the till; why it is over or short, where it is."""
    why = (reason_field(bench, "over_short"), words_field()) if view.needs_reason else ()
    fields = (
        *why,
        Field("operator_number", "sign_on.number", "text"),
        Field("pin", "sign_on.pin", "secret"),
    )

    def submit(answers: dict[str, Any]) -> Future[OperatorView]:
        return bench.desk.workstation.hand_over.hand_over(
            answers["operator_number"],
            answers["pin"],
            answers.get("reason_code") or None,
            answers.get("reason") or "",
        )

    def done(operator: OperatorView) -> None:
        bench.stack.only()
        bench.desk.messages.show("good", "hand_over.done", name=operator.name)

    form = FormMode(bench, "hand_over.next", fields, submit, done, summary=_difference_rows(view))
    bench.stack.push(form)


def _difference_rows(view: DeclarationView) -> Callable[[dict[str, Any]], list[tuple[str, int]]]:
    counted = [each for each in view.tenders if each.counted_minor is not None]
    rows = [
        ("settle.expected", sum(each.expected_minor for each in counted)),
        ("settle.counted", sum(each.counted_minor or 0 for each in counted)),
    ]
    if view.difference_minor:
        key = "settle.over" if view.difference_minor > 0 else "settle.short"
        rows.append((key, view.difference_minor))
    return lambda _: rows


def _count(bench: Bench, sheet: CountSheetView) -> None:
    _ask_count(bench, sheet, "settlement", lambda view: _declared(bench, view))


def _ask_count(
    bench: Bench, sheet: CountSheetView, purpose: CountPurpose, done: Callable[[DeclarationView], None]
) -> None:
    fields = count_fields(bench, sheet)

    def submit(answers: dict[str, Any]) -> Future[DeclarationView]:
        counts = counts_of(answers, sheet)
        return bench.desk.workstation.settlement.declare(counts, purpose=purpose)

    def summary(answers: dict[str, Any]) -> list[tuple[str, int]]:
        return [("settle.counted", _in_cash(counts_of(answers, sheet)[sheet.must_count[0]]))]

    if sheet.held_count:
        bench.desk.messages.show("info", "settle.held", count=sheet.held_count)
    bench.stack.push(FormMode(bench, "settle.title", fields, submit, done, summary=summary))


def count_fields(bench: Bench, sheet: CountSheetView) -> tuple[Field, ...]:
    """A field a note and coin, one for what lies beside them, one a further tender."""
    chinese = bench.desk.texts.language == "zh"
    types = bench.desk.workstation.settlement.tender_types()
    names = {each.tender_code: each.name if chinese else each.name_en for each in types}
    pieces = [
        Field(str(value), "settle.pieces", "integer", facts=(("value", bench.desk.texts.amount(value)),))
        for value in sheet.denominations_minor
    ]
    loose = Field(_LOOSE, "settle.loose", "amount", optional=True, hint="settle.loose.hint")
    others = [
        Field(
            f"tender:{code}",
            "settle.tender",
            "amount",
            optional=True,
            facts=(("tender", names[code]),),
            hint="settle.must.hint" if code in sheet.must_count else "settle.may.hint",
            none="form.none" if code in sheet.must_count else "settle.not_counted",
        )
        for code in (*sheet.must_count[1:], *sheet.may_count)
    ]
    return (*pieces, loose, *others)


def counts_of(answers: dict[str, Any], sheet: CountSheetView) -> dict[str, CountEntry]:
    """The answers as counts. What was left empty was not counted; what must be counted counts as none."""
    pieces = {value: answers.get(str(value), 0) for value in sheet.denominations_minor}
    counts = {sheet.must_count[0]: CountEntry(pieces, answers.get(_LOOSE) or 0)}
    for code in (*sheet.must_count[1:], *sheet.may_count):
        amount_minor = answers.get(f"tender:{code}")
        if amount_minor is not None or code in sheet.must_count:
            counts[code] = CountEntry({}, amount_minor or 0)
    return counts


def _in_cash(entry: CountEntry) -> int:
    return sum(value * count for value, count in entry.pieces.items()) + entry.loose_minor


def _declared(bench: Bench, view: DeclarationView) -> None:
    """Fits: settle. Does not: say by how much, and ask for a reason; Esc goes back to count again."""
    if not view.needs_reason:
        ask = AskMode(
            bench.desk,
            bench.stack,
            "settle.fits",
            lambda: _send(bench, None, ""),
            facts={"difference_minor": view.difference_minor},
        )
        bench.stack.push(ask)
        return

    def submit(answers: dict[str, Any]) -> Future[SettledView]:
        code, words = answers["reason_code"] or None, answers["reason"] or ""
        return bench.desk.workstation.settlement.settle(code, words)

    fields = (reason_field(bench, "over_short"), words_field())
    rows = _difference_rows(view)
    form = FormMode(
        bench, "settle.why", fields, submit, lambda settled: _settled(bench, settled), summary=rows
    )
    bench.stack.push(form)


def _send(bench: Bench, reason_code: str | None, reason: str) -> None:
    try:
        future = bench.desk.workstation.settlement.settle(reason_code, reason)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.desk.wait_for(future, lambda settled: _settled(bench, settled), bench.desk.refuse)


def _settled(bench: Bench, settled: SettledView) -> None:
    """The shift is closed: the menu of before is gone, its report stands alone until Esc."""
    bench.stack.only(PaperMode(bench, paper_of(bench, settled.report), "report.z"))
    bench.desk.messages.show("good", "settle.done", z_number=settled.z_number)
