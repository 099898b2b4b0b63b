"""Slips that are no receipts: a drawer opening, money that came or went, with a line to sign on."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.receipts.layout import local_time
from pos_client.receipts.model import Language
from pos_client.receipts.numbers import document_label
from pos_client.receipts.rows import Row, TextRow, pair, wrap
from pos_client.receipts.words import currency_symbol, word
from pos_core.money import format_minor


@dataclass(frozen=True, slots=True)
class Slip:
    """`kind`: no_sale | paid_in | paid_out | loan | pickup. `amount_minor` None where no money moved."""

    kind: str
    store_id: str
    store_name: str
    workstation_name: str
    series_label: str
    number: int
    operator_name: str
    occurred_at_ms: int
    time_zone: str
    business_day: str
    currency: str
    exponent: int
    amount_minor: int | None = None
    reason: str = ""
    language: Language = "zh"
    is_training: bool = False


def lay_out_slip(slip: Slip, columns: int) -> list[Row]:
    """The slip on paper of `columns`."""
    language = slip.language
    rows: list[Row] = []
    if slip.is_training:
        rows.append(TextRow(word("training", language), size=2, bold=True, align="center"))
    rows.append(TextRow(word(f"slip_{slip.kind}", language), size=2, bold=True, align="center"))
    rows.append(TextRow("-" * columns))
    facts = [
        (word("store", language), f"{slip.store_id} {slip.store_name}"),
        (word("number", language), document_label(slip.series_label, slip.number)),
        (word("operator", language), slip.operator_name),
        (word("business_day", language), slip.business_day),
        (word("time", language), local_time(slip.occurred_at_ms, slip.time_zone)),
        (word("reason", language), slip.reason or "-"),
    ]
    rows += [TextRow(text) for name, value in facts for text in wrap(f"{name} {value}", columns)]
    if slip.amount_minor is not None:
        amount = currency_symbol(slip.currency) + format_minor(slip.amount_minor, slip.exponent)
        rows += [
            TextRow(text, size=2, bold=True) for text in pair(word("amount", language), amount, columns // 2)
        ]
        rows += [TextRow(""), TextRow(f"{word('signature', language)} " + "_" * (columns // 3))]
    return rows
