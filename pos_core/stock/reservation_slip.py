"""The shopper's paper of a reservation: one signed QR code with which the checkout where the goods lie sells

them, also where nobody has told that store of it yet: `TMB1.<workstation>.<payload>.<signature>`. The key is
the workstation's that wrote the reservation; its public half comes down the feed (`workstation_key`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos_core.customer.signed_text import SignedText, read_text, statement_of, write_text

PREFIX = "TMB1"
LABEL = "tidemark.reservation-slip.1"
_LINES_MAX = 8
_TEXT_MAX = 64


@dataclass(frozen=True, slots=True)
class ReservationSlip:
    """What the code says.

    Attributes:
        workstation_id: which wrote the reservation, and signs.
        at_store: where the goods lie; for_store: where the shopper asked.
        until_ms: UTC; lines: SKU and thousandths.
    """

    reservation_id: str
    workstation_id: str
    at_store: str
    for_store: str
    until_ms: int
    lines: tuple[tuple[str, int], ...]

    @property
    def payload(self) -> dict[str, Any]:
        """As it is signed."""
        return {
            "r": self.reservation_id,
            "a": self.at_store,
            "f": self.for_store,
            "u": self.until_ms,
            "l": [list(line) for line in self.lines],
        }


def statement(slip: ReservationSlip) -> bytes:
    """What the workstation signs."""
    return statement_of(LABEL, slip.workstation_id, slip.payload)


def slip_text(slip: ReservationSlip, signature: bytes) -> str:
    """The text of the code."""
    return write_text(PREFIX, slip.workstation_id, slip.payload, signature)


def is_slip(text: str) -> bool:
    """True for what a scanner reads off a reservation's slip."""
    return text.strip().startswith(PREFIX + ".")


def read_slip(text: str) -> tuple[ReservationSlip, SignedText] | None:
    """Taken apart, nothing verified yet; None for a text that is no slip or a torn one."""
    found = read_text(text, PREFIX, LABEL)
    if found is None:
        return None
    slip = _slip(found.key_id, found.payload)
    return None if slip is None else (slip, found)


def _slip(workstation_id: str, value: Mapping[str, Any]) -> ReservationSlip | None:
    texts = [value.get(name) for name in ("r", "a", "f")]
    until_ms, lines = value.get("u"), value.get("l")
    if not all(isinstance(text, str) and 0 < len(text) <= _TEXT_MAX for text in texts):
        return None
    if type(until_ms) is not int or not 0 <= until_ms < 1 << 53:
        return None
    if not isinstance(lines, list) or not 0 < len(lines) <= _LINES_MAX:
        return None
    if not all(_is_line(line) for line in lines):
        return None
    reservation_id, at_store, for_store = (str(text) for text in texts)
    goods = tuple((line[0], line[1]) for line in lines)
    return ReservationSlip(reservation_id, workstation_id, at_store, for_store, until_ms, goods)


def _is_line(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and 0 < len(value[0]) <= _TEXT_MAX
        and type(value[1]) is int
        and 0 < value[1] <= 10**12
    )
