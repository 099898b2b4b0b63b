"""The terminal's line protocol on loopback: whole answers, cut ones, rubbish, silence and nobody."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pos_client.devices.line_terminal import LineTerminal
from pos_client.devices.terminal import Outcome, TerminalState
from pos_client.devices.terminal_simulator import SimulatedTerminal

Answer = Callable[[dict[str, Any]], bytes | None]


@contextmanager
def bridge(answer: Answer) -> Iterator[LineTerminal]:
    """A server that answers each question; None closes without a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def serve() -> None:
        while not closing.is_set():
            connection, _ = listener.accept()
            with connection:
                line = connection.makefile("rb").readline()
                said = answer(json.loads(line)) if line.strip() else None
                if said is not None:
                    connection.sendall(said)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield LineTerminal(*listener.getsockname(), charge_timeout_s=2, ask_timeout_s=2)
    finally:
        closing.set()
        socket.create_connection(listener.getsockname()).close()
        thread.join(5)
        listener.close()


def test_a_bridge_to_a_real_ledger_charges_enquires_and_reverses() -> None:
    bank = SimulatedTerminal()

    def answer(question: dict[str, Any]) -> bytes:
        if question["op"] == "state":
            return b'{"state":"busy"}\n'
        if question["op"] == "charge":
            made = bank.charge(question["reference"], question["amount_minor"], question["currency"])
        else:
            made = getattr(bank, question["op"])(question["reference"])
        return json.dumps({"result": made.result, "approval": made.approval}).encode() + b"\n"

    with bridge(answer) as terminal:
        assert terminal.enquire("C1").result == "not_found"
        approved = terminal.charge("C1", 350, "CNY")
        assert approved.result == "approved" and approved.approval
        assert terminal.enquire("C1") == approved
        assert terminal.reverse("C1").result == "reversed"
        assert terminal.state() is TerminalState.BUSY
    assert bank.charges == {"C1": ("reversed", 350)}


@pytest.mark.parametrize(
    "said",
    [
        None,
        b"",
        b"approved\n",
        b'{"result":"approved"',
        b'{"result":"maybe"}\n',
        b"[]\n",
        b"\xff\n",
        b"x" * 9000,
    ],
)
def test_whatever_is_no_answer_is_unknown_and_never_declined(said: bytes | None) -> None:
    with bridge(lambda _: said) as terminal:
        assert terminal.charge("C1", 350, "CNY") == Outcome("unknown")
        assert terminal.state() is TerminalState.OFFLINE


def test_nobody_there_is_unknown_and_offline() -> None:
    terminal = LineTerminal("127.0.0.1", 1, ask_timeout_s=1)
    assert terminal.charge("C1", 350, "CNY").result == "unknown"
    assert terminal.state() is TerminalState.OFFLINE
