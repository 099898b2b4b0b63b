"""Every page of an SQLCipher file and of its log, decrypted: what a thief with the key would find.

Layout (SQLCipher 4, raw key, 4096-byte pages): a page ends with a 16-byte IV and a 64-byte MAC;
page 1 begins with a 16-byte salt in clear. Free space and freed pages are included, unlike with a query.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

PAGE = 4096
_RESERVE = 80
_WAL_HEADER, _FRAME_HEADER = 32, 24


def plain_pages(database: Path, key: bytes) -> bytes:
    """All pages of the file and all frames of its log, joined."""
    content = database.read_bytes()
    pages = [
        _decrypt(content[start : start + PAGE], key, first=start == 0)
        for start in range(0, len(content) - PAGE + 1, PAGE)
    ]
    log = database.with_name(database.name + "-wal")
    frames = log.read_bytes() if log.exists() else b""
    step = _FRAME_HEADER + PAGE
    for start in range(_WAL_HEADER, len(frames) - step + 1, step):
        first = int.from_bytes(frames[start : start + 4], "big") == 1
        pages.append(_decrypt(frames[start + _FRAME_HEADER : start + step], key, first=first))
    return b"".join(pages)


def _decrypt(page: bytes, key: bytes, *, first: bool) -> bytes:
    body, iv = page[16 if first else 0 : PAGE - _RESERVE], page[PAGE - _RESERVE : PAGE - _RESERVE + 16]
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    return decryptor.update(body) + decryptor.finalize()
