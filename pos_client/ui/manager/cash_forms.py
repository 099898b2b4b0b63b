"""Forms of the till: opening the drawer, and money that comes and goes without a sale."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from pos_client.ui.manager.entry import Bench
from pos_client.ui.manager.form_mode import Field, FormMode

_REASON = Field("reason", "form.reason", "text")
_AMOUNT = Field("amount_minor", "form.amount", "amount")


def no_sale(bench: Bench) -> None:
    """Open the drawer without a sale."""

    def submit(answers: dict[str, Any]) -> Future[int]:
        return bench.desk.workstation.till.no_sale(answers["reason"])

    bench.stack.push(FormMode(bench, "manager.no_sale", (_REASON,), submit, lambda _: _said(bench)))


def paid_in(bench: Bench) -> None:
    """Money put into the till."""
    _movement(bench, "paid_in", "manager.paid_in")


def paid_out(bench: Bench) -> None:
    """Money paid out of the till."""
    _movement(bench, "paid_out", "manager.paid_out")


def pickup(bench: Bench) -> None:
    """Money taken to the safe."""
    _movement(bench, "pickup", "manager.pickup")


def loan(bench: Bench) -> None:
    """Change brought from the safe."""
    _movement(bench, "loan", "manager.loan")


def _movement(bench: Bench, kind: str, title: str) -> None:
    def submit(answers: dict[str, Any]) -> Future[int]:
        return bench.desk.workstation.till.move(kind, answers["amount_minor"], answers["reason"])

    bench.stack.push(FormMode(bench, title, (_AMOUNT, _REASON), submit, lambda _: _said(bench)))


def _said(bench: Bench) -> None:
    bench.desk.messages.show("good", "manager.recorded")
