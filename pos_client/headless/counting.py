"""Stocktakes: begun, scanned into, paused, signed, reviewed, approved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.services.stocktaking.count_list import CountList
from pos_core.stock.stocktake import AREAS, COUNT_KINDS

Answer = dict[str, Any]


def _begin(desk: Desk, fields: Fields) -> Answer:
    services = desk.workstation.stocktaking
    session, kind = fields.text("session_id", ""), fields.text("kind", "full")
    area, shelf, round_ = fields.text("area", ""), fields.text("shelf", ""), fields.integer("round", 1)
    scope, wanted = _texts(fields, "scope"), _texts(fields, "wanted")
    blind = fields.flag("blind", desk.workstation.stock_room.policy.blind)
    fields.end()
    known_kind = next((each for each in COUNT_KINDS if each == kind), None)
    known_area = next((each for each in AREAS if each == area), None)
    if known_kind is None or known_area is None or round_ < 1:
        raise BadRequest("no such kind, area or round", field="kind" if known_kind is None else "area")
    begun = services.begin(
        services.named(session),
        known_kind,
        scope=scope,
        area=known_area,
        shelf=shelf,
        blind=blind,
        round_=round_,
        wanted=wanted,
    )
    return {"list": _shown(desk.wait(begun))}


def _lists(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"lists": [_shown(each) for each in desk.workstation.stocktaking.lists()]}


def _scan(desk: Desk, fields: Fields) -> Answer:
    list_id, text = fields.text("list_id"), fields.text("text")
    quantity_milli = fields.optional_integer("quantity_milli")
    fields.end()
    counting = desk.workstation.stocktaking.list_of(list_id)
    found = desk.workstation.stock_room.finder.find(text)
    if found.item is None:
        raise BadRequest("say one item by its code or SKU", field="text")
    if quantity_milli is None:
        counting.add(found.item, found.quantity_milli)
    else:
        counting.set(counting.add(found.item, 0), quantity_milli)
    desk.wait(counting.kept.kept)
    return {"list": _shown(counting)}


def _finish(desk: Desk, fields: Fields) -> Answer:
    list_id = fields.text("list_id")
    fields.end()
    return {"number": desk.wait(desk.workstation.stocktaking.list_of(list_id).finish())}


def _sessions(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"sessions": desk.workstation.stocktaking.sessions()}


def _review(desk: Desk, fields: Fields) -> Answer:
    session = fields.text("session_id")
    fields.end()
    review = desk.workstation.stocktaking.review(session)
    lines = [
        {
            "sku": each.variance.sku,
            "counted_milli": each.variance.counted_milli,
            "expected_milli": each.variance.expected_milli,
            "variance_milli": each.variance.variance_milli,
            "value_minor": each.variance.value_minor,
            "doubtful_milli": each.variance.doubtful_milli,
            "restated_milli": each.variance.restated_milli,
            "reason_code": each.variance.reason_code,
            "provisional": each.is_provisional,
            "recount": each.recount,
        }
        for each in review.lines
    ]
    return {
        "review": {
            "session_id": review.session_id,
            "variance_minor": review.variance_minor,
            "lines": lines,
            "not_counted": review.not_counted,
            "round": review.round,
            "approved": review.is_approved,
            "approval": review.approved,
            "as_of_ms": review.as_of_ms,
        }
    }


def _approve(desk: Desk, fields: Fields) -> Answer:
    session, approval = fields.text("session_id"), fields.optional_text("approval")
    reasons = {}
    for index, value in enumerate(fields.items("reasons", [])):
        each = Fields(value, f"reasons[{index}]")
        reasons[each.text("sku")] = each.text("reason_code")
        each.end()
    fields.end()
    review = desk.workstation.stocktaking.review(session)
    return {"number": desk.wait(review.approve(reasons, approval))}


def _plan(desk: Desk, fields: Fields) -> Answer:
    most = fields.integer("most", 50)
    fields.end()
    plan = desk.workstation.stocktaking.plan(most)
    return {"plan": plan.due, "of_store": plan.of_store, "as_of_ms": plan.as_of_ms}


def _shown(counting: CountList) -> Answer:
    lines = [counting.line(each) for each in counting.order]
    return {
        "list_id": counting.kept.list_id,
        "session_id": counting.session_id,
        "blind": counting.is_blind,
        "round": counting.kept.data["round"],
        "lines": [{"sku": line["sku"], "counted_milli": line["milli"]} for line in lines],
    }


def _texts(fields: Fields, name: str) -> list[str]:
    found = fields.items(name, [])
    if not all(isinstance(each, str) and len(each) <= 64 for each in found):
        raise BadRequest(f"{name} is a list of texts", field=name)
    return found


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "count_begin": _begin,
    "count_lists": _lists,
    "count_scan": _scan,
    "count_finish": _finish,
    "count_sessions": _sessions,
    "count_review": _review,
    "count_approve": _approve,
    "count_plan": _plan,
}
