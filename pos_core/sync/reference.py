"""The kinds of rows that come down the feed: one table of columns for both ends.

Reference data is HQ's own; shared state (from `series_point` on) is what HQ folded out of everybody's facts.

The server's import and feed, the wire and the replica's tables are all made from `KINDS`, so a column
cannot exist on one side only. A row travels as a list in column order; a deletion as its key alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "integer", "json", "blob"]
"""`json` is canonical JSON text; `blob` is base64 text on the wire and bytes in a table."""

Scope = str
"""`chain`, `region:<region>` or `store:<store_id>`."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `nullable` columns may be None; `personal` ones are erased with their member."""

    name: str
    type: ColumnType = "text"
    nullable: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: the first `key_length` columns are its key. `scope` says where it travels."""

    name: str
    scope: Literal["chain", "region", "store"]
    key_length: int
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in wire order."""
        return tuple(column.name for column in self.columns)

    def key_of(self, row: Sequence[object]) -> tuple[object, ...]:
        """The key of a row given in column order."""
        return tuple(row[: self.key_length])


def _text(name: str, *, nullable: bool = False, personal: bool = False) -> Column:
    return Column(name, "text", nullable, personal)


def _integer(name: str, *, nullable: bool = False) -> Column:
    return Column(name, "integer", nullable)


_ALL = (
    Kind(
        "department",
        "chain",
        1,
        (_text("department_code"), _text("parent_code", nullable=True), _text("name"), _text("name_en")),
    ),
    Kind("tax_class", "chain", 1, (_text("tax_class_code"), _text("name"), _integer("rate_ppm"))),
    Kind(
        "item",
        "chain",
        1,
        (
            _text("sku"),
            _text("name"),
            _text("name_en"),
            _text("receipt_name"),
            _text("brand", nullable=True),
            _text("department_code", nullable=True),
            _text("tax_class_code"),
            _text("sale_kind"),  # piece | weighed | open_price
            _text("unit"),  # 件 瓶 kg …
            _integer("floor_minor", nullable=True),  # net never below; the cost itself stays at HQ
            _integer("age_minimum", nullable=True),
            _text("deposit_sku", nullable=True),
            Column("tags", "json"),  # list of text
            _text("pinyin"),  # full, lower case, no spaces; computed at HQ
            _text("pinyin_initials"),
            _integer("sales_rank"),  # 1 sells best; search results come in this order
            _integer("active"),  # 0 = no longer sold: scanning says so
        ),
    ),
    Kind(
        "gtin",
        "chain",
        1,
        (_text("gtin"), _text("sku"), _integer("pack_quantity_milli")),  # 14 digits; 1000 = one piece
    ),
    Kind("plu", "chain", 1, (_text("plu"), _text("sku"))),
    Kind(
        "store",
        "chain",
        1,
        (
            _text("store_id"),
            _text("name"),
            _text("region"),
            _text("address"),
            _integer("latitude_e6", nullable=True),
            _integer("longitude_e6", nullable=True),
            _text("time_zone"),
            _text("price_list_id"),  # its group's dated prices
            Column("store_groups", "json"),
        ),
    ),
    Kind("price_list", "chain", 1, (_text("price_list_id"), _text("name"), _text("currency"))),
    Kind(
        "tender_type",
        "chain",
        1,
        (
            _text("tender_code"),
            _text("tender_kind"),  # cash | card | mobile | stored_value | voucher
            _text("name"),
            _text("name_en"),
            _integer("opens_drawer"),
            _integer("gives_change"),
            _integer("position"),  # its key in the payment dialog
        ),
    ),
    Kind("policy", "chain", 1, (_text("policy_key"), Column("value", "json"))),
    Kind(
        "release",
        "chain",
        1,
        # manifest: canonical JSON; signatures: list of {"key_id","signature"} (docs/releases.md)
        (_integer("version"), Column("manifest", "json"), Column("signatures", "json")),
    ),
    Kind(
        "release_offer",
        "store",
        1,
        # a release on its way to some stores first; the same columns as `release` (docs/releases.md)
        (_integer("version"), Column("manifest", "json"), Column("signatures", "json")),
    ),
    Kind(
        "employee",
        "store",
        1,
        (
            _text("employee_id"),
            _text("operator_number"),  # typed at sign-on
            _text("name"),
            _text("role"),  # cashier | supervisor | manager
            _text("pin_verifier"),  # argon2id over HMAC(store pepper, PIN); see docs/security.md
            _integer("active"),
        ),
    ),
    Kind("credential", "store", 1, (_text("employee_id"), Column("state", "json"))),  # the fold's
    Kind(
        "member",
        "store",
        1,
        (
            _text("member_id"),
            _text("blind_index"),  # 32 hex digits: HMAC-SHA256/16 B of the E.164 phone, key per store
            _text("masked_phone", personal=True),
            _text("display_name", personal=True),
            _text("tier"),
            _integer("points_balance"),
            _integer("birthday_month", nullable=True),
            Column("consents", "json"),
        ),
    ),
    # Shared state: written in the transaction that folded the documents, so at any cursor a store's rows are
    # its state after exactly the documents that `series_point` names. A workstation adds its own later ones.
    Kind("series_point", "store", 2, (_text("workstation_id"), _integer("incarnation"), _integer("number"))),
    Kind(
        "stock_on_hand",
        "store",
        1,
        (
            _text("sku"),
            _integer("on_hand_milli"),
            _text("counted_at_hlc", nullable=True),  # hybrid time of the newest count
            _integer("doubtful_milli"),  # moved about the count by series that were out of reach
        ),
    ),
    Kind(
        "count_result",  # what a session found of an item, while its count stands
        "store",
        2,
        (
            _text("session_id"),
            _text("sku"),
            _integer("counted_milli"),
            _integer("expected_milli"),  # by every document that head office has now: a late sale restates it
            _integer("recorded_milli"),  # what the books said to the first counter
            _integer("doubtful_milli"),
            _text("counted_at_hlc"),
        ),
    ),
    Kind(
        "count_round",  # how often an item of a session was counted, and by whom the last time
        "store",
        2,
        (
            _text("session_id"),
            _text("sku"),
            _integer("round"),
            Column("counters", "json"),  # employees, sorted
        ),
    ),
    Kind(
        "count_step",  # a stocktake was opened or approved on a workstation of the store; kept for some weeks
        "store",
        4,
        (
            _text("session_id"),
            _text("workstation_id"),
            _integer("incarnation"),
            _integer("number"),
            Column("data", "json"),  # {type, hlc, occurred_at_ms, operator_id, body}
        ),
    ),
    Kind(
        "nearby_places",  # one row a region: whose steps `nearby_stock` says, and as of when
        "region",
        1,
        (
            _text("region"),
            _integer("worked_out_at_ms"),
            Column("places", "json"),  # [[store_id, heard_at_ms | null], …] in the order of positions
        ),
    ),
    Kind(
        "nearby_stock",  # pos_core/stock/nearby.py; no row: nothing at any of the places
        "region",
        1,
        (_text("sku"), _text("steps")),
    ),
    Kind(
        "transfer",  # to both ends
        "store",
        1,
        (_text("transfer_id"), Column("state", "json")),  # the fold's: every step that is known
    ),
    Kind(
        "reservation",  # to both ends
        "store",
        1,
        (_text("reservation_id"), Column("state", "json")),  # the fold's: every step that is known
    ),
    Kind("shelf_label", "store", 1, (_text("sku"), Column("state", "json"))),  # the fold's
    Kind("purchase_order", "store", 1, (_text("order_id"), Column("data", "json"))),  # docs/stock.md
    Kind(
        "purchase", "store", 1, (_text("order_id"), Column("state", "json"))
    ),  # the fold's steps of an order
    Kind(
        "supplier",
        "chain",
        1,
        (
            _text("supplier_id"),
            _text("name"),
            _integer("lead_days", nullable=True),
            _integer("review_days", nullable=True),
            _integer("minimum_minor", nullable=True),  # an order of less is not delivered
        ),
    ),
    Kind(
        "replenishment_run",  # how old the store's rows `replenishment` are
        "store",
        1,
        (_text("store_id"), _integer("worked_out_at_ms"), _text("last_day"), _integer("items")),
    ),
    Kind(
        "replenishment",  # pos_core/stock/replenishment.py
        "store",
        1,
        (
            _text("sku"),
            Column("weekday_milli", "json"),  # expected on a Monday, Tuesday …
            _integer("safety_milli"),
            _text("source_kind"),  # supplier | warehouse | ""
            _text("source_id"),
            _integer("lead_days"),
            _integer("review_days"),
            _integer("pack_milli"),
            _integer("minimum_milli"),
            _integer("unit_cost_minor", nullable=True),
            Column(
                "basis", "json"
            ),  # {"method", "service_ppm", "uplift_ppm", "seen_days", "sale_days", "out_days"}
        ),
    ),
    Kind(
        "store_day", "store", 1, (_text("business_day"), Column("data", "json"))
    ),  # pos_core/cash/store_day.py
    Kind(
        "workstation_key",
        "chain",
        1,
        (_text("workstation_id"), _text("store_id"), _text("name"), _text("public_key"), _text("state")),
    ),
    Kind(
        "receipt_return",  # to the store that sold and to every store that took goods of the receipt back
        "store",
        6,
        (
            _text("workstation_id"),  # the sale's
            _integer("incarnation"),
            _integer("number"),
            _text("by_workstation_id"),  # the return's
            _integer("by_incarnation"),
            _integer("by_number"),
            Column("data", "json"),  # pos_core/sale/receipt_return.py
        ),
    ),
    Kind(
        "member_detail",
        "store",
        1,
        (
            _text("member_id"),
            _text("status"),  # active | frozen
            _text("code_verifier", nullable=True),  # pos_core/customer/member_code.py
            _text("card_index", nullable=True),  # of the card, made as `member.blind_index` is
            _integer("stored_value_minor"),
            _text("alias_of", nullable=True),  # the member that this id was merged into
            _text("last_seen_day", nullable=True),
            _integer("code_failures"),  # in a row, at the store's workstations
            _integer("code_locked_until_ms"),
        ),
    ),
    Kind(
        "member_pricing",  # what promotions ask of a member beyond `member`; no row: no orders, day unknown
        "store",
        1,
        (
            _text("member_id"),
            _integer("orders"),  # finished, anywhere in the chain
            _integer("birthday_day", nullable=True),
        ),
    ),
    Kind(
        "coupon_campaign",
        "chain",
        1,
        (
            _text("campaign_id"),
            _text("name"),
            _text("name_en"),
            _text("promotion_id"),
            _text("offline_class"),  # anywhere | leased | online
            _integer("uses_max"),  # of one coupon; 0 is no limit
            _integer("per_member_max", nullable=True),
            _integer("budget_minor", nullable=True),
            _integer("valid_from_ms"),
            _integer("valid_to_ms"),
            Column("terms", "json"),  # {"shared_code": text | null, …}
        ),
    ),
    Kind(
        "trust_root",  # every version stays, so that whoever was long away can walk along them
        "chain",
        1,
        (_integer("version"), _text("document"), _text("signatures")),  # pos_core/sync/trust_root.py
    ),
    Kind(
        "coupon_key",
        "chain",
        1,
        (_text("key_id"), _text("public_key"), _text("state")),  # base64 Ed25519; active | revoked
    ),
    Kind(
        "member_coupon",
        "store",
        1,
        (
            _text("coupon_id"),
            _text("member_id"),
            _text("campaign_id"),
            _text("state"),  # issued | used | void
            _text("code_index"),  # HMAC of the typed code under the store's key
            _integer("valid_from_ms"),
            _integer("valid_to_ms"),
        ),
    ),
    Kind(
        "coupon_lease",
        "store",
        1,
        (
            _text("code_index"),
            _text("campaign_id"),
            _text("coupon_id"),
            _text("allowance_id"),
            _integer("expires_at_ms"),
        ),
    ),
    Kind(
        "gift_card",  # of stores where it is sold or was shown (docs/cash.md, "Gift cards")
        "store",
        1,
        (
            _text("account_id"),
            _text("card_index"),  # HMAC of the number under the store's key
            _text("last_four"),
            _text("status"),  # new | active | blocked
            _integer("balance_minor"),
        ),
    ),
    Kind(
        "ruling",
        "store",
        1,
        (
            _text("ruling_id"),
            Column("data", "json"),  # docs/rulings.md, "Rulings"
            _text("superseded_by", nullable=True),  # another ruling's id; "" when nothing stands instead
            _integer("made_at_ms"),
        ),
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""By name; a replica keeps a row of an unknown kind aside instead of failing."""
