"""A card terminal that speaks JSON lines over TCP: one question, one answer, a connection each.

    → {"op": "charge", "reference": "C…", "amount_minor": 1250, "currency": "CNY"}
    ← {"result": "approved", "approval": "083112"}

`op`: charge, enquire, reverse, cancel, state. docs/devices.md has the whole protocol. Whatever goes wrong on
the line is `unknown`: only the terminal itself can say that there is no charge.
"""

from __future__ import annotations

import json
import socket
from typing import Any, cast, get_args

from pos_client.devices.terminal import Outcome, Result, TerminalState
from pos_client.log import get_logger

CHARGE_TIMEOUT_S = 90.0
ASK_TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 4096
_log = get_logger(__name__)


class LineTerminal:
    """See CardTerminal."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        charge_timeout_s: float = CHARGE_TIMEOUT_S,
        ask_timeout_s: float = ASK_TIMEOUT_S,
    ) -> None:
        self._address = (host, port)
        self._charge_timeout_s = charge_timeout_s
        self._ask_timeout_s = ask_timeout_s

    def charge(self, reference: str, amount_minor: int, currency: str) -> Outcome:
        """Waits for the shopper."""
        question = {
            "op": "charge",
            "reference": reference,
            "amount_minor": amount_minor,
            "currency": currency,
        }
        return _outcome(self._ask(question, self._charge_timeout_s))

    def enquire(self, reference: str) -> Outcome:
        """By reference."""
        return _outcome(self._ask({"op": "enquire", "reference": reference}, self._ask_timeout_s))

    def reverse(self, reference: str) -> Outcome:
        """By reference."""
        return _outcome(self._ask({"op": "reverse", "reference": reference}, self._ask_timeout_s))

    def cancel(self) -> None:
        """On a connection of its own, beside the one that waits."""
        self._ask({"op": "cancel"}, self._ask_timeout_s)

    def state(self) -> TerminalState:
        """OFFLINE where nobody answers."""
        answer = self._ask({"op": "state"}, self._ask_timeout_s)
        try:
            return TerminalState(answer.get("state", "offline"))
        except ValueError:
            return TerminalState.FAULT

    def close(self) -> None:
        """Connections end with their question."""

    def _ask(self, question: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        """The answer, or {} when there was none that can be understood."""
        try:
            with socket.create_connection(self._address, timeout=self._ask_timeout_s) as line:
                line.settimeout(timeout_s)
                line.sendall(json.dumps(question).encode() + b"\n")
                answer = json.loads(_line(line))
        except (OSError, ValueError) as error:
            _log.warning("terminal_did_not_answer", op=question["op"], error=type(error).__name__)
            return {}
        return answer if isinstance(answer, dict) else {}


def _line(line: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n"):
        more = line.recv(ANSWER_BYTES_MAX)
        if not more or len(received) > ANSWER_BYTES_MAX:
            raise ValueError("no whole answer")
        received += more
    return received


def _outcome(answer: dict[str, Any]) -> Outcome:
    result = answer.get("result")
    known = cast("Result", result) if result in get_args(Result) else "unknown"
    return Outcome(known, _text(answer.get("approval")), _text(answer.get("reason")))


def _text(value: object) -> str:
    return value[:64] if isinstance(value, str) else ""
