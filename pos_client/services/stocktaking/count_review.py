"""A stocktake looked at: variances by value, what is doubtful, what was not counted, and its approval.

Head office's figures hold every workstation's counts; ours that it has not folded, and those that neighbours
told of, come on top by the same fold. The view is of this moment: late sales restate it, the signed counts
never change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from pos_client.replica import stock
from pos_client.replica.stock import StockRow
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.refusals.staff import ReasonRequired, UnknownReason
from pos_client.services.refusals.stocktaking import RecountFirst, UnknownCount
from pos_client.services.shared_state import other_side
from pos_client.services.staff.approvals import Action, Approvals, approval_drafts
from pos_client.services.stocktaking.count_scope import CountScope
from pos_client.services.stocktaking.count_sources import CountSources, SessionFacts
from pos_core.stock.stocktake import VarianceLine, approval_bodies, by_value, needs_recount
from pos_core.sync.folds import FOLDS
from pos_core.sync.folds.count_group import SESSION, TOTAL
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.stamp import Stamp
from pos_core.sync.folds.stock import doubtful, expected


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """An item of the review.

    Attributes:
        name, unit: "" for an item that is no longer here.
        is_provisional: head office has not heard all counts of it: those of workstations that nobody hears
            may be missing.
        recount: its variance is worth more than the chain's threshold, and it was counted only once.
    """

    variance: VarianceLine
    name: str
    unit: str
    is_provisional: bool
    recount: bool


@dataclass(frozen=True, slots=True)
class Approved:
    """Who signed the variances last, and when."""

    operator_id: str | None
    at_ms: int


class CountReview:
    """Read once, at `as_of_ms`; ask for another one to see what came since."""

    def __init__(
        self,
        counter: Counter,
        room: StockRoom,
        approvals: Approvals,
        session_id: str,
        sources: CountSources,
    ) -> None:
        """Raises UnknownCount."""
        self._counter = counter
        self._room = room
        self._approvals = approvals
        self._sources = sources
        self.session_id = session_id
        self.as_of_ms = counter.time.now_ms()
        documents = [each for each in sources.documents() if each["body"]["session_id"] == session_id]
        self._opened = [each["body"] for each in documents if each["type"] == "count_opened"]
        signed = [each for each in documents if each["type"] == "count_approved"]
        self._approved = _approved([each["body"] for each in signed])
        self.approved: Approved | None = None
        if signed:
            self.approved = Approved(signed[-1]["operator_id"], signed[-1]["occurred_at_ms"])
        facts = sources.facts(session_id)
        rounds = {sku: each.round for sku, each in facts.rounds.items()}
        self.round = max([*facts.rounds_seen.values(), *rounds.values()], default=1)
        skus = {*facts.rounds_seen, *facts.results}
        if not skus:
            raise UnknownCount("nothing was counted under this name", session_id=session_id)
        self._moment = counter.pricing_moment()
        lines = []
        for sku in sorted(skus):
            found = self._line(sku, facts)
            if found is not None:
                again = max(facts.rounds_seen.get(sku, 1), rounds.get(sku, 1)) > 1
                lines.append(self._shown(found, provisional=sku in facts.unheard, again=again))
        order = {each.sku: place for place, each in enumerate(by_value([line.variance for line in lines]))}
        self.lines: list[ReviewLine] = sorted(lines, key=lambda line: order[line.variance.sku])
        self.not_counted = self._not_counted(skus, facts.on_hand)

    @property
    def is_approved(self) -> bool:
        """Whether somebody signed its variances, as far as anybody told."""
        return self.approved is not None

    @property
    def variance_minor(self) -> int:
        """Σ over all items, at the prices of now."""
        return sum(line.variance.value_minor for line in self.lines)

    @property
    def to_recount(self) -> list[str]:
        """SKUs above the threshold that were counted only once."""
        return [line.variance.sku for line in self.lines if line.recount]

    def approve(self, reasons: Mapping[str, str] | None = None, approval: str | None = None) -> Future[int]:
        """Sign the variances as they stand; `reasons`: SKU → code of `count_variance`.

        Whoever counted does not approve alone. Resolves with the last document's number. Raises
        NotSignedOn, RecountFirst, ReasonRequired (no reason for a variance above the threshold),
        UnknownReason, ApprovalNeeded.
        """
        counter, policy, given = self._counter, self._room.policy, dict(reasons or {})
        operator = counter.require_operator()
        if self.to_recount:
            raise RecountFirst("count again first", count=len(self.to_recount))
        for code in given.values():
            if policy.reason("count_variance", code) is None:
                raise UnknownReason("no such reason", reason_code=code[:32])
        signed = [replace(each.variance, reason_code=given.get(each.variance.sku)) for each in self.lines]
        for line in signed:
            if line.reason_code is None and needs_recount(line, over_minor=policy.recount_over_minor):
                raise ReasonRequired("a variance this large has a reason")
        counted = self._sources.counters(self.session_id).values()
        counted_himself = any(person == operator.operator_id for seen in counted for _, person in seen)
        amount_minor = abs(self.variance_minor)
        action = Action("count", amount_minor=amount_minor, subject=self.session_id)
        allowed = self._approvals.let(action, approval, by_another=counted_himself)
        rules = counter.rules
        bodies = approval_bodies(self.session_id, signed, currency=rules.currency, exponent=rules.exponent)
        drafts = [
            *approval_drafts(counter, () if allowed is None else (allowed,)),
            *(counter.draft("count_approved", body) for body in bodies),
        ]

        def told(recorded: list[Any]) -> int:
            counter.changed()
            return int(recorded[-1].number)

        return then(counter.record(drafts), told)

    def _line(self, sku: str, facts: SessionFacts) -> VarianceLine | None:
        """None where a later stocktake stands in this one's place."""
        unheard, result, known = facts.unheard.get(sku, []), facts.results.get(sku), facts.on_hand.get(sku)
        moved: Sequence[StockMoved] = facts.moved.get(sku, [])
        if not unheard:
            moved = facts.moved_there.get(sku, [])
            if result is None:
                return None
            if not moved:
                return VarianceLine(
                    sku, result.counted_milli, result.expected_milli, doubtful_milli=result.doubtful_milli
                )
        base: list[Counted]
        if result is not None:
            heard = Stamp(result.counted_at_hlc, "", 0, 1)
            base = [
                Counted(Stamp("", "", 0, 0), "", sku, result.expected_milli, 0, {}),
                Counted(
                    heard,
                    "",
                    sku,
                    result.counted_milli,
                    0,
                    {},
                    self.session_id,
                    facts.rounds[sku].round if sku in facts.rounds else 1,
                    other_side(unheard),
                ),
            ]
        else:
            milli = 0 if known is None else known.on_hand_milli
            since = "" if known is None else known.counted_at_hlc or ""
            base = [Counted(Stamp(since, "", 0, 0), "", sku, milli, 0, {}), *facts.others.get(sku, [])]
        later = sorted([*unheard, *moved], key=lambda fact: fact.stamp.as_value())
        state = FOLDS["stock"].refold([*base, *later])
        assert state is not None
        if state["count"][SESSION] != self.session_id:
            return None
        unsure = sum(abs(each[3]) for each in doubtful(state)) + (result.doubtful_milli if result else 0)
        return VarianceLine(sku, state["count"][TOTAL], expected(state), doubtful_milli=unsure)

    def _shown(self, line: VarianceLine, *, provisional: bool, again: bool) -> ReviewLine:
        counter = self._counter
        item, price = counter.replica.item_by_sku(line.sku), counter.list_price(line.sku, self._moment)
        before = self._approved.get(line.sku)
        if self.is_approved and before is None:
            before = (0, None)  # only variances were written down
        whole = replace(
            line,
            unit_value_minor=0 if price is None else price.price_minor,
            approved_milli=None if before is None else before[0],
            reason_code=None if before is None else before[1],
        )
        over = needs_recount(whole, over_minor=self._room.policy.recount_over_minor)
        return ReviewLine(
            whole,
            "" if item is None else item.name,
            "" if item is None else item.unit,
            provisional,
            over and not again and not self.is_approved,
        )

    def _not_counted(self, counted: set[str], on_hand: Mapping[str, StockRow]) -> list[str]:
        """SKUs of the scope with something on the books that nobody counted."""
        kinds = {body["kind"] for body in self._opened}
        scope = {each for body in self._opened for each in body.get("scope", ())}
        left = [sku for sku, row in on_hand.items() if row.on_hand_milli and sku not in counted]
        if "full" in kinds:
            return sorted(left)
        if "cyclic" in kinds:
            return sorted(scope - counted)
        if "department" in kinds:
            departments = dict(self._counter.replica.read(stock.active_items))
            within = CountScope(self._counter.replica)
            return sorted(sku for sku in left if within.is_within(departments.get(sku), scope))
        return []


def _approved(bodies: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, str | None]]:
    """SKU → approved variance and its reason; a later approval stands in the place of an earlier one."""
    found: dict[str, tuple[int, str | None]] = {}
    for body in bodies:
        if body["part"] == 1:
            found = {}
        for line in body["lines"]:
            variance_milli = line["counted_milli"] - line["expected_milli"]
            found[line["sku"]] = (variance_milli, line.get("reason_code"))
    return found
