"""The key card: a panel over the lines with every key that works now."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.shell.card_mode import CardMode
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.key_button import key_name
from pos_client.ui.shell.paint import panel, put
from pos_client.ui.shell.theme import CENTER, LEFT

_TYPED = {
    "sale": (("3*", "card.multiplier"), ("*5", "card.quantity")),
    "pay": (("100", "card.cash"), ("2", "card.tender")),
}
"""What is typed into the box and is no key of its own: an example and what it does."""


_MEANS_ELSE = {
    ("pay", "pay"): "card.pay_pay",
    ("pay", "confirm"): "card.pay_confirm",
    ("transfer_list", "mark"): "card.transfer_all",
    ("order", "detail"): "card.order_why",
    ("order", "finish"): "card.order_send",
    ("staff", "detail"): "card.staff_pin",
    ("staff", "mark"): "card.staff_switch",
    ("labels", "mark"): "card.labels_tick",
    ("labels", "finish"): "card.labels_print",
    ("day", "finish"): "card.day_print",
    ("day", "page_up"): "card.day_before",
    ("day", "page_down"): "card.day_after",
    ("held", "void"): "card.held_void",
    ("adjust", "void"): "card.adjust_void",
    ("receipts", "find"): "card.receipts_find",
    ("return_lines", "pay"): "card.return_pay",
    ("return_lines", "return"): "card.return_exchange",
    ("return_lines", "void"): "card.return_void",
}
"""Keys that mean something of their own in a context."""


_DIGITS = "quantity_"
_CHORDS = "quantity_1 to quantity_9"

_TWO_LINES = 44
"""A lower row holds one line: longer words are set smaller."""
_SMALLEST = 12


def _what(context: str, action: str) -> str:
    if action == _CHORDS:
        return "card.chords"
    return _MEANS_ELSE.get((context, action), f"action.{action}.what")


def _as_one(rows: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    """The chords of a digit each, `quantity_1` to `quantity_9`, are one row: from the first to the last."""
    chords = [keys[0] for action, keys in rows if action.startswith(_DIGITS)]
    found: list[tuple[str, tuple[str, ...]]] = []
    for action, keys in rows:
        if not action.startswith(_DIGITS):
            found.append((action, keys))
        elif keys[0] == chords[0]:
            ends = dict.fromkeys((chords[0], chords[-1]))
            found.append((_CHORDS, (" … ".join(ends),)))
    return found


class KeyCard(QWidget):
    """Paints a CardMode; a page like the others, so nothing is modal."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._mode: CardMode | None = None
        desk.texts.on_change(self.update)

    def bind(self, mode: CardMode) -> None:
        """Show this card."""
        self._mode = mode
        self.update()

    def rows(self) -> list[tuple[tuple[str, ...], str]]:
        """Keys and what they do, in order."""
        mode, texts = self._mode, self._desk.texts
        if mode is None:
            return []
        bound = [(action, keys) for action, keys in mode.rows if keys]
        rows = [(keys, texts.say(_what(mode.of_context, action))) for action, keys in _as_one(bound)]
        typed = [((example,), texts.say(key)) for example, key in _TYPED.get(mode.of_context, ())]
        return [*rows[:1], *typed, *rows[1:]] if mode.of_context == "sale" else [*typed, *rows]

    def words_room(self) -> int:
        """Pixels that the words of a row have."""
        return self._column() - self._start(self.rows())

    def paintEvent(self, _event: QPaintEvent) -> None:
        rows, theme, texts = self.rows(), self._desk.theme, self._desk.texts
        if not rows:
            return
        painter = QPainter(self)
        pad = theme.px(30)
        box = self.rect().adjusted(pad, theme.px(20), -pad, -theme.px(16))
        title = QRect(box.x(), box.y(), box.width(), theme.px(40))
        put(painter, title, texts.say("card.title"), theme.font(24, bold=True), theme.color("ink"))
        half = (len(rows) + 1) // 2
        height = min(theme.px(50), (box.height() - title.height() - theme.px(10)) // max(1, half))
        column, start = self._column(), self._start(rows)
        for position, (keys, words) in enumerate(rows):
            x = box.x() + (position // half) * (column + theme.px(30))
            y = title.bottom() + theme.px(10) + (position % half) * height
            self._paint_row(painter, QRect(x, y, column, height), keys, words, start)
        painter.end()

    def _column(self) -> int:
        """Two of them, and a gap."""
        return (self.width() - 3 * self._desk.theme.px(30)) // 2

    def _start(self, rows: list[tuple[tuple[str, ...], str]]) -> int:
        """Where words begin: behind the widest caps of the card."""
        return max((self._caps_width(keys) for keys, _ in rows), default=0) + self._desk.theme.px(10)

    def _caps(self, keys: tuple[str, ...]) -> list[tuple[str, int]]:
        """Names of keys, each once, with the width of its cap."""
        theme = self._desk.theme
        metrics = QFontMetrics(theme.font(15, bold=True))
        names = dict.fromkeys(key_name(key) for key in keys)
        return [(name, max(theme.px(38), metrics.horizontalAdvance(name) + theme.px(18))) for name in names]

    def _caps_width(self, keys: tuple[str, ...]) -> int:
        return sum(width + self._desk.theme.px(6) for _, width in self._caps(keys))

    def _paint_row(
        self, painter: QPainter, box: QRect, keys: tuple[str, ...], words: str, start: int
    ) -> None:
        """`start`: where words begin, behind the widest caps of the card."""
        theme = self._desk.theme
        font = theme.font(15, bold=True)
        x = box.x()
        for name, width in self._caps(keys):
            tall = min(theme.px(32), box.height() - theme.px(3))
            cap = QRect(x, box.y() + (box.height() - tall) // 2, width, tall)
            panel(painter, cap, theme.color("ground"), theme.px(6), theme.color("rule"))
            put(painter, cap, name, font, theme.color("ink"), CENTER)
            x += width + theme.px(6)
        room = QRect(box.x() + start, box.y(), box.width() - start, box.height())
        painter.setFont(theme.font(16))
        needed = painter.fontMetrics().horizontalAdvance(words)
        if needed > room.width() and box.height() < theme.px(_TWO_LINES):
            painter.setFont(theme.font(max(_SMALLEST, 16 * room.width() // needed)))
        painter.setPen(theme.color("ink"))
        painter.drawText(room, LEFT | Qt.TextFlag.TextWordWrap, words)
