"""What the services refuse by themselves; the core's and the storage's own errors pass through unchanged."""

from __future__ import annotations

from pos_core.errors import Advice, InvalidInput, Refusal, Trouble


class NotAllowed(Refusal):
    """The operator's role does not allow this."""

    code = "not_allowed"


class NotSignedOn(Refusal):
    """Nobody is signed on."""

    code = "not_signed_on"


class AlreadySignedOn(Refusal):
    """Somebody is signed on; `facts["operator_number"]`."""

    code = "already_signed_on"


class UnknownOperator(Refusal):
    """No active employee of this store has that number."""

    code = "unknown_operator"


class WrongPin(Refusal):
    """The PIN is wrong; `facts["attempts_left"]` before a lock (0 = locked now)."""

    code = "wrong_pin"


class LockedOut(Refusal):
    """Too many wrong PINs; `facts["seconds"]` to wait."""

    code = "locked_out"


class ApprovalNeeded(Refusal):
    """A second person must approve: `facts["approval"]` names the request, `kind` and figures say what."""

    code = "approval_needed"


class AuthorisationNeeded(Refusal):
    """Head office must be asked: `facts["question"]` names the question, `what` what it is about."""

    code = "authorisation_needed"


class OwnApproval(Refusal):
    """Nobody approves himself."""

    code = "own_approval"


class ApproverLimit(Refusal):
    """The second person may not do it either; `facts["role"]`."""

    code = "approver_limit"


class ApprovalGone(Refusal):
    """The request was given up, used, or is somebody else's."""

    code = "approval_gone"


class PriceNotLower(Refusal):
    """A price is only ever lowered by hand; `facts["price_minor"]` is what it is."""

    code = "price_not_lower"


class DiscountWithoutEffect(Refusal):
    """The shopper would not pay less: promotions need what would be taken off; `facts["total_minor"]`."""

    code = "discount_without_effect"


class NotDiscountable(Refusal):
    """A deposit or stored value: nothing is taken off it."""

    code = "not_discountable"


class PinTooShort(InvalidInput):
    """Fewer digits than `facts["minimum"]`, or not digits."""

    code = "pin_too_short"


class NoOpenShift(Refusal):
    """No shift is open."""

    code = "no_open_shift"


class ShiftAlreadyOpen(Refusal):
    """A shift is open already."""

    code = "shift_already_open"


class UnknownCode(Refusal):
    """No item answers to `facts["seen"]`."""

    code = "unknown_code"


class ListEmpty(Refusal):
    """There is nothing on the list."""

    code = "list_empty"


class OrderBelowMinimum(Refusal):
    """The supplier delivers no order of so little; `facts["value_minor"]`, `facts["minimum_minor"]`."""

    code = "order_below_minimum"


class RecountByAnother(Refusal):
    """Whoever counted an item does not count it again; `facts["name"]` is the first of them, `count` all."""

    code = "recount_by_another"


class NotInCount(Refusal):
    """An item of another department than is being counted; `facts`: `name`, `department`, and `scope`."""

    code = "not_in_count"


class UnknownReservation(Refusal):
    """Nobody has told this store of reservation `facts["reservation_id"]`, or there is none."""

    code = "unknown_reservation"


class ReservationOver(Refusal):
    """It was fetched, refused, given up or is over: `facts["state"]`."""

    code = "reservation_over"


class ReservationElsewhere(Refusal):
    """The goods of `facts["reservation_id"]` lie at `facts["store"]`, not here."""

    code = "reservation_elsewhere"


class ReservationInBasket(Refusal):
    """This basket holds the goods of `facts["reservation_id"]` already."""

    code = "reservation_in_basket"


class UnknownDay(InvalidInput):
    """No day of the last weeks, as YYYY-MM-DD: `facts["text"]`."""

    code = "unknown_day"


class ListBeingWritten(Refusal):
    """The list's documents are on their way to disk, or it was given up."""

    code = "list_being_written"


class DateNeeded(Refusal):
    """The chain wants this item's date or lot; `facts["name"]`."""

    code = "date_needed"


class UnknownList(Refusal):
    """No list in progress has this name; `facts["list_id"]`."""

    code = "unknown_list"


class UnknownCount(Refusal):
    """Nothing was counted under this name here; `facts["session_id"]`."""

    code = "unknown_count"


class RecountFirst(Refusal):
    """Variances above the threshold are counted again before anybody approves; `facts["count"]`."""

    code = "recount_first"


class UnknownSupplier(InvalidInput):
    """Head office has named no supplier `facts["supplier_id"]`."""

    code = "unknown_supplier"


class UnknownOrder(Refusal):
    """No open purchase order `facts["order_id"]` of this store."""

    code = "unknown_order"


class UnknownTransfer(Refusal):
    """No transfer `facts["transfer_id"]` is known here."""

    code = "unknown_transfer"


class UnknownStore(InvalidInput):
    """The chain has no such store, or it is this one; `facts["store_id"]`."""

    code = "unknown_store"


class SlipTorn(InvalidInput):
    """A slip's code that was read in part or altered by hand: of a transfer or a reservation."""

    code = "slip_torn"


class SlipNotForUs(Refusal):
    """The goods of this slip go to another store; `facts["store_id"]`."""

    code = "slip_not_for_us"


class SlipUnknownKey(Refusal):
    """No key of the sending workstation is known here, or it was revoked; `facts["workstation_id"]`."""

    code = "slip_unknown_key"


class SlipAltered(Refusal):
    """The slip's signature does not hold; `facts["workstation"]`."""

    code = "slip_altered"


class SlipOfAnother(Refusal):
    """The codes read so far belong to another shipment; `facts["transfer_id"]`."""

    code = "slip_of_another"


class AlreadyBooked(Refusal):
    """This shipment was booked in already; `facts["transfer_id"]`."""

    code = "already_booked"


class NoLineChosen(Refusal):
    """There is no line to act on."""

    code = "no_line_chosen"


class BadNote(InvalidInput):
    """Longer than `facts["maximum"]` signs, or not printable."""

    code = "bad_note"


class BasketEmpty(Refusal):
    """There is nothing in the basket."""

    code = "basket_empty"


class BasketNotEmpty(Refusal):
    """A basket is in progress: pay it, hold it or clear it first."""

    code = "basket_not_empty"


class UnknownHeld(Refusal):
    """No basket is on hold under `facts["held_id"]` (any more)."""

    code = "unknown_held"


class HeldElsewhere(Refusal):
    """The basket is on hold at workstation `facts["at"]`: it is taken up here, or given up there."""

    code = "held_elsewhere"


class TooManyHeld(Refusal):
    """`facts["maximum"]` baskets are on hold already."""

    code = "too_many_held"


class ReceiptElsewhere(Refusal):
    """Sold at workstation `facts["workstation_id"]`: its code, or head office, says what is left."""

    code = "receipt_elsewhere"


class ReceiptCodeTorn(Refusal):
    """A receipt code that is no whole one: scanned in part, or changed."""

    code = "receipt_code_torn"


class ReceiptCodeForeign(Refusal):
    """The receipt of another chain."""

    code = "receipt_code_foreign"


class ReceiptCodeUnknownKey(Refusal):
    """Signed by a workstation that nobody here has heard of; `facts["workstation_id"]`."""

    code = "receipt_code_unknown_key"


class ReceiptCodeRevoked(Refusal):
    """Signed by a workstation that head office has revoked; `facts["workstation"]`."""

    code = "receipt_code_revoked"


class ReceiptCodeAltered(Refusal):
    """The signature does not hold for what the code says; `facts["workstation"]`."""

    code = "receipt_code_altered"


class RevokedHere(Refusal):
    """Head office revoked this workstation: nothing is sold here any more."""

    code = "revoked_here"


class LookUpOffline(Trouble):
    """Head office is out of reach: the code on the receipt says the same without a network."""

    code = "look_up_offline"
    advice = Advice.RETRY_LATER


class LookUpRefused(Trouble):
    """Head office does not answer this question; `facts["server_code"]`."""

    code = "look_up_refused"
    advice = Advice.RETRY_LATER


class NotCapped(Refusal):
    """Without a receipt at most `facts["maximum_minor"]` goes back."""

    code = "above_return_cap"


class BasketLocked(Refusal):
    """A payment has begun; go back to scanning first."""

    code = "basket_locked"


class SaleBeingWritten(Refusal):
    """The sale is on its way to the disk: a few milliseconds."""

    code = "sale_being_written"


class NoRelease(Refusal):
    """Head office has published nothing to this workstation yet: there are no prices."""

    code = "no_release"


class ReplicaIncomplete(Refusal):
    """The first download is not complete: selling on half of it is refused."""

    code = "replica_incomplete"


class PaymentNotBegun(Refusal):
    """No payment is under way."""

    code = "payment_not_begun"


class PriceChanged(Refusal):
    """The basket costs `facts["total_minor"]` now, no longer `before_minor`: its payment begins anew."""

    code = "price_changed"


class UnknownTender(Refusal):
    """The chain has no tender `facts["tender_code"]`."""

    code = "unknown_tender"


class AgeNotConfirmed(Refusal):
    """The basket holds goods for shoppers of `facts["years"]` and nobody has confirmed their age."""

    code = "age_not_confirmed"


class NoDeposit(Refusal):
    """Nothing is given back for this item."""

    code = "no_deposit"


class ClaimedTender(Refusal):
    """Points pay because the basket asks for it: go back and change that instead."""

    code = "claimed_tender"


class BadPhone(InvalidInput):
    """Not a phone number; the number itself is never a fact."""

    code = "bad_phone"


class BadName(InvalidInput):
    """A name that is empty or too long."""

    code = "bad_name"


class BadBirthday(InvalidInput):
    """No day of the calendar, or none on which somebody who shops today was born."""

    code = "bad_birthday"


class NothingToEdit(InvalidInput):
    """An edit that changes nothing."""

    code = "nothing_to_edit"


class UnknownMember(Refusal):
    """No member of this store's slice."""

    code = "unknown_member"


class MemberExists(Refusal):
    """The phone belongs to a member already."""

    code = "member_exists"


class QuantityTooHigh(Refusal):
    """More of one line than the chain lets one ring up (a barcode scanned into the quantity).

    Facts: `maximum`, in whole pieces or kg.
    """

    code = "quantity_too_high"


class MemberNotProven(Refusal):
    """Points and stored value need the member's own code first."""

    code = "member_not_proven"


class MemberFrozen(Refusal):
    """Head office froze the account: it earns, and nothing of it is spent."""

    code = "member_frozen"


class ClaimsFrozen(Refusal):
    """The account was frozen after its points, coupons or stored value had been put on this sale."""

    code = "claims_frozen"


class NotAGiftCard(InvalidInput):
    """No 16 or 19 digits with a right check digit."""

    code = "not_a_gift_card"


class UnknownGiftCard(Refusal):
    """Neither this store nor, where it could be asked, head office has a card of this number."""

    code = "unknown_gift_card"


class GiftCardNotSold(Refusal):
    """Nothing was ever put on it: it must be sold first."""

    code = "gift_card_not_sold"


class GiftCardBlocked(Refusal):
    """Head office has stopped the card; `facts["last_four"]`."""

    code = "gift_card_blocked"


class NoMember(Refusal):
    """There is no member on the basket."""

    code = "no_member"


class BadMemberCode(Refusal):
    """Not digits that can be a member's code; `facts["minimum"]`."""

    code = "bad_member_code"


class MemberCodeUnknown(Refusal):
    """This store holds no code of the member: the app's code, head office online, or a manager."""

    code = "member_code_unknown"


class WrongMemberCode(Refusal):
    """Not the member's code; `facts["attempts_left"]` before a lock (0 = locked now)."""

    code = "wrong_member_code"


class MemberCodeLocked(Refusal):
    """Too many wrong codes; `facts["seconds"]` to wait."""

    code = "member_code_locked"


class UnknownCoupon(Refusal):
    """This store does not know the coupon; it may be good elsewhere or online."""

    code = "unknown_coupon"


class CouponForged(Refusal):
    """A QR coupon that no key in force signed."""

    code = "coupon_forged"


class CouponForAnother(Refusal):
    """The coupon belongs to a member who is not on the basket."""

    code = "coupon_for_another"


class CouponOutOfTime(Refusal):
    """Not valid yet, or no longer; `facts["ends_ms"]`."""

    code = "coupon_out_of_time"


class CouponUsed(Refusal):
    """The coupon was used before."""

    code = "coupon_used"


class CouponComing(Refusal):
    """The coupon is leased to another workstation of this store, which is asked for it: try again."""

    code = "coupon_coming"


class AllowanceAsked(Refusal):
    """Beyond this workstation's allowance; the store's others were asked for a part of theirs: try again.

    `facts`: `kind` (points, stored_value, budget), `units`: how many it is short.
    """

    code = "allowance_asked"


class CouponNotHere(Refusal):
    """The campaign's class does not let it be taken here and now; `facts["offline_class"]`."""

    code = "coupon_not_here"


class NoPointsRule(Refusal):
    """No promotion in force takes points as money."""

    code = "no_points_rule"


class NotEnoughPoints(Refusal):
    """More than may be redeemed, or fewer than must be; `facts["points"]`, `facts["minimum"]`."""

    code = "not_enough_points"


class NoTopUp(Refusal):
    """The chain has no top-ups: its policy `stored_value` names no item."""

    code = "no_top_up"


class NotEnoughStoredValue(Refusal):
    """More than is on the purse; `facts["balance_minor"]`."""

    code = "not_enough_stored_value"


class NothingForPurse(Refusal):
    """A purse pays for goods, never for a top-up; `facts["amount_minor"]` is what it may still pay."""

    code = "nothing_for_purse"


class PayOutInstead(Refusal):
    """A top-up does not come back by its receipt: the purse is paid out."""

    code = "pay_out_instead"


class VoucherUsed(Refusal):
    """This workstation took the voucher before; `facts["number"]` is that sale's."""

    code = "voucher_used"


class ReasonRequired(InvalidInput):
    """An audit row needs a reason."""

    code = "reason_required"


class NoReceipt(Refusal):
    """No such sale in this workstation's journal."""

    code = "no_receipt"


class BasketOpen(Refusal):
    """A basket is in progress: pay, hold or clear it first."""

    code = "basket_open"


class BasketsHeld(Refusal):
    """The chain settles no shift while baskets are on hold; `facts["count"]`."""

    code = "baskets_held"


class NotCounted(Refusal):
    """The till was not counted, or not every tender that must be; `facts["tender_code"]`."""

    code = "not_counted"


class CountStale(Refusal):
    """Money moved since the till was counted: count again."""

    code = "count_stale"


class UnknownReason(InvalidInput):
    """The chain has no reason `facts["reason_code"]` for this."""

    code = "unknown_reason"


class UnknownReport(Refusal):
    """This journal has no Z report `facts["z_number"]`."""

    code = "unknown_report"


class NotSaved(Trouble):
    """A file for a person could not be written; `facts["path"]`."""

    code = "not_saved"
    advice = Advice.RETRY


class ChargePending(Refusal):
    """An earlier charge of `facts["amount_minor"]` is not settled: enquire, use or reverse it first."""

    code = "charge_pending"


class TerminalNotReady(Refusal):
    """No card terminal takes charges now; `facts["state"]`."""

    code = "terminal_not_ready"


class SimulatorNotAllowed(Refusal):
    """A simulated device in a chain whose policy does not allow simulators."""

    code = "simulator_not_allowed"


class OwnHandOver(Refusal):
    """The till is handed over to another person."""

    code = "own_hand_over"


class InTraining(Refusal):
    """Not while training."""

    code = "in_training"


class TrainingUnavailable(Refusal):
    """This workstation has no place for a training journal."""

    code = "training_unavailable"


class OperatorLocked(Refusal):
    """A manager, or head office (`facts["head_office"]`), has locked this number."""

    code = "operator_locked"


class OwnCredential(Refusal):
    """Nobody locks, unlocks or resets himself."""

    code = "own_credential"


class CredentialAbove(Refusal):
    """An equal, or somebody above: his `facts["role"]` is not below the operator's."""

    code = "credential_above"


class LockedByHeadOffice(Refusal):
    """Head office lifts its own lock alone."""

    code = "locked_by_head_office"


class PinsDiffer(InvalidInput):
    """A new PIN was typed twice and not the same."""

    code = "pins_differ"
