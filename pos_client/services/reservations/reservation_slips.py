"""The shopper's paper of a reservation: signed where he asked, believed where the goods lie."""

from __future__ import annotations

from pos_client.services.counter import Counter
from pos_client.services.refusals.goods import SlipAltered, SlipTorn, SlipUnknownKey
from pos_client.services.workstation_keys import known_workstation, signature_holds
from pos_core.stock.reservation_slip import ReservationSlip, read_slip, slip_text, statement

_SIGNATURE_BYTES = 64


def signed_code(counter: Counter, slip: ReservationSlip) -> str:
    """Text of the QR code of a reservation that this workstation wrote."""
    return slip_text(slip, counter.journal.sign_statement(statement(slip)))


def believe(counter: Counter, text: str) -> ReservationSlip:
    """What a code says, once its signature holds: of a workstation of the store that asked.

    Raises SlipTorn, SlipUnknownKey, SlipAltered.
    """
    found = read_slip(text)
    if found is None or len(found[1].signature) != _SIGNATURE_BYTES:
        raise SlipTorn("this is no whole reservation code")
    slip, signed = found
    writer = known_workstation(counter, slip.workstation_id)
    if writer is None or writer.state != "active" or writer.store_id != slip.for_store:
        raise SlipUnknownKey("no key of the writer is known here", workstation_id=slip.workstation_id[:64])
    if not signature_holds(writer.public_key, signed.signature, signed.statement):
        raise SlipAltered("the signature does not hold", workstation=writer.name)
    return slip
