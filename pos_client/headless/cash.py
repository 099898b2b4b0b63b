"""The operations of the till: drawer, movements, counting, settling, reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.receipts.report import Report
from pos_client.receipts.report_layout import lay_out_report
from pos_client.receipts.screen import as_text
from pos_client.services.till.settlement import CountEntry
from pos_core.cash.count import CountPurpose

Answer = dict[str, Any]
COLUMNS = 48
_PURPOSES: dict[str, CountPurpose] = {"settlement": "settlement", "hand_over": "hand_over", "spot": "spot"}


def _no_sale(desk: Desk, fields: Fields) -> Answer:
    reason, reason_code = fields.text("reason", ""), fields.optional_text("reason_code")
    fields.end()
    return {"number": desk.wait(desk.workstation.till.no_sale(reason, reason_code))}


def _tender_movement(desk: Desk, fields: Fields) -> Answer:
    kind, amount_minor = fields.text("kind"), fields.integer("amount_minor")
    reason, tender_code = fields.text("reason", ""), fields.text("tender_code", "cash")
    reason_code = fields.optional_text("reason_code")
    fields.end()
    moved = desk.workstation.till.move(kind, amount_minor, reason, tender_code, reason_code)
    return {"number": desk.wait(moved)}


def _count_sheet(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"sheet": desk.workstation.settlement.begin()}


def _count_till(desk: Desk, fields: Fields) -> Answer:
    """Declares a count; the answer says what was expected, and never before."""
    purpose = fields.text("purpose", "settlement")
    counts = _counts(fields)
    fields.end()
    if purpose not in _PURPOSES:
        raise BadRequest("no such purpose", field="purpose")
    declared = desk.workstation.settlement.declare(counts, purpose=_PURPOSES[purpose])
    return {"declaration": desk.wait(declared)}


def _settle_shift(desk: Desk, fields: Fields) -> Answer:
    """With `counts` a whole settlement in one request; without, on the count declared before."""
    reason, reason_code = fields.text("reason", ""), fields.optional_text("reason_code")
    counts = _counts(fields)
    fields.end()
    settlement = desk.workstation.settlement
    settlement.begin()
    if counts:
        desk.wait(settlement.declare(counts))
    settled = desk.wait(settlement.settle(reason_code, reason))
    return {
        "z_number": settled.z_number,
        "number": settled.number,
        "difference_minor": settled.difference_minor,
        "report": _told(settled.report),
    }


def _hand_over(desk: Desk, fields: Fields) -> Answer:
    """With `counts` a count and the hand-over in one request; without, on the count declared before."""
    number, pin = fields.text("operator_number"), fields.text("pin")
    reason, reason_code = fields.text("reason", ""), fields.optional_text("reason_code")
    counts = _counts(fields)
    fields.end()
    workstation = desk.workstation
    workstation.hand_over.check()
    if counts:
        desk.wait(workstation.settlement.declare(counts, purpose="hand_over"))
    return {"operator": desk.wait(workstation.hand_over.hand_over(number, pin, reason_code, reason))}


def _training(desk: Desk, fields: Fields) -> Answer:
    """Begins with nobody signed on; ends by whoever may, in training."""
    on = fields.flag("on", True)
    fields.end()
    if on:
        desk.train()
    else:
        desk.end_training()
    return {"training": desk.workstation.training.is_on}


def _x_report(desk: Desk, fields: Fields) -> Answer:
    return _answered(desk, fields, desk.workstation.reports.x_report())


def _z_report(desk: Desk, fields: Fields) -> Answer:
    z_number = fields.optional_integer("z_number")
    return _answered(desk, fields, desk.workstation.reports.z_report(z_number))


def _z_reports(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"z_reports": desk.workstation.reports.z_reports()}


def _day_report(desk: Desk, fields: Fields) -> Answer:
    business_day = fields.optional_text("business_day")
    return _answered(desk, fields, desk.workstation.reports.day_report(business_day))


def _watch(desk: Desk, fields: Fields) -> Answer:
    business_day = fields.optional_text("business_day")
    fields.end()
    view = desk.workstation.watch.day(business_day)
    return {"watch": view, "csv": desk.workstation.watch.csv(view)}


def _answered(desk: Desk, fields: Fields, report: Report) -> Answer:
    printed, columns = fields.flag("print", False), fields.integer("columns", COLUMNS)
    fields.end()
    told = _told(report, min(max(columns, 24), 96))
    answer: Answer = {"report": told, "csv": desk.workstation.reports.csv(report)}
    if printed:
        answer["printer"] = desk.wait(desk.workstation.reports.print(report))
    return answer


def _told(report: Report, columns: int = COLUMNS) -> Answer:
    """A report as figures and as the text on its paper."""
    return {
        "kind": report.kind,
        "z_number": report.z_number,
        "number": report.number,
        "business_day": report.business_day,
        "covers": report.covers,
        "sums": report.sums,
        "tenders": report.tenders,
        "grand": report.grand,
        "reason": report.reason,
        "restated": dict(report.restated),
        "late_count": report.late_count,
        "text": as_text(lay_out_report(report, columns), columns),
    }


def _counts(fields: Fields) -> dict[str, CountEntry]:
    """`counts`: [{"tender_code", "pieces": [{"value_minor", "count"}], "amount_minor"}]."""
    found: dict[str, CountEntry] = {}
    for index, value in enumerate(fields.items("counts", [])):
        entry = Fields(value, f"counts[{index}]")
        code, loose = entry.text("tender_code"), entry.integer("amount_minor", 0)
        pieces: dict[int, int] = {}
        for place, piece in enumerate(entry.items("pieces", [])):
            each = Fields(piece, f"counts[{index}].pieces[{place}]")
            pieces[each.integer("value_minor")] = each.integer("count")
            each.end()
        entry.end()
        found[code] = CountEntry(pieces, loose)
    return found


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "no_sale": _no_sale,
    "tender_movement": _tender_movement,
    "count_sheet": _count_sheet,
    "count_till": _count_till,
    "settle_shift": _settle_shift,
    "hand_over": _hand_over,
    "training": _training,
    "x_report": _x_report,
    "z_report": _z_report,
    "z_reports": _z_reports,
    "day_report": _day_report,
    "watch": _watch,
}
