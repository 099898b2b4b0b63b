"""Goods between two places: the steps of a transfer, what is on its way, and what does not fit.

Each step is a document where it happens. What all of them together mean follows from whatever steps are
known, in any order: so both ends may be offline, and nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

TransferStep = Literal["requested", "approved", "refused", "picked", "shipped", "received", "closed"]
STEPS: tuple[TransferStep, ...] = get_args(TransferStep)
Status = Literal[
    "requested", "approved", "refused", "picked", "shipped", "partly_received", "received", "closed"
]


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer as far as its steps are known.

    Attributes:
        asked, shipped, received: SKU → thousandths; `asked` is what was approved, else what was requested.
        picked: what lies ready, of the newest picking.
        in_transit: shipped and not received; nothing once it is closed. On nobody's shelf.
        differences: received − shipped of items that do not fit, once everything has been received; of
            shipments that are known here.
        received_twice: shipments that two people booked in without knowing of each other.
        shipments: document key of a shipment → SKU → thousandths.
    """

    transfer_id: str
    from_store: str
    to_store: str
    status: Status
    asked: Mapping[str, int]
    picked: Mapping[str, int]
    shipped: Mapping[str, int]
    received: Mapping[str, int]
    in_transit: Mapping[str, int]
    differences: Mapping[str, int]
    received_twice: tuple[str, ...]
    shipments: Mapping[str, Mapping[str, int]]
    changed_hlc: str


def view_of(transfer_id: str, steps: Mapping[str, Sequence[Any]]) -> TransferView:
    """`steps`: document key → `[stamp, step, from_store, to_store, {sku: milli}, shipment | null]`."""
    ordered = sorted((value[0], key) for key, value in steps.items())
    by_step: dict[str, list[str]] = {}
    for _, key in ordered:
        by_step.setdefault(steps[key][1], []).append(key)
    first = steps[ordered[0][1]]
    shipments = {key: steps[key][4] for key in by_step.get("shipped", ())}
    receipts = by_step.get("received", ())
    shipped, received = _sum(shipments.values()), _sum(steps[key][4] for key in receipts)
    last_asked = [*by_step.get("requested", ()), *by_step.get("approved", ())][-1:]
    booked = [steps[key][5] for key in receipts if steps[key][5] is not None]
    unseen = {name for name in booked if name not in shipments}  # booked by their paper: not heard of here
    came = _sum(steps[key][4] for key in receipts if steps[key][5] not in unseen)
    closed = "closed" in by_step
    known = {name for name in shipments if name in booked}
    complete = bool(receipts) and bool(shipments) and (known == set(shipments) or _covers(came, shipped))
    by_paper = bool(receipts) and not shipments and len(booked) == len(receipts)
    return TransferView(
        transfer_id=transfer_id,
        from_store=first[2],
        to_store=first[3],
        status=_status(by_step, complete=complete or by_paper),
        asked=_sum(steps[key][4] for key in last_asked),
        picked=_sum(steps[key][4] for key in by_step.get("picked", ())[-1:]),
        shipped=shipped,
        received=received,
        in_transit={} if closed or complete else _less(shipped, came),
        differences=_differences(shipped, came) if complete else {},
        received_twice=tuple(sorted({name for name in booked if booked.count(name) > 1})),
        shipments=shipments,
        changed_hlc=max(value[0][0] for value in steps.values()),
    )


def next_steps(view: TransferView, here: str) -> tuple[TransferStep, ...]:
    """What may be done at a place now, the likeliest first. Approving and picking may be left out."""
    steps: list[TransferStep] = []
    if view.status == "closed":
        return ()
    if here == view.from_store:
        by_status: dict[str, list[TransferStep]] = {
            "requested": ["approved", "refused"],
            "approved": ["picked", "shipped", "refused"],
            "picked": ["shipped"],
        }
        steps += by_status.get(view.status, [])
    if here == view.to_store and view.in_transit:
        steps.append("received")
    if view.differences or view.status in {"refused", "requested", "shipped", "partly_received"}:
        steps.append("closed")
    return tuple(steps)


def _status(by_step: Mapping[str, Sequence[str]], *, complete: bool) -> Status:
    if "closed" in by_step:
        return "closed"
    if complete:
        return "received"
    if "received" in by_step:
        return "partly_received"
    if "shipped" in by_step:
        return "shipped"
    for step in ("picked", "refused", "approved"):
        if step in by_step:
            return step
    return "requested"


def _sum(parts: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for sku, milli in part.items():
            found[sku] = found.get(sku, 0) + milli
    return found


def _covers(received: Mapping[str, int], shipped: Mapping[str, int]) -> bool:
    return all(received.get(sku, 0) >= milli for sku, milli in shipped.items())


def _less(shipped: Mapping[str, int], received: Mapping[str, int]) -> dict[str, int]:
    left = {sku: milli - received.get(sku, 0) for sku, milli in shipped.items()}
    return {sku: milli for sku, milli in left.items() if milli > 0}


def _differences(shipped: Mapping[str, int], received: Mapping[str, int]) -> dict[str, int]:
    skus = sorted({*shipped, *received})
    found = {sku: received.get(sku, 0) - shipped.get(sku, 0) for sku in skus}
    return {sku: milli for sku, milli in found.items() if milli}
