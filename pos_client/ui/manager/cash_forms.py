"""Forms of the till: opening the drawer, and money that comes and goes without a sale."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.form_mode import Field, FormMode

OTHER = ""
"""The answer of a reason that is none of the chain's: words are asked for."""


def reason_field(bench: Bench, use: str) -> Field:
    """The chain's reasons for something, and "other" at the end."""
    texts = bench.desk.texts
    reasons = bench.desk.workstation.till.policy.reasons.get(use, ())
    named = [(reason.code, reason.name if texts.language == "zh" else reason.name_en) for reason in reasons]
    return Field("reason_code", "form.reason", "choice", choices=(*named, (OTHER, texts.say("form.other"))))


def words_field() -> Field:
    """Words beside the reason; needed where it is "other"."""
    return Field("reason", "form.words", "text", optional=True, hint="form.hint.words")


def no_sale(bench: Bench) -> None:
    """Open the drawer without a sale."""

    def submit(answers: dict[str, Any]) -> Future[int]:
        return bench.desk.workstation.till.no_sale(answers["reason"] or "", answers["reason_code"] or None)

    fields = (reason_field(bench, "no_sale"), words_field())
    form = FormMode(bench, "manager.no_sale", fields, submit, lambda _: said(bench, "manager.no_sale"))
    bench.stack.push(form)


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


def said(bench: Bench, title: str, amount_minor: int | None = None) -> None:
    """It is on disk."""
    what = bench.desk.texts.say(title)
    if amount_minor is None:
        bench.desk.messages.show("good", "manager.recorded", what=what)
    else:
        bench.desk.messages.show("good", "manager.recorded_amount", what=what, amount_minor=amount_minor)


def _movement(bench: Bench, kind: str, title: str) -> None:
    moved = 0

    def submit(answers: dict[str, Any]) -> Future[int]:
        nonlocal moved
        moved = answers["amount_minor"]
        return bench.desk.workstation.till.move(
            kind,
            moved,
            answers["reason"] or "",
            reason_code=answers["reason_code"] or None,
        )

    amount = Field("amount_minor", "form.amount", "amount")
    fields = (amount, reason_field(bench, kind), words_field())
    bench.stack.push(FormMode(bench, title, fields, submit, lambda _: said(bench, title, moved)))
