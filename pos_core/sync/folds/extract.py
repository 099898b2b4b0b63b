"""The facts in a document: one function for both ends. Fields: docs/documents.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, cast

from pos_core.catalog.credential import may_change
from pos_core.stock.moved import moved_lines
from pos_core.stock.transfer import STEPS
from pos_core.sync.folds.extract_trade import trade_facts
from pos_core.sync.folds.facts import (
    Acted,
    AllowanceStep,
    Approved,
    BasketStep,
    Counted,
    CredentialChanged,
    Fact,
    IdKnown,
    LabelMarked,
    MemberCodeTried,
    MembersLinked,
    OrderMoved,
    PointsKind,
    PointsMoved,
    ProfileEdited,
    ReservationMoved,
    ShiftEntry,
    StockMoved,
    TransferMoved,
)
from pos_core.sync.folds.stamp import Stamp, document_key, series_key
from pos_core.sync.folds.watch import WATCHED_TYPES, counts_of, has_void

Document = Mapping[str, Any]
"""A decoded document, or any mapping with its top-level keys."""

_POINTS_KINDS = frozenset({"earned", "spent", "clawed_back", "given_back", "adjusted"})


def facts_of(
    header: Document, body: Document, *, hlc_bound: str | None = None, lean: bool = False
) -> tuple[Fact, ...]:
    """Every fact that the document holds, in an order that is the same everywhere.

    `hlc_bound` is the bound that the server recorded at receipt for a document whose clock ran ahead; the
    facts then stand at the bound. The document has passed `check_header` and `check_body`.

    `lean` leaves out `LineSold` and `IdUsed`, which are most of a sale: for whoever looks up ids itself
    and takes a sold line from its ledger when the first return of it comes.
    """
    kind = header["type"]
    if kind not in TELLING_TYPES:
        return ()
    hlc = header["hlc"] if hlc_bound is None else min(header["hlc"], hlc_bound)
    stamp = Stamp(hlc, header["workstation_id"], header["incarnation"], header["number"])
    found: list[Fact] = []
    if kind in ("sale", "return"):
        found.extend(trade_facts(stamp, header, body, lean=lean))
    extract = _BY_TYPE.get(kind)
    if extract is not None:
        found.extend(extract(stamp, header, body))
    if kind in _OF_A_SHIFT and header.get("shift_id") is not None:
        found.append(ShiftEntry(stamp, header["store_id"], header["shift_id"], kind, body))
    if kind in WATCHED_TYPES and header.get("operator_id"):
        found.append(_acted(stamp, header, body))
    return tuple(found)


def _acted(stamp: Stamp, header: Document, body: Document) -> Acted:
    kind = header["type"]
    place = (header["store_id"], header["business_day"], header["operator_id"])
    return Acted(stamp, *place, counts_of(kind, body), has_void(kind, body))


def at(stamp: Stamp, place: int) -> Stamp:
    """The stamp of another place in the same document."""
    return Stamp(stamp.hlc, stamp.workstation_id, stamp.incarnation, stamp.number, place)


_OF_A_SHIFT = frozenset({"shift_opened", "shift_settled", "tender_movement", "sale", "return", "no_sale"})


def _member(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    joined = header["type"] == "member_joined"
    fields: dict[str, Any] = dict(body.get("fields") or {})
    for name in body.get("personal_fields") or ():
        fields[name] = {"document_id": header["document_id"]}
    yield ProfileEdited(
        stamp,
        header["store_id"],
        body["member_id"],
        joined=joined,
        fields=fields,
        consents=dict(body.get("consents") or {}),
        claims_phone="phone_index" in body,
        phone_index=body.get("phone_index"),
    )
    if joined:
        yield IdKnown(stamp, header["store_id"], "member", body["member_id"])


def _code(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    failures, locked_until_ms = body.get("failures", 0), body.get("locked_until_ms") or 0
    yield MemberCodeTried(stamp, header["store_id"], body["member_id"], failures, locked_until_ms)


def _credential(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    """Nothing where somebody changed his own, an equal's or a superior's: the document changes nothing."""
    by, step, verifier = header.get("operator_id") or "", body["step"], body.get("pin_verifier")
    entitled = by and by != body["employee_id"] and may_change(body["by_role"], body["role"])
    if entitled and (verifier is not None) == (step == "pin_reset"):
        employee_id, reason = body["employee_id"], body["reason"] or ""
        yield CredentialChanged(stamp, header["store_id"], employee_id, step, verifier, by, reason)


def _linked(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    yield MembersLinked(stamp, header["store_id"], body["first_id"], body["second_id"], "confirmed")


def _points(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    for place, move in enumerate(body["points_movements"], start=1):
        kind = move["reason"] if move["reason"] in _POINTS_KINDS else "adjusted"
        yield PointsMoved(
            at(stamp, place),
            header["store_id"],
            move["member_id"],
            move["points"],
            cast("PointsKind", kind),
            move.get("authority", ""),
        )


def _goods(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    for line_no, sku, milli, reason in moved_lines(header["type"], body):
        yield StockMoved(at(stamp, line_no), header["store_id"], sku, milli, reason)


def _delivered(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    yield from _goods(stamp, header, body)
    if body["order_id"] is None:
        return
    lines: dict[str, int] = {}
    for line in body["lines"]:
        lines[line["sku"]] = lines.get(line["sku"], 0) + line["quantity_milli"] + line["damaged_milli"]
    yield OrderMoved(stamp, header["store_id"], body["order_id"], "received", lines)


def _ordered(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    lines: dict[str, int] = {}
    costs: dict[str, int] = {}
    for line in body["lines"]:
        lines[line["sku"]] = lines.get(line["sku"], 0) + line["quantity_milli"]
        if line.get("unit_cost_minor") is not None:
            costs[line["sku"]] = line["unit_cost_minor"]
    detail = {
        "supplier_id": body["supplier_id"],
        "supplier_name": body["supplier_name"],
        "expected_day": body.get("expected_day") or "",
        "costs": costs,
    }
    yield OrderMoved(stamp, header["store_id"], body["order_id"], "placed", lines, detail)


def _order_closed(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    yield OrderMoved(stamp, header["store_id"], body["order_id"], "closed", {})


def _transfer(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    yield from _goods(stamp, header, body)
    lines: dict[str, int] = {}
    for line in body["lines"]:
        lines[line["sku"]] = lines.get(line["sku"], 0) + line["quantity_milli"]
    shipment = body.get("shipment")
    yield TransferMoved(
        stamp,
        header["store_id"],
        body["transfer_id"],
        header["type"].removeprefix("transfer_"),
        body["from_store_id"],
        body["to_store_id"],
        lines,
        None
        if shipment is None
        else document_key(shipment["workstation_id"], shipment["incarnation"], shipment["number"]),
    )


def _reservation(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    made = header["type"] == "reservation_made"
    lines: dict[str, int] = {}
    for line in body["lines"] if made else ():
        lines[line["sku"]] = lines.get(line["sku"], 0) + line["quantity_milli"]
    yield ReservationMoved(
        stamp,
        header["store_id"],
        body["reservation_id"],
        "made" if made else body["step"],
        body["at_store_id"],
        body["for_store_id"],
        lines,
        body["until_ms"] if made else 0,
        _sale_beside(stamp, body),
    )


def _sale_beside(stamp: Stamp, body: Document) -> str:
    """The sale of the same series that closed the reservation, or ""."""
    number = body.get("sale_number")
    return "" if number is None else document_key(stamp.workstation_id, stamp.incarnation, number)


def _labels(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    for line in body["lines"]:
        place = at(stamp, line["line_no"])
        yield LabelMarked(place, header["store_id"], line["sku"], line["step"], line["price_minor"])


def _count(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    """One fact a line: each line was counted at its own moment, and lines of one SKU add up."""
    heard = body.get("cut") or ()
    for line in body["lines"]:
        hlc = min(line.get("hlc") or stamp.hlc, stamp.hlc)
        cut = {
            series_key(each["workstation_id"], each["incarnation"]): each["number"]
            for each in line.get("cut", heard)
        }
        cut[stamp.series] = min(line.get("number", stamp.number), stamp.number)
        yield Counted(
            Stamp(hlc, stamp.workstation_id, stamp.incarnation, stamp.number, line["line_no"]),
            header["store_id"],
            line["sku"],
            line["counted_milli"],
            line["recorded_milli"],
            cut,
            body.get("session_id") or "",
            body.get("round", 1),
            line.get("area", body.get("area")) or "",
        )


def _approved(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    yield Approved(
        stamp,
        header["store_id"],
        header["business_day"],
        header.get("operator_id") or "",
        body["kind"],
        body["approved_by"],
    )


def _basket(step: Literal["held", "recalled", "dropped"]) -> Callable[..., Iterator[Fact]]:
    def extract(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
        if body.get("held_id") is not None:
            yield BasketStep(stamp, header["store_id"], body["held_id"], step)

    return extract


def _allowance(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    yield AllowanceStep(
        stamp,
        header["store_id"],
        body["allowance_id"],
        body["step"],
        body["amount"],
        body["used"],
        body.get("other") or "",
        body.get("transfer_id") or "",
    )


_BY_TYPE: dict[str, Callable[[Stamp, Document, Document], Iterator[Fact]]] = {
    "member_joined": _member,
    "member_edited": _member,
    "member_code_failed": _code,
    "member_code_accepted": _code,
    "credential_changed": _credential,
    "members_confirmed": _linked,
    "points_moved": _points,
    "stock_movement": _goods,
    "goods_received": _delivered,
    "goods_ordered": _ordered,
    "order_closed": _order_closed,
    **{f"transfer_{step}": _transfer for step in STEPS},
    "reservation_made": _reservation,
    "reservation_reported": _reservation,
    "labels_changed": _labels,
    "count": _count,
    "override_approved": _approved,
    "basket_held": _basket("held"),
    "basket_recalled": _basket("recalled"),
    "basket_abandoned": _basket("dropped"),
    "allowance_reported": _allowance,
}
TELLING_TYPES = frozenset({*_OF_A_SHIFT, *WATCHED_TYPES, *_BY_TYPE})
"""The types whose documents hold facts at all."""
