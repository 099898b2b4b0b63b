"""One sentence above the lines: a refusal, a question, good news. Its place is always there."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.shell.messages import Message, Messages
from pos_client.ui.shell.paint import panel, put
from pos_client.ui.shell.theme import LEFT, Theme
from pos_client.ui.text.catalogue import Texts

_TONES = {
    "refusal": ("danger", "on_danger"),
    "question": ("caution_soft", "caution"),
    "good": ("good_soft", "good"),
    "info": ("foam", "ink"),
}


class MessageBar(QWidget):
    """Shows the message of the moment, else a quiet hint."""

    def __init__(self, messages: Messages, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self._message: Message | None = None
        self._idle = ""
        self._hint = ""
        theme.bind(lambda: self.setFixedHeight(theme.px(44)))
        texts.on_change(self.update)
        messages.message_changed.connect(self._show)

    def set_idle(self, key: str) -> None:
        """A catalogue key to show quietly while there is no message; "" for none."""
        if key != self._idle:
            self._idle = key
            self.update()

    def set_hint(self, words: str) -> None:
        """Ready words that stand there instead of the idle ones: a next step worth saying to the shopper."""
        if words != self._hint:
            self._hint = words
            self.update()

    @property
    def sentence(self) -> str:
        """What it says now."""
        return "" if self._message is None else self._message.sentence(self._texts)

    def _show(self, message: Message | None) -> None:
        self._message = message
        self.setAccessibleName(self.sentence)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        pad = theme.px(16)
        box = self.rect().adjusted(pad, 0, -pad, 0)
        if self._message is not None:
            fill, ink = _TONES[self._message.tone]
            panel(painter, self.rect(), theme.color(fill), theme.px(8))
            put(painter, box, self.sentence, theme.font(18, bold=True), theme.color(ink), LEFT)
        elif self._hint and self._idle == "idle.hint":
            put(painter, box, self._hint, theme.font(17, bold=True), theme.color("tide"), LEFT)
        elif self._idle:
            put(painter, box, self._texts.say(self._idle), theme.font(15), theme.color("ink_soft"), LEFT)
        painter.end()
