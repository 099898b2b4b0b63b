"""A receipt as ESC/POS bytes: text for printers with a Chinese font, a raster picture for the others.

Commands: Epson ESC/POS (ESC @, ESC a, ESC E, GS !, GS ( k, GS v 0, GS V, ESC p) and the FS Chinese-mode pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pos_client.receipts.gb18030 import encode
from pos_client.receipts.rows import CodeRow, Row, TextRow

if TYPE_CHECKING:
    from PIL import Image

INITIALIZE = b"\x1b@"
CUT = b"\x1dVB\x00"  # feed to the cutter, partial cut
FEED = b"\x1bd\x03"
_ALIGN = {"left": b"\x1ba\x00", "center": b"\x1ba\x01"}
_BAND_ROWS = 128  # a picture is sent in bands: cheap printers have little memory


def text_bytes(rows: Sequence[Row], *, cut: bool = True) -> bytes:
    """The whole job in text mode."""
    out = bytearray(INITIALIZE)
    for row in rows:
        out += _row_bytes(row)
    out += FEED
    if cut:
        out += CUT
    return bytes(out)


def raster_bytes(picture: Image.Image, *, cut: bool = True) -> bytes:
    """The whole job as a picture (mode "1", black on white, width a multiple of 8 dots)."""
    assert picture.mode == "1" and picture.width % 8 == 0
    out = bytearray(INITIALIZE)
    inverted = picture.point(lambda value: 255 - value)
    out += _bands(picture.width // 8, inverted.tobytes())
    out += FEED
    if cut:
        out += CUT
    return bytes(out)


def _row_bytes(row: Row) -> bytes:
    if isinstance(row, TextRow):
        return _text_bytes(row)
    if isinstance(row, CodeRow):
        return _code_bytes(row)
    return _ALIGN["center"] + _bands((row.width + 7) // 8, row.bits) + _ALIGN["left"]


def _bands(across: int, bits: bytes) -> bytes:
    """Raster commands for rows of `across` bytes, 1 is black."""
    out = bytearray()
    for start in range(0, len(bits), _BAND_ROWS * across):
        band = bits[start : start + _BAND_ROWS * across]
        height = len(band) // across
        out += b"\x1dv0\x00" + across.to_bytes(2, "little") + height.to_bytes(2, "little") + band
    return bytes(out)


def _text_bytes(row: TextRow) -> bytes:
    size = b"\x1d!\x11" if row.size == 2 else b"\x1d!\x00"
    bold = b"\x1bE\x01" if row.bold else b"\x1bE\x00"
    return _ALIGN[row.align] + bold + size + encode(row.text) + b"\n"


def _code_bytes(row: CodeRow) -> bytes:
    """A QR code by the printer itself: model 2, error correction M."""
    payload = row.payload.encode("ascii", "replace")
    store = b"\x1d(k" + (len(payload) + 3).to_bytes(2, "little") + b"1P0" + payload
    code = b"\x1d(k\x04\x001A2\x00" + b"\x1d(k\x03\x001C" + bytes([row.dots]) + b"\x1d(k\x03\x001E1" + store
    return _ALIGN["center"] + code + b"\x1d(k\x03\x001Q0" + encode(row.caption) + b"\n" + _ALIGN["left"]
