"""A short form asked through the one entry box: field by field, Enter goes on, the last Enter submits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook, Mode
from pos_client.ui.shell.scan_text import looks_like_code
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor
from pos_core.quantity import parse_quantity

FieldKind = Literal["amount", "integer", "quantity", "text", "secret", "choice"]
INTEGER_DIGITS_MAX = 6


@dataclass(frozen=True)
class Field:
    """One question.

    Attributes:
        key: the name of its answer.
        label: a catalogue key; `facts` go into it.
        optional: an empty Enter answers None. Of an integer it always answers 0.
        hint: a catalogue key for the box; "" is the one of its kind.
        none: a catalogue key for an answer that was left empty.
        choices: of a choice: (answer, words as they are shown); a digit takes one, an empty Enter the first.
        when: whether it is asked, by the answers so far.
    """

    key: str
    label: str
    kind: FieldKind
    optional: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, object], ...] = field(default=())
    hint: str = ""
    none: str = "form.none"
    when: Callable[[Mapping[str, Any]], bool] = lambda _: True


class FormMode(Mode):
    """`title` is a catalogue key. `submit(answers)` asks a service; a refusal keeps the form as it is.

    `done(result)` runs when the service's future resolved; the form is closed by then. `summary(answers)`
    gives (catalogue key, amount) rows beneath, worked out anew at each answer.
    """

    page: ClassVar[str] = "manager_form"

    def __init__(
        self,
        bench: Bench,
        title: str,
        fields: tuple[Field, ...],
        submit: Callable[[dict[str, Any]], Future[Any]],
        done: Callable[[Any], None],
        *,
        summary: Callable[[dict[str, Any]], list[tuple[str, int]]] = lambda _: [],
    ) -> None:
        super().__init__(bench.stack)
        assert fields
        self._bench = bench
        self.title = title
        self._fields = fields
        self.answers: dict[str, Any] = {}
        self.at = 0
        self.summary = summary
        self._submit = submit
        self._done = done

    @property
    def fields(self) -> tuple[Field, ...]:
        """Those that are asked, by the answers so far."""
        return tuple(each for each in self._fields if each.when(self.answers))

    @property
    def context(self) -> str:
        return "form"

    @property
    def look(self) -> EntryLook:
        asked = self.fields[self.at]
        facts = tuple((name, str(value)) for name, value in asked.facts)
        hint = asked.hint or f"form.hint.{asked.kind}"
        return EntryLook(asked.label, hint, facts, is_secret=asked.kind == "secret")

    def entered(self, text: str) -> None:
        try:
            answer = self._read(self.fields[self.at], text.strip())
        except TidemarkError as error:
            self._bench.desk.refuse(error)
            return
        except _Unanswered as unanswered:
            self._bench.desk.beep()
            self._bench.desk.messages.show("refusal", unanswered.key, text=text.strip())
            return
        self._bench.desk.messages.clear()
        self.answers[self.fields[self.at].key] = answer
        if self.at + 1 < len(self.fields):
            self.at += 1
            self.changed.emit()
        else:
            self._send()

    def take(self, row: int) -> None:
        """Touched: go to that field."""
        if 0 <= row < len(self.fields):
            self.at = row
            self.changed.emit()

    def take_choice(self, position: int) -> None:
        """Touched: answer a choice with its n-th word, from 1."""
        self.entered(str(position))

    def act(self, action: str, text: str) -> bool:
        if action not in {"up", "down"}:
            return False
        step = 1 if action == "down" else -1
        asked = self.at + step
        if 0 <= asked < len(self.fields) and (step < 0 or self.fields[self.at].key in self.answers):
            self.text_set.emit("")
            self.at = asked
            self.changed.emit()
        return True

    def back(self, text: str) -> None:
        """Empties the box, then goes a field back, then closes."""
        if text:
            self.text_set.emit("")
        elif self.at:
            self.at -= 1
            self.changed.emit()
        else:
            self._bench.stack.pop(self)

    def _read(self, asked: Field, text: str) -> Any:
        if not text and asked.key in self.answers:
            return self.answers[asked.key]
        if asked.kind == "choice":
            return _choice(asked, text)
        if not text:
            if asked.kind != "integer" and not asked.optional:
                raise _Unanswered("form.needed")
            return 0 if asked.kind == "integer" else None
        return text if asked.kind in {"text", "secret"} else self._number(asked.kind, text)

    def _number(self, kind: FieldKind, text: str) -> int:
        if looks_like_code(text):
            raise _Unanswered("form.scan")
        if kind == "amount":
            return parse_minor(text, self._bench.desk.texts.exponent)
        if kind == "quantity":
            return parse_quantity(text)
        if not (text.isascii() and text.isdigit() and len(text) <= INTEGER_DIGITS_MAX):
            raise _Unanswered("form.not_a_number")
        return int(text)

    def _send(self) -> None:
        desk = self._bench.desk
        try:
            future = self._submit(dict(self.answers))
        except TidemarkError as error:
            desk.refuse(error)
            return

        def resolved(result: Any) -> None:
            self._bench.stack.pop(self)
            self._done(result)

        desk.wait_for(future, resolved, desk.refuse)


class _Unanswered(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _choice(asked: Field, text: str) -> str:
    if not text:
        return asked.choices[0][0]
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= len(asked.choices)):
        raise _Unanswered("form.no_such_choice")
    return asked.choices[int(text) - 1][0]
