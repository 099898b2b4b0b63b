"""A slice as JSON, as the holder keeps it in its journal file; and a part of one on its way to a peer."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pos_core.sync.allowance import Grant, HandOver, Instant, Slice

_SETS = ("used_coupons", "passed_coupons", "received_coupons", "transfers")


def slice_text(held: Slice) -> str:
    """Canonical JSON."""
    return json.dumps(asdict(held), sort_keys=True, separators=(",", ":"), default=sorted)


def slice_from(text: str) -> Slice:
    """Inverse of `slice_text`. Raises ValueError, KeyError or TypeError for anything else."""
    value: dict[str, Any] = json.loads(text)
    grant = value["grant"]
    value |= {name: frozenset(value[name]) for name in _SETS}
    value["grant"] = Grant(**{**grant, "coupons": frozenset(grant["coupons"])})
    value["contact"], value["seen"] = Instant(**value["contact"]), Instant(**value["seen"])
    return Slice(**value)


def hand_over_text(moved: HandOver) -> str:
    """Canonical JSON."""
    return json.dumps(asdict(moved), sort_keys=True, separators=(",", ":"), default=sorted)


def hand_over_from(text: str) -> HandOver:
    """Inverse of `hand_over_text`. Raises ValueError, KeyError or TypeError for anything else."""
    value: dict[str, Any] = json.loads(text)
    grant = value["grant"]
    value["coupons"] = frozenset(value["coupons"])
    value["grant"] = Grant(**{**grant, "coupons": frozenset(grant["coupons"])})
    return HandOver(**value)
