"""Refused of goods besides selling: lists, orders, transfers and their slips."""

from __future__ import annotations

from pos_core.errors import InvalidInput, Refusal


class ListEmpty(Refusal):
    """There is nothing on the list."""

    code = "list_empty"


class OrderBelowMinimum(Refusal):
    """The supplier delivers no order of so little; `facts["value_minor"]`, `facts["minimum_minor"]`."""

    code = "order_below_minimum"


class ListBeingWritten(Refusal):
    """The list's documents are on their way to disk, or it was given up."""

    code = "list_being_written"


class DateNeeded(Refusal):
    """The chain wants this item's date or lot; `facts["name"]`."""

    code = "date_needed"


class UnknownList(Refusal):
    """No list in progress has this name; `facts["list_id"]`."""

    code = "unknown_list"


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
