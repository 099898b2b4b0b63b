"""Putting the basket on hold, and taking one up again: the keys' side of it."""

from __future__ import annotations

from pos_client.services.views.basket import HeldView, RecalledView
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, ModeStack
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.formats import format_time
from pos_core.errors import TidemarkError

_LOOK = EntryLook("entry.held", "entry.held.hint")


def hold(desk: Desk, sale: SalePage) -> None:
    """The basket in progress aside; the screen is ready for the next shopper."""
    try:
        future = desk.workstation.holding.hold()
    except TidemarkError as error:
        desk.refuse(error)
        return

    def held(view: HeldView) -> None:
        desk.messages.show("good", "held.done", label=view.label, total_minor=view.total_minor)
        sale.show_basket()

    desk.wait_for(future, held, desk.refuse)


def recall(desk: Desk, stack: ModeStack, sale: SalePage) -> None:
    """The list of held baskets, those of the store's other tills last; the only one is taken up at once,

    but for another till's: that the operator picks.
    """
    if sale.basket.lines and any(not line.voided for line in sale.basket.lines):
        desk.beep()
        desk.messages.show("refusal", "held.basket_in_progress")
        return
    holding = desk.workstation.holding
    found = [*holding.stranded(), *holding.held_elsewhere(), *holding.held()]
    if not found:
        desk.beep()
        desk.messages.show("refusal", "held.none")
    elif len(found) == 1 and not found[0].at:
        _take_up(desk, sale, found[0])
    else:
        desk.messages.clear()
        stack.push(RecallMode(desk, stack, sale, found))


class RecallMode(PickMode):
    """Held baskets, the newest first; the void key gives the chosen one up, after a question."""

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage, found: list[HeldView]) -> None:
        self._sale = sale
        self.found = list(reversed(found))
        super().__init__(desk, stack, _LOOK, self._say, self._take, context="held", empty="held.none")

    def act(self, action: str, text: str) -> bool:
        if action == "recall":
            self.back(text)
            return True
        if action != "void" or text or not self.found:
            return super().act(action, text)
        held = self.found[self.chosen]
        facts: dict[str, object] = {"label": held.label, "total_minor": held.total_minor}
        self._stack.push(
            AskMode(self._desk, self._stack, "ask.abandon_held", lambda: self._abandon(held), facts=facts)
        )
        return True

    def _take(self, row: int) -> None:
        held = self.found[row]
        if held.stranded:
            self._ask_back(held)
        else:
            _take_up(self._desk, self._sale, held)

    def _ask_back(self, held: HeldView) -> None:
        """The other till may have it: whoever says yes has looked there; a second person answers for it."""

        def back(nonce: str | None) -> None:
            taken = self._desk.workstation.holding.take_back(held.held_id, nonce)
            self._desk.wait_for(taken, lambda _: _recall(self._desk, self._sale, held), self._desk.refuse)

        facts: dict[str, object] = {"label": held.label, "at": held.at}
        yes = lambda: with_approval(self._desk, self._stack, back)  # noqa: E731
        self._stack.push(AskMode(self._desk, self._stack, "ask.take_back_held", yes, facts=facts))

    def _abandon(self, held: HeldView) -> None:
        def gone(_: None) -> None:
            self.found.remove(held)
            self.say_again()
            self.changed.emit()
            if not self.found:
                self.back("")
            self._desk.messages.show("info", "held.abandoned", label=held.label)

        try:
            future = self._desk.workstation.holding.abandon(held.held_id)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.wait_for(future, gone, self._desk.refuse)

    def _say(self) -> tuple[PickRow, ...]:
        texts, zone = self._desk.texts, self._desk.workstation.status.view().time_zone
        return tuple(
            PickRow(
                held.label,
                texts.say(
                    _detail(held),
                    time=format_time(held.held_at_ms, zone),
                    pieces=held.piece_count,
                    lines=held.line_count,
                    at=held.at,
                ),
                texts.amount(held.total_minor),
                str(number),
            )
            for number, held in enumerate(self.found, start=1)
        )


def _detail(held: HeldView) -> str:
    if held.stranded:
        return "held.detail_stranded"
    return "held.detail_elsewhere" if held.at else "held.detail"


def _take_up(desk: Desk, sale: SalePage, held: HeldView) -> None:
    """One of another till is brought here first: the keys wait, and the shopper sees one step."""
    if not held.at:
        _recall(desk, sale, held)
        return
    try:
        future = desk.workstation.holding.bring(held.held_id)
    except TidemarkError as error:
        desk.refuse(error)
        return

    desk.wait_for(future, lambda _: _recall(desk, sale, held), desk.refuse)


def _recall(desk: Desk, sale: SalePage, held: HeldView) -> None:
    try:
        future = desk.workstation.holding.recall(held.held_id)
    except TidemarkError as error:
        desk.refuse(error)
        return

    def taken_up(view: RecalledView) -> None:
        _say_difference(desk, view)
        sale.show_basket(rung_up=True)

    desk.wait_for(future, taken_up, desk.refuse)


def _say_difference(desk: Desk, view: RecalledView) -> None:
    """Prices may have changed while it was held: the shopper hears it before he pays."""
    if view.gone:
        desk.beep()
        desk.messages.show("question", "held.gone", count=len(view.gone), name=view.gone[0])
    elif view.changes:
        first = view.changes[0]
        desk.messages.show(
            "question",
            "held.price_changed",
            name=first.name,
            before_minor=first.before_minor,
            after_minor=first.after_minor,
            count=len(view.changes),
            old_minor=view.total_before_minor,
            new_minor=view.basket.total_minor,
        )
    else:
        desk.messages.show("good", "held.taken_up", total_minor=view.basket.total_minor)
