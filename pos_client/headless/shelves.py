"""Shelf labels and price checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.services.goods.label_list import LabelList

Answer = dict[str, Any]


def _labels(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"labels": _shown(desk.workstation.shelf_labels.labels())}


def _print(desk: Desk, fields: Fields) -> Answer:
    services = desk.workstation.shelf_labels
    listed = services.labels()
    line_nos = [_line_no(listed, sku) for sku in fields.items("skus")]
    fields.end()
    state = desk.wait(services.print(listed, line_nos))
    if state.prints:
        listed.printed(line_nos)
    desk.wait(services.tell(listed))
    return {"printer": state.value, "labels": _shown(listed)}


def _tick(desk: Desk, fields: Fields) -> Answer:
    services = desk.workstation.shelf_labels
    listed = services.labels()
    line_no, ticked = _line_no(listed, fields.text("sku")), fields.flag("ticked", True)
    fields.end()
    listed.tick(line_no, ticked)
    desk.wait(services.tell(listed))
    return {"labels": _shown(listed)}


def _check(desk: Desk, fields: Fields) -> Answer:
    services, room = desk.workstation.shelf_labels, desk.workstation.stock_room
    looked_at = []
    for index, value in enumerate(fields.items("lines")):
        each = Fields(value, f"lines[{index}]")
        looked_at.append((room.item(each.text("sku")), each.optional_integer("shelf_minor")))
        each.end()
    fields.end()
    working = services.begin_check()
    for item, shelf_minor in looked_at:
        line_no = services.check(working, item)
        working.put(line_no, {**working.lines[line_no], "shelf": shelf_minor})
    return {"checked": desk.wait(services.finish_check(working))}


def _line_no(listed: LabelList, sku: object) -> int:
    found = listed.find(sku) if isinstance(sku, str) else None
    if found is None:
        raise BadRequest("no label of this item changes", field="sku")
    return found


def _shown(listed: LabelList) -> list[Answer]:
    lines = [listed.line(each) for each in listed.order]
    return [
        {
            "sku": line["sku"],
            "was_minor": line["was"],
            "price_minor": line["now"],
            "printed": line["printed"],
            "ticked": line["ticked"],
        }
        for line in lines
    ]


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "labels": _labels,
    "labels_print": _print,
    "label_tick": _tick,
    "price_check": _check,
}
