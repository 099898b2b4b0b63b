"""One allowance as head office's answers carry it; apart from `protocol`, which a till loads to sync."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GrantedAllowance:
    """One grant (`pos_core.sync.allowance.Grant`). `amount` is cumulative since the id began."""

    allowance_id: str
    kind: str
    amount: int
    renewal: int
    term_ms: int
    coupons: list[str] = field(default_factory=list)
