"""The devices of this workstation: which they are, how they are, setting them up. None blocks a sale.

Each driver has a thread of its own; what it says comes back as a future. A line that is set here is kept in
`settings.json` and holds at once.
"""

from __future__ import annotations

import contextlib
import glob
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from pos_client.devices import lines
from pos_client.devices.configure import printer_from
from pos_client.devices.drawer import DrawerState
from pos_client.devices.labels import Label, LabelPrinter
from pos_client.devices.print_queue import PrintQueue
from pos_client.devices.printer import PrinterState
from pos_client.devices.scale import Reading, Scale, ScaleState
from pos_client.devices.serial_scanner import ScannerState, SerialScanner, scanner_line
from pos_client.journal.draft import Recorded
from pos_client.receipts.rows import Row, TextRow
from pos_client.receipts.words import word
from pos_client.services.counter import Counter
from pos_client.services.futures import done, then
from pos_client.services.payment.card_terminal import Terminal
from pos_client.services.staff.roles import require_act, require_simulators
from pos_client.services.views.devices import DeviceView

KINDS = tuple(lines.DEFAULT_LINES)
TRYING, TRYING_WORDS = "device_test", "试开钱箱 Drawer test"
"""Reason of an opening that tried the drawer; the watch counts it as any other without a sale."""
_SIMULATOR = "simulator"
_SIMULATORS: Mapping[str, tuple[str, ...]] = {
    "printer": ("simulator",),
    "scale": ("simulator:452",),
    "terminal": ("simulator",),
    "label": ("simulator",),
}
_TROUBLE = frozenset({"offline", "fault", "out_of_paper", "cover_open", "no_screen"})
"""What a person must do something about; a scale that is not still, say, is none."""


class Devices:
    """Wired by `assemble`. `keep(kind, line)` writes the setting down; it may raise a Trouble."""

    def __init__(
        self,
        counter: Counter,
        queue: PrintQueue,
        terminal: Terminal,
        given: Mapping[str, str],
        keep: Callable[[str, str], None],
    ) -> None:
        self._counter = counter
        self._queue = queue
        self._terminal = terminal
        self._keep = keep
        self._lines = {**lines.DEFAULT_LINES, **given}
        self._scale: Scale = lines.scale_from(self._lines["scale"])
        self._labels: LabelPrinter = lines.label_printer_from(self._lines["label"])
        self._scanner: SerialScanner | None = None
        self._scanned: Callable[[str], None] = lambda _: None
        self._scale_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scale")
        self._label_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="labels")
        self._states: dict[str, str] = {}
        queue.use_drawer(lines.drawer_pin(self._lines["drawer"]))
        self._listeners: list[Callable[[str], None]] = []

    # what they do

    @property
    def has_scale(self) -> bool:
        """Whether weights can be read here."""
        return self._lines["scale"] != "none"

    def weigh(self) -> Future[Reading]:
        """The weight now; a scale in trouble is a state. A simulated one has none in a chain that sells."""
        if self._lines["scale"].startswith(_SIMULATOR) and not self._counter.rules.simulators_allowed:
            return done(Reading(ScaleState.NOT_CONFIGURED))
        try:
            asked = self._scale_thread.submit(self._read_scale)
        except RuntimeError:  # closing
            return done(Reading(ScaleState.OFFLINE))
        return then(asked, self._weighed)

    def print_label(self, label: Label) -> Future[PrinterState]:
        """One label, `label.copies` times."""
        return self.print_labels([label])

    def print_labels(self, labels: Sequence[Label]) -> Future[PrinterState]:
        """All of them, in order, off this thread."""
        given = tuple(labels)
        printed = self._label_thread.submit(lambda: self._labels.print_labels(given))
        return then(printed, lambda state: self._noted("label", state))

    def listen_to_scanner(self, scanned: Callable[[str], None]) -> None:
        """`scanned(text)` runs on the scanner's thread; a serial scanner is opened now."""
        self._scanned = scanned
        self._open_scanner()

    def release(self) -> None:
        """A window closed: its scanner and the scale's line are let go of; the next one opens them again."""
        self._scanned = lambda _: None
        if self._scanner is not None:
            self._scanner.close()
            self._scanner = None
        with contextlib.suppress(RuntimeError):  # closing
            self._scale_thread.submit(self._close_scale)

    # setting up

    def views(self) -> list[DeviceView]:
        """Every kind with its line and the last known state."""
        return [DeviceView(kind, self._lines[kind], self._state(kind)) for kind in KINDS]

    def in_trouble(self) -> list[DeviceView]:
        """Those that somebody must look at."""
        return [view for view in self.views() if view.state in _TROUBLE]

    def line(self, kind: str) -> str:
        """The line of a kind."""
        return self._lines[kind]

    def find(self, kind: str) -> list[str]:
        """Lines that may be right on this machine: its serial ports, its printer files, simulators."""
        files = [f"file:{path}" for path in sorted(glob.glob("/dev/usb/lp*"))]
        serial = [f"serial:{port}" for port in _serial_ports()]
        simulators = _SIMULATORS if self._counter.rules.simulators_allowed else {}
        found = {
            "printer": ["screen", *files, *serial],
            "drawer": ["printer", "printer:5", "none"],
            "scale": ["none", *serial],
            "terminal": ["none"],
            "label": ["none", *files, *serial],
            "scanner": ["wedge", *serial],
            "display": ["none", "window"],
        }
        return [*found[kind], *simulators.get(kind, ())]

    def set(self, kind: str, line: str) -> None:
        """Use another device from now on; where this raises, the old one stays.

        Raises NotSignedOn, NotAllowed, BadDeviceSetting, BadPrinterSetting, NotSaved.
        """
        require_act(self._counter, "devices")
        text = line.strip()
        lines.check_line(kind, text)
        if text.startswith(_SIMULATOR):
            require_simulators(self._counter)
        self._keep(kind, text)
        self._lines[kind] = text
        self._states.pop(kind, None)
        self._use(kind, text)
        for listener in self._listeners:
            listener(kind)
        self._counter.changed()

    def test(self, kind: str) -> Future[str]:
        """Try it: print a page or a label, open the drawer, read the weight, ask the terminal.

        Resolves with the state. Raises NotSignedOn, NotAllowed; an opening of the drawer is a document like
        every other and asks for `no_sale` too: that one raises NoOpenShift.
        """
        require_act(self._counter, "devices")
        if kind == "printer":
            rows = test_page(self._queue.columns)
            return then(self._queue.print_rows(rows), lambda state: self._noted("printer", state).value)
        if kind == "drawer":
            return self._try_drawer()
        if kind == "label":
            rules = self._counter.rules
            sample = Label("shelf", word("test_page", "zh"), "0000", 1_250, rules.currency, rules.exponent)
            return then(self.print_label(sample), lambda state: state.value)
        if kind == "scale":
            return then(self.weigh(), lambda reading: reading.state.value)
        if kind == "terminal":
            return then(self._terminal.check(), lambda state: state.value)
        return done(self._state(kind))

    def note(self, kind: str, state: str) -> None:
        """The last known state of a device; a front end says its own: the customer display."""
        if self._states.get(kind) != state:
            self._states[kind] = state
            self._counter.changed()

    def display_policy(self) -> Any:
        """Head office's policy for the customer display, decoded; None where there is none."""
        return self._counter.replica.policy("customer_display")

    def on_set(self, listener: Callable[[str], None]) -> None:
        """`listener(kind)` after a line was set, on the front end's thread."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Let go of everything that has a thread here."""
        if self._scanner is not None:
            self._scanner.close()
        self._scale_thread.shutdown(wait=True)
        self._label_thread.shutdown(wait=True)
        self._scale.close()
        self._labels.close()

    def _use(self, kind: str, line: str) -> None:
        if kind == "printer":
            self._queue.use(printer_from(line))
        elif kind == "drawer":
            self._queue.use_drawer(lines.drawer_pin(line))
        elif kind == "terminal":
            self._terminal.use(line)
        elif kind == "scale":
            old, self._scale = self._scale, lines.scale_from(line)
            self._scale_thread.submit(old.close)
        elif kind == "label":
            before, self._labels = self._labels, lines.label_printer_from(line)
            self._label_thread.submit(before.close)
        elif kind == "scanner":
            self._open_scanner()

    def _open_scanner(self) -> None:
        if self._scanner is not None:
            self._scanner.close()
            self._scanner = None
        named = lines.scanner_device(self._lines["scanner"])
        if named is not None:
            device, baud = named
            self._scanner = SerialScanner(
                lambda: scanner_line(device, baud), self._scan, self._counter.changed
            )

    def _try_drawer(self) -> Future[str]:
        counter = self._counter
        counter.require_shift()
        require_act(counter, "no_sale")
        if self._lines["drawer"] == "none":
            return done(DrawerState.NOT_CONFIGURED.value)
        draft = counter.draft("no_sale", {"reason": TRYING_WORDS, "reason_code": TRYING})
        tried: Future[str] = Future()

        def written(future: Future[list[Recorded]]) -> None:
            error = future.exception()
            if error is not None:
                tried.set_exception(error)
                return
            opened = self._queue.open_drawer(look=True)
            opened.add_done_callback(lambda state: tried.set_result(state.result().value))

        counter.record([draft]).add_done_callback(written)
        return tried

    def _read_scale(self) -> Reading:
        """On the scale's thread: with the scale that is set by then."""
        return self._scale.read()

    def _close_scale(self) -> None:
        self._scale.close()

    def _scan(self, text: str) -> None:
        self._scanned(text)

    def _weighed(self, reading: Reading) -> Reading:
        self.note("scale", reading.state.value)
        return reading

    def _noted(self, kind: str, state: PrinterState) -> PrinterState:
        self.note(kind, state.value)
        return state

    def _state(self, kind: str) -> str:
        if self._lines[kind] == "none":
            return "not_configured"
        if kind == "printer":
            return self._queue.state.value
        if kind == "drawer":
            alone = self._lines["printer"].partition(",")[0] == "none"
            return (DrawerState.NOT_CONFIGURED if alone else self._queue.drawer_state).value
        if kind == "terminal":
            return self._terminal.state.value
        if kind == "scanner":
            return (ScannerState.READY if self._scanner is None else self._scanner.state).value
        return self._states.get(kind, "not_asked")


def test_page(columns: int) -> list[Row]:
    """Both languages, both sizes, the width of the paper."""
    ruler = "".join(str(place % 10) for place in range(1, columns + 1))
    return [
        TextRow(word("test_page", "zh"), size=2, bold=True, align="center"),
        TextRow(word("test_page", "en"), align="center"),
        TextRow(ruler),
        TextRow("￥1,234.56  壹贰叁  ABC abc"),
    ]


def _serial_ports() -> list[str]:
    from serial.tools import list_ports

    return sorted(port.device for port in list_ports.comports())
