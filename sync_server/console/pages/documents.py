"""One document, whatever page named it; of a sale also what became of its price."""

from __future__ import annotations

from sync_server.console.ask import Ask, Page, Redirect, Reply
from sync_server.store.price_check import Place


def one(ask: Ask) -> Reply:
    """Field by field, personal data masked."""
    key = "/".join(str(each) for each in _place(ask))
    values = {"side": ask.desk.documents.one(key, ask.region), **_price(ask)}
    return Page("document.html", values)


def price(ask: Ask) -> Reply:
    """The part about the price alone, while it is being solved again."""
    key = "/".join(str(each) for each in _place(ask))
    ask.desk.documents.one(key, ask.region)
    return Page("document_price.html", _price(ask))


def dispute(ask: Ask) -> Reply:
    """Somebody doubts the price of a sale: it is solved again before the others."""
    place = _place(ask)
    ask.desk.disputes.dispute(ask.act, place, ask.region)
    return Redirect(_base(place), "saved")


def _price(ask: Ask) -> dict[str, object]:
    place = _place(ask)
    return {"price": ask.desk.disputes.state(place, ask.region), "base": _base(place)}


def _base(place: Place) -> str:
    return "/console/documents/" + "/".join(str(each) for each in place)


def _place(ask: Ask) -> Place:
    return ask.path["workstation_id"], ask.path_number("incarnation"), ask.path_number("number")
