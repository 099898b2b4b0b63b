"""Every error this product raises on purpose, in one tree.

    TidemarkError
    ├── Refusal     the shop's rules say no; expected; the window writes the sentence
    ├── Trouble     the world failed; `advice` says what may be done
    │   ├── (advice = RETRY, RETRY_LATER, ASK_A_PERSON)
    └── InvalidInput  text from a person, a file or the wire that cannot be understood

A bug of our own is an `assert`, never one of these. Codes are stable: tests, the wire, the
headless driver and translations name them.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

FactValue = str | int | bool | None


class Advice(Enum):
    """What a person or program may do about a Trouble."""

    RETRY = "retry"
    RETRY_LATER = "retry_later"
    ASK_A_PERSON = "ask_a_person"


class TidemarkError(Exception):
    """Base of all expected errors: a stable `code` and the facts as fields.

    `facts` holds only values that may be logged: never a phone number, a PIN or a key.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **facts: FactValue) -> None:
        super().__init__(message or self.code)
        self.message = message or self.code
        self.facts = facts

    def as_dict(self) -> dict[str, object]:
        """`{"code", "message", "facts"}`: what the wire and the headless driver send."""
        return {"code": self.code, "message": self.message, "facts": dict(self.facts)}


class Refusal(TidemarkError):
    """The shop's rules say no. Subclasses set `code`."""

    code = "refused"


class Trouble(TidemarkError):
    """The world failed: a full disk, a printer without paper, a server away."""

    code = "trouble"
    advice: ClassVar[Advice] = Advice.ASK_A_PERSON

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "advice": self.advice.value}


class InvalidInput(TidemarkError):
    """Text, a file or a message that cannot be understood; `facts` say where and why."""

    code = "invalid_input"
