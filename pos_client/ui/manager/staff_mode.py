"""Employees of this store: F6 locks a number and unlocks it, F4 or Enter lets its owner choose a new PIN."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pos_client.services.refusals.staff import PinsDiffer
from pos_client.services.staff.staff import EmployeeView
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.form_mode import Field, FormMode
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.formats import format_time
from pos_core.errors import TidemarkError

_WHEN = "MM-dd HH:mm"
_LOCK = ("staff.lock", "staff.lock_why", "staff.lock_done")
_UNLOCK = ("staff.unlock", "staff.unlock_why", "staff.unlock_done")


class StaffMode(SheetMode):
    """Read anew after each change. A typed number chooses the employee with it."""

    columns = (
        Column("staff.number", 9),
        Column("staff.name", 17),
        Column("staff.role", 12),
        Column("staff.state", 47),
        Column("staff.pin_set", 15),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn, NotAllowed."""
        super().__init__(bench, EntryLook("staff.title", "staff.hint"), context="staff")
        self._staff = bench.desk.workstation.staff
        self._people = self._staff.people()
        self._zone = bench.desk.workstation.status.view().time_zone

    @property
    def title(self) -> str:
        return self.desk.texts.say("staff.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts = self.desk.texts
        locked = sum(each.is_locked and each.active for each in self._people)
        here = sum(each.active for each in self._people)
        return (
            Fact(texts.say("staff.here"), str(here)),
            Fact(texts.say("staff.locked"), str(locked), "danger" if locked else "good"),
        )

    @property
    def row_count(self) -> int:
        return len(self._people)

    def row(self, at: int) -> SheetRow:
        who, texts = self._people[at], self.desk.texts
        pin = self._when(who.pin_set_at_ms) if who.pin_set_at_ms else texts.say("staff.pin_of_hq")
        state, tone = self._state(who)
        cells = (who.operator_number, who.name, texts.say(f"role.{who.role}"), state, pin)
        return SheetRow(cells, tone)  # type: ignore[arg-type]

    def opened(self, row: int) -> None:
        self._new_pin(self._people[row])

    def said(self, text: str) -> None:
        numbers = [each.operator_number for each in self._people]
        if text in numbers:
            self.desk.messages.clear()
            self.choose(numbers.index(text))
        else:
            self.desk.beep()
            self.desk.messages.show("refusal", "staff.nobody", text=text)

    def act(self, action: str, text: str) -> bool:
        if action == "mark":
            self._switch(self._people[self.chosen])
        elif action == "detail":
            self._new_pin(self._people[self.chosen])
        else:
            return super().act(action, text)
        return True

    def _state(self, who: EmployeeView) -> tuple[str, str]:
        texts = self.desk.texts
        if not who.active:
            return texts.say("staff.gone"), "soft"
        if who.is_locked:
            by = texts.say("staff.head_office") if who.locked_by == "head_office" else who.locked_by
            words = texts.say("staff.locked_by", name=by, time=self._when(who.locked_at_ms or 0))
            return (f"{words} · {who.reason}" if who.reason else words), "danger"
        if who.waits_ms:
            return texts.say("staff.waits", seconds=who.waits_ms // 1000), "caution"
        return texts.say("staff.may_sign_on"), ""

    def _when(self, at_ms: int) -> str:
        return format_time(at_ms, self._zone, _WHEN)

    def _switch(self, who: EmployeeView) -> None:
        locks = not who.is_locked and not who.waits_ms
        change = self._staff.lock if locks else self._staff.unlock
        title, why, done = _LOCK if locks else _UNLOCK
        reason = Field("reason", why, "text", optional=True, facts=(("name", who.name),))

        def submit(answers: dict[str, Any]) -> Future[EmployeeView]:
            return change(who.operator_number, answers["reason"] or "")

        self._open(who, title, (reason,), submit, done)

    def _new_pin(self, who: EmployeeView) -> None:
        named = (("name", who.name),)
        fields = (
            Field("pin", "staff.pin", "secret", facts=named),
            Field("again", "staff.pin_again", "secret"),
            Field("reason", "form.words", "text", optional=True),
        )

        def submit(answers: dict[str, Any]) -> Future[EmployeeView]:
            if answers["pin"] != answers["again"]:
                self._begin_anew()
                raise PinsDiffer("typed twice and not the same")
            try:
                return self._staff.reset_pin(who.operator_number, answers["pin"], answers["reason"] or "")
            except TidemarkError:
                self._begin_anew()
                raise

        self._open(who, "staff.new_pin", fields, submit, "staff.new_pin_done")

    def _begin_anew(self) -> None:
        """Back to the first secret: both are forgotten."""
        form = self.bench.stack.top
        assert isinstance(form, FormMode)
        form.answers.clear()
        form.take(0)

    def _open(
        self,
        who: EmployeeView,
        title: str,
        fields: tuple[Field, ...],
        submit: Callable[[dict[str, Any]], Future[EmployeeView]],
        done: str,
    ) -> None:
        """The form; who may not be changed is said before anything is typed."""
        try:
            self._staff.require_may_change(who.operator_number)
        except TidemarkError as error:
            self.desk.refuse(error)
            return

        self.desk.messages.clear()

        def changed(_: EmployeeView) -> None:
            self._people = self._staff.people()
            self.desk.messages.show("good", done, name=who.name)
            self.changed.emit()

        self.bench.stack.push(FormMode(self.bench, title, fields, submit, changed))


def staff(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = StaffMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
