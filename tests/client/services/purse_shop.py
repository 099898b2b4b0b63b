"""A shop with stored value, vouchers and deposits: what head office sends for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pos_client.services.members.member_codes import stretch
from pos_core.customer.gift_card import card_account, gift_text, with_check_digit
from pos_core.customer.member_code import verifier_text
from pos_core.sync.allowance import Grant
from pos_core.sync.allowance_policy import stored_value_id
from tests.client.services.shop import INDEX_KEY, PEPPER, PRICES, Shop
from tests.client.services.test_pricing import PromotionShop
from tests.fakes.reference_rows import item_row, page, rows_of
from tests.fakes.releases import T0

CODE, SALT = "135790", b"s" * 16
CARD = "880012345678"
GIFT = with_check_digit("620000000000000")
GIFT_2 = with_check_digit("620000000000000012")
TOP_UP, BOTTLE, CRATE, SPIRIT = "SV1", "B1", "D1", "X1"
POLICY = {
    "sku": TOP_UP,
    "least_minor": 100,
    "most_minor": 100_000,
    "balance_most_minor": 200_000,
    "bonus": [{"from_minor": 10_000, "bonus_minor": 500}, {"from_minor": 20_000, "bonus_minor": 2000}],
}
ITEMS = [
    item_row(TOP_UP, "储值充值", sale_kind="open_price", tax_class_code="none", tags='["stored_value"]'),
    item_row(BOTTLE, "啤酒 500ml", deposit_sku=CRATE, age_minimum=18, unit="瓶"),
    item_row(CRATE, "啤酒瓶押金", tags='["deposit"]', tax_class_code="none", unit="个"),
    item_row(SPIRIT, "白酒", age_minimum=18),
]
TENDERS = [
    ["stored_value", "stored_value", "储值", "Stored value", 0, 0, 4],
    ["voucher", "voucher", "购物券", "Voucher", 0, 0, 5],
]


@dataclass
class PurseShop(PromotionShop):
    """`purse_minor` stands on the purse of m1 as head office knows it."""

    purse_minor: int = 0
    rules: Any = field(default_factory=lambda: {"format": 1, "promotions": []})

    def __post_init__(self) -> None:
        self.promotions = self.rules
        self.prices = [
            *PRICES,
            ["PL1", BOTTLE, T0 - 1000, None, 600],
            ["PL1", CRATE, T0 - 1000, None, 50],
            ["PL1", SPIRIT, T0 - 1000, None, 5000],
        ]
        super().__post_init__()

    def fill(self) -> None:
        super().fill()
        self.take(
            rows_of("item", ITEMS),
            rows_of("tax_class", [["none", "0%", 0]]),
            rows_of("plu", [["90", TOP_UP], ["91", BOTTLE], ["92", CRATE], ["93", SPIRIT]]),
            rows_of("tender_type", TENDERS),
        )
        self.policy("stored_value", POLICY)
        self.policy("tender_rules", {"voucher": {"over": "forfeit", "reference": "required"}})
        self.detail(self.purse_minor)

    def take(self, *parts: object, scope: str = "chain") -> None:
        """One more page of the feed."""
        cursor = self.replica.cursors()[scope][1]
        self.replica.apply_page(page(*parts, scope=scope, after=cursor, to=cursor + 1))  # type: ignore[arg-type]

    def detail(self, purse_minor: int, status: str = "active") -> None:
        """Head office's figure of m1's purse, with his code and card."""
        from pos_client.services.members.phone_index import keyed_index

        verifier = verifier_text(PEPPER, SALT, stretch(CODE, SALT))
        card = keyed_index(INDEX_KEY, f"card:{CARD}")
        row = ["m1", status, verifier, card, purse_minor, None, None, 0, 0]
        self.take(rows_of("member_detail", [row]), scope="store:S001")

    def card(self, status: str = "new", balance_minor: int = 0, number: str = GIFT) -> str:
        """A gift card as head office knows it; returns its account."""
        from pos_client.services.members.phone_index import keyed_index

        account_id = card_account(keyed_index(b"head office", number))
        index = keyed_index(INDEX_KEY, gift_text(number))
        row = [account_id, index, number[-4:], status, balance_minor]
        self.take(rows_of("gift_card", [row]), scope="store:S001")
        return account_id

    def grant(self, units: int, renewal: int = 0) -> None:
        """An allowance for stored value, as head office gives it at a contact."""
        book = self.workstation.status._counter.allowance_book  # type: ignore[attr-defined]
        name = stored_value_id(book.series)
        given = Grant(name, "stored_value", book.series, units, renewal, 72 * 3_600_000, "e1")
        book.accept([given], epoch="e1", asked=book.now())

    def proven(self) -> PurseShop:
        """The member on the basket, who has shown his code."""
        self.workstation.members.attach("m1")
        self.workstation.member_codes.prove(CODE).result(20)
        return self

    def topped_up(self, amount_minor: int) -> None:
        """A whole sale of a top-up, in cash."""
        self.workstation.members.attach("m1")
        self.workstation.stored_value.top_up(amount_minor)
        self.workstation.payment.begin()
        self.workstation.payment.add("cash", None)
        self.workstation.payment.finish().result(10)


def purse_of(shop: Shop) -> int:
    """What is on m1's purse as the operator sees it."""
    return shop.workstation.shared.stored_value_of("m1")
