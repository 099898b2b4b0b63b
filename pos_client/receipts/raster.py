"""A receipt as a black-and-white picture: for printers without a Chinese font, and for the screen.

The picture keeps the printer's grid (12 dots a column, 24 for a wide character), so it shows exactly
what the text mode prints.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from pos_client.receipts.gb18030 import printable, width
from pos_client.receipts.rows import CodeRow, PictureRow, Row, TextRow
from pos_core.errors import Trouble

COLUMN_DOTS = 12
ROW_DOTS = 30
GLYPH_DOTS = 24

# Fonts with Chinese glyphs that systems bring along; the first one found is used.
_FONT_FILES = (
    "NotoSansMonoCJK-Regular.ttc",
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "simsun.ttc",
    "msyh.ttc",
    "SourceHanSansSC-Regular.otf",
    "DroidSansFallbackFull.ttf",
)
_FONT_ROOTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "/Library/Fonts")


class NoChineseFont(Trouble):
    """No font with Chinese glyphs was found: raster printing cannot work here; text mode still can."""

    code = "no_chinese_font"


def picture(rows: Sequence[Row], columns: int, *, font_path: Path | None = None) -> Image.Image:
    """The rows painted, mode "1". Raises NoChineseFont."""
    font = str(font_path or find_font())
    heights = [_height(row) for row in rows]
    image = Image.new("L", (columns * COLUMN_DOTS, sum(heights) + 8), 255)
    draw = ImageDraw.Draw(image)
    top = 4
    for row, height in zip(rows, heights, strict=True):
        if isinstance(row, TextRow):
            _paint_text(draw, row, top, columns, font)
        elif isinstance(row, PictureRow):
            _paint_picture(image, row, top)
        else:
            _paint_code(image, draw, row, top, font)
        top += height
    return image.point(lambda value: 0 if value < 150 else 255).convert("1", dither=Image.Dither.NONE)


@lru_cache(maxsize=1)
def find_font() -> Path:
    """A font file with Chinese glyphs. Raises NoChineseFont."""
    roots = [Path(root).expanduser() for root in _FONT_ROOTS]
    if os.environ.get("WINDIR"):
        roots.append(Path(os.environ["WINDIR"]) / "Fonts")
    files: dict[str, Path] = {}
    for root in roots:
        for found in root.rglob("*.[to]t[cf]") if root.is_dir() else ():
            files.setdefault(found.name, found)
    for name in _FONT_FILES:
        if name in files:
            return files[name]
    raise NoChineseFont("no font with Chinese glyphs; install fonts-wqy-microhei or fonts-noto-cjk")


@lru_cache(maxsize=8)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    # In these collections face 1 (where there is one) has half-width Latin letters.
    try:
        return ImageFont.truetype(path, size, index=1 if path.endswith("microhei.ttc") else 0)
    except OSError:
        return ImageFont.truetype(path, size)


def _height(row: Row) -> int:
    if isinstance(row, TextRow):
        return ROW_DOTS * row.size
    if isinstance(row, PictureRow):
        return row.height + 8
    return (_matrix_size(row.payload) + 4) * row.dots + (ROW_DOTS if row.caption else 0) + 16


def _paint_text(draw: ImageDraw.ImageDraw, row: TextRow, top: int, columns: int, font_path: str) -> None:
    text = printable(row.text)
    column = COLUMN_DOTS * row.size
    font = _font(font_path, GLYPH_DOTS * row.size)
    left = (columns * COLUMN_DOTS - width(text) * column) // 2 if row.align == "center" else 0
    for char in text:
        cell = column * width(char)
        if char != " ":
            at = (left + cell // 2, top + ROW_DOTS * row.size // 2)
            draw.text(
                at, char, font=font, fill=0, anchor="mm", stroke_width=1 if row.bold and row.size == 2 else 0
            )
        left += cell


def _paint_code(image: Image.Image, draw: ImageDraw.ImageDraw, row: CodeRow, top: int, font: str) -> None:
    dots = row.dots
    matrix = segno.make_qr(row.payload, error="m").matrix
    side = len(matrix) * dots
    left, upper = (image.width - side) // 2, top + 2 * dots
    for y, modules in enumerate(matrix):
        for x, dark in enumerate(modules):
            if dark:
                at = (left + x * dots, upper + y * dots)
                draw.rectangle((*at, at[0] + dots - 1, at[1] + dots - 1), fill=0)
    if row.caption:
        _paint_text(
            draw,
            TextRow(row.caption, align="center"),
            upper + side + dots,
            image.width // COLUMN_DOTS,
            font,
        )


def _paint_picture(image: Image.Image, row: PictureRow, top: int) -> None:
    """A picture wider than the paper loses its right edge, as on the printer."""
    white = bytes(byte ^ 0xFF for byte in row.bits)
    picture = Image.frombytes("1", (row.width, row.height), white)
    image.paste(picture, (max(0, (image.width - row.width) // 2), top))


@lru_cache(maxsize=64)
def _matrix_size(payload: str) -> int:
    return len(segno.make_qr(payload, error="m").matrix)
