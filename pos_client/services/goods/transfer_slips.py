"""The paper that travels with goods: signed where they leave, believed where they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pos_client.services.counter import Counter
from pos_client.services.refusals.goods import (
    SlipAltered,
    SlipNotForUs,
    SlipOfAnother,
    SlipTorn,
    SlipUnknownKey,
)
from pos_client.services.workstation_keys import known_workstation, signature_holds
from pos_core.stock.transfer_slip import SlipPart, assemble, read_slip, slip_text, split, statement


def signed_codes(
    counter: Counter,
    transfer_id: str,
    number: int,
    between: tuple[str, str],
    lines: Sequence[tuple[str, int]],
) -> list[str]:
    """Texts of the QR codes of a shipment that this workstation wrote as document `number`."""
    place = (counter.identity.workstation_id, counter.journal.series.incarnation, number)
    parts = split(transfer_id, place, between, lines)
    return [slip_text(part, counter.journal.sign_statement(statement(part))) for part in parts]


def believe(counter: Counter, text: str) -> SlipPart:
    """What a code says, once its signature holds and the goods are for this store.

    Raises SlipTorn, SlipUnknownKey, SlipAltered, SlipNotForUs.
    """
    found = read_slip(text)
    if found is None:
        raise SlipTorn("this is no whole transfer code")
    part, signed = found
    sender = known_workstation(counter, part.workstation_id)
    if sender is None or sender.state != "active" or sender.store_id != part.from_store:
        raise SlipUnknownKey("no key of the sender is known here", workstation_id=part.workstation_id[:64])
    if not signature_holds(sender.public_key, signed.signature, signed.statement):
        raise SlipAltered("the signature does not hold", workstation=sender.name)
    if part.to_store != counter.identity.store_id:
        raise SlipNotForUs("these goods go to another store", store_id=part.to_store)
    return part


@dataclass
class SlipReading:
    """The codes of one slip, scanned in any order."""

    parts: list[SlipPart] = field(default_factory=list)

    def add(self, part: SlipPart) -> None:
        """Raises SlipOfAnother: finish or give up the first one."""
        if self.parts and self.parts[0].shipment != part.shipment:
            raise SlipOfAnother("a code of another shipment", transfer_id=part.transfer_id)
        self.parts.append(part)

    @property
    def missing(self) -> list[int]:
        """Numbers of the codes that were not scanned yet."""
        return assemble(self.parts)[1]

    @property
    def lines(self) -> dict[str, int]:
        """SKU → thousandths of what was scanned."""
        return assemble(self.parts)[0]
