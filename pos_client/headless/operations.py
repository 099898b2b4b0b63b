"""The operations by name. Each reads its fields, calls the services, and returns what to answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pos_client.collector import tidy
from pos_client.headless import (
    adjusting,
    cash,
    claims,
    counting,
    device_operations,
    goods,
    purses,
    replenishing,
    reserving,
    returning,
    selling,
    shared,
    shelves,
    staff,
)
from pos_client.headless.desk import Desk
from pos_client.headless.fields import Fields
from pos_client.receipts.layout import lay_out
from pos_client.receipts.screen import as_text
from pos_client.services.refusals.returns import NoReceipt
from pos_core.errors import Trouble

Answer = dict[str, Any]
Operation = Callable[[Desk, Fields], Answer]

NOT_AVAILABLE: frozenset[str] = frozenset()
"""Operations of the contract that this version does not have."""


def _enrol(desk: Desk, fields: Fields) -> Answer:
    server, code, name = fields.text("server"), fields.text("code"), fields.text("name", "headless")
    fields.end()
    desk.close()
    return {"workstation": desk.host.enrol(server, code, name)}


def _sign_on(desk: Desk, fields: Fields) -> Answer:
    number, pin = fields.text("operator_number"), fields.text("pin")
    fields.end()
    return {"operator": desk.wait(desk.workstation.session.sign_on(number, pin))}


def _sign_off(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    desk.wait(desk.workstation.session.sign_off())
    tidy()
    return {}


def _confirm_clock(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    desk.workstation.session.confirm_clock()
    return {}


def _open_shift(desk: Desk, fields: Fields) -> Answer:
    float_minor = fields.integer("float_minor")
    fields.end()
    return {"shift": desk.wait(desk.workstation.shift.open_shift(float_minor))}


def _find(desk: Desk, fields: Fields) -> Answer:
    text, limit = fields.text("text"), fields.integer("limit", 20)
    fields.end()
    return {"items": desk.workstation.find_item.search(text, limit)}


def _member_find(desk: Desk, fields: Fields) -> Answer:
    phone = fields.text("phone")
    fields.end()
    try:
        return {"member": desk.wait(desk.workstation.members.find_anywhere(phone)), "chain_asked": True}
    except Trouble:
        return {"member": None, "chain_asked": False}


def _member_join(desk: Desk, fields: Fields) -> Answer:
    phone, name = fields.text("phone"), fields.text("display_name")
    consents = fields.flags("consents")
    fields.end()
    return {"member": desk.wait(desk.workstation.members.join(phone, name, consents))}


def _member_edit(desk: Desk, fields: Fields) -> Answer:
    """What is not named stays as it is."""
    member_id, name = fields.text("member_id"), fields.optional_text("display_name")
    birthday, phone = fields.optional_text("birthday"), fields.optional_text("phone")
    consents, approval = fields.flags("consents"), fields.optional_text("approval")
    fields.end()
    asked = desk.workstation.members.edit(
        member_id,
        display_name=name,
        birthday=birthday,
        phone=phone,
        consents=consents,
        approval=approval,
    )
    return {"member": desk.wait(asked)}


def _member_attach(desk: Desk, fields: Fields) -> Answer:
    member_id = fields.text("member_id")
    fields.end()
    desk.workstation.members.attach(member_id)
    return {"basket": desk.workstation.ring_up.basket()}


def _member_detach(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    desk.workstation.members.detach()
    return {"basket": desk.workstation.ring_up.basket()}


def _sync(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"sync": desk.wait(desk.workstation.sync.now())}


def _go_offline(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    desk.workstation.sync.go_offline()
    return {"sync": desk.workstation.sync.state}


def _go_online(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    desk.workstation.sync.go_online()
    return {"sync": desk.workstation.sync.state}


def _state(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    workstation = desk.workstation
    return {
        "status": workstation.status.view(),
        "sync": workstation.sync.state,
        "operator": workstation.session.operator,
        "shift": workstation.shift.current,
        "payment": workstation.payment.view(),
        "printer": workstation.printing.state(),
        "series": workstation.status.series(),
    }


def _verify(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return desk.host.verify()


def _backup(desk: Desk, fields: Fields) -> Answer:
    into = fields.text("into")
    fields.end()
    return desk.host.backup(Path(into))


def _reprint(desk: Desk, fields: Fields) -> Answer:
    number = fields.optional_integer("number")
    fields.end()
    return {"printer": desk.wait(desk.workstation.printing.reprint(number))}


def _receipt(desk: Desk, fields: Fields) -> Answer:
    columns = fields.integer("columns", 48)
    fields.end()
    receipt = desk.workstation.printing.last_receipt()
    if receipt is None:
        raise NoReceipt("nothing was sold yet")
    columns = min(max(columns, 24), 96)
    return {"number": receipt.number, "text": as_text(lay_out(receipt, columns), columns)}


def _ops(_desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"ops": sorted(OPERATIONS), "not_available": sorted(NOT_AVAILABLE)}


def _quit(_desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {}


OPERATIONS: dict[str, Operation] = {
    "ops": _ops,
    "enrol": _enrol,
    "sign_on": _sign_on,
    "sign_off": _sign_off,
    "confirm_clock": _confirm_clock,
    "open_shift": _open_shift,
    **selling.OPERATIONS,
    **adjusting.OPERATIONS,
    **returning.OPERATIONS,
    "find": _find,
    **cash.OPERATIONS,
    **counting.OPERATIONS,
    **goods.OPERATIONS,
    **replenishing.OPERATIONS,
    **reserving.OPERATIONS,
    **shelves.OPERATIONS,
    **staff.OPERATIONS,
    **device_operations.OPERATIONS,
    **shared.OPERATIONS,
    **claims.OPERATIONS,
    **purses.OPERATIONS,
    "member_find": _member_find,
    "member_join": _member_join,
    "member_edit": _member_edit,
    "member_attach": _member_attach,
    "member_detach": _member_detach,
    "sync": _sync,
    "go_offline": _go_offline,
    "go_online": _go_online,
    "state": _state,
    "verify": _verify,
    "backup": _backup,
    "reprint": _reprint,
    "receipt": _receipt,
    "quit": _quit,
}
