"""Which sale goods come back of, and a return whose money waits for new goods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pos_core.sale.manual import GivenApproval
from pos_core.sale.receipt_return import Place


@dataclass(frozen=True, slots=True)
class Origin:
    """The sale that goods come back of."""

    workstation_id: str
    incarnation: int
    number: int

    @property
    def place(self) -> Place:
        """As a key."""
        return self.workstation_id, self.incarnation, self.number


@dataclass(frozen=True, slots=True)
class PendingReturn:
    """Goods taken back whose money is set against the basket in progress."""

    origin: Origin
    wanted: Mapping[int, int]
    reason: str
    given: GivenApproval | None
    refund_minor: int
    exchange_id: str
