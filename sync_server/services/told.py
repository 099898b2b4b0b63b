"""What sums need of a document beyond its rows: channel, points, coupons, lots, a member's tier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from sync_server.store import document
from sync_server.store.engine import Txn

TYPES = ("sale", "return", "member_joined", "member_edited", "goods_received")
POS = "pos"
STORED_VALUE = "stored_value"


class Line(msgspec.Struct):
    """A line of a sale, a return or a goods receipt."""

    line_no: int = 0
    sku: str = ""
    quantity_milli: int = 0
    unit_price_minor: int = 0
    net_minor: int = 0
    lot: str | None = None
    kind: str = ""


class Points(msgspec.Struct):
    """A movement of points."""

    points: int = 0
    reason: str = ""


class Coupon(msgspec.Struct):
    """A coupon that was taken, or given back."""

    amount_minor: int = 0


class Body(msgspec.Struct):
    """What a document says."""

    channel: str = POS
    member_id: str | None = None
    tier: str | None = None
    lines: list[Line] = []
    points_movements: list[Points] = []
    coupon_uses: list[Coupon] = []


class _Document(msgspec.Struct):
    body: Body = msgspec.field(default_factory=Body)


class Told(msgspec.Struct):
    """One document. `key` is `workstation/incarnation/number`, `at_ms` when it happened by its own clock."""

    number: int
    key: str
    type: str
    store_id: str
    business_day: str
    at_ms: int
    body: Body


_decoder = msgspec.json.Decoder(_Document)


def told(txn: Txn, own: tuple[str, int], after: int, last: int) -> Iterator[Told]:
    """Documents of a part of a series that sums look into, in order."""
    for number, kind, store_id, day, at_ms, data in document.of_types(txn, own, (after, last), TYPES):
        try:
            body = _decoder.decode(data).body
        except msgspec.DecodeError:
            body = Body()  # of a newer program, in a shape that this one does not know: it counts by its rows
        yield Told(number, f"{own[0]}/{own[1]}/{number}", kind, store_id, day, at_ms, body)


def purses(part: Iterable[Told]) -> set[tuple[int, int]]:
    """Number and line of money that goes onto a purse or a gift card, or back to its holder: no sale."""
    return {
        (each.number, line.line_no) for each in part for line in each.body.lines if line.kind == STORED_VALUE
    }


def channel_of(data: bytes) -> str:
    """The channel of a sale or return."""
    try:
        return _decoder.decode(data).body.channel
    except msgspec.DecodeError:
        return POS
