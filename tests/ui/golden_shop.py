"""A shop in which the golden promotion cases can be rung up: each brings its goods, prices, rules, clock."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_client.services.members.member_codes import stretch
from pos_client.services.members.phone_index import blind_index
from pos_core.catalog.gtin import with_check_digit
from pos_core.customer.coupon_code import SignedCoupon, coupon_statement, qr_text
from pos_core.customer.member_code import verifier_text
from tests.client.services.shop import INDEX_KEY, PEPPER, HandClock, Shop
from tests.fakes.reference_rows import item_row, page, rows_of
from tests.fakes.releases import release

Case = dict[str, Any]

DAY_MS = 86_400_000
CODE, SALT = "135790", b"s" * 16
KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
EARLIER = "earlier"
"""Goods of the sales that a case's counters speak of."""


class GoldenShop(Shop):
    """One store S1 in UTC, whose clock begins before the first case."""

    def __init__(self, folder: Path, *, opens_ms: int) -> None:
        self._versions = 0
        super().__init__(folder, clock=HandClock(wall_ms=opens_ms), store_id="S1")

    def fill(self) -> None:
        super().fill()
        store = ["S1", "潮汐超市", "east", "南京路1号", None, None, "UTC", "PL1", "[]"]
        key = ["k1", base64.b64encode(KEY.public_key().public_bytes_raw()).decode(), "active"]
        self.tell("chain", rows_of("store", [store]), rows_of("coupon_key", [key]))
        for name, value in (
            ("cash_rounding", None),
            ("zero_price_allowed", True),
            ("line_quantity_max", 2000),
        ):
            self.policy(name, value)

    def publish(self) -> None:
        """Nothing is on sale yet: each case brings its own release."""

    def tell(self, scope: str, *parts: Any) -> None:
        """Head office's next page."""
        cursor = self.replica.cursors()[scope][1]
        self.replica.apply_page(page(*parts, scope=scope, after=cursor, to=cursor + 1))

    def take_over(self, number: int, case: Case) -> None:
        """The case's instant, goods, prices, promotions, coupons and member reach this till."""
        basket = case["basket"]
        self.clock.pass_ms(basket["instant_ms"] - self.clock.now_ms())
        self._goods(basket["lines"])
        campaigns = {each["campaign"] for each in basket.get("coupons", ())}
        campaigns |= {each["coupon"]["campaign"] for each in case["promotions"] if "coupon" in each}
        valid = (basket["instant_ms"] - DAY_MS, basket["instant_ms"] + DAY_MS)
        rows = [[name, name, name, "", "anywhere", 0, None, None, *valid, "{}"] for name in sorted(campaigns)]
        self.tell("chain", rows_of("coupon_campaign", rows))
        if "member" in basket:
            self._member(number, basket["member"])
        self.release_of(basket, case["promotions"])

    def release_of(self, basket: Case, promotions: list[Case]) -> None:
        """The next release, in force at the basket's instant."""
        self._versions += 1
        at_ms = basket["instant_ms"]
        listed = {line["sku"]: line["list_price_minor"] for line in basket["lines"]}
        rows = [["PL1", sku, at_ms - 1, None, price] for sku, price in sorted(listed.items())]
        made = release(
            self._versions,
            rows,
            promotions={"format": 1, "promotions": promotions},
            issued_at_ms=at_ms - 1,
            effective_from_ms=at_ms - 1,
            expires_at_ms=at_ms + 30 * DAY_MS,
        )
        manifest = Manifest.read(made.text)
        self.replica.stage_release(manifest, made.files, check_files(manifest, made.files), at_ms=at_ms)

    def _goods(self, lines: list[Case]) -> None:
        """Items under the case's own SKUs; of two prices, the price is typed."""
        items, departments = [], []
        for line in lines:
            path = line.get("departments", [])
            parents = [None, *path[:-1]]
            departments += [[code, parent, code, code] for code, parent in zip(path, parents, strict=False)]
            sku = line["sku"]
            several = len({each["list_price_minor"] for each in lines if each["sku"] == sku}) > 1
            items.append(
                item_row(
                    sku,
                    sku,
                    department_code=path[-1] if path else None,
                    floor_minor=line.get("floor_minor"),
                    sale_kind="open_price" if several else "piece",
                    tags=json.dumps(["gift"] if line.get("gift") else []),
                )
            )
        codes = [["0" + barcode(lines, line["sku"]), line["sku"], 1000] for line in lines]
        self.tell("chain", rows_of("department", departments), rows_of("item", items), rows_of("gtin", codes))

    def _member(self, number: int, member: Case) -> None:
        index = blind_index(INDEX_KEY, "+86" + phone(number))
        name, balance = f"m{number}", member.get("points_balance", 0)
        row = [name, index, "138****0000", "李*", member.get("tier", ""), balance, None, "{}"]
        detail = [name, "active", verifier_text(PEPPER, SALT, stretch(CODE, SALT)), None, 0, None, None, 0, 0]
        asked = [name, member.get("orders_before", 0), None]
        self.tell(
            "store:S1",
            rows_of("member", [row]),
            rows_of("member_detail", [detail]),
            rows_of("member_pricing", [asked]),
        )


def barcode(lines: list[Case], sku: str) -> str:
    """The EAN-13 on the goods: by their place in the basket."""
    place = next(n for n, line in enumerate(lines) if line["sku"] == sku)
    return with_check_digit(f"690{place:09}")


def phone(number: int) -> str:
    """The member of a case."""
    return f"138{number:08}"


def coupon_text(coupon: Case, instant_ms: int) -> str:
    """What the scanner reads off the signed coupon."""
    signed = SignedCoupon(coupon["coupon_id"], coupon["campaign"], instant_ms - DAY_MS, instant_ms + DAY_MS)
    return qr_text(signed, "k1", KEY.sign(coupon_statement(signed, "k1")))
