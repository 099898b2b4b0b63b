"""Rows of a receipt: text set into columns, before it becomes bytes or a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pos_client.receipts.gb18030 import printable, width

Align = Literal["left", "center"]


@dataclass(frozen=True, slots=True)
class TextRow:
    """One printed line. `size` 2 is double width and height; `text` fits the paper at that size."""

    text: str
    size: int = 1
    bold: bool = False
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A QR code of `payload`, centred, with `caption` under it; each module `dots` wide."""

    payload: str
    caption: str = ""
    dots: int = 5


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A black-and-white picture, centred: `bits` row by row, each row filled up to a byte, 1 is black."""

    width: int
    height: int
    bits: bytes


Row = TextRow | CodeRow | PictureRow


def wrap(text: str, columns: int) -> list[str]:
    """`text` broken into lines of at most `columns`; at a space where there is one near, else anywhere."""
    lines: list[str] = []
    current = ""
    for piece in _pieces(printable(text)):
        if width(current + piece) <= columns:
            current += piece
            continue
        if current.strip():
            lines.append(current.rstrip())
        current = piece.lstrip()
        while width(current) > columns:
            head = _head(current, columns)
            lines.append(head)
            current = current[len(head) :]
    if current.strip() or not lines:
        lines.append(current.rstrip())
    return lines


def pair(left: str, right: str, columns: int) -> list[str]:
    """`left` and `right` on the edges of one line, or on two lines when they do not fit."""
    left, right = printable(left), printable(right)
    gap = columns - width(left) - width(right)
    if gap >= 1:
        return [left + " " * gap + right]
    return [*wrap(left, columns), *(" " * (columns - width(part)) + part for part in wrap(right, columns))]


def _pieces(text: str) -> Iterator[str]:
    """Words of Latin text with the space after them; every wide character alone."""
    word = ""
    for char in text:
        if not char.isascii():
            if word:
                yield word
            word = ""
            yield char
        else:
            word += char
            if char == " ":
                yield word
                word = ""
    if word:
        yield word


def _head(text: str, columns: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += 1 if char.isascii() else 2
        if used > columns:
            return text[: max(index, 1)]
    return text
