"""The why key: each promotion with what became of it, and the nearest next step under the code box."""

from __future__ import annotations

from pos_client.services.views.basket import WhyView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, ModeStack
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_core.errors import TidemarkError

_LOOK = EntryLook("entry.why", "entry.why.hint")


class WhyMode(PickMode):
    """A list to read; Enter, the why key and Esc close it, a scan goes on."""

    def __init__(self, desk: Desk, stack: ModeStack, found: list[WhyView]) -> None:
        self._found = found
        super().__init__(desk, stack, _LOOK, self._say, lambda row: None, empty="why.none", context="why")

    def act(self, action: str, text: str) -> bool:
        if action == "why":
            self.back("")
            return True
        return super().act(action, text)

    def _say(self) -> tuple[PickRow, ...]:
        texts = self._desk.texts
        rows = []
        for each in self._found:
            given = each.amount_minor if each.outcome in {"applied", "by_hand"} else 0
            amount = texts.amount(-given) if given else ""  # points stand in the words
            state = texts.say(f"why.{each.outcome}")
            for place, line in enumerate(each.lines):
                rows.append(PickRow(line, state if not place else "", amount if not place else ""))
        return tuple(rows)


def begin(desk: Desk, stack: ModeStack) -> None:
    """Work it out, then show it."""
    try:
        future = desk.workstation.explaining.why(desk.texts.language)
    except TidemarkError as error:
        desk.refuse(error)
        return
    desk.messages.clear()
    desk.wait_for(future, lambda found: stack.push(WhyMode(desk, stack, found)), desk.refuse)
