"""One line of the manager menu, and what it is given when it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import ModeStack
from pos_core.cash.policy import CashPolicy

if TYPE_CHECKING:
    from pos_client.ui.sale.sale_mode import SaleMode

Role = Literal["cashier", "supervisor", "manager"]
Group = Literal[
    "manager.group.cash",
    "manager.group.stock",
    "manager.group.counting",
    "manager.group.moving",
    "manager.group.reports",
    "manager.group.store",
]
GROUPS: tuple[Group, ...] = get_args(Group)
_RANKS: dict[str, int] = {"cashier": 0, "supervisor": 1, "manager": 2}


@dataclass(frozen=True)
class Bench:
    """What an entry works with: push a mode on `stack` to open a page."""

    desk: Desk
    stack: ModeStack
    sale: SaleMode


@dataclass(frozen=True)
class Entry:
    """`name` is a catalogue key; `role` the least one that sees it, or `act` an act of the policy `cash`.

    Both only tidy the menu: the service behind an entry refuses by itself.
    """

    group: Group
    name: str
    open: Callable[[Bench], None]
    role: Role = "cashier"
    act: str | None = None
    needs_shift: bool = True

    def shown_to(self, role: str, *, shift_is_open: bool, policy: CashPolicy) -> bool:
        """Whether it stands in the menu now."""
        ranked = _RANKS.get(role, 0) >= _RANKS[self.role]
        allowed = self.act is None or policy.may(role, self.act)
        return ranked and allowed and (shift_is_open or not self.needs_shift)
