"""What a front end shows: frozen values that the services hand out, and nothing a front end must compute.

Amounts are minor units of `currency`, quantities thousandths of `unit`, times epoch milliseconds UTC.
The window and the headless driver see these and never a basket, a replica row or a journal document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from pos_client.receipts.model import Receipt
from pos_client.receipts.report import Report

FactValue = str | int | bool | None
NetworkState = Literal["online", "offline", "offline_by_choice", "never"]
ShiftState = Literal["closed", "open"]
Role = Literal["cashier", "supervisor", "manager"]
EnteredKind = Literal[
    "line_added",  # line_no is the line that the unit went to (a new one, or the newest one with one more)
    "quantity_set",  # `*5`: the chosen line now has that quantity
    "multiplier_set",  # `3*` alone: the next code counts three times
    "ambiguous",  # several items by that name: show `candidates`, then call add_sku
    "needs_weight",  # weighed item without a weight: ask, then add_sku(sku, weight_milli=…)
    "needs_price",  # open-price item without a price: ask, then add_sku(sku, price_minor=…)
]

_NO_FACTS: Mapping[str, FactValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Notice:
    """A standing remark for the status bar; `code` is translated with `facts`, like an error's."""

    code: str
    severity: Literal["info", "warning", "trouble"]
    facts: Mapping[str, FactValue] = field(default_factory=lambda: _NO_FACTS)


@dataclass(frozen=True, slots=True)
class OperatorView:
    """Who is signed on."""

    operator_id: str
    operator_number: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """The member on the basket: only what may be seen at a till.

    Attributes:
        tier_name, tier_name_en: what the chain calls the tier; the code where it names none.
        is_birthday_month: by the business day.
        coupon_count: coupons of the wallet that are good now.
    """

    member_id: str
    display_name: str
    masked_phone: str
    tier: str
    points_balance: int
    tier_name: str = ""
    tier_name_en: str = ""
    is_birthday_month: bool = False
    coupon_count: int = 0


@dataclass(frozen=True, slots=True)
class PurseView:
    """A member's stored value. `free_minor` of it may be spent here without asking anybody.

    Attributes:
        least_minor, most_minor: of one top-up; None: no bound.
        bonus: (from, added): what the chain adds to a top-up.
    """

    balance_minor: int
    free_minor: int
    can_top_up: bool
    least_minor: int
    most_minor: int | None
    bonus: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class GiftCardView:
    """A gift card as this workstation knows it: `status` new (not sold yet), active or blocked."""

    account_id: str
    last_four: str
    status: str
    balance_minor: int


@dataclass(frozen=True, slots=True)
class DepositView:
    """What is given back for empties: `amount_minor` for all of `quantity_milli`."""

    sku: str
    name: str
    quantity_milli: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the basket as shown. `list_minor` = price × quantity; `net_minor` = list − discount.

    Attributes:
        entered: how it came in: scan | typed | plu | search | weighed | in_store.
        note: a short text under the name: promotion names, the pack; "" mostly.
        line_off_minor, basket_off_minor: what was taken off by hand, inside `discount_minor`.
        voided: the operator took it off again; it stays visible, struck through, and counts nothing.
    """

    line_no: int
    sku: str
    name: str
    quantity_milli: int
    unit: str
    unit_price_minor: int
    list_minor: int
    discount_minor: int
    net_minor: int
    weighed: bool
    note: str = ""
    voided: bool = False
    entered: str = "scan"
    gtin: str | None = None
    line_off_minor: int = 0
    basket_off_minor: int = 0


@dataclass(frozen=True, slots=True)
class BasketView:
    """The whole basket. `piece_count` counts a weighed line as one piece.

    Attributes:
        total_minor: what a cash payer owes: subtotal − discount + cash_rounding (≤ 0 or ≥ 0).
        release_version: the release that prices this basket; None while it is empty.
        age_needed: years of age that nobody has confirmed yet; None: nothing is to be asked.
        final: False while promotions are being worked out (only `ring_up.basket_at_once` shows that).
    """

    lines: tuple[LineView, ...]
    piece_count: int
    line_count: int
    subtotal_minor: int
    discount_minor: int
    cash_rounding_minor: int
    total_minor: int
    tax_minor: int
    currency: str
    exponent: int
    member: MemberView | None
    release_version: int | None
    newest_line_no: int | None
    chosen_line_no: int | None = None
    final: bool = True
    age_needed: int | None = None


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason to choose: its code and its names."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """A second person said yes; `nonce` goes into the call that is now allowed, once."""

    nonce: str
    kind: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class HeldView:
    """A basket on hold. `label` is its newest item; `total_minor` what it came to when it was held.

    `at`: the workstation of this store where it is, by its name; "" for this one. `stranded`: it was let go
    of for `at`, which has not said that it has it.
    """

    held_id: str
    label: str
    operator_id: str | None
    held_at_ms: int
    line_count: int
    piece_count: int
    total_minor: int
    has_member: bool
    at: str = ""
    stranded: bool = False


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A line that costs something else than when its basket was held."""

    line_no: int
    name: str
    before_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True)
class RecalledView:
    """A basket taken up again. `gone` names items that are no longer sold: their lines are voided."""

    basket: BasketView
    total_before_minor: int
    changes: tuple[PriceChange, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundItem:
    """A hit of the item search, or a candidate of an ambiguous entry. `price_minor` None: no price."""

    sku: str
    name: str
    price_minor: int | None
    unit: str
    gtin: str | None = None
    sale_kind: str = "piece"


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a scanned or typed text; refusals are raised instead.

    Attributes:
        quantity_milli: what was added, set, or is waiting for a weight or price.
        candidates: only for `ambiguous`.
        seen: the GTIN or PLU that was understood, for the screen.
    """

    kind: EnteredKind
    line_no: int | None = None
    sku: str | None = None
    name: str = ""
    quantity_milli: int = 0
    candidates: tuple[FoundItem, ...] = ()
    seen: str = ""


@dataclass(frozen=True, slots=True)
class TenderTypeView:
    """A means of payment of this chain, in the order of its keys."""

    tender_code: str
    tender_kind: str
    name: str
    name_en: str
    gives_change: bool
    opens_drawer: bool
    position: int
    needs_reference: bool = False


@dataclass(frozen=True, slots=True)
class TenderView:
    """One tender on the payment. `change_minor` is what goes back from this very tender; a `fixed` one

    follows from the basket.
    """

    tender_code: str
    tender_kind: str
    name: str
    amount_minor: int
    change_minor: int = 0
    reference: str | None = None
    fixed: bool = False
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class PaymentView:
    """The state of a payment. `total_minor` depends on the tenders: only cash is rounded.

    Attributes:
        remaining_minor: still to pay (0 when covered).
        suggested_minor: cash amounts to touch: exact, then the next 10, 50 and 100, each once.
        due_minor: (tender_code, what that tender would have to pay now) for each tender type.
    """

    total_minor: int
    paid_minor: int
    remaining_minor: int
    change_minor: int
    tenders: tuple[TenderView, ...]
    can_finish: bool
    cash_rounding_minor: int = 0
    suggested_minor: tuple[int, ...] = ()
    tender_types: tuple[TenderTypeView, ...] = ()
    due_minor: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CompletedSale:
    """A sale that is on disk: only now may success be shown.

    Attributes:
        number: the document's number in its series.
        series_label: the short name that is printed before the number.
        refund_minor: of an exchange: what goes back in money besides.
    """

    number: int
    series_label: str
    document_id: str
    receipt: Receipt
    change_minor: int
    total_minor: int
    cash_rounding_minor: int = 0
    currency: str = "CNY"
    exponent: int = 2
    refund_minor: int = 0


@dataclass(frozen=True, slots=True)
class WhyView:
    """A promotion and what became of it: `outcome` as the engine says it, or `by_hand`; `lines` in words.

    What is missing that nothing in the shop would change (no goods for it, no saving) is `out_of_scope`.
    """

    promotion_id: str
    outcome: str
    lines: tuple[str, ...]
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A sale in a list: enough for a shopper to know it again."""

    workstation_id: str
    incarnation: int
    number: int
    label: str
    occurred_at_ms: int
    total_minor: int
    names: tuple[str, ...]
    line_count: int
    store_id: str = ""
    found_by: str = "journal"


@dataclass(frozen=True, slots=True)
class ReceiptLineView:
    """A sold line. `left_milli` may still come back; not `by_piece`: whole or not at all."""

    line_no: int
    sku: str
    name: str
    quantity_milli: int
    net_minor: int
    left_milli: int
    by_piece: bool


@dataclass(frozen=True, slots=True)
class SoldReceiptView:
    """A sale that goods may come back of. `found_by`: who vouches for it: journal, code, head_office."""

    workstation_id: str
    incarnation: int
    number: int
    label: str
    occurred_at_ms: int
    business_day: str
    total_minor: int
    member_id: str | None
    lines: tuple[ReceiptLineView, ...]
    store_id: str = ""
    found_by: str = "journal"


@dataclass(frozen=True, slots=True)
class RefundTenderView:
    """What goes back by one tender."""

    tender_code: str
    tender_kind: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RefundView:
    """What a return would give back."""

    total_minor: int
    cash_rounding_minor: int
    tenders: tuple[RefundTenderView, ...]
    points_given_back: int
    points_taken_back: int
    coupons_back: int
    currency: str
    exponent: int


@dataclass(frozen=True, slots=True)
class CompletedReturn:
    """A return that is on disk. `cash_minor` is what the operator hands out."""

    number: int
    series_label: str
    document_id: str
    receipt: Receipt
    total_minor: int
    cash_minor: int
    tenders: tuple[RefundTenderView, ...]


@dataclass(frozen=True, slots=True)
class StockView:
    """Stock of an item at this store, our own latest documents included.

    Attributes:
        known: False when nothing of it has ever reached head office: the figure is our own movements alone.
        counted_at_hlc: hybrid time of the newest count. `doubtful_milli`: moved too near to it to be sure.
        own_milli: how much of the figure head office does not know yet.
    """

    sku: str
    on_hand_milli: int
    known: bool
    counted_at_hlc: str | None
    doubtful_milli: int
    own_milli: int


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon. `state`: unknown, issued, used, void; `own_uses` are those head office has not folded yet."""

    campaign_id: str
    coupon_id: str | None
    state: str
    own_uses: int


@dataclass(frozen=True, slots=True)
class PeerView:
    """A workstation of this store. `silent_ms`, `certificate_ends_ms`: None: not heard since the start."""

    workstation_id: str
    name: str
    is_there: bool
    silent_ms: int | None
    certificate_ends_ms: int | None
    held_count: int


@dataclass(frozen=True, slots=True)
class PeersView:
    """The store's other workstations. `own_certificate_ends_ms`: None: nothing to show them yet."""

    own_certificate_ends_ms: int | None
    peers: tuple[PeerView, ...]


@dataclass(frozen=True, slots=True)
class AllowanceView:
    """What may be let go here while nobody answers.

    `lost`: why not any more (expired, clock_went_back …). `from_peer`: another workstation handed it over.
    """

    allowance_id: str
    kind: str
    left: int
    used: int
    ends_in_ms: int
    lost: str | None
    from_peer: bool = False


@dataclass(frozen=True, slots=True)
class RulingView:
    """A ruling of head office. `ruling` as docs/rulings.md says; `superseded_by` None while it stands."""

    ruling_id: str
    ruling: Mapping[str, Any]
    superseded_by: str | None
    made_at_ms: int


@dataclass(frozen=True, slots=True)
class ShiftView:
    """The open shift."""

    shift_id: str
    business_day: str
    opened_at_ms: int
    operator_id: str
    float_minor: int


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A kind of device: its line of configuration and its last known state."""

    kind: str
    line: str
    state: str


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge at the card terminal. `outcome`: approved | declined | unknown | reversed | not_found."""

    reference: str
    tender_code: str
    amount_minor: int
    outcome: str
    approval: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One operator of a day. `counts`: name → (how often, amount); `pos_core.sync.folds.watch.NAMES`."""

    operator_id: str
    operator_name: str
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class WatchView:
    """What operators did on a business day that a manager should look at."""

    business_day: str
    rows: tuple[WatchRow, ...]


@dataclass(frozen=True, slots=True)
class ZReportView:
    """A settled shift, to choose from.

    Attributes:
        over_minor: counted less expected; below zero it was short.
        late_count, restated_minor: documents of the shift that came to light after it was settled, and by how
            much they change what was expected.
    """

    z_number: int
    business_day: str
    opened_at_ms: int
    operator_id: str
    settled_at_ms: int
    over_minor: int
    late_count: int
    restated_minor: int


@dataclass(frozen=True, slots=True)
class CountSheetView:
    """What a count of the till asks for, and nothing of what should be there.

    Attributes:
        denominations_minor: notes and coins of the chain's cash, the largest first.
        must_count: tender codes that have to be counted; any other may be.
        held_count: baskets on hold, which stay there.
    """

    denominations_minor: tuple[int, ...]
    must_count: tuple[str, ...]
    may_count: tuple[str, ...]
    held_count: int


@dataclass(frozen=True, slots=True)
class TenderDifference:
    """Expected beside counted, once the count is declared. `counted_minor` None: nobody counted it."""

    tender_code: str
    tender_kind: str
    expected_minor: int
    counted_minor: int | None
    difference_minor: int


@dataclass(frozen=True, slots=True)
class DeclarationView:
    """A declared count. `needs_reason`: over or short by more than the chain lets pass."""

    count_number: int
    tenders: tuple[TenderDifference, ...]
    difference_minor: int
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class SettledView:
    """A settled shift: durable, its Z report on the way to the printer."""

    z_number: int
    number: int
    difference_minor: int
    report: Report


@dataclass(frozen=True, slots=True)
class PrinterView:
    """How the receipt printer is. `state` is one of `pos_client.devices.printer.PrinterState` values."""

    state: str
    detail: str = ""
    waiting: int = 0
    can_reprint: bool = False


@dataclass(frozen=True, slots=True)
class SyncView:
    """How sync is: `busy` while an exchange runs; `last_error` a stable code or None."""

    network: NetworkState
    busy: bool
    last_contact_ms: int | None
    last_error: str | None
    documents_waiting: int


@dataclass(frozen=True, slots=True)
class SeriesView:
    """The end of this workstation's document chain. `documents_waiting`: not acknowledged by the server."""

    workstation_id: str
    incarnation: int
    number: int
    head_hash: str
    documents_waiting: int


@dataclass(frozen=True, slots=True)
class StatusView:
    """The status bar. `peers`: names of the store's other workstations that the local network shows now.

    `other_day`: the open shift's business day where it is not the date of today (past midnight, or before
    the store's day starts).
    """

    store_name: str
    workstation_name: str
    operator_name: str | None
    operator_role: str | None
    shift_state: ShiftState
    shift_opened_at_ms: int | None
    network: NetworkState
    documents_waiting: int
    release_version: int | None
    release_confirmed_at_ms: int | None
    last_contact_ms: int | None
    held_count: int
    training: bool
    notices: tuple[Notice, ...] = ()
    store_id: str = ""
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    exponent: int = 2
    peers: tuple[str, ...] = ()
    other_day: str | None = None
