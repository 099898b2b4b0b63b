"""The paper that travels with goods: signed QR codes with which the receiving store books without a network.

A slip is as many codes as its lines need, each signed by itself and each saying which part of how many it is:
`TMT1.<workstation>.<payload>.<signature>`. The key is the sending workstation's own; its public half comes
down the feed (`workstation_key`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.customer.signed_text import SignedText, read_text, statement_of, write_text

PREFIX = "TMT1"
LABEL = "tidemark.transfer-slip.1"
PART_BYTES = 230
"""Of a part's lines as JSON: with everything else a code stays readable on 80 mm paper."""
PARTS_MAX = 99


@dataclass(frozen=True, slots=True)
class SlipPart:
    """One code: whose shipment, from where to where, and some of its lines.

    Attributes:
        workstation_id, place: the document that shipped; `place` is "incarnation/number".
    """

    transfer_id: str
    workstation_id: str
    place: str
    from_store: str
    to_store: str
    part: int
    parts: int
    lines: tuple[tuple[str, int], ...]

    @property
    def shipment(self) -> str:
        """Key of the document that shipped."""
        return f"{self.workstation_id}/{self.place}"

    @property
    def payload(self) -> dict[str, Any]:
        """As it is signed."""
        return {
            "t": self.transfer_id,
            "d": self.place,
            "f": self.from_store,
            "o": self.to_store,
            "p": self.part,
            "n": self.parts,
            "l": [list(line) for line in self.lines],
        }


def split(
    transfer_id: str,
    shipment: tuple[str, int, int],
    between: tuple[str, str],
    lines: Sequence[tuple[str, int]],
) -> list[SlipPart]:
    """A shipment as parts, in the order of its lines.

    `shipment` is (workstation, incarnation, number), `between` the sending and the receiving store, `lines`
    SKU and thousandths.
    """
    workstation_id, place = shipment[0], f"{shipment[1]}/{shipment[2]}"
    chunks: list[list[tuple[str, int]]] = [[]]
    used = 0
    for sku, milli in lines:
        size = len(sku.encode()) + len(str(milli)) + 6
        if used + size > PART_BYTES and chunks[-1]:
            chunks.append([])
            used = 0
        chunks[-1].append((sku, milli))
        used += size
    return [
        SlipPart(transfer_id, workstation_id, place, *between, number, len(chunks), tuple(chunk))
        for number, chunk in enumerate(chunks, start=1)
    ]


def statement(part: SlipPart) -> bytes:
    """What the sending workstation signs."""
    return statement_of(LABEL, part.workstation_id, part.payload)


def slip_text(part: SlipPart, signature: bytes) -> str:
    """The text of the code."""
    return write_text(PREFIX, part.workstation_id, part.payload, signature)


def is_slip(text: str) -> bool:
    """True for what a scanner reads off a transfer slip."""
    return text.strip().startswith(PREFIX + ".")


def read_slip(text: str) -> tuple[SlipPart, SignedText] | None:
    """Taken apart, nothing verified yet; None for a text that is no slip or a torn one."""
    found = read_text(text, PREFIX, LABEL)
    if found is None:
        return None
    part = _part(found.key_id, found.payload)
    return None if part is None else (part, found)


def assemble(parts: Iterable[SlipPart]) -> tuple[dict[str, int], list[int]]:
    """SKU → thousandths of the parts of one shipment, and the numbers that are still missing."""
    by_number = {part.part: part for part in parts}
    lines: dict[str, int] = {}
    for part in by_number.values():
        for sku, milli in part.lines:
            lines[sku] = lines.get(sku, 0) + milli
    whole = next(iter(by_number.values())).parts if by_number else 0
    return lines, [number for number in range(1, whole + 1) if number not in by_number]


def _part(workstation_id: str, value: Mapping[str, Any]) -> SlipPart | None:
    texts = [value.get(name) for name in ("t", "d", "f", "o")]
    numbers = [value.get("p"), value.get("n")]
    lines = value.get("l")
    if not all(isinstance(text, str) and 0 < len(text) <= 100 for text in texts):
        return None
    if not all(type(number) is int and 1 <= number <= PARTS_MAX for number in numbers):
        return None
    if not re.fullmatch(r"[1-9]\d{0,5}/[1-9]\d{0,11}", str(texts[1])):
        return None
    if not isinstance(lines, list) or not lines or numbers[0] > numbers[1]:  # type: ignore[operator]
        return None
    if not all(_is_line(line) for line in lines):
        return None
    transfer_id, place, from_store, to_store = (str(text) for text in texts)
    part, parts = (int(str(number)) for number in numbers)
    found = tuple((line[0], line[1]) for line in lines)
    return SlipPart(transfer_id, workstation_id, place, from_store, to_store, part, parts, found)


def _is_line(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and 0 < len(value[0]) <= 64
        and type(value[1]) is int
        and 0 < value[1] <= 10**12
    )
