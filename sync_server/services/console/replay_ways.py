"""A past basket priced before and after a draft, with no more work than the draft makes a difference to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.figures import Figures, price_figures
from pos_core.pricing.reach import Reach, asked_alone
from sync_server.services.console.past_baskets import PastBasket, Recorded
from sync_server.services.console.rule_sets import Rule, compiled

STATES = 1_000
"""What a till's search may keep is twenty times that: one basket in a hundred would take most of the time.

On real baskets the answers are the same (benchmarks/README.md); those without proof are counted, with how
much cheaper they might be.
"""


@dataclass(frozen=True, slots=True)
class Ways:
    """Both sets of promotions.

    Attributes:
        drafted: whether the promotions that differ could act, as they were and as they become.
        alone: these can be asked alone whether they could act.
    """

    before: RuleSet
    after: RuleSet
    drafted: tuple[Reach, Reach]
    alone: bool

    @classmethod
    def of(cls, before: Sequence[Rule], after: Sequence[Rule]) -> Ways:
        """Raises PromotionsRefused."""
        was, becomes = compiled(before), compiled(after)
        gone = [rule for rule in before if rule not in after]
        come = [rule for rule in after if rule not in before]
        sets = (compiled(gone), compiled(come))
        alone = all(asked_alone(each.rule) for rules in sets for each in rules.promotions)
        return cls(was, becomes, (Reach(sets[0]), Reach(sets[1])), alone)

    def prices(self, basket: PastBasket) -> tuple[Figures, Figures]:
        """Before and after; one where the draft cannot act. Raises what pricing raises.

        Of a sale that was priced under the promotions of before, its own record says what it cost then.
        Beside an answer after the draft it stands only where both are proven: a till searches longer, and
        what it found is no measure for what was found in less.
        """
        recorded = basket.recorded
        if recorded is not None and recorded.release_hash != self.before.release_hash:
            recorded = None
        if basket.after is basket.before and not self._touches(basket.before):
            before = _priced(basket.before, self.before) if recorded is None else _recorded(basket, recorded)
            return before, before
        after = _priced(basket.after, self.after)
        if recorded is not None and recorded.proof == "exact" and not after.gap_minor:
            return _recorded(basket, recorded), after
        return _priced(basket.before, self.before), after

    def _touches(self, question: PricingInput) -> bool:
        return not self.alone or any(reach.could_act(question) for reach in self.drafted)


def _priced(question: PricingInput, rules: RuleSet) -> Figures:
    return price_figures(question, rules, state_budget=STATES)


def _recorded(basket: PastBasket, answer: Recorded) -> Figures:
    nets = _by_sku(basket.before, {line.line_id: line.net_minor for line in answer.lines})
    return Figures(nets, answer.goods_net_minor, answer.payable_minor, answer.gap_minor)


def _by_sku(question: PricingInput, lines: Mapping[str, int]) -> dict[str, int]:
    """`lines`: line id → net. A line without a net is a damaged record's: KeyError."""
    nets: dict[str, int] = {}
    for line in question.lines:
        nets[line.sku] = nets.get(line.sku, 0) + lines[line.line_id]
    return nets
