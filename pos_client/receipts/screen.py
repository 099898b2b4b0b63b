"""A receipt as plain text for a screen or a terminal: the same rows in a monospaced grid."""

from __future__ import annotations

from collections.abc import Sequence

from pos_client.receipts.gb18030 import printable, width
from pos_client.receipts.rows import CodeRow, PictureRow, Row


def as_text(rows: Sequence[Row], columns: int) -> str:
    """One line a row, all in one size; a code shows its payload, a picture nothing."""
    out = []
    for row in rows:
        if isinstance(row, CodeRow):
            out += [_centred(f"[{row.payload}]", columns), _centred(row.caption, columns)]
        elif isinstance(row, PictureRow):
            continue
        elif row.align == "center":
            out.append(_centred(row.text, columns))
        elif row.size == 2:
            left, gap, right = printable(row.text).partition("  ")
            amount = right.strip()
            out.append(left + " " * max(columns - width(left) - width(amount), 1) + amount if gap else left)
        else:
            out.append(printable(row.text))
    return "\n".join(line.rstrip() for line in out) + "\n"


def _centred(text: str, columns: int) -> str:
    text = printable(text)
    return " " * max((columns - width(text)) // 2, 0) + text
