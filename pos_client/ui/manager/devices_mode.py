"""The settings page of devices: each kind with its line and state; Enter changes it, F5 tries it."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, ClassVar

from PySide6.QtCore import QTimer

from pos_client.services.futures import done
from pos_client.ui.manager.device_words import fields_of, in_words, line_of, offered
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.form_mode import FormMode
from pos_client.ui.shell.modes import EntryLook, Mode
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.scan_text import looks_like_code
from pos_core.errors import TidemarkError

LOOK_EVERY_MS = 1_000


class DevicesMode(Mode):
    """See `Picking`: it is shown on the page of lists."""

    page: ClassVar[str] = "pick"

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.stack)
        self._bench = bench
        self.chosen = 0
        self._awaits_scan = False
        self.rows: tuple[PickRow, ...] = ()
        self.refresh()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @property
    def context(self) -> str:
        return "devices"

    @property
    def look(self) -> EntryLook:
        return EntryLook("manager.devices", "devices.hint")

    @property
    def empty_words(self) -> str:
        """Never shown: there are always kinds."""
        return ""

    def _look(self) -> None:
        """What is pulled out or dies while the page is open shows."""
        if not self._bench.stack.depth:
            self._timer.stop()
        elif self._bench.stack.top is self:
            self.refresh()

    def refresh(self) -> None:
        """Read lines and states again."""
        texts, before = self._bench.desk.texts, self.rows
        self.rows = tuple(
            PickRow(
                texts.say(f"device.{view.kind}"),
                in_words(texts, view.line),
                texts.say(f"device_state.{view.state}"),
                str(number),
            )
            for number, view in enumerate(self._bench.desk.workstation.devices.views(), start=1)
        )
        if self.rows != before:
            self.changed.emit()

    def entered(self, text: str) -> None:
        digits = text.strip()
        if self._awaits_scan and digits:
            self._awaits_scan = False
            self._bench.desk.messages.show("good", "devices.scanned", text=digits)
        elif looks_like_code(digits):
            self._bench.stack.only()
            self._bench.stack.top.entered(text)
        elif not digits:
            self.take(self.chosen)
        elif digits.isascii() and digits.isdigit() and 1 <= int(digits) <= len(self.rows):
            self.take(int(digits) - 1)
        else:
            self._bench.desk.beep()
            self._bench.desk.messages.show("refusal", "manager.no_such_entry", text=digits)

    def take(self, row: int) -> None:
        """Another device of that kind: one that was found here, or a line that is typed."""
        if not 0 <= row < len(self.rows):
            return
        self.chosen = row
        kind = self._kind
        devices, texts = self._bench.desk.workstation.devices, self._bench.desk.texts
        now = devices.line(kind)
        fields = fields_of(texts, kind, offered(kind, devices.find(kind), now), now)

        def submit(answers: dict[str, Any]) -> Future[None]:
            line = line_of(kind, answers, now)
            if line != now:
                devices.set(kind, line)
            return done(None)

        form = FormMode(self._bench, f"device.{kind}", fields, submit, lambda _: self._try(kind))
        self._bench.stack.push(form)

    def act(self, action: str, text: str) -> bool:
        if action == "test":
            self._try(self._kind)
        elif action in {"up", "down"}:
            self._awaits_scan = False
            self.chosen = (self.chosen + (1 if action == "down" else -1)) % len(self.rows)
            self.changed.emit()
        else:
            return False
        return True

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self._bench.stack.pop(self)

    @property
    def _kind(self) -> str:
        return self._bench.desk.workstation.devices.views()[self.chosen].kind

    def _try(self, kind: str) -> None:
        desk = self._bench.desk
        desk.messages.show("info", "devices.trying")
        self._awaits_scan = False
        try:
            tried = desk.workstation.devices.test(kind)
        except TidemarkError as error:
            desk.refuse(error)
            return
        desk.futures.watch(tried, lambda state: self._tried(kind, state), desk.refuse)

    def _tried(self, kind: str, state: str) -> None:
        texts, messages = self._bench.desk.texts, self._bench.desk.messages
        if kind == "scanner" and state == "ready":  # only a code shows that it reads
            self._awaits_scan = True
            messages.show("question", "devices.scan_now")
        else:
            device, words = texts.say(f"device.{kind}"), texts.say(f"device_state.{state}")
            messages.show("info", "devices.tried", device=device, state=words)
        self.refresh()


def devices(bench: Bench) -> None:
    """Open the settings page."""
    bench.stack.push(DevicesMode(bench))
