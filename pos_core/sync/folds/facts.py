"""Facts as values: what a document says, cut into the pieces that folds take.

`pos_core.sync.folds.extract.facts_of` makes them from documents; the server makes the few that belong to
head office or to the moment of receipt. A fact never changes and is never refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, dataclass_transform

from pos_core.catalog.credential import CredentialStep
from pos_core.customer.stored_value import StoredValueKind
from pos_core.stock.shelf_label import LabelStep
from pos_core.sync.folds.stamp import Stamp

PointsKind = Literal["earned", "spent", "clawed_back", "given_back", "adjusted"]
Authority = Literal["allowance", "online", "manager", ""]
"""Who let points or a coupon go: a lease, the server itself, a person, or nobody said."""
_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def _fact(kind: type[_T]) -> type[_T]:
    """A frozen dataclass to whoever reads or checks the program, a plain one when it runs.

    A dataclass that refuses changes sets its own fields by a call each, and a batch of sales is thousands of
    facts: they took half the time of cutting it.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)


@_fact
class Fact:
    """What every fact has; `store_id` is where it happened ("" for head office)."""

    stamp: Stamp
    store_id: str


@_fact
class ProfileEdited(Fact):
    """A member joined or was edited.

    Attributes:
        fields: name → value; None deletes. A personal field's value is `{"document_id"}`: who has the
            member's key opens the box of that document, and nobody else can.
        consents: purpose → given or not.
        phone_index: blind index that is claimed, None with `claims_phone` when the phone was given up.
    """

    member_id: str
    joined: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)
    claims_phone: bool = False
    phone_index: str | None = None


@_fact
class MembersLinked(Fact):
    """A verdict on two member ids: the member's code or a person confirmed them as one, or HQ split them."""

    first_id: str
    second_id: str
    verdict: Literal["confirmed", "split"]


@_fact
class MemberCodeTried(Fact):
    """A member's code was entered. `failures` in a row as the workstation counts; 0: it was right."""

    member_id: str
    failures: int
    locked_until_ms: int = 0


@_fact
class CredentialChanged(Fact):
    """An employee's sign-on at the fact's store was changed by somebody above him, or by head office.

    Attributes:
        pin_verifier: of `pin_reset`, an argon2id PHC string under the store's pepper; None otherwise.
        by: the employee who did it; "" for head office.
    """

    employee_id: str
    step: CredentialStep
    pin_verifier: str | None = None
    by: str = ""
    reason: str = ""


@_fact
class PointsMoved(Fact):
    """Points signed: above zero for the member. Claw-back by returns is a kind of its own."""

    member_id: str
    points: int
    kind: PointsKind
    authority: Authority = ""


@_fact
class MemberOrdered(Fact):
    """A finished sale to a member: one order more. Returns take none away."""

    member_id: str


@_fact
class StoredValueMoved(Fact):
    """Stored value, signed minor units: above zero is the holder's. Accounts: `member:…` or `card:…`."""

    account_id: str
    amount_minor: int
    kind: StoredValueKind
    authority: Authority = ""


@_fact
class CouponUsed(Fact):
    """A coupon that was taken in a sale. `coupon_key` names the one coupon."""

    coupon_key: str
    campaign_id: str
    amount_minor: int
    authority: Authority = ""


@_fact
class CouponRestored(Fact):
    """A return gave a coupon back to its holder; `origin` is the sale's document key."""

    coupon_key: str
    origin: str


FLOOR_REASONS = frozenset({"sale", "return"})
"""Movements that take from, or bring back to, the sales floor; all others concern the back."""


@_fact
class StockMoved(Fact):
    """A signed movement of one SKU at the fact's store."""

    sku: str
    quantity_milli: int
    reason: str


@_fact
class Counted(Fact):
    """A count: an assertion of what lay there, with its cut.

    Attributes:
        cut: series key → last number that the counting workstation had heard, live, when it counted. A
            series that is not named is cut by hybrid time.
        recorded_milli: what the books said there and then; information, never part of a sum.
        session: counts of one session add up; "" for a count of its own.
        round: 1, and 2 and more for recounts, which take the place of the rounds before.
        area: floor, back, or "" for the whole shop.
    """

    sku: str
    counted_milli: int
    recorded_milli: int
    cut: Mapping[str, int]
    session: str = ""
    round: int = 1
    area: str = ""


@_fact
class TransferMoved(Fact):
    """A step of a transfer, at the store where it happened.

    Attributes:
        lines: SKU → thousandths.
        shipment: key of the document that shipped what is received; None where nobody knows.
    """

    transfer_id: str
    step: str
    from_store: str
    to_store: str
    lines: Mapping[str, int]
    shipment: str | None = None


@_fact
class OrderMoved(Fact):
    """A step of an order to a supplier: placed, received against, closed; sent and confirmed are HQ's.

    Attributes:
        lines: SKU → thousandths; of a delivery damaged ones too.
        detail: of a placed one `{"supplier_id", "supplier_name", "expected_day", "costs": {sku: minor}}`.
    """

    order_id: str
    step: Literal["placed", "received", "closed", "sent", "confirmed"]
    lines: Mapping[str, int]
    detail: Mapping[str, Any] | None = None


@_fact
class ReservationMoved(Fact):
    """A step of a reservation, at the store where it happened.

    Attributes:
        at_store: where the goods lie; for_store: where the shopper asked.
        lines: SKU → thousandths, `until_ms` the end, both of the step `made` alone.
        sale: document key of the sale that closed it; "" where a person said the step.
    """

    reservation_id: str
    step: str
    at_store: str
    for_store: str
    lines: Mapping[str, int]
    until_ms: int = 0
    sale: str = ""


@_fact
class ShiftEntry(Fact):
    """A document that belongs to a shift: its type and its body."""

    shift_id: str
    type: str
    body: Mapping[str, Any]


@_fact
class Approved(Fact):
    """A second person let something happen once."""

    business_day: str
    operator_id: str
    kind: str
    approved_by: str


@_fact
class Acted(Fact):
    """A document of an operator that the watch counts.

    Attributes:
        counts: name → (how often, amount); see `pos_core.sync.folds.watch`.
        has_void: it tells of a line that was taken off.
    """

    business_day: str
    operator_id: str
    counts: Mapping[str, tuple[int, int]]
    has_void: bool = False


@_fact
class BasketStep(Fact):
    """A held basket was held, recalled, paid or dropped. `total_minor` is what was paid."""

    held_id: str
    step: Literal["held", "recalled", "paid", "dropped"]
    total_minor: int = 0


@_fact
class LabelMarked(Fact):
    """The shelf label of an item was printed, hung or taken down, for a price."""

    sku: str
    step: LabelStep
    price_minor: int


@_fact
class LineSold(Fact):
    """A line that may come back; the document is the fact's own."""

    line_no: int
    sku: str
    quantity_milli: int
    net_minor: int


@_fact
class LineReturned(Fact):
    """A line that came back; `origin` is the sale's document key, `line_no` its line there."""

    origin: str
    line_no: int
    sku: str
    quantity_milli: int
    refund_minor: int


@_fact
class BudgetSpent(Fact):
    """Something that may have a limit: a campaign, a promotion, an operator's manual discounts of a day.

    Below zero: what a return gave back.
    """

    budget_id: str
    uses: int
    amount_minor: int


@_fact
class AllowanceStep(Fact):
    """What a holder journaled of an allowance, or head office decided (granted, revoked).

    Attributes:
        amount: granted, taken over or handed over, in the allowance's units.
        used: all that the holder had used up to this document; for accepted, returned, expired and lost.
        other: the peer of a hand-over, a workstation id; "" otherwise.
        transfer_id: which hand-over, where its document says it.
    """

    allowance_id: str
    step: Literal[
        "granted", "accepted", "handed_over", "taken_over", "returned", "expired", "lost", "revoked"
    ]
    amount: int
    used: int = 0
    other: str = ""
    transfer_id: str = ""


@_fact
class AllowanceSpent(Fact):
    """Units of an allowance that a sale used: points, coupons (one each) or minor units of a budget."""

    allowance_id: str
    units: int


@_fact
class IdUsed(Fact):
    """A document named a member or an item."""

    kind: Literal["member", "item"]
    id: str
    amount_minor: int = 0


@_fact
class IdKnown(Fact):
    """Head office, or a join, made the id known."""

    kind: Literal["member", "item"]
    id: str


@_fact
class ClockBounded(Fact):
    """Made by the server at receipt: the document's hybrid time lay beyond the bound, and counts as it."""

    claimed: str
    bound: str


@_fact
class SeriesForked(Fact):
    """Made by the server at receipt: two documents under one number; the other lies in quarantine."""

    kept_hash: str
    other_hash: str
