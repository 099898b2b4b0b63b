"""Versions of the wire: which are spoken, and what an old program must not be told.

A workstation says its version in `Tidemark-Protocol`; the answer's header says the version that both speak.
The two versions before the newest are served in full. Whoever is older still delivers: facts going up are
taken from every version there ever was, for the goods have left the shop; only what comes down is answered
`upgrade_required`.
"""

from __future__ import annotations

from typing import Any

from pos_core.sync.protocol import PROTOCOL_VERSION

SERVED_BACK = 2
OLDEST_SERVED = max(1, PROTOCOL_VERSION - SERVED_BACK)

_FIRST_KINDS = frozenset(
    "department tax_class item gtin plu store price_list tender_type policy release employee member".split()
)
_SHARED_KINDS = frozenset(
    "release_offer series_point stock_on_hand count_result transfer purchase_order workstation_key"
    " receipt_return member_detail coupon_campaign coupon_key member_coupon coupon_lease ruling".split()
)
_KINDS_AT = {1: _FIRST_KINDS, 2: _FIRST_KINDS | _SHARED_KINDS}
"""Kinds that a version knows, where they are not all: kept for as long as the version is served."""


def version_of(header: str | None) -> int:
    """What a client says it speaks; 1 where it says nothing, 0 for what is no version."""
    if not header:
        return 1
    return int(header) if header.isascii() and header.isdigit() and len(header) <= 6 else 0


def is_served(version: int) -> bool:
    """False for versions whose programs must be renewed before they are told anything."""
    return version >= OLDEST_SERVED


def spoken(version: int) -> int:
    """The version of an answer to a client that speaks `version`: the newest that both know."""
    return max(OLDEST_SERVED, min(version, PROTOCOL_VERSION))


def known_kinds(kinds: dict[str, Any], version: int) -> dict[str, Any]:
    """A digest's kinds without those that came after `version`.

    A program keeps rows of kinds that it does not know aside and has no digest for them; told of them, it
    would take the difference for damage and pull the whole scope again, for ever.
    """
    known = _KINDS_AT.get(version)
    return kinds if known is None else {kind: value for kind, value in kinds.items() if kind in known}
