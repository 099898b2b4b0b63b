"""The message bar's presenter: one sentence at a time, by key or by error, never in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import QObject, Signal

from pos_client.ui.text.catalogue import Texts
from pos_core.errors import TidemarkError

Tone = Literal["info", "good", "refusal", "question"]


@dataclass(frozen=True)
class Message:
    """`key` in the ui catalogue, or an error `code`; said again when the language changes."""

    tone: Tone
    key: str = ""
    code: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, texts: Texts) -> str:
        """In the language of the moment."""
        return texts.code(self.code, self.facts) if self.code else texts.say(self.key, **self.facts)


class Messages(QObject):
    """Signals: `message_changed(Message | None)`."""

    message_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current: Message | None = None

    def show(self, tone: Tone, key: str, **facts: object) -> None:
        """A sentence of the ui catalogue."""
        self._set(Message(tone, key=key, facts=facts))

    def refusal(self, error: TidemarkError) -> None:
        """An error's sentence."""
        self._set(Message("refusal", code=error.code, facts=dict(error.facts)))

    def clear(self) -> None:
        """Nothing to say any more."""
        if self.current is not None:
            self._set(None)

    def _set(self, message: Message | None) -> None:
        self.current = message
        self.message_changed.emit(message)
