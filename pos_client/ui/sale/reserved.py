"""A reservation's slip among the goods: what was put aside goes into the basket."""

from __future__ import annotations

from pos_client.services.reservations.redeeming import Redeemed
from pos_client.ui.sale import age
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.text.formats import format_time
from pos_core.errors import TidemarkError


def scanned(desk: Desk, sale: SalePage, text: str) -> bool:
    """Whether the text is a slip's code or number; then its goods are rung up, or it is said why not."""
    redeeming = desk.workstation.redeeming
    if not redeeming.is_code(text):
        return False
    try:
        redeemed = redeeming.redeem(text)
    except TidemarkError as error:
        desk.refuse(error)
        return True
    desk.messages.clear()
    sale.show_basket(rung_up=bool(redeemed.line_nos))
    _say(desk, redeemed)
    age.remind(desk, sale)
    return True


def _say(desk: Desk, redeemed: Redeemed) -> None:
    if redeemed.to_scan:
        desk.messages.show(
            "info", "reserve.scan_those", code=redeemed.reservation_id, names=", ".join(redeemed.to_scan)
        )
    elif redeemed.is_late:
        zone = desk.workstation.status.view().time_zone
        desk.messages.show(
            "info",
            "reserve.late",
            code=redeemed.reservation_id,
            time=format_time(redeemed.until_ms, zone, "MM-dd HH:mm"),
        )
    else:
        desk.messages.show("good", "reserve.rung_up", code=redeemed.reservation_id)
