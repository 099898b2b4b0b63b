"""The member's own code before points or stored value are spent: scanned, or entered unseen; and its setting.

Where neither this store nor head office can check it, a second person who knows the shopper does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from pos_client.services.refusals.members import BadMemberCode, MemberCodeUnknown
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_core.customer.member_code import DIGITS_MIN, is_code
from pos_core.errors import TidemarkError

_LOOK = EntryLook("entry.member_code", "entry.member_code.hint", is_secret=True)
_DOT = "•"


class UnseenMode(Mode):
    """A code is entered: of what is typed only dots are shown."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._typed = 0

    @property
    def context(self) -> str:
        return "approval"

    @property
    def look(self) -> EntryLook:
        return _LOOK

    @property
    def words(self) -> BigWords:
        """What is asked, and a dot for each digit."""
        raise NotImplementedError

    def typed(self, text: str) -> None:
        self._typed = len(text)
        self.changed.emit()

    def _dotted(self, title: str, caption: str, below: str) -> BigWords:
        dots = _DOT * self._typed
        return BigWords(title, caption, dots or "–", bool(dots), below)


class MemberCodeMode(UnseenMode):
    """Right: closes, then `proven()`; Esc: closes, then `given_up()`."""

    def __init__(
        self,
        desk: Desk,
        stack: ModeStack,
        proven: Callable[[], None],
        given_up: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(desk, stack)
        self._proven = proven
        self._given_up = given_up

    @property
    def words(self) -> BigWords:
        """What is asked, and a dot for each digit."""
        texts = self._desk.texts
        return self._dotted(texts.say("claims.code"), texts.say("claims.code.caption"), "")

    def entered(self, text: str) -> None:
        text = text.strip()
        self._typed = 0
        self.changed.emit()
        if not text:
            return
        try:
            future = self._desk.workstation.member_codes.prove(text)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.wait_for(future, self._was_right, self._was_wrong)

    def _was_wrong(self, error: TidemarkError) -> None:
        self._desk.refuse(error)
        if not isinstance(error, MemberCodeUnknown):
            return
        codes = self._desk.workstation.member_codes

        def seen(nonce: str | None) -> None:
            self._desk.wait_for(codes.accept_person(nonce), self._was_right, self._desk.refuse)

        with_approval(self._desk, self._stack, seen)
        if self._stack.top is not self:
            self._desk.messages.show("question", "claims.code.person")

    def back(self, text: str) -> None:
        self._typed = 0
        self.text_set.emit("")
        if text:
            self.changed.emit()
        else:
            self._stack.pop(self)
            self._given_up()

    def _was_right(self, _: None) -> None:
        self._desk.messages.clear()
        self.text_set.emit("")
        self._stack.pop(self)
        self._proven()


class SetCodeMode(UnseenMode):
    """The member chooses a code: twice the same, unseen; then a second person who has looked who he is."""

    def __init__(self, desk: Desk, stack: ModeStack) -> None:
        super().__init__(desk, stack)
        self._first = ""

    @property
    def words(self) -> BigWords:
        """Once, and once more."""
        texts = self._desk.texts
        caption = texts.say("claims.code.again" if self._first else "claims.code.new")
        return self._dotted(texts.say("claims.code.set"), caption, texts.say("claims.code.below"))

    def entered(self, text: str) -> None:
        text, self._typed = text.strip(), 0
        if not text:
            return
        if not is_code(text):
            self._desk.refuse(BadMemberCode("6 to 12 digits", minimum=DIGITS_MIN))
        elif not self._first:
            self._first = text
            self._desk.messages.clear()
        elif text != self._first:
            self._first = ""
            self._desk.beep()
            self._desk.messages.show("refusal", "claims.code.differ")
        else:
            self._set(text)
        self.changed.emit()

    def back(self, text: str) -> None:
        self._typed = 0
        self.text_set.emit("")
        if text or self._first:
            self._first = ""
            self.changed.emit()
        else:
            self._stack.pop(self)

    def _set(self, digits: str) -> None:
        self._first = ""

        def attempt(nonce: str | None) -> None:
            codes = self._desk.workstation.member_codes
            self._desk.wait_for(codes.set_code(digits, nonce), self._is_set, self._desk.refuse)

        with_approval(self._desk, self._stack, attempt)

    def _is_set(self, _: None) -> None:
        self.text_set.emit("")
        self._stack.pop(self)
        self._desk.messages.show("good", "claims.code.is_set")
