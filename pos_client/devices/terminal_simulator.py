"""A terminal made of memory, or of a file that outlives us: approves, declines, is slow, or loses its reply.

For tests, demonstrations and training. It keeps what a bank would keep: what was charged and given back.
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from pathlib import Path
from typing import Literal

from pos_client.devices.terminal import Outcome, TerminalState

Mode = Literal["approve", "decline", "time_out", "reply_lost", "offline"]
MODES: tuple[Mode, ...] = ("approve", "decline", "time_out", "reply_lost", "offline")


class SimulatedTerminal:
    """See CardTerminal.

    `mode` approve and decline answer at once; time_out answers nothing and charges nothing; reply_lost
    charges and answers nothing; offline answers nothing to anything.
    """

    def __init__(self, ledger: Path | None = None, *, mode: Mode = "approve") -> None:
        self.mode: Mode = mode
        self._ledger = ledger
        self._lock = threading.Lock()
        self._charges: dict[str, tuple[str, int]] = {}
        if ledger is not None and ledger.exists():
            for line in ledger.read_text("utf-8").splitlines():
                entry = json.loads(line)
                self._charges[entry["reference"]] = (entry["result"], entry["amount_minor"])

    @property
    def charges(self) -> dict[str, tuple[str, int]]:
        """reference → (approved, declined or reversed, amount), as the bank sees it."""
        return dict(self._charges)

    def charge(self, reference: str, amount_minor: int, currency: str) -> Outcome:
        """By `mode`; a reference that is known gets the answer it had."""
        with self._lock:
            if self.mode == "offline":
                return Outcome("unknown", reason="offline")
            known = self._charges.get(reference)
            if known is None and self.mode != "time_out":
                self._write(reference, "declined" if self.mode == "decline" else "approved", amount_minor)
            if self.mode in ("time_out", "reply_lost"):
                return Outcome("unknown", reason="timed_out")
            return self._answer(reference)

    def enquire(self, reference: str) -> Outcome:
        """What the ledger has."""
        with self._lock:
            return Outcome("unknown", reason="offline") if self.mode == "offline" else self._answer(reference)

    def reverse(self, reference: str) -> Outcome:
        """Gives back, or remembers never to charge."""
        with self._lock:
            if self.mode == "offline":
                return Outcome("unknown", reason="offline")
            _, amount_minor = self._charges.get(reference, ("", 0))
            self._write(reference, "reversed", amount_minor)
            return self._answer(reference)

    def cancel(self) -> None:
        """Answers are at once: nothing to end."""

    def state(self) -> TerminalState:
        """OFFLINE in that mode, else READY."""
        return TerminalState.OFFLINE if self.mode == "offline" else TerminalState.READY

    def close(self) -> None:
        """Nothing to let go of."""

    def _answer(self, reference: str) -> Outcome:
        result, _ = self._charges.get(reference, ("not_found", 0))
        if result == "approved":
            return Outcome("approved", approval=f"A{zlib.crc32(reference.encode()) % 1_000_000:06d}")
        if result == "declined":
            return Outcome("declined", reason="declined")
        return Outcome("reversed") if result == "reversed" else Outcome("not_found")

    def _write(self, reference: str, result: str, amount_minor: int) -> None:
        """On disk before it is believed, like a bank's."""
        if self._ledger is not None:
            entry = {"reference": reference, "result": result, "amount_minor": amount_minor}
            with self._ledger.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
                file.flush()
                os.fsync(file.fileno())
        self._charges[reference] = (result, amount_minor)
