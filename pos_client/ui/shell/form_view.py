"""A form painted: what was answered, the question of the moment, its choices, and sums beneath."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.form_mode import Field, FormMode
from pos_client.ui.shell.paint import panel, put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT
from pos_client.ui.text.formats import format_quantity_text

_ROW, _ROWS_A_COLUMN, _ROWS_WITH_CHOICES = 50, 8, 3


class FormView(QWidget):
    """Bound to one FormMode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._mode: FormMode | None = None
        self._fields: list[QRect] = []
        self._choices: list[QRect] = []
        desk.texts.on_change(self.update)

    def bind(self, mode: FormMode) -> None:
        """Show this form."""
        self._mode = mode
        mode.changed.connect(self.update)
        self.update()

    @property
    def targets(self) -> list[QRect]:
        """Where a finger may press, as last painted."""
        return [*self._fields, *self._choices]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        mode, at = self._mode, event.position().toPoint()
        if mode is None or self._desk.keys.holding:
            return
        for position, box in enumerate(self._choices, start=1):
            if box.contains(at):
                mode.take_choice(position)
                return
        for row, box in enumerate(self._fields):
            if box.contains(at):
                mode.take(row)
                return

    def paintEvent(self, _event: QPaintEvent) -> None:
        mode, theme, texts = self._mode, self._desk.theme, self._desk.texts
        if mode is None:
            return
        painter = QPainter(self)
        pad = theme.px(28)
        room = self.rect().adjusted(pad, theme.px(14), -pad, -theme.px(10))
        title = QRect(room.x(), room.y(), room.width(), theme.px(44))
        put(painter, title, texts.say(mode.title), theme.font(24, bold=True), theme.color("ink"))
        y = self._paint_fields(painter, mode, QRect(room.x(), title.bottom(), room.width(), room.height()))
        y = self._paint_choices(painter, mode, QRect(room.x(), y + theme.px(10), room.width(), 0))
        for key, amount_minor in mode.summary(mode.answers):
            box = QRect(room.x(), y, room.width(), theme.px(38))
            put(painter, box, texts.say(key), theme.font(18), theme.color("ink_soft"), LEFT)
            put(
                painter, box, texts.amount(amount_minor), theme.font(22, bold=True), theme.color("ink"), RIGHT
            )
            y += box.height()
        painter.end()

    def _paint_fields(self, painter: QPainter, mode: FormMode, room: QRect) -> int:
        theme = self._desk.theme
        choosing = any(asked.choices for asked in mode.fields)  # then the choices need the room beneath
        columns = 1 if len(mode.fields) <= (_ROWS_WITH_CHOICES if choosing else _ROWS_A_COLUMN) else 2
        rows = -(-len(mode.fields) // columns)
        height = theme.px(_ROW)
        width = (room.width() - theme.px(20) * (columns - 1)) // columns
        self._fields = []
        for row, asked in enumerate(mode.fields):
            x = room.x() + (row // rows) * (width + theme.px(20))
            box = QRect(x, room.y() + theme.px(6) + (row % rows) * height, width, height - theme.px(6))
            self._fields.append(box)
            self._paint_field(painter, box, asked, mode, is_asked=row == mode.at)
        return room.y() + theme.px(6) + rows * height

    def _paint_field(
        self, painter: QPainter, box: QRect, asked: Field, mode: FormMode, *, is_asked: bool
    ) -> None:
        theme, texts = self._desk.theme, self._desk.texts
        fill = theme.color("foam" if is_asked else "surface")
        panel(painter, box, fill, theme.px(6), theme.color("tide" if is_asked else "rule"))
        inner = box.adjusted(theme.px(14), 0, -theme.px(14), 0)
        words = texts.say(asked.label, **dict(asked.facts))
        put(painter, inner, words, theme.font(16, bold=is_asked), theme.color("ink_soft"), LEFT)
        if asked.key in mode.answers:
            shown = self._answer(asked, mode.answers[asked.key])
            put(painter, inner, shown, theme.font(18, bold=True), theme.color("ink"), RIGHT)

    def _paint_choices(self, painter: QPainter, mode: FormMode, room: QRect) -> int:
        theme, asked = self._desk.theme, mode.fields[mode.at]
        self._choices = []
        y, height, half = room.y(), theme.px(44), (room.width() - theme.px(16)) // 2
        for position, (_, words) in enumerate(asked.choices):
            x = room.x() + (position % 2) * (half + theme.px(16))
            box = QRect(x, y + position // 2 * (height + theme.px(8)), half, height)
            self._choices.append(box)
            panel(painter, box, theme.color("surface"), theme.px(6), theme.color("rule"))
            cap = QRect(box.x() + theme.px(8), box.center().y() - theme.px(13), theme.px(28), theme.px(28))
            panel(painter, cap, theme.color("ground"), theme.px(5))
            put(painter, cap, str(position + 1), theme.font(15, bold=True), theme.color("ink_soft"), CENTER)
            put(
                painter,
                box.adjusted(theme.px(48), 0, -theme.px(8), 0),
                words,
                theme.font(17),
                theme.color("ink"),
            )
        return y + (len(asked.choices) + 1) // 2 * (height + theme.px(8))

    def _answer(self, asked: Field, answer: object) -> str:
        if answer is None:
            return self._desk.texts.say(asked.none)
        if asked.kind == "secret":
            return "\N{BULLET}" * 6
        if asked.kind == "amount" and isinstance(answer, int):
            return self._desk.texts.amount(answer)
        if asked.kind == "quantity" and isinstance(answer, int):
            return format_quantity_text(answer)
        return dict(asked.choices).get(str(answer), str(answer)) if asked.choices else str(answer)
