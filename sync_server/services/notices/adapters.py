"""The one interface by which a notice leaves head office, and the adapter that writes files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from sync_server.services.notices.kinds import Message

Result = Literal["sent", "retry", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt.

    Attributes:
        result: sent: whoever is behind it has taken it; retry: later; refused: never, whatever the text is.
        detail: a short code for people, without personal data.
        after_ms: the other side asks to wait so long.
        away: nobody could be reached at all: others of the same channel need not try now.
    """

    result: Result
    detail: str = ""
    after_ms: int | None = None
    away: bool = False


class Adapter(Protocol):
    """One channel's way out. `send` may be called from several threads, and again with the same message."""

    def send(self, message: Message) -> Outcome:
        """Hands one message over; never raises for what the world does."""
        ...

    def close(self) -> None:
        """Lets connections go."""
        ...


class FileAdapter:
    """A file for each message, complete or not there; whoever takes it deletes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> Outcome:
        """See Adapter."""
        text = json.dumps(message.as_value(), ensure_ascii=False, indent=1)
        place = self._folder / message.channel / f"{message.notice_id}.json"
        half = place.with_suffix(".part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            half.replace(place)
        except OSError as error:
            return Outcome("retry", f"file:{type(error).__name__}", away=True)
        return Outcome("sent")

    def close(self) -> None:
        """See Adapter."""
