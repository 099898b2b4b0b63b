"""The paper of goods: what came, what left, with room to sign, and the codes that a shipment carries."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.receipts.layout import local_time
from pos_client.receipts.model import Language
from pos_client.receipts.rows import CodeRow, Row, TextRow, pair, wrap
from pos_client.receipts.words import word


@dataclass(frozen=True, slots=True)
class GoodsSlip:
    """`title` and `facts` are ready words; `lines`: name, quantity, remark; `codes`: QR texts in order."""

    title: str
    store_id: str
    store_name: str
    number: str
    operator_name: str
    occurred_at_ms: int
    time_zone: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str, str], ...]
    codes: tuple[str, ...] = ()
    language: Language = "zh"
    is_training: bool = False


def lay_out_goods_slip(slip: GoodsSlip, columns: int) -> list[Row]:
    """On paper of `columns`."""
    language = slip.language
    rows: list[Row] = []
    if slip.is_training:
        rows.append(TextRow(word("training", language), size=2, bold=True, align="center"))
    rows += [
        TextRow(slip.title, size=2, bold=True, align="center"),
        TextRow("-" * columns),
    ]
    facts = (
        (word("store", language), f"{slip.store_id} {slip.store_name}"),
        (word("number", language), slip.number),
        (word("operator", language), slip.operator_name),
        (word("time", language), local_time(slip.occurred_at_ms, slip.time_zone)),
        *slip.facts,
    )
    rows += [TextRow(text) for name, value in facts for text in wrap(f"{name} {value}", columns)]
    rows.append(TextRow("-" * columns))
    for name, quantity, remark in slip.lines:
        rows += [TextRow(text) for text in pair(name, quantity, columns)]
        rows += [TextRow(f"  {text}") for text in (wrap(remark, columns - 2) if remark else ())]
    rows.append(TextRow("-" * columns))
    parts = len(slip.codes)
    rows += [CodeRow(text, f"{place}/{parts}") for place, text in enumerate(slip.codes, start=1)]
    rows += [TextRow(""), TextRow(f"{word('signature', language)} " + "_" * (columns // 3))]
    return rows
