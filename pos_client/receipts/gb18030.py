"""Text as a receipt printer of the Chinese market wants it: GB18030 between `FS &` and `FS .`.

Most such printers print GB bytes as rubbish unless Chinese mode is switched on (`FS &`, 1C 26) and off
again (`FS .`, 1C 2E); python-escpos does neither. Every non-ASCII character fills two columns, which is
also how the width of a line is counted.
"""

from __future__ import annotations

import unicodedata

CHINESE_ON = b"\x1c\x26"
CHINESE_OFF = b"\x1c\x2e"
MISSING = "〓"
"""The printer's trade for "no such character" (U+3013, in every GB font)."""

# U+00A5 takes four bytes in GB18030 and prints as rubbish; U+FFE5 takes two and prints as a yen sign.
_REPLACED = {"¥": "￥", "\u00a0": " ", "\t": " ", "–": "-", "−": "-", "\u2011": "-", "’": "'", "‘": "'"}
# CJK extension A lies in the mandatory four-byte part of GB18030.
_EXTENSION_A = range(0x3400, 0x4DC0)


def printable(text: str) -> str:
    """`text` as it can be printed: NFC, no control characters, unprintable ones as 〓.

    Control characters are dropped because an item's name comes from a file: ESC in it must not drive
    the printer.
    """
    out = []
    for given in unicodedata.normalize("NFC", text):
        char = _REPLACED.get(given, given)
        if char.isascii():
            if char.isprintable():
                out.append(char)
        elif _is_two_byte(char) or ord(char) in _EXTENSION_A:
            out.append(char)
        elif unicodedata.category(char) not in ("Cc", "Cf", "Mn", "Me", "Zl", "Zp"):
            out.append(MISSING)
    return "".join(out)


def width(text: str) -> int:
    """Columns that `text` (already `printable`) fills: one for ASCII, two for anything else."""
    return sum(1 if char.isascii() else 2 for char in text)


def encode(text: str) -> bytes:
    """The bytes to send for `text`, always ending with Chinese mode off."""
    out = bytearray()
    chinese = False
    for char in printable(text):
        if not char.isascii() and not chinese:
            out += CHINESE_ON
            chinese = True
        elif char.isascii() and chinese:
            out += CHINESE_OFF
            chinese = False
        out += char.encode("gb18030")
    if chinese:
        out += CHINESE_OFF
    return bytes(out)


def _is_two_byte(char: str) -> bool:
    try:
        return len(char.encode("gb18030")) == 2
    except UnicodeEncodeError:  # a lone surrogate
        return False
