"""What waits in this store, the day's end first; Enter goes to where it is done."""

from __future__ import annotations

from collections.abc import Callable

from pos_client.devices.printer import PrinterState
from pos_client.services.day.day_view import DayView, WorkstationDay
from pos_client.services.day.to_do import Task, Topic
from pos_client.services.views.devices import PrinterView
from pos_client.ui.goods.alerts_mode import alerts
from pos_client.ui.goods.label_mode import labels
from pos_client.ui.goods.replenish_mode import replenish
from pos_client.ui.goods.reservations_mode import reservations
from pos_client.ui.goods.review_mode import review
from pos_client.ui.goods.ruling_card import show_ruling
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow, Tone
from pos_client.ui.goods.transfer_mode import transfers
from pos_client.ui.manager.devices_mode import devices
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.formats import format_time
from pos_core.errors import TidemarkError

_WHEN = "MM-dd HH:mm"
_OPEN: dict[Topic, Callable[[Bench], None]] = {
    "transfer": transfers,
    "reservation": reservations,
    "order": replenish,
    "alert": alerts,
    "count": review,
    "labels": labels,
    "device": devices,
}
_TONES: dict[Topic, Tone] = {
    "restated": "caution",
    "alert": "caution",
    "ruling": "danger",
    "device": "danger",
}


class ToDoMode(SheetMode):
    """Read once, when it is opened; opened again after something was done."""

    columns = (
        Column("todo.topic", 16),
        Column("todo.subject", 30),
        Column("todo.state", 30),
        Column("todo.when", 12),
        Column("todo.amount", 12, right=True),
    )

    def __init__(
        self, bench: Bench, business_day: str | None, look_at: Callable[[str], None] | None = None
    ) -> None:
        """`look_at` shows another day on the board beneath. Raises NotSignedOn, NotAllowed, UnknownDay."""
        super().__init__(bench, EntryLook("todo.title", "todo.hint"), context="day")
        services = bench.desk.workstation
        self._view = services.day_end.view(business_day)
        self._look_at = look_at
        self._workstations = self._view.workstations
        self._tasks = [each for each in services.to_do.tasks() if each.topic != "day"]
        self._zone = bench.desk.workstation.status.view().time_zone

    @property
    def title(self) -> str:
        return self.desk.texts.say("todo.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts = self.desk.texts
        missing = [each.name for each in self._workstations if each.is_missing]
        whole = texts.say("todo.day_whole") if not missing else texts.list_of(missing)
        total_minor = sum(each.total_minor for each in self._workstations)
        return (
            Fact(texts.say("todo.day_missing"), whole, "caution" if missing else "good"),
            Fact(texts.say("day.total"), texts.amount(total_minor)),
            Fact(texts.say("todo.rows"), str(len(self._tasks))),
            *self._printed(),
        )

    def _printed(self) -> tuple[Fact, ...]:
        """When the day's paper was printed, and by how much the figures have moved since."""
        texts, day_end = self.desk.texts, self.desk.workstation.day_end
        printed = day_end.printed(self._view.business_day)
        if printed is None:
            return ()
        when = format_time(printed.at_ms, self._zone, _WHEN)
        restated = day_end.restated(self._view)
        if restated is None:
            return (Fact(texts.say("todo.printed"), when),)
        moved = texts.amount(restated.difference_minor)
        return (Fact(texts.say("todo.moved", time=when), moved, "caution"),)

    def act(self, action: str, text: str) -> bool:
        if action == "finish":
            print_day_end(self.bench, self._view, self.changed.emit)
            return True
        return super().act(action, text)

    @property
    def row_count(self) -> int:
        return len(self._workstations) + len(self._tasks)

    def row(self, at: int) -> SheetRow:
        texts = self.desk.texts
        if at < len(self._workstations):
            return self._workstation(self._workstations[at])
        task = self._tasks[at - len(self._workstations)]
        cells = (
            texts.say(f"todo.{task.topic}"),
            self._subject(task),
            self._state(task),
            "" if task.at_ms is None else format_time(task.at_ms, self._zone, _WHEN),
            self._figure(task),
        )
        return SheetRow(cells, _TONES.get(task.topic, ""))

    def _workstation(self, part: WorkstationDay) -> SheetRow:
        texts = self.desk.texts
        words = texts.say("todo.state.silent" if part.is_silent else f"todo.state.{part.state}")
        if part.by_neighbour:
            words = f"{words} · {texts.say('todo.by_neighbour')}"
        if part.state == "settled" and part.over_minor and not part.is_silent:
            words = f"{words} · {texts.say('todo.over', amount_minor=part.over_minor)}"
        when = "" if part.as_of_ms is None else format_time(part.as_of_ms, self._zone, _WHEN)
        tone: Tone = "caution" if part.is_missing else "good" if part.state == "settled" else "soft"
        return SheetRow((texts.say("todo.day"), part.name, words, when, texts.amount(part.total_minor)), tone)

    def opened(self, row: int) -> None:
        """Where it is done; a ruling is explained; a release and a workstation are only told of."""
        at = row - len(self._workstations)
        task = self._tasks[at] if at >= 0 else None
        opens = None if task is None else _OPEN.get(task.topic)
        if task is not None and task.topic == "restated" and self._look_at is not None:
            self.bench.stack.pop(self)
            self._look_at(task.subject)
        elif task is not None and task.topic == "ruling":
            show_ruling(self.bench, task.ref)
        elif opens is None:
            self.desk.messages.show("info", "todo.only_told")
        else:
            self.bench.stack.pop(self)
            opens(self.bench)

    def _subject(self, task: Task) -> str:
        texts = self.desk.texts
        if task.topic == "ruling":
            return texts.say_or(f"ruling.{task.subject}", "todo.ruling")
        if task.topic == "device":
            return texts.say(f"device.{task.subject}")
        if task.topic == "release":
            return texts.say("todo.version", version=task.subject)
        return task.subject

    def _state(self, task: Task) -> str:
        texts = self.desk.texts
        if task.topic == "device":
            return texts.say(f"device_state.{task.state}")
        if task.topic == "ruling":
            return texts.say("todo.ruled")
        return texts.say(f"todo.state.{task.state}")

    def _figure(self, task: Task) -> str:
        if task.count is not None:
            return str(task.count)
        costs_nothing = task.topic == "ruling" and not task.amount_minor
        if task.amount_minor is None or costs_nothing:
            return ""
        return self.desk.texts.amount(task.amount_minor)


def print_day_end(bench: Bench, view: DayView, done: Callable[[], None] = lambda: None) -> None:
    """The day's end on receipt paper."""
    desk = bench.desk
    try:
        printed = desk.workstation.day_end.print(view)
    except TidemarkError as error:
        desk.refuse(error)
        return

    def said(state: PrinterView) -> None:
        if PrinterState(state.state).prints:
            desk.messages.show("good", "day.printed", day=view.business_day)
        else:
            words = desk.texts.say(f"device_state.{state.state}")
            desk.messages.show("refusal", "day.not_printed", state=words)
        done()

    desk.wait_for(printed, said, desk.refuse)


def to_do(
    bench: Bench, business_day: str | None = None, look_at: Callable[[str], None] | None = None
) -> None:
    """From the board of the day."""
    try:
        mode = ToDoMode(bench, business_day, look_at)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
