"""Whatever a scanner, a file or the network hands to a parser: a value or a typed error, no crash (F-38).

`TIDEMARK_FUZZ` sets the texts a parser (default 1,500; the long campaign uses 1,000,000).
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.devices.barcode import read_code as read_barcode
from pos_client.journal.encode import decode_document
from pos_client.services.basket.entry import read_entry
from pos_client.ui.keys.keymap import read_keymap
from pos_core.canonical import parse_strict
from pos_core.catalog.in_store_code import DEFAULT_IN_STORE_CODES, parse_layouts
from pos_core.customer import member_code
from pos_core.customer.coupon_code import (
    SignedCoupon,
    code_from,
    coupon_statement,
    parse_coupon_code,
    parse_qr_text,
    qr_text,
)
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor
from pos_core.quantity import parse_quantity
from pos_core.sale import receipt_code
from pos_core.sale.receipt_summary import pack_summary, unpack_summary
from pos_core.stock.transfer_slip import read_slip, slip_text, split
from pos_core.sync.enrolment_code import FINGERPRINT_BYTES, format_code, parse_code, secret_from
from pos_core.sync.envelope import parse_document
from resources import resource_path
from sync_server.services.push_message import decode
from tests.server.support.series import SeriesMaker

TEXTS = int(os.environ.get("TIDEMARK_FUZZ", "1500"))
LAYOUTS = parse_layouts(DEFAULT_IN_STORE_CODES)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
NASTY = [
    "\x00",
    "\x1d",
    "\ud800",
    "\u202e",
    "٣",
    "½",
    "𝟙",
    "e9999",
    "-",
    ".",
    "9" * 40,
    "2" * 5000,
    "\n",
    "{",
    "[" * 200,
    '"',
    "\\",
    "\ufeff",
    "ß",
    "İ",
    "",
]


def _a_coupon() -> str:
    coupon = SignedCoupon("q1", "C1", 1, 2, "")
    return qr_text(coupon, "k1", KEY.sign(coupon_statement(coupon, "k1")))


def _an_app_code() -> str:
    return member_code.app_code_text("M1", 5, "k1", KEY.sign(member_code.app_code_statement("M1", 5, "k1")))


def _a_verifier() -> str:
    return member_code.verifier_text(b"p" * 32, b"s" * 16, b"t" * 32)


def _a_push() -> str:
    maker = SeriesMaker("w-1")
    maker.sale()
    maker.no_sale()
    return maker.push_body().decode()


def _a_document() -> str:
    return SeriesMaker("w-1").sale().decode()


def _a_summary() -> bytes:
    return pack_summary(json.loads(_a_document()), chain="12345678")


def _a_receipt_code() -> str:
    text = receipt_code.code_text(_a_summary(), b"s" * 64)
    assert text is not None
    return text


def _slips() -> list[str]:
    parts = split("T1", ("ws-1", 1, 3), ("S1", "S2"), [(f"SKU-{n:05d}", 1000 * n) for n in range(1, 61)])
    return [slip_text(part, b"s" * 64) for part in parts]


def _as_bytes(parse: Callable[[bytes], Any]) -> Callable[[str], Any]:
    return lambda text: parse(text.encode("utf-8", "surrogatepass"))


PARSERS: dict[str, tuple[Callable[[str], Any], list[str]]] = {
    "barcode": (
        lambda text: read_barcode(text, LAYOUTS),
        ["6901234567892", "2012345012349", "\x1d0106901234567892310300125017260131\x1d10AB12", "4011",
         "]C10106901234567892", "(01)06901234567892(17)261231(10)L1", "210123450123400500"],
    ),
    "entry": (read_entry, ["3*6901234567892", "*5", "0.5*4011", "12"]),
    "amount": (parse_minor, ["12.50", "0.01", "100", "-3"]),
    "quantity": (parse_quantity, ["1.5", "3", "0.001"]),
    "coupon code": (parse_coupon_code, [code_from(b"x" * 9)]),
    "coupon QR": (parse_qr_text, [_a_coupon()]),
    "app code": (member_code.read_app_code, [_an_app_code()]),
    "code verifier": (member_code.read_verifier, [_a_verifier()]),
    "receipt code": (receipt_code.read_code, [_a_receipt_code()]),
    "receipt summary": (
        lambda text: unpack_summary(text.encode("latin-1", "replace")),
        [_a_summary().decode("latin-1")],
    ),
    "transfer slip": (read_slip, _slips()),
    "enrolment code": (parse_code, [format_code(secret_from(b"e" * 9), b"f" * FINGERPRINT_BYTES)]),
    "keymap": (read_keymap, [resource_path("keymaps/tidemark.json").read_text(encoding="utf-8")]),
    "JSON": (parse_strict, ['{"a":[1,"b",null,true]}', _a_document()]),
    "document": (_as_bytes(parse_document), [_a_document()]),
    "journal's document": (_as_bytes(decode_document), [_a_document()]),
    "push": (_as_bytes(decode), [_a_push()]),
}  # fmt: skip


def mangled(text: str, dice: random.Random) -> str:
    """A few cuts, copies, swaps and nasty insertions."""
    for _ in range(dice.randrange(1, 5)):
        at = dice.randrange(len(text) + 1)
        to = min(len(text), at + dice.randrange(1, 12))
        match dice.randrange(6):
            case 0:
                text = text[:at] + text[to:]
            case 1:
                text = text[:to] + text[at:to] * dice.randrange(1, 4) + text[to:]
            case 2:
                text = text[:at] + dice.choice(NASTY) + text[to:]
            case 3:
                text = text[:at] + chr(dice.randrange(0x20, 0x3000)) + text[at:]
            case 4 if text:
                place = dice.randrange(len(text))
                text = (
                    text[:place] + chr((ord(text[place]) ^ (1 << dice.randrange(7))) or 1) + text[place + 1 :]
                )
            case _:
                text = text[:at][::-1] + text[at:]
    return text


@pytest.mark.parametrize("name", PARSERS)
def test_any_text_is_a_value_or_a_typed_error(name: str) -> None:
    parse, seeds = PARSERS[name]
    dice = random.Random(name)
    read = refused = 0
    for seed in seeds + NASTY:
        for _ in range(TEXTS // len(seeds + NASTY) + 1):
            text = mangled(seed, dice)
            try:
                found = parse(text)
            except TidemarkError:
                refused += 1
            except Exception as error:
                error.add_note(f"text: {text!r}")
                raise
            else:
                read += found is not None
                refused += found is None
    assert refused, (read, refused)


@pytest.mark.parametrize("name", PARSERS)
def test_the_seeds_are_read(name: str) -> None:
    """Else the texts above would never get past the first check."""
    parse, seeds = PARSERS[name]
    assert all(parse(seed) is not None for seed in seeds)
