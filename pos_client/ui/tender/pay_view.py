"""The payment: what is still to pay in large digits, the tenders with their keys, what was taken."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from pos_client.services.views.payment import PaymentView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.key_button import KeyButton
from pos_client.ui.shell.number_pad import NumberPad
from pos_client.ui.shell.paint import fitting_font, panel, put
from pos_client.ui.shell.theme import LEFT, RIGHT
from pos_client.ui.tender.pay_mode import PayMode

_NARROW_PX = 700
SUGGESTIONS_MAX = 4
TENDERS_IN_A_ROW = 4
"""More stand in two rows: a name that is cut off is no name."""


class _Summary(QWidget):
    """Painted: the remaining amount and the tenders taken."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.mode: PayMode | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        desk.texts.on_change(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.mode is None:
            return
        theme, texts, view = self._desk.theme, self._desk.texts, self.mode.view
        painter = QPainter(self)
        ink, soft = theme.color("ink"), theme.color("ink_soft")
        width = self.width()
        title = QRect(0, 0, width, theme.px(28))
        put(painter, title, self._title(), theme.font(18), soft)
        shown = view.tenders[-1].amount_minor if self.mode.stage == "confirm" else view.remaining_minor
        amount = texts.amount(shown or view.total_minor)
        big = QRect(0, title.bottom(), width, theme.px(90))
        put(painter, big, amount, fitting_font(theme, amount, 72, width), ink, LEFT)
        row = QRect(0, big.bottom() + theme.px(6), width, theme.px(32))
        for name, figure in self._rows(view):
            put(painter, row, name, theme.font(17), soft, LEFT)
            put(painter, row, figure, theme.font(18), ink, RIGHT)
            row = row.translated(0, row.height())
        self._paint_hint(painter)
        painter.end()

    def _paint_hint(self, painter: QPainter) -> None:
        """What Enter would do with the digits in the box; over the last rows where there is no room."""
        theme, words = self._desk.theme, self.hint()
        if words:
            height = theme.px(48)
            box = QRect(0, self.height() - height, self.width(), height)
            panel(painter, box, theme.color("foam"), theme.px(8))
            inner = box.adjusted(theme.px(16), 0, -theme.px(16), 0)
            put(painter, inner, words, theme.font(18, bold=True), theme.color("ink"), LEFT)

    def hint(self) -> str:
        """The sentence for the digits in the box, or ""."""
        mode, texts = self.mode, self._desk.texts
        if mode is None or mode.stage not in {"choose", "amount"}:
            return ""
        meant, amount_minor = mode.meant, mode.amount_typed
        if meant is not None:
            return texts.say("pay.hint.tender", position=meant.position, tender=mode.name_of(meant))
        if amount_minor is None:
            return ""
        if mode.carried:
            return texts.say("pay.hint.which", amount_minor=amount_minor)
        return self._amount_hint(mode, amount_minor)

    def _amount_hint(self, mode: PayMode, amount_minor: int) -> str:
        texts, tender = self._desk.texts, mode.default
        due_minor = dict(mode.view.due_minor).get(tender.tender_code, mode.view.remaining_minor)
        facts = {"tender": mode.name_of(tender), "amount_minor": amount_minor}
        if amount_minor < due_minor:
            return texts.say("pay.hint.part", **facts, remaining_minor=due_minor - amount_minor)
        if tender.gives_change:
            return texts.say("pay.hint.change", **facts, change_minor=amount_minor - due_minor)
        return texts.say("pay.hint.amount", **facts)

    def _title(self) -> str:
        mode, texts = self.mode, self._desk.texts
        assert mode is not None
        if mode.stage == "writing":
            return texts.say("pay.writing")
        if mode.stage == "confirm":
            return texts.say("pay.confirm", tender=mode.name_of(mode.default))
        return texts.say("pay.covered" if mode.view.can_finish else "pay.remaining")

    def _rows(self, view: PaymentView) -> list[tuple[str, str]]:
        texts, mode = self._desk.texts, self.mode
        assert mode is not None
        rows = [(texts.say("pay.total"), texts.amount(view.total_minor))]
        if view.cash_rounding_minor:
            rows.append((texts.say("total.rounding"), texts.amount(view.cash_rounding_minor)))
        for tender in view.tenders:
            taken = texts.say("pay.taken", tender=mode.name_of(tender))
            rows.append((taken, texts.amount(tender.amount_minor)))
        return rows


class PayView(QWidget):
    """Bound to one PayMode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._mode: PayMode | None = None
        self._summary = _Summary(desk)
        self._tenders = QGridLayout()
        self._amounts = QHBoxLayout()
        self._buttons: dict[str, KeyButton] = {}
        pad = NumberPad(desk.keys, desk.theme)
        left = QVBoxLayout()
        left.addWidget(self._summary, 1)
        left.addLayout(self._amounts)
        left.addLayout(self._tenders)
        whole = QHBoxLayout(self)
        whole.addLayout(left, 1)
        whole.addWidget(pad, 0, Qt.AlignmentFlag.AlignBottom)
        theme = desk.theme

        def measure() -> None:
            edge, gap, pad_width = (12, 14, 204) if self._is_narrow() else (28, 28, 244)
            whole.setContentsMargins(theme.px(edge), theme.px(22), theme.px(min(edge, 22)), theme.px(22))
            whole.setSpacing(theme.px(gap))
            left.setSpacing(theme.px(10))
            self._tenders.setSpacing(theme.px(10))
            self._amounts.setSpacing(theme.px(10))
            pad.setFixedSize(theme.px(pad_width), theme.px(312))
            for button in self._buttons.values():
                button.setFixedHeight(theme.px(64))

        self._measure = measure
        theme.bind(measure)
        desk.texts.on_change(self._rename)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._is_narrow(event.oldSize().width()) != self._is_narrow():
            self._measure()
        super().resizeEvent(event)

    def _is_narrow(self, width: int | None = None) -> bool:
        """Whether the tenders' names need the room of the edges."""
        return (self.width() if width is None else width) < self._desk.theme.px(_NARROW_PX)

    def bind(self, mode: PayMode) -> None:
        """Show this payment from now on."""
        self._mode = self._summary.mode = mode
        _empty(self._tenders)
        self._buttons.clear()
        count = len(mode.view.tender_types)
        columns = count if count <= TENDERS_IN_A_ROW else (count + 1) // 2
        for place, kind in enumerate(mode.view.tender_types):
            keys = self._desk.keys.keymap.keys_of("pay_which", f"tender_{kind.position}")
            button = KeyButton(self._desk.theme, keys[0] if keys else "", figure=True)
            button.clicked.connect(partial(self._touched, kind.tender_code))
            button.setFixedHeight(self._desk.theme.px(64))
            self._tenders.addWidget(button, place // columns, place % columns)
            self._buttons[kind.tender_code] = button
        self._rename()
        mode.changed.connect(self._refresh)
        self._refresh()

    def hint(self) -> str:
        """What the panel says about the digits in the box, or ""."""
        return self._summary.hint()

    def _refresh(self) -> None:
        mode = self._mode
        if mode is None:
            return
        for code, button in self._buttons.items():
            chosen = mode.meant or mode.chosen
            button.chosen = chosen is not None and chosen.tender_code == code
            button.update()
        _empty(self._amounts)
        cash = mode.stage in {"choose", "amount"} and mode.default.tender_kind == "cash"
        for amount_minor in mode.view.suggested_minor[:SUGGESTIONS_MAX] if cash else ():
            button = KeyButton(self._desk.theme, figure=True)
            button.setText(self._desk.texts.amount(amount_minor))
            button.clicked.connect(partial(self._take_cash, amount_minor))
            self._amounts.addWidget(button)
        self._summary.update()

    def _rename(self) -> None:
        mode = self._mode
        if mode is None:
            return
        for kind in mode.view.tender_types:
            self._buttons[kind.tender_code].setText(mode.name_of(kind))
            self._buttons[kind.tender_code].update()

    def _touched(self, tender_code: str, _checked: bool = False) -> None:
        mode = self._mode
        if mode is not None and not self._desk.keys.holding and mode.stage in {"choose", "amount"}:
            kind = next(kind for kind in mode.view.tender_types if kind.tender_code == tender_code)
            mode.choose(kind, mode.text)

    def _take_cash(self, amount_minor: int, _checked: bool = False) -> None:
        if self._mode is not None and not self._desk.keys.holding:
            self._mode.take_amount(amount_minor)


def _empty(layout: QLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
