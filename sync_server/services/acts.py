"""Who does something at head office, and why: handed to every service that changes something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pos_core.errors import Refusal
from sync_server.store import audit
from sync_server.store.engine import Txn

WHY_CHARS_MAX = 500


class WhyMissing(Refusal):
    """A change without a reason."""

    code = "why_missing"


class OwnApproval(Refusal):
    """Nobody approves what he asked for himself."""

    code = "own_approval"


@dataclass(slots=True)
class Act:
    """One person's one act. `note` writes its audit row into the transaction that changes something.

    Attributes:
        actor: what the audit row names: a login, or "command line".
        noted: how many audit rows were written; the console takes a change without one for a defect.
    """

    actor: str
    why: str = ""
    user_id: str | None = None
    noted: int = 0

    def note(self, txn: Txn, now_ms: int, action: str, subject: str, **facts: Any) -> None:
        """An audit row of this act; `facts` without personal data."""
        if self.why:
            facts["why"] = self.why
        audit.add(txn, now_ms=now_ms, actor=self.actor, action=action, subject=subject, **facts)
        self.noted += 1

    def refuse_own(self, asked_by: str) -> None:
        """Raises OwnApproval when `asked_by`, a user's id, is who acts."""
        if self.user_id is None or self.user_id == asked_by:
            raise OwnApproval("somebody else has to approve this")


def at_command_line() -> Act:
    """Who may type commands on the server has its files anyway."""
    return Act("command line")


def checked_why(text: str) -> str:
    """A reason as typed, trimmed. Raises WhyMissing."""
    why = " ".join(text.split())
    if len(why) < 2:
        raise WhyMissing("say why")
    return why[:WHY_CHARS_MAX]
