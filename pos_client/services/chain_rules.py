"""The chain's rules that a till asks at every key: read once, read again when the replica changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pos_client.log import get_logger
from pos_client.receipts.template import (
    DEFAULT_TEMPLATE,
    BadReceiptTemplate,
    ReceiptTemplate,
    parse_template,
)
from pos_client.replica.replica import Replica
from pos_client.services.refusals.basket import QuantityTooHigh
from pos_client.services.refusals.workstation import ReplicaIncomplete
from pos_core.cash.policy import BadCashPolicy, CashPolicy, parse_cash_policy
from pos_core.catalog.in_store_code import (
    DEFAULT_IN_STORE_CODES,
    BadInStoreLayout,
    InStoreLayout,
    parse_layouts,
)
from pos_core.catalog.offer_list import BadOfferList, OfferList, parse_offer_lists
from pos_core.catalog.store import Store, TenderType
from pos_core.customer.top_up import BadStoredValuePolicy, TopUpPolicy, parse_top_up_policy
from pos_core.money import currency_exponent
from pos_core.quantity import PIECE_MILLI
from pos_core.sale.by_hand import BadByHand, ByHand, parse_by_hand
from pos_core.sale.cash_rounding import (
    NO_CASH_ROUNDING,
    BadCashRounding,
    CashRounding,
    parse_cash_rounding,
)
from pos_core.sale.limits import BadRoleLimits, RoleLimits, parse_role_limits
from pos_core.sale.reasons import DEFAULT_REASONS, BadReasonCodes, Reasons, parse_reasons
from pos_core.sale.tender_rules import BadTenderRules, TenderRules, parse_tender_rules

_log = get_logger(__name__)
T = TypeVar("T")
LARGEST_NOTES = 10
"""So many of the largest note is the most change of a sale where head office says nothing."""
CHANNELS = ("sms", "push", "wechat", "email")
LINE_QUANTITY_MAX = 999
STOCK_QUANTITY_MAX = 99_999
"""Pieces (or kg) of one line where head office says nothing."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force. A policy that cannot be understood is logged and its default stands: a typing

    error at head office must not close a thousand tills.
    """

    store: Store
    currency: str
    exponent: int
    layouts: tuple[InStoreLayout, ...]
    cash_rounding: CashRounding
    tender_types: tuple[TenderType, ...]
    change_max_minor: int | None
    zero_price_allowed: bool
    day_start_minutes: int
    receipt_footer: str
    receipt_template: ReceiptTemplate
    cash: CashPolicy
    offer_lists: tuple[OfferList, ...] = ()
    tender_rules: TenderRules = field(default_factory=dict)
    limits: RoleLimits = field(default_factory=lambda: parse_role_limits(None))
    return_without_receipt_max_minor: int = 50_000
    reasons: Reasons = field(default_factory=lambda: DEFAULT_REASONS)
    by_hand: ByHand = field(default_factory=ByHand)
    consents: tuple[str, ...] = ("marketing", "sms")
    top_up: TopUpPolicy = field(default_factory=TopUpPolicy)
    tier_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    simulators_allowed: bool = False
    line_quantity_max: int = LINE_QUANTITY_MAX
    stock_quantity_max: int = STOCK_QUANTITY_MAX

    def require_line_quantity(self, quantity_milli: int) -> None:
        """A barcode that went into the quantity must not be a quantity. Raises QuantityTooHigh."""
        if quantity_milli > self.line_quantity_max * PIECE_MILLI:
            raise QuantityTooHigh("more than one line may be", maximum=self.line_quantity_max)

    def utc_offset_minutes(self, instant_ms: int) -> int:
        """The store's zone at an instant; UTC where the zone is unknown to this machine."""
        try:
            zone = ZoneInfo(self.store.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return 0
        offset = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(zone).utcoffset()
        return 0 if offset is None else int(offset.total_seconds()) // 60

    @property
    def cash_code(self) -> str:
        """The tender code of the chain's cash."""
        return next((each.tender_code for each in self.tender_types if each.tender_kind == "cash"), "cash")

    def tender_type(self, tender_code: str) -> TenderType | None:
        """A means of payment by its code."""
        return next((each for each in self.tender_types if each.tender_code == tender_code), None)


class ChainRules:
    """`now()` costs nothing while the replica has not changed."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._generation = -1
        self._rules: Rules | None = None

    def now(self) -> Rules:
        """The rules. Raises ReplicaIncomplete before the first download is whole."""
        generation = self._replica.generation
        if self._rules is None or generation != self._generation:
            self._rules = _read_rules(self._replica)
            self._generation = generation
        return self._rules


def _read_rules(replica: Replica) -> Rules:
    store = replica.store()
    if store is None or not replica.is_complete():
        raise ReplicaIncomplete("the first download is not complete")
    price_list = replica.price_list(store.price_list_id)
    currency = price_list.currency if price_list else "CNY"
    exponent = currency_exponent(currency)
    reasons = _or_default(lambda: parse_reasons(replica.policy("reason_codes")), DEFAULT_REASONS)
    cash = _one_list(_cash(replica.policy("cash"), currency), reasons)
    return Rules(
        store=store,
        currency=currency,
        exponent=exponent,
        layouts=_layouts(replica.policy("in_store_codes"), exponent),
        cash_rounding=_rounding(replica.policy("cash_rounding"), exponent),
        tender_types=tuple(replica.tender_types()),
        change_max_minor=_change_most(replica.policy("change_max_minor"), cash),
        zero_price_allowed=replica.policy("zero_price_allowed") is True,
        day_start_minutes=_whole(replica.policy("day_start_minutes"), low=0) or 0,
        receipt_footer=_text(replica.policy("receipt_footer")),
        receipt_template=_or_default(
            lambda: parse_template(replica.policy("receipt_template")), DEFAULT_TEMPLATE
        ),
        cash=cash,
        offer_lists=offer_lists(replica.policy("price_offers")),
        return_without_receipt_max_minor=_return_cap(replica.policy("returns"), exponent),
        tender_rules=_or_default(lambda: parse_tender_rules(replica.policy("tender_rules")), {}),
        limits=_limits(replica.policy("role_limits"), exponent),
        reasons={**cash.reasons, **reasons},
        by_hand=_or_default(lambda: parse_by_hand(replica.policy("by_hand")), ByHand()),
        tier_names=_tier_names(replica.policy("member_tiers")),
        simulators_allowed=replica.policy("simulated_devices") is True,
        line_quantity_max=_whole(replica.policy("line_quantity_max"), low=1) or LINE_QUANTITY_MAX,
        stock_quantity_max=_whole(replica.policy("stock_quantity_max"), low=1) or STOCK_QUANTITY_MAX,
        consents=_consents(replica.policy("notices")),
        top_up=_or_default(lambda: parse_top_up_policy(replica.policy("stored_value")), TopUpPolicy()),
    )


def _layouts(policy: object, exponent: int) -> tuple[InStoreLayout, ...]:
    return _or_default(
        lambda: parse_layouts(DEFAULT_IN_STORE_CODES if policy is None else policy, exponent=exponent), ()
    )


def _rounding(policy: object, exponent: int) -> CashRounding:
    return _or_default(lambda: parse_cash_rounding(policy, exponent=exponent), NO_CASH_ROUNDING)


def _cash(policy: object, currency: str) -> CashPolicy:
    return _or_default(
        lambda: parse_cash_policy(policy, currency=currency), parse_cash_policy(None, currency=currency)
    )


def _one_list(cash: CashPolicy, reasons: Reasons) -> CashPolicy:
    """Reasons of the till stand in `cash`; where `reason_codes` names the same use, that list is the one."""
    named = {use: reasons[use] for use in cash.reasons if reasons.get(use)}
    return replace(cash, reasons={**cash.reasons, **named})


def _tier_names(policy: object) -> dict[str, tuple[str, str]]:
    """`[{"code", "name", "name_en"}]`; what is no tier is left out."""
    rows = policy if isinstance(policy, list) else []
    found = {}
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("code"), str) and isinstance(row.get("name"), str):
            name_en = row.get("name_en")
            english = name_en if isinstance(name_en, str) and name_en else row["name"]
            found[row["code"]] = (row["name"], english)
    return found


def _consents(policy: object) -> tuple[str, ...]:
    """What a shopper is asked for at the till: to be written to, and by each channel that the chain uses."""
    order = policy.get("order") if isinstance(policy, dict) else None
    channels = [each for each in order if each in CHANNELS] if isinstance(order, list) else []
    return ("marketing", *dict.fromkeys(channels or ["sms"]))


def _change_most(policy: object, cash: CashPolicy) -> int | None:
    """Ten of the largest note where it is not set; None: no limit, for no note of the currency is known."""
    said = _whole(policy, low=1)
    return LARGEST_NOTES * max(cash.denominations_minor, default=0) or None if said is None else said


def _return_cap(policy: object, exponent: int) -> int:
    """`{"without_receipt_max_minor"}`; 500.00 where it is not set."""
    said = policy.get("without_receipt_max_minor") if isinstance(policy, dict) else None
    cap = _whole(said, low=0)
    return 500 * 10**exponent if cap is None else cap


def _limits(policy: object, exponent: int) -> RoleLimits:
    default = parse_role_limits(None, exponent=exponent)
    return _or_default(lambda: parse_role_limits(policy, exponent=exponent), default)


def offer_lists(policy: object) -> tuple[OfferList, ...]:
    """The price lists beside the store's own; none where the policy is not set or not understood."""
    return _or_default(lambda: parse_offer_lists([] if policy is None else policy), ())


def _or_default(read: Callable[[], T], default: T) -> T:
    try:
        return read()
    except (
        BadInStoreLayout,
        BadCashRounding,
        BadOfferList,
        BadCashPolicy,
        BadReceiptTemplate,
        BadRoleLimits,
        BadReasonCodes,
        BadByHand,
        BadTenderRules,
        BadStoredValuePolicy,
    ) as error:
        _log.error("policy_not_understood", **error.as_dict())
        return default


def _whole(value: object, *, low: int) -> int | None:
    return value if type(value) is int and value >= low else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
