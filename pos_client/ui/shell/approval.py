"""A second person's number and PIN, for one action. Anything that may need it is run by `with_approval`.

So is what head office may let go: it is asked first, and a second person only where it does not answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from pos_client.services.refusals.accounts import AllowanceAsked, AuthorisationNeeded
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.views.staff import ApprovalView
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_core.errors import TidemarkError

_NUMBER = EntryLook("entry.approver", "entry.approver.hint")
_PIN = EntryLook("entry.pin", "entry.pin.hint", is_secret=True)
_DOT = "•"


def with_approval(desk: Desk, stack: ModeStack, attempt: Callable[[str | None], None]) -> None:
    """Do what may be beyond the operator's limits; other refusals are shown.

    `attempt(None)` first, and `attempt(nonce)` once a second person has approved. Where the store's other
    tills are asked for a part of their allowance, the screen says so, the keys wait, and it is tried again.
    """

    def run(nonce: str | None, helped: AllowanceAsked | None = None) -> None:
        try:
            attempt(nonce)
        except AuthorisationNeeded as needed:
            desk.messages.show("info", "authorising.asking")
            asked = desk.workstation.authorising.ask(str(needed.facts["question"]))
            desk.wait_for(asked, lambda _: again(nonce), desk.refuse)
        except ApprovalNeeded as needed:
            stack.push(ApprovalMode(desk, stack, needed, run))
        except AllowanceAsked as asked:
            _wait_for_peers(desk, asked, lambda helped: run(nonce, helped))
        except TidemarkError as error:
            desk.refuse(error)
        else:
            if helped is not None:
                desk.messages.show("good", f"limit.helped.{helped.facts['kind']}", **_units(helped))

    def again(nonce: str | None) -> None:
        desk.messages.clear()
        run(nonce)

    run(None)


class ApprovalMode(Mode):
    """Number, Enter, PIN, Enter. Nothing of the PIN is shown or kept; Esc gives the action up."""

    page: ClassVar[str] = "entry"

    def __init__(
        self, desk: Desk, stack: ModeStack, needed: ApprovalNeeded, again: Callable[[str], None]
    ) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._again = again
        self._facts = dict(needed.facts)
        self._nonce = str(needed.facts["approval"])
        self._number = ""
        self._typed = 0
        self._shown = ""
        about = self._facts.get("about")
        self._key = f"approval.{self._facts['kind']}" + (f".{about}" if about else "")
        desk.beep()
        desk.messages.show("question", self._key, **self._amounts())

    @property
    def context(self) -> str:
        return "approval"

    @property
    def look(self) -> EntryLook:
        return _PIN if self._number else _NUMBER

    @property
    def words(self) -> BigWords:
        """The request, and dots for the PIN."""
        texts = self._desk.texts
        heading = texts.say(self._key, **self._amounts())
        caption = texts.say("approval.pin" if self._number else "approval.number", number=self._number)
        figure = _DOT * self._typed if self._number else self._shown
        return BigWords(heading, caption, figure or "–", bool(figure), texts.say("approval.once"))

    def typed(self, text: str) -> None:
        self._typed = len(text)
        self._shown = "" if self._number else text
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        self._typed, self._shown = 0, ""
        if not text:
            return
        if not self._number:
            self._number = text
            self.changed.emit()
            return
        future = self._desk.workstation.approvals.approve(self._nonce, self._number, text)
        self.changed.emit()
        self._desk.wait_for(future, self._approved, self._refused)

    def back(self, text: str) -> None:
        self.text_set.emit("")
        self._typed, self._shown = 0, ""
        if text:
            self.changed.emit()
        elif self._number:
            self._number = ""
            self.changed.emit()
        else:
            self._desk.workstation.approvals.forget(self._nonce)
            self._desk.messages.clear()
            self._stack.pop(self)

    def _approved(self, view: ApprovalView) -> None:
        self._stack.pop(self)
        name = self._desk.texts.person(view.name, view.role)
        self._desk.messages.show("good", "approval.given", name=name)
        self._again(view.nonce)

    def _refused(self, error: TidemarkError) -> None:
        if error.code in {"own_approval", "approver_limit", "unknown_operator"}:
            self._number = ""  # another person
        self._desk.refuse(error)
        self.changed.emit()

    def _amounts(self) -> dict[str, object]:
        rate = int(str(self._facts["rate_ppm"]))
        percent = f"{rate // 10_000}.{rate // 1000 % 10}".removesuffix(".0")
        member = self._desk.workstation.ring_up.basket().member
        who = "" if member is None else f"{member.display_name} {member.masked_phone}".strip()
        return {"amount_minor": self._facts["amount_minor"], "percent": percent, "member": who}


def _wait_for_peers(
    desk: Desk, asked: AllowanceAsked, again: Callable[[AllowanceAsked | None], None]
) -> None:
    """Says that the limit is reached and who is asked; `again` with `asked` where anything came."""
    desk.messages.show("question", f"limit.asking.{asked.facts['kind']}", **_units(asked))
    coming = desk.workstation.allowances.coming()
    desk.wait_for(coming, lambda came: again(asked if came else None), desk.refuse)


def _units(asked: AllowanceAsked) -> dict[str, object]:
    return {"units": asked.facts["units"], "amount_minor": asked.facts["units"]}
