"""A payment as a front end shows it."""

from __future__ import annotations

from pos_client.services.chain_rules import Rules
from pos_client.services.views.payment import PaymentView, TenderTypeView, TenderView
from pos_core.catalog.store import TenderType
from pos_core.sale.tender import Payment
from pos_core.sale.tender_rules import DEFAULT_RULE

_STEPS_MAJOR = (10, 50, 100)
FIXED_KINDS = frozenset({"points", "exchange"})
"""Tenders that the basket or a return brings along: no operator takes them or takes them off."""


def view_of(payment: Payment, rules: Rules) -> PaymentView:
    """Before the operator's first tender the figures are those of the chain's first tender (cash, mostly):

    what the basket showed does not change when the payment begins.
    """
    offered = [each for each in rules.tender_types if each.tender_kind not in FIXED_KINDS]
    first = offered[0] if offered else None
    claimed_minor = sum(
        each.amount_minor for each in payment.tendered if each.type.tender_kind in FIXED_KINDS
    )
    if claimed_minor == payment.paid_minor and first is not None:
        due_minor = payment.net_minor if payment.net_minor <= 0 else payment.due_for(first)
        total_minor, remaining_minor = claimed_minor + due_minor, max(0, due_minor)
    else:
        total_minor, remaining_minor = payment.total_minor, payment.remaining_minor
    changes = _changes(payment)
    cash = next((each for each in rules.tender_types if each.tender_kind == "cash"), None)
    return PaymentView(
        total_minor=total_minor,
        paid_minor=payment.paid_minor,
        remaining_minor=remaining_minor,
        change_minor=payment.change_minor,
        tenders=tuple(
            TenderView(
                tender_code=each.type.tender_code,
                tender_kind=each.type.tender_kind,
                name=each.type.name,
                amount_minor=each.amount_minor,
                change_minor=change,
                reference=each.reference,
                fixed=each.type.tender_kind in FIXED_KINDS,
                name_en=each.type.name_en or "",
            )
            for each, change in zip(payment.tendered, changes, strict=True)
        ),
        can_finish=payment.can_finish,
        cash_rounding_minor=total_minor - payment.net_minor,
        suggested_minor=_suggested(payment.due_for(cash), rules.exponent) if cash else (),
        tender_types=tuple(_type(each, rules) for each in offered),
        due_minor=tuple((each.tender_code, payment.due_for(each)) for each in offered),
    )


def _changes(payment: Payment) -> tuple[int, ...]:
    if payment.can_finish:
        return tuple(line.change_minor for line in payment.lines())
    return (0,) * len(payment.tendered)


def _suggested(due_minor: int, exponent: int) -> tuple[int, ...]:
    """The exact amount, then the next ten, fifty and hundred: 33.30 → 33.30, 40, 50, 100."""
    if due_minor <= 0:
        return ()
    unit = 10**exponent
    return tuple(
        sorted({due_minor} | {-(-due_minor // (step * unit)) * step * unit for step in _STEPS_MAJOR})
    )


def _type(each: TenderType, rules: Rules) -> TenderTypeView:
    rule = rules.tender_rules.get(each.tender_code, DEFAULT_RULE)
    return TenderTypeView(
        each.tender_code,
        each.tender_kind,
        each.name,
        each.name_en,
        each.gives_change,
        each.opens_drawer,
        each.position,
        rule.reference == "required",
    )
