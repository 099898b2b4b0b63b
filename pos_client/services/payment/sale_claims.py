"""What a sale's document says beside its lines and tenders: points, coupons, stored value.

The engine has decided what was used; the basket's claims say who let it go (docs/documents.md, "sale").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pos_client.services.chain_rules import Rules
from pos_client.services.own_tenders import POINTS_TENDER
from pos_client.services.pricing.pricing import Priced
from pos_core.sale.claims import coupon_uses, points_movements
from pos_core.sale.tender import Payment

if TYPE_CHECKING:
    from pos_client.services.accounts.stored_value import LetGo
    from pos_client.services.pricing.budget_leases import BudgetLeases


def with_points(payment: Payment, priced: Priced, rules: Rules) -> Payment:
    """The payment with what points pay: the first tender, and no operator can change it."""
    if not priced.points_paid_minor:
        return payment
    named = next((each for each in rules.tender_types if each.tender_kind == "points"), POINTS_TENDER)
    return payment.add(named, priced.points_paid_minor, confirmed="points", reference=str(priced.points_paid))


def claim_fields(
    priced: Priced,
    payment: Payment,
    *,
    put_on: Sequence[Mapping[str, Any]] = (),
    let_go: Mapping[str, LetGo] | None = None,
    budgets: BudgetLeases | None = None,
) -> dict[str, Any]:
    """The optional fields of the body; only those that hold something.

    `put_on`: movements of what lines of stored value put on purse and cards. `let_go`: account → who let its
    money go, for tenders of stored value.
    """
    basket, record = priced.basket, priced.record
    result = record["result"] if record else None
    coupons = coupon_uses(result, basket.coupons) if result else []
    found = {
        "points_movements": points_movements(result, basket.member_id, basket.points) if result else [],
        "coupon_uses": [*coupons, *voucher_uses(payment)],
        "budget_uses": budgets.uses(priced.proof, coupons) if budgets is not None else [],
        "stored_value_movements": [
            *put_on,
            *_taken_off(payment, let_go or {}),
        ],
    }
    return {name: rows for name, rows in found.items() if rows}


def voucher_campaign(tender_code: str) -> str:
    """The campaign under which a voucher's number is used: once, as `coupon_used_twice` rules."""
    return f"voucher/{tender_code}"


def voucher_uses(payment: Payment) -> list[dict[str, Any]]:
    """A voucher's number is used up by the sale that takes it, wherever else it may turn up."""
    return [
        {
            "campaign_id": voucher_campaign(tender.tender_code),
            "coupon_code": tender.reference,
            "member_id": None,
            "amount_minor": tender.amount_minor,
        }
        for tender in payment.lines()
        if tender.tender_kind == "voucher" and tender.reference
    ]


def _taken_off(payment: Payment, let_go: Mapping[str, LetGo]) -> list[dict[str, Any]]:
    """A row for each part of an allowance that a tender takes; one for what a person let go."""
    rows: list[dict[str, Any]] = []
    parts = {account_id: list(each.parts) for account_id, each in let_go.items()}
    for tender in payment.lines():
        if tender.tender_kind != "stored_value" or tender.reference is None:
            continue
        known = let_go.get(tender.reference)
        authority = known.authority if known is not None else ""
        for allowance_id, amount_minor in _over(parts.get(tender.reference, []), tender.amount_minor):
            rows.append(
                {
                    "account_id": tender.reference,
                    "amount_minor": -amount_minor,
                    "reason": "spent",
                    "authority": authority,
                    "allowance_id": allowance_id,
                }
            )
    return rows


def _over(parts: list[tuple[str, int]], amount_minor: int) -> Iterator[tuple[str | None, int]]:
    """Takes the amount off `parts`; what stays of them is for the account's next tender."""
    while parts and amount_minor:
        allowance_id, units = parts[0]
        taken = min(units, amount_minor)
        amount_minor -= taken
        parts[:1] = [(allowance_id, units - taken)] if taken < units else []
        yield allowance_id, taken
    if amount_minor:
        yield None, amount_minor
