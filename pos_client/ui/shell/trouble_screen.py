"""Start-up trouble: what is wrong, and the way out of exactly that. Shown instead of the checkout."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_client.ui.shell.key_button import KeyButton
from pos_client.ui.shell.parts import card as make_card
from pos_client.ui.shell.parts import label
from pos_client.ui.shell.theme import Theme
from pos_client.ui.text.catalogue import Texts
from pos_core.errors import TidemarkError


class TroubleScreen(QWidget):
    """Needs no services: they are what could not be opened. Signals: `retry()`, `quit_asked()`."""

    retry = Signal()
    quit_asked = Signal()

    def __init__(
        self, error: TidemarkError, texts: Texts, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._texts = texts
        self.error = error
        self._title = label("title")
        self._what = label("trouble")
        self._way_out = label("wayOut")
        self._detail = label("fieldName")
        for words in (self._what, self._way_out, self._detail):
            words.setWordWrap(True)
        self._again = KeyButton(theme, "Enter", primary=True)
        self._quit = KeyButton(theme, "Esc")
        self._language = KeyButton(theme, "Ctrl+Shift+L")
        self._again.clicked.connect(self.retry)
        self._quit.clicked.connect(self.quit_asked)
        self._language.clicked.connect(lambda _checked: texts.switch())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out(theme)
        texts.on_change(self._say)
        self._say()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self.retry.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.quit_asked.emit()
        elif event.key() == Qt.Key.Key_L and control:
            self._texts.switch()

    def _say(self) -> None:
        texts, error = self._texts, self.error
        self._title.setText(texts.say("trouble.title"))
        self._what.setText(texts.error(error))
        self._way_out.setText(texts.say("trouble.way_out", way_out=texts.way_out(error.code)))
        detail = error.code if error.message == error.code else f"{error.code} · {error.message}"
        self._detail.setText(texts.say("trouble.detail", detail=detail))
        self._again.setText(texts.say("trouble.retry"))
        self._quit.setText(texts.say("trouble.quit"))
        self._language.setText(texts.say("action.language"))

    def _lay_out(self, theme: Theme) -> None:
        card = make_card()
        inner = QVBoxLayout(card)
        for words in (self._title, self._what, self._way_out, self._detail):
            inner.addWidget(words)
        inner.addStretch(1)
        row = QHBoxLayout()
        for button in (self._language, self._quit, self._again):
            row.addWidget(button)
        inner.addLayout(row)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(card)
        across.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addStretch(1)
        whole.addLayout(across)
        whole.addStretch(1)

        def measure() -> None:
            edge = theme.px(36)
            inner.setContentsMargins(edge, edge, edge, edge)
            inner.setSpacing(theme.px(16))
            row.setSpacing(theme.px(10))
            card.setFixedWidth(theme.px(860))
            card.setMinimumHeight(theme.px(400))

        theme.bind(measure)
