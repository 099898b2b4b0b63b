"""One line of the manager menu, and who sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from pos_client.ui.shell.bench import Bench
from pos_core.cash.policy import CashPolicy

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
