"""The day painted: figures, the hours as bars with last week's as a line of marks, three lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from pos_client.services.day.day_view import DayView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT
from pos_client.ui.text.formats import format_quantity_text, format_time
from pos_core.money import format_minor

_PAD = 20
_AMOUNTS = frozenset({"day.total", "day.last_week", "day.margin"})
_WIDE, _NARROW = 5, 3
FIRST_HOUR, LAST_HOUR = 6, 23
"""Always drawn; earlier hours only where something was sold."""


class DayPicture:
    """Paints a day: for the screen, and for paper."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def paint(self, painter: QPainter, whole: QRect, view: DayView) -> None:
        """Into `whole`, in the painter's own units."""
        theme, texts = self._desk.theme, self._desk.texts
        pad = theme.px(_PAD)
        room = whole.adjusted(pad, theme.px(6), -pad, -theme.px(8))
        title = QRect(room.x(), room.y(), room.width(), theme.px(38))
        words = texts.say("day.heading", day=view.business_day)
        put(painter, title, words, theme.font(23, bold=True), theme.color("ink"))
        facts = QRect(room.x(), title.bottom(), room.width(), theme.px(50))
        self._paint_facts(painter, facts, view)
        note = QRect(room.x(), facts.bottom(), room.width(), theme.px(24))
        tone = "caution" if view.not_included else "ink_soft"
        put(painter, note, self._note(view, note.width()), theme.font(14), theme.color(tone), LEFT)
        left = room.bottom() - note.bottom()
        chart = QRect(room.x(), note.bottom() + theme.px(4), room.width(), left * 48 // 100)
        self._paint_chart(painter, chart, view)
        lists = QRect(room.x(), chart.bottom() + theme.px(6), room.width(), room.bottom() - chart.bottom())
        amounts = texts.amount
        people = [(f"{each.name}  ×{each.sales}", each.total_minor) for each in view.operators]
        third = (lists.width() - 2 * pad) // 3
        for place, (key, rows, said) in enumerate(
            (
                ("day.operators", people, amounts),
                ("day.items", view.items, amounts),
                ("day.slow", view.slow, format_quantity_text),
            )
        ):
            box = QRect(lists.x() + place * (third + pad), lists.y(), third, lists.height())
            self._paint_list(painter, box, key, rows, said)

    def _note(self, view: DayView, width: int) -> str:
        """Whom the figures leave out, and as of when the others' are. Names that find no room are counted."""
        texts = self._desk.texts
        if len(view.workstations) == 1:
            return texts.say("day.only_one")
        if view.not_included:
            metrics = QFontMetrics(self._desk.theme.font(14))
            for shown in range(len(view.not_included), 0, -1):
                names, left = texts.list_of(view.not_included[:shown]), len(view.not_included) - shown
                if left:
                    names = texts.say("list.and_more", names=names, count=left)
                note = texts.say("day.not_included", names=names)
                if metrics.horizontalAdvance(note) <= width:
                    break
            return note
        zone = self._desk.workstation.status.view().time_zone
        return texts.say("day.all_of_them", time=format_time(view.as_of_ms or 0, zone))

    def _paint_facts(self, painter: QPainter, room: QRect, view: DayView) -> None:
        theme, texts = self._desk.theme, self._desk.texts
        facts = (
            ("day.total", texts.amount(view.total_minor)),
            ("day.sales", str(view.sales)),
            ("day.last_week", texts.amount(view.last_week_minor)),
            *self._margin(view),
            ("day.waiting", str(view.documents_waiting)),
            ("day.rulings", str(view.rulings)),
            ("day.staged", str(view.staged)),
            ("day.shelves", f"{view.shelves[1]} / {view.shelves[0]}" if view.shelves[0] else "–"),
        )
        shares = [_WIDE if key in _AMOUNTS else _NARROW for key, _ in facts]
        x = room.x()
        for share, (key, value) in zip(shares, facts, strict=True):
            width = room.width() * share // sum(shares)
            label = QRect(x, room.y(), width - theme.px(8), theme.px(20))
            put(painter, label, texts.say(key), theme.font(13), theme.color("ink_soft"), LEFT)
            box = QRect(label.x(), label.bottom(), label.width(), theme.px(28))
            fitting = (theme.font(size, bold=True) for size in (18, 16, 14))
            font = next(
                (each for each in fitting if QFontMetrics(each).horizontalAdvance(value) <= box.width()),
                theme.font(13, bold=True),
            )
            put(painter, box, value, font, theme.color("ink"), LEFT)
            x += width

    def _margin(self, view: DayView) -> tuple[tuple[str, str], ...]:
        """Of what has a cost; nothing for who may not see it."""
        margin = view.margin
        if margin is None:
            return ()
        tenths = margin.margin_minor * 1000 // margin.costed_minor if margin.costed_minor > 0 else 0
        share = f"{format_minor(tenths, 1)}%"
        return (("day.margin", f"{self._desk.texts.amount(margin.margin_minor)}  {share}"),)

    def _paint_chart(self, painter: QPainter, room: QRect, view: DayView) -> None:
        theme, texts = self._desk.theme, self._desk.texts
        sold = {*view.hours, *view.last_week}
        hours = range(min({FIRST_HOUR, *sold}), max({LAST_HOUR, *sold}) + 1)
        legend = QRect(room.x(), room.y(), room.width(), theme.px(20))
        put(painter, legend, texts.say("day.legend"), theme.font(13), theme.color("ink_soft"), LEFT)
        foot = theme.px(20)
        bars = room.adjusted(0, legend.height() + foot, 0, -foot)
        most = max([1, *view.hours.values(), *view.last_week.values()])
        step = bars.width() // len(hours)
        for place, hour in enumerate(hours):
            x = bars.x() + place * step
            height = max(0, view.hours.get(hour, 0)) * bars.height() // most
            bar = QRect(x + step // 6, bars.bottom() - height, step * 2 // 3, height)
            painter.fillRect(bar, theme.color("tide"))
            before = max(0, view.last_week.get(hour, 0)) * bars.height() // most
            if before:
                painter.setPen(QPen(theme.color("sand"), theme.px(4)))
                y = bars.bottom() - before
                painter.drawLine(x + theme.px(2), y, x + step - theme.px(2), y)
            self._paint_sum(painter, QRect(x, bar.top() - foot, step, foot), view.hours.get(hour, 0))
            name = QRect(x, bars.bottom() + 1, step, foot)
            put(painter, name, str(hour), theme.font(13), theme.color("ink_soft"), CENTER)
        painter.setPen(QPen(theme.color("rule"), 1))
        painter.drawLine(bars.bottomLeft(), bars.bottomRight())

    def _paint_sum(self, painter: QPainter, room: QRect, minor: int) -> None:
        """Whole currency units over a bar, where there is room."""
        theme = self._desk.theme
        words = f"{minor // 10**self._desk.texts.exponent:,}"
        font = theme.font(12)
        if minor > 0 and QFontMetrics(font).horizontalAdvance(words) < room.width():
            put(painter, room, words, font, theme.color("ink_soft"), CENTER)

    def _paint_list(
        self,
        painter: QPainter,
        room: QRect,
        key: str,
        rows: Sequence[tuple[str, int]],
        said: Callable[[int], str],
    ) -> None:
        """Each row over a bar as long as its share of the greatest."""
        theme, texts = self._desk.theme, self._desk.texts
        height = theme.px(26)
        head = QRect(room.x(), room.y(), room.width(), height)
        put(painter, head, texts.say(key), theme.font(14, bold=True), theme.color("ink_soft"), LEFT)
        if not rows:
            none = head.translated(0, height)
            put(painter, none, texts.say("day.none"), theme.font(14), theme.color("ink_soft"), LEFT)
        most = max((figure for _, figure in rows), default=0)
        for place, (name, figure) in enumerate(rows[: max(0, room.height() // height - 1)], start=1):
            box = QRect(room.x(), room.y() + place * height, room.width(), height)
            if figure > 0:
                bar = box.adjusted(-theme.px(4), theme.px(2), theme.px(4), -theme.px(2))
                bar.setWidth(bar.width() * figure // most)
                painter.fillRect(bar, theme.color("foam"))
            words = QRect(box.x(), box.y(), box.width() * 2 // 3, height)
            put(painter, words, name, theme.font(16), theme.color("ink"), LEFT)
            put(painter, box, said(figure), theme.font(16, bold=True), theme.color("ink"), RIGHT)
