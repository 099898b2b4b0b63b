"""Ninety days of sales, through head office's own door: chained, signed, checked, folded like any others.

Baskets of 1 to 18 lines (9.5 on the average, as in the real data set), items by a Zipf law, three of five
with a member of the store, one of thirty taken back the next day.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks import reference_replica as reference
from benchmarks.reference_chain.masters import PRICE_LIST, store_code
from pos_core.clock import HybridTime
from pos_core.ids import uuid7
from pos_core.sync.document import Header, Series, document_bytes, document_hash, head_statement
from pos_core.tax.tax_lines import TaxableLine, tax_shares
from sync_server.head_office import HeadOffice
from sync_server.store import workstation
from sync_server.store.workstation import WorkstationRow

DAYS = 90
LINES_MAX = 18
TILLS_PER_STORE = 3
DAYS_AWAY = 90
"""How long a workstation gathers before it sends: the order among workstations changes no sum."""
DOCUMENTS_AT_ONCE = 990
RETURNED_PPM = 33_000
MEMBERS_PART, DISCOUNTED_PART = 0.6, 0.2
TAX_PPM = 130_000
DELIVERED_ITEMS = 3000
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Till:
    """One workstation's series, written by hand as docs/documents.md says."""

    row: WorkstationRow
    key: Ed25519PrivateKey
    dice: random.Random
    number: int = 0
    head: str = ""
    waiting: list[bytes] = field(default_factory=list)
    lines: int = 0

    def __post_init__(self) -> None:
        self.series = Series(self.row.workstation_id, 1)
        self.head = self.series.genesis()

    def write(self, kind: str, body: dict[str, Any], moment: datetime) -> int:
        """The next document; returns its number."""
        at_ms = int(moment.timestamp() * 1000)
        self.number += 1
        header = Header(
            type=kind,
            series=self.series,
            number=self.number,
            document_id=uuid7(at_ms, self.dice.randbytes(10)),
            store_id=self.row.store_id,
            occurred_at_ms=at_ms,
            hybrid_time=HybridTime(at_ms, 0),
            business_day=moment.astimezone(ZONE).date().isoformat(),
            operator_id="E1001",
            shift_id=f"{self.row.workstation_id}-{moment.date()}",
            release=None,
            prev_hash=self.head,
        )
        data = document_bytes(header, body | {"instant_ms": at_ms} if kind in ("sale", "return") else body)
        self.head = document_hash(data)
        self.waiting.append(data)
        return self.number

    def push_body(self) -> bytes:
        """Everything that waits, signed over its last document."""
        first = self.number - len(self.waiting) + 1
        statement = head_statement(self.series, self.number, self.head)
        signature = base64.b64encode(self.key.sign(statement)).decode()
        head = (
            f'{{"incarnation":1,"first_number":{first},"head_hash":"{self.head}","signature":"{signature}",'
        )
        body = head.encode() + b'"documents":[' + b",".join(self.waiting) + b"]}"
        self.waiting.clear()
        return body


class Sales:
    """Fills head office until it holds so many lines of sales."""

    def __init__(self, office: HeadOffice, *, stores: int, items: int, members: int) -> None:
        self._office = office
        self._stores = stores
        self._dice = random.Random(9)
        self._goods = [(row[0], row[1], row[5]) for row in reference.items(items)]
        self._member_ids = [row[0] for row in reference.members(members)]
        self.tills = [self._till(number) for number in range(stores * TILLS_PER_STORE)]
        office.store.write(lambda txn: [workstation.add(txn, till.row) for till in self.tills])
        self.lines = self.documents = 0

    def fill(self, lines: int) -> Iterator[int]:
        """Oldest first; yields the lines so far each time that every workstation has sent what it had."""
        first = datetime.now(UTC).date() - timedelta(days=DAYS)
        for till in self.tills[::TILLS_PER_STORE]:
            till.write("stock_movement", self._delivery(), moment(first - timedelta(days=1), 720))
        for begun in range(0, DAYS, DAYS_AWAY):
            for till in self.tills:
                for day in range(begun, min(begun + DAYS_AWAY, DAYS)):
                    wanted = lines * (day + 1) / DAYS / len(self.tills)
                    self._one_day(till, first + timedelta(days=day), wanted)
                self._send(till)
            yield self.lines

    def _till(self, number: int) -> Till:
        key = Ed25519PrivateKey.generate()
        now = self._office.clock.now_ms()
        sealing = base64.b64encode(X25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
        public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
        ids = (uuid7(now, number.to_bytes(10, "big")), store_code(number // TILLS_PER_STORE))
        name = str(number % TILLS_PER_STORE + 1)
        return Till(
            WorkstationRow(*ids, name, "active", public, sealing, 1, "0", now, None, now),
            key,
            random.Random(number),
        )

    def _one_day(self, till: Till, day: date, lines_until: float) -> None:
        minute = 8 * 60
        while till.lines < lines_until:
            minute += 1 if minute < 21 * 60 else 0
            body = self.basket(till)
            number = till.write("sale", body, moment(day, minute))
            till.lines += len(body["lines"])
            self.lines += len(body["lines"])
            self.documents += 1
            if till.dice.randrange(1_000_000) < RETURNED_PPM:
                till.write("return", taken_back(till, body, number), moment(day, minute + 1))
                self.documents += 1
            if len(till.waiting) >= DOCUMENTS_AT_ONCE:
                self._send(till)

    def _send(self, till: Till) -> None:
        if till.waiting:
            self._office.push.push(till.row, till.push_body())

    def basket(self, till: Till) -> dict[str, Any]:
        """A sale's body."""
        dice = till.dice
        lines = [self._line(dice, number) for number in range(1, dice.randint(1, LINES_MAX) + 1)]
        shares = tax_shares([TaxableLine("STD", TAX_PPM, line["net_minor"]) for line in lines])
        for line, share in zip(lines, shares, strict=True):
            line["tax_minor"] = share
        total = sum(line["net_minor"] for line in lines)
        member_id = self._member_of(till) if dice.random() < MEMBERS_PART else None
        earned = [{"member_id": member_id, "points": total // 100, "reason": "earned"}] if member_id else []
        return {
            **totals(lines),
            "member_id": member_id,
            "points_movements": [one for one in earned if one["points"]],
        }

    def _member_of(self, till: Till) -> str:
        """One of the store's own: member n belongs to store n mod stores."""
        store = int(till.row.store_id[1:])
        mine = (len(self._member_ids) - store - 1) // self._stores + 1
        return self._member_ids[store + self._stores * till.dice.randrange(mine)]

    def _line(self, dice: random.Random, number: int) -> dict[str, Any]:
        place = min(int(dice.paretovariate(0.6)) - 1, len(self._goods) * 4) % len(self._goods)
        sku, name, department = self._goods[place]
        price, count = 100 + place % 9900, dice.choice((1, 1, 1, 2, 3))
        discounts = []
        if dice.random() < DISCOUNTED_PART:
            off = price * count // 10
            discounts = [{"source": "promotion", "id": "P1", "name": "九折", "amount_minor": off}]
        return {
            "line_no": number,
            "sku": sku,
            "gtin": None,
            "name": name,
            "department_code": department,
            "quantity_milli": count * 1000,
            "unit_price_minor": price,
            "list_minor": price * count,
            "discounts": discounts,
            "net_minor": price * count - sum(one["amount_minor"] for one in discounts),
            "tax_class_code": "STD",
            "tax_rate_ppm": TAX_PPM,
            "tax_minor": 0,
            "entered": "scan",
        }

    def _delivery(self) -> dict[str, Any]:
        """Three thousand of the items that sell most."""
        lines = [
            {"line_no": number + 1, "sku": sku, "quantity_milli": self._dice.randrange(10, 400) * 1000}
            for number, (sku, _, _) in enumerate(self._goods[:DELIVERED_ITEMS])
        ]
        return {"reason": "receipt", "lines": lines}


def totals(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The rest of a sale's body for these lines, paid in cash to the cent, without a member."""
    listed, total = (sum(line[name] for line in lines) for name in ("list_minor", "net_minor"))
    return {
        "currency": "CNY",
        "exponent": 2,
        "price_list_id": PRICE_LIST,
        "channel": "pos",
        "lines": lines,
        "voided_lines": [],
        "subtotal_minor": listed,
        "discount_minor": listed - total,
        "cash_rounding_minor": 0,
        "total_minor": total,
        "tax_minor": sum(line["tax_minor"] for line in lines),
        "tenders": [
            {
                "tender_code": "cash",
                "tender_kind": "cash",
                "amount_minor": total,
                "change_minor": 0,
                "confirmed": None,
                "reference": None,
            }
        ],
        "pricing": None,
        "external_ref": None,
    }


def taken_back(till: Till, sale: dict[str, Any], number: int) -> dict[str, Any]:
    """The first line of a sale, whole."""
    line = {**sale["lines"][0], "origin_line_no": 1}
    shares = tax_shares([TaxableLine("STD", TAX_PPM, line["net_minor"])])
    line["tax_minor"] = shares[0]
    origin = {"workstation_id": till.row.workstation_id, "incarnation": 1, "number": number}
    return {**totals([line]), "member_id": sale["member_id"], "origin": origin, "reason_code": "quality"}


def moment(day: date, minute: int) -> datetime:
    """A minute of a day by the stores' clocks."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(minutes=minute)
