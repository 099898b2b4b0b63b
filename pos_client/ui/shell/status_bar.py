"""The status bar: who and where on the left, how the network and the data stand on the right.

Offline is the normal state and shown calmly; only what a person must act on is coloured.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.services.views.status import Notice, StatusView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import put
from pos_client.ui.shell.theme import LEFT
from pos_client.ui.text.formats import age_words, format_time

_SEVERITY = {"trouble": 0, "warning": 1, "info": 2}


class StatusBar(QWidget):
    """`refresh` reads the status service; the window calls it on its changes and every half minute."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._view: StatusView | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        desk.theme.bind(lambda: self.setFixedHeight(desk.theme.px(40)))
        desk.texts.on_change(self.update)

    def refresh(self) -> None:
        """Read and repaint."""
        view = self._desk.workstation.status.view()
        if view != self._view:
            self._view = view
        self.update()

    def left_words(self, view: StatusView) -> list[str]:
        """Store, workstation, operator, shift."""
        texts = self._desk.texts
        words = [f"{view.store_name}", view.workstation_name]
        if view.operator_name:
            words.append(texts.person(view.operator_name, view.operator_role))
        if view.shift_state == "open" and view.shift_opened_at_ms is not None:
            since = format_time(view.shift_opened_at_ms, view.time_zone)
            words.append(texts.say("status.shift_open", since=since))
            if view.other_day:
                words.append(texts.say("status.other_day", day=view.other_day[-5:]))
        else:
            words.append(texts.say("status.shift_closed"))
        words.append(texts.say("status.held", count=view.held_count))
        if view.training:
            words.append(texts.say("status.training"))
        return words

    def right_words(self, view: StatusView) -> list[str]:
        """The store's other tills in sight, documents waiting, release and its age, time."""
        texts, now_ms = self._desk.texts, self._desk.now_ms()
        words = [texts.say("status.waiting", count=view.documents_waiting)]
        if view.peers:
            words.insert(0, texts.say("status.peers", count=len(view.peers)))
        if view.release_version is None:
            words.append(texts.say("status.no_release"))
        elif view.release_confirmed_at_ms is None:
            words.append(texts.say("status.release", version=view.release_version))
        else:
            key, number = age_words(max(0, now_ms - view.release_confirmed_at_ms))
            age = texts.say(key, count=number)
            words.append(texts.say("status.release_age", version=view.release_version, age=age))
        words.append(format_time(now_ms, view.time_zone))
        return words

    def worst_notice(self, view: StatusView) -> Notice | None:
        """The standing remark that matters most."""
        return min(view.notices, key=lambda notice: _SEVERITY[notice.severity], default=None)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, view = self._desk.theme, self._view
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("deep"))
        if view is not None:
            end = self._paint_right(painter, view)
            self._paint_left(painter, view, end)
        painter.end()

    def _paint_right(self, painter: QPainter, view: StatusView) -> int:
        theme, texts = self._desk.theme, self._desk.texts
        font, x = theme.font(14), self.width() - theme.px(18)
        metrics = QFontMetrics(font)
        for text in reversed(self.right_words(view)):
            width = metrics.horizontalAdvance(text) + 2
            put(painter, QRect(x - width, 0, width, self.height()), text, font, theme.color("on_deep"))
            x -= width + theme.px(26)
        network = texts.say(f"network.{view.network}")
        width = metrics.horizontalAdvance(network) + theme.px(40)
        chip = QRect(x - width, theme.px(6), width, self.height() - theme.px(12))
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("deep_raised"))
        painter.drawRoundedRect(chip, chip.height() // 2, chip.height() // 2)
        dot = theme.px(10)
        calm = "online_dot" if view.network == "online" else "sand"
        painter.setBrush(theme.color(calm))
        painter.drawEllipse(chip.x() + theme.px(12), chip.center().y() - dot // 2 + 1, dot, dot)
        put(painter, chip.adjusted(theme.px(28), 0, 0, 0), network, font, theme.color("on_deep"), LEFT)
        return chip.x() - theme.px(16)

    def _paint_left(self, painter: QPainter, view: StatusView, end: int) -> None:
        theme = self._desk.theme
        x = theme.px(18)
        for position, text in enumerate(self.left_words(view)):
            font = theme.font(14, bold=position == 0)
            if end - x <= theme.px(20):  # no room; a till's name may be as short as "T1"
                return
            width = min(QFontMetrics(font).horizontalAdvance(text) + 2, end - x)
            color = theme.color("on_deep" if position == 0 else "on_deep_soft")
            put(painter, QRect(x, 0, width, self.height()), text, font, color)
            x += width + theme.px(22)
        notice = self.worst_notice(view)
        if notice is not None:
            self._paint_notice(painter, notice, x, end)

    def _facts(self, notice: Notice) -> dict[str, object]:
        """With a device and its state in words."""
        texts = self._desk.texts
        facts: dict[str, object] = dict(notice.facts)
        if notice.code in ("printer_trouble", "device_trouble"):
            facts["state"] = texts.say(f"device_state.{facts['state']}")
        if "device" in facts:
            facts["device"] = texts.say(f"device.{facts['device']}")
        return facts

    def _paint_notice(self, painter: QPainter, notice: Notice, x: int, end: int) -> None:
        theme = self._desk.theme
        text = self._desk.texts.code(notice.code, self._facts(notice))
        font = theme.font(14, bold=True)
        width = min(QFontMetrics(font).horizontalAdvance(text) + theme.px(24), end - x)
        if width < theme.px(60):
            return
        box = QRect(x, theme.px(6), width, self.height() - theme.px(12))
        fill, ink = {
            "trouble": ("danger", "on_danger"),
            "warning": ("caution_soft", "caution"),
            "info": ("deep_raised", "on_deep"),
        }[notice.severity]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(fill))
        painter.drawRoundedRect(box, theme.px(5), theme.px(5))
        put(painter, box.adjusted(theme.px(12), 0, -theme.px(8), 0), text, font, theme.color(ink), LEFT)
