"""What a card terminal can be asked. We see a reference and an answer, never a card number.

A charge has a reference of ours that is on disk before the terminal hears of it. Whoever does not know what
became of a charge enquires by that reference; charging again under another one would charge twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol

Result = Literal[
    "approved",  # the money is there
    "declined",  # it is not, and will not be
    "unknown",  # no answer, or one that says "still at it": enquire
    "not_found",  # the terminal never heard of that reference
    "reversed",  # it was there and went back, or can no longer come
]


class TerminalState(Enum):
    """The closed set of states. Charges are taken in READY alone."""

    READY = "ready"
    BUSY = "busy"
    OFFLINE = "offline"
    FAULT = "fault"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a terminal answered. `approval` is its own number for the charge; `reason` its words."""

    result: Result
    approval: str = ""
    reason: str = ""


class CardTerminal(Protocol):
    """One terminal. Calls block and never raise for a terminal in trouble: the outcome is the answer.

    All but `cancel` are called on one thread; `cancel` may come from another while `charge` waits.
    """

    def charge(self, reference: str, amount_minor: int, currency: str) -> Outcome:
        """Ask the shopper for the amount. A reference is charged at most once, whatever is repeated."""
        ...

    def enquire(self, reference: str) -> Outcome:
        """What became of a charge."""
        ...

    def reverse(self, reference: str) -> Outcome:
        """Give it back; of a reference that is not known yet: never charge it any more."""
        ...

    def cancel(self) -> None:
        """Ask a running charge to end; its own outcome says whether it did."""
        ...

    def state(self) -> TerminalState:
        """How the terminal is."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class NoTerminal:
    """No terminal is set up: cards are confirmed by the operator, as seen on a stand-alone machine."""

    def charge(self, reference: str, amount_minor: int, currency: str) -> Outcome:
        """Nothing can be charged."""
        return Outcome("declined", reason="not_configured")

    def enquire(self, reference: str) -> Outcome:
        """Nobody to ask: what is open stays open."""
        return Outcome("unknown", reason="not_configured")

    def reverse(self, reference: str) -> Outcome:
        """Nobody to ask."""
        return Outcome("unknown", reason="not_configured")

    def cancel(self) -> None:
        """Nothing runs."""

    def state(self) -> TerminalState:
        """Always NOT_CONFIGURED."""
        return TerminalState.NOT_CONFIGURED

    def close(self) -> None:
        """Nothing to let go of."""
