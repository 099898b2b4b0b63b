"""Paying: tenders against what is due, with change, cash rounding and the rules of over- and under-tender.

Rules (docs/documents.md, "Tenders"):
- Only a tender that gives change may be more than is due; its surplus is the change.
- Cash rounding applies to the part that is paid in cash: net − Σ other tenders. Without a cash tender
  nothing is rounded.
- A sale is finished when nothing remains. Change comes out of the last tenders that give it, never more
  than each took in, except where the lines sum below zero: then cash of amount 0 hands the sum out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pos_core.catalog.store import TenderKind, TenderType
from pos_core.errors import Refusal
from pos_core.money import BadAmount
from pos_core.rounding import checked_amount
from pos_core.sale.cash_rounding import NO_CASH_ROUNDING, CashRounding
from pos_core.sale.tender_rules import DEFAULT_RULE, TenderRule, TenderRules, check_rule

TENDERS_MAX = 50


class TenderTooHigh(Refusal):
    """Only a tender that gives change may exceed what is due; `facts["remaining_minor"]`."""

    code = "tender_too_high"


class ChangeTooHigh(Refusal):
    """More change than the shop hands out (a barcode scanned into the amount); `facts["maximum_minor"]`."""

    code = "change_too_high"


class NotFullyPaid(Refusal):
    """Something remains to be paid; `facts["remaining_minor"]`."""

    code = "not_fully_paid"


class AlreadyPaid(Refusal):
    """Nothing remains to be paid."""

    code = "already_paid"


class NothingToPay(Refusal):
    """The basket costs nothing: finish it without a tender."""

    code = "nothing_to_pay"


class UnknownTenderLine(Refusal):
    """No tender stands at `facts["index"]`."""

    code = "unknown_tender_line"


@dataclass(frozen=True, slots=True)
class Tendered:
    """A tender as handed over. `confirmed`: who says that the money is there: operator, terminal or None.

    `face_minor`: of a voucher that says more than was due: what it says; the rest is forfeited.
    """

    type: TenderType
    amount_minor: int
    confirmed: str | None = None
    reference: str | None = None
    face_minor: int | None = None


@dataclass(frozen=True, slots=True)
class TenderLine:
    """A tender as it stands in the document: what it took in and what it gave back, both ≥ 0."""

    tender_code: str
    tender_kind: TenderKind
    amount_minor: int
    change_minor: int
    confirmed: str | None
    reference: str | None
    face_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment under way, as a value. `net_minor` is the sum of the lines before cash rounding.

    Attributes:
        change_max_minor: most change that one sale hands out; None = no limit.
        rules: the chain's rules by tender code; the default rule where there is none.
    """

    net_minor: int
    rounding: CashRounding = NO_CASH_ROUNDING
    tendered: tuple[Tendered, ...] = ()
    change_max_minor: int | None = None
    rules: TenderRules = field(default_factory=dict)

    @property
    def cash_rounding_minor(self) -> int:
        """What rounding adds to the total with the tenders so far."""
        if not any(_is_cash(tendered.type) for tendered in self.tendered):
            return 0
        return self.rounding.adjustment(self.net_minor - self._paid(cash=False))

    @property
    def total_minor(self) -> int:
        """What the sale comes to with the tenders so far."""
        return self.net_minor + self.cash_rounding_minor

    @property
    def paid_minor(self) -> int:
        """What was handed over."""
        return sum(tendered.amount_minor for tendered in self.tendered)

    @property
    def remaining_minor(self) -> int:
        """What is still to be paid; never below zero."""
        return max(0, self.total_minor - self.paid_minor)

    @property
    def change_minor(self) -> int:
        """What is handed back; never below zero, and 0 until everything is paid."""
        return max(0, self.paid_minor - self.total_minor)

    @property
    def can_finish(self) -> bool:
        """True when nothing remains and the change has a tender to come out of."""
        gives = any(tendered.type.gives_change for tendered in self.tendered)
        return self.remaining_minor == 0 and (self.change_minor == 0 or gives)

    def due_for(self, tender_type: TenderType) -> int:
        """What pays the rest when `tender_type` pays it: rounded for cash, exact for all others; ≥ 0."""
        if _is_cash(tender_type):
            due = self.net_minor - self._paid(cash=False)
            return max(0, due + self.rounding.adjustment(due) - self._paid(cash=True))
        return max(0, self.net_minor - self.paid_minor)

    def add(
        self,
        tender_type: TenderType,
        amount_minor: int | None = None,
        *,
        confirmed: str | None = None,
        reference: str | None = None,
    ) -> Payment:
        """With one more tender; `amount_minor` None pays what remains.

        Amount 0 is possible for cash alone, when rounding leaves nothing to pay or the lines sum below zero.
        Raises NothingToPay, AlreadyPaid, BadAmount, TenderTooHigh, ChangeTooHigh, and what `check_rule` does.
        """
        if self.net_minor == 0:
            raise NothingToPay("nothing to pay")
        if (self.tendered and self.remaining_minor == 0) or len(self.tendered) >= TENDERS_MAX:
            raise AlreadyPaid("nothing remains to be paid")
        due = self.due_for(tender_type)
        amount = due if amount_minor is None else checked_amount(amount_minor)
        nothing_is_right = due == 0 and _is_cash(tender_type) and tender_type.gives_change
        if amount < 0 or (amount == 0 and not nothing_is_right):
            raise BadAmount("a tender must be more than zero", amount_minor=amount)
        rule = self.rules.get(tender_type.tender_code, DEFAULT_RULE)
        face_minor = None
        if amount > due and not tender_type.gives_change:
            if rule.over != "forfeit":
                code = tender_type.tender_code
                raise TenderTooHigh("more than is due", remaining_minor=due, tender_code=code)
            amount, face_minor = due, amount
        self._check(rule, tender_type, amount, due, reference)
        paid = Tendered(tender_type, amount, confirmed, reference, face_minor)
        after = replace(self, tendered=(*self.tendered, paid))
        if self.change_max_minor is not None and amount and after.change_minor > self.change_max_minor:
            raise ChangeTooHigh("too much change", maximum_minor=self.change_max_minor)
        return after

    def _check(
        self, rule: TenderRule, tender_type: TenderType, amount: int, due: int, reference: str | None
    ) -> None:
        same = [each for each in self.tendered if each.type.tender_code == tender_type.tender_code]
        check_rule(
            rule,
            amount_minor=amount,
            due_minor=due,
            taken_minor=sum(each.amount_minor for each in same),
            times=len(same),
            reference=reference,
            references=frozenset(each.reference for each in same),
        )

    def remove(self, index: int) -> Payment:
        """Without the tender at `index` (0 = first). Raises UnknownTenderLine."""
        if not 0 <= index < len(self.tendered):
            raise UnknownTenderLine(f"no tender {index}", index=index)
        return replace(self, tendered=self.tendered[:index] + self.tendered[index + 1 :])

    def lines(self) -> tuple[TenderLine, ...]:
        """The tenders of the document, with their change. Raises NotFullyPaid."""
        if not self.can_finish:
            raise NotFullyPaid("not fully paid", remaining_minor=self.remaining_minor)
        changes = self._changes()
        return tuple(
            TenderLine(
                tendered.type.tender_code,
                tendered.type.tender_kind,
                tendered.amount_minor,
                change,
                tendered.confirmed,
                tendered.reference,
                tendered.face_minor,
            )
            for tendered, change in zip(self.tendered, changes, strict=True)
        )

    def _changes(self) -> list[int]:
        changes = [0] * len(self.tendered)
        left = self.change_minor
        givers = [index for index, tendered in enumerate(self.tendered) if tendered.type.gives_change]
        for index in reversed(givers):
            changes[index] = min(left, self.tendered[index].amount_minor)
            left -= changes[index]
        if left:  # the lines sum below zero: the last giver hands the rest out
            assert self.total_minor < 0
            changes[givers[-1]] += left
        return changes

    def _paid(self, *, cash: bool) -> int:
        return sum(tendered.amount_minor for tendered in self.tendered if _is_cash(tendered.type) == cash)


def _is_cash(tender_type: TenderType) -> bool:
    return tender_type.tender_kind == "cash"
