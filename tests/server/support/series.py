"""A workstation's series made by hand: documents, chain, signatures, as docs/documents.md says."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from pos_core.clock import HybridTime
from pos_core.ids import uuid7
from pos_core.sync.document import Header, Series, document_bytes, document_hash, head_statement
from pos_core.tax.tax_lines import TaxableLine, tax_shares

START_MS = 1_780_000_000_000


@dataclass
class SeriesMaker:
    """Makes documents 1, 2, 3 … of one series; `number` and `head` are where it stands."""

    workstation_id: str
    store_id: str = "S001"
    incarnation: int = 1
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    sealing: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    number: int = 0
    head: str = ""
    documents: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.head = self.head or self.series.genesis()

    @property
    def series(self) -> Series:
        return Series(self.workstation_id, self.incarnation)

    @property
    def public_key(self) -> str:
        return base64.b64encode(self.signing.public_key().public_bytes_raw()).decode()

    @property
    def sealing_key(self) -> str:
        return base64.b64encode(self.sealing.public_key().public_bytes_raw()).decode()

    def header(self, kind: str, **changes: Any) -> Header:
        facts: dict[str, Any] = {
            "type": kind,
            "series": self.series,
            "number": self.number + 1,
            "document_id": uuid7(START_MS + self.number, self.dice.randbytes(10)),
            "store_id": self.store_id,
            "occurred_at_ms": START_MS + self.number * 60_000,
            "hybrid_time": HybridTime(START_MS + self.number * 60_000, 0),
            "business_day": "2026-11-22",
            "operator_id": "E1",
            "shift_id": "SH1",
            "release": None,
            "prev_hash": self.head,
        }
        return Header(**(facts | changes))

    def append(self, data: bytes) -> bytes:
        """Any bytes as the next document."""
        self.number += 1
        self.head = document_hash(data)
        self.documents.append(data)
        return data

    def sale(self, lines: int = 3, **changes: Any) -> bytes:
        """A sale that balances."""
        return self.append(document_bytes(self.header("sale", **changes), sale_body(self.dice, lines)))

    def no_sale(self) -> bytes:
        return self.append(document_bytes(self.header("no_sale"), {"reason": "change"}))

    def sign_head(self) -> str:
        statement = head_statement(self.series, self.number, self.head)
        return base64.b64encode(self.signing.sign(statement)).decode()

    def push_body(self, first: int = 1, last: int | None = None) -> bytes:
        """The body of a push of documents first … last, signed over the last one."""
        last = len(self.documents) if last is None else last
        batch = self.documents[first - 1 : last]
        head = document_hash(batch[-1]) if batch else self.head
        signature = base64.b64encode(self.signing.sign(head_statement(self.series, last, head))).decode()
        return (
            (
                f'{{"incarnation":{self.incarnation},"first_number":{first},"head_hash":"{head}",'
                f'"signature":"{signature}","documents":['
            ).encode()
            + b",".join(batch)
            + b"]}"
        )


def sale_body(dice: random.Random, lines: int) -> dict[str, Any]:
    """Lines at list price, 13 % tax inside, paid in cash with change."""
    made = []
    for line_no in range(1, lines + 1):
        price, count = dice.randrange(100, 9900), dice.randrange(1, 4)
        net = price * count
        made.append(
            {
                "line_no": line_no,
                "sku": f"SKU{dice.randrange(1, 2000):05d}",
                "gtin": None,
                "name": f"康师傅红烧牛肉面 {dice.randrange(1000)}克",
                "department_code": "D1",
                "quantity_milli": count * 1000,
                "unit_price_minor": price,
                "list_minor": net,
                "discounts": [],
                "net_minor": net,
                "tax_class_code": "STD",
                "tax_rate_ppm": 130_000,
                "tax_minor": 0,
                "entered": "scan",
            }
        )
    shares = tax_shares([TaxableLine("STD", 130_000, line["net_minor"]) for line in made])
    for line, share in zip(made, shares, strict=True):
        line["tax_minor"] = share
    total = sum(line["net_minor"] for line in made)
    paid = -(-total // 10_000) * 10_000
    return {
        "currency": "CNY",
        "exponent": 2,
        "price_list_id": "PL1",
        "instant_ms": START_MS,
        "channel": "pos",
        "member_id": None,
        "lines": made,
        "voided_lines": [],
        "subtotal_minor": total,
        "discount_minor": 0,
        "cash_rounding_minor": 0,
        "total_minor": total,
        "tax_minor": sum(line["tax_minor"] for line in made),
        "tenders": [
            {
                "tender_code": "cash",
                "tender_kind": "cash",
                "amount_minor": paid,
                "change_minor": paid - total,
                "confirmed": None,
                "reference": None,
            }
        ],
        "pricing": None,
        "external_ref": None,
    }
