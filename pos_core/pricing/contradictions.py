"""Rules that fit the schema and still cannot be meant: found before a release is made, never at the till.

`contradictions_in` returns every problem with its path, like the validator. One function a subject.
"""

from __future__ import annotations

from collections.abc import Iterator

from pos_core.pricing import benefit as b
from pos_core.pricing.contradictions_benefit import benefit_problems, phase_and_kind
from pos_core.pricing.contradictions_idle import idle_settings
from pos_core.pricing.local_time import parse_local_second
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rule import Promotion, PromotionSet, Scope, Stacking
from pos_core.pricing.selection import EVERYTHING, Clause, Selection
from pos_core.pricing.validate import PROBLEMS_MAX, Problem
from pos_core.pricing.values import PHASES


def contradictions_in(rules: PromotionSet) -> list[Problem]:
    """Every contradiction in the set, in its order; at most PROBLEMS_MAX are listed."""
    found: list[Problem] = []
    for problem in _all(rules):
        found.append(problem)
        if len(found) >= PROBLEMS_MAX:
            break
    return found


def contradictions_of(promotion: Promotion, path: str = "") -> Iterator[Problem]:
    """The contradictions of one promotion by itself, as the editor shows them while it is written."""
    yield from phase_and_kind(promotion, path)
    yield from benefit_problems(promotion, f"{path}/benefit")
    yield from _conditions(promotion, path)
    yield from _selections(promotion, path)
    yield from _scope(promotion.scope, f"{path}/scope", by_coupon=promotion.coupon is not None)
    yield from _stack(promotion, f"{path}/stack")
    yield from _limits(promotion, path)
    yield from idle_settings(promotion, path)


def _all(rules: PromotionSet) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, promotion in enumerate(rules.promotions):
        path = f"/promotions/{index}"
        if promotion.id in seen:
            yield Problem(f"{path}/id", "doubled_id", f"{promotion.id!r} is also entry {seen[promotion.id]}")
        seen.setdefault(promotion.id, index)
        yield from contradictions_of(promotion, path)
    yield from _combinations(rules)


# --- conditions, bases, selections ----------------------------------------------------------------


def _conditions(p: Promotion, path: str) -> Iterator[Problem]:
    for index, c in enumerate(p.conditions):
        at = f"{path}/conditions/{index}"
        named = _named_skus(c.select or p.select)
        if c.min_distinct_skus is not None and named is not None and named < c.min_distinct_skus:
            yield Problem(f"{at}/min_distinct_skus", "never_reached", f"only {named} SKUs are selected")
        if not (c.min_units or c.min_units_of_one_sku or c.min_distinct_skus or c.min_amount_minor):
            yield Problem(at, "empty_condition", "nothing is asked for")
        if c.basis == "running":
            yield from _running(p, f"{at}/basis")
        if c.min_units and c.min_distinct_skus and c.min_distinct_skus > c.min_units:
            # Not wrong, but the smaller number can never decide: somebody mistyped.
            yield Problem(f"{at}/min_units", "never_decides", "fewer units than different SKUs")
    ladder = getattr(p.benefit, "ladder", None)
    if ladder is not None and ladder.basis == "running":
        yield from _running(p, f"{path}/benefit/ladder/basis")
    if isinstance(p.benefit, b.BasketAmount | b.Gift) and p.benefit.basis == "running":
        yield from _running(p, f"{path}/benefit/basis")


def _running(p: Promotion, path: str) -> Iterator[Problem]:
    if p.phase in ("price", "item"):
        yield Problem(
            path, "running_basis", f"in phase {p.phase} a threshold cannot depend on other promotions"
        )


def selections_of(p: Promotion) -> Iterator[tuple[str, Selection]]:
    """Every selection in a promotion with its path."""
    yield "/select", p.select
    for index, condition in enumerate(p.conditions):
        if condition.select is not None:
            yield f"/conditions/{index}/select", condition.select
    benefit = p.benefit
    ladder = getattr(benefit, "ladder", None)
    if ladder is not None and ladder.select is not None:
        yield "/benefit/ladder/select", ladder.select
    for name in ("slots", "buy"):
        for index, slot in enumerate(getattr(benefit, name, ())):
            yield f"/benefit/{name}/{index}/select", slot.select
    if isinstance(benefit, b.BuyGet):
        yield "/benefit/get/select", benefit.get.select
    if isinstance(benefit, b.Gift):
        yield "/benefit/gifts", benefit.gifts


def _selections(p: Promotion, path: str) -> Iterator[Problem]:
    slotted = isinstance(p.benefit, b.BundlePercent | b.BundleAmount | b.BundlePrice | b.BuyGet)
    if slotted and p.select != EVERYTHING:
        yield Problem(f"{path}/select", "select_and_slots", "the slots say which goods: leave select out")
    for at, selection in selections_of(p):
        yield from _selection(selection, p.phase, path + at)


def _selection(s: Selection, phase: str, path: str) -> Iterator[Problem]:
    if (
        s.price_min_minor is not None
        and s.price_max_minor is not None
        and s.price_max_minor < s.price_min_minor
    ):
        yield Problem(f"{path}/price_max_minor", "empty_band", "the band ends before it starts")
    for name, clauses in (("any_of", s.any_of), ("exclude", s.exclude)):
        for index, clause in enumerate(clauses):
            if clause == Clause():
                yield Problem(f"{path}/{name}/{index}", "empty_clause", "names no goods")
    if s.any_of and all(any(_covers(out, clause) for out in s.exclude) for clause in s.any_of):
        yield Problem(f"{path}/exclude", "empty_selection", "everything selected is excluded again")
    if s.sale_goods == "exclude_reduced" and phase == "price":
        yield Problem(f"{path}/sale_goods", "not_yet_reduced", "the price phase is what reduces")
    if s.sale_goods == "exclude_promoted" and phase in ("price", "item"):
        yield Problem(f"{path}/sale_goods", "not_yet_promoted", f"nothing is promoted before phase {phase}")


def _named_skus(s: Selection) -> int | None:
    """How many SKUs a selection names, when it says nothing but SKUs."""
    if not s.any_of or any(c.brands or c.departments or c.tags or not c.skus for c in s.any_of):
        return None
    out = {sku for c in s.exclude if not (c.brands or c.departments or c.tags) for sku in c.skus}
    return len({sku for c in s.any_of for sku in c.skus} - out)


def _covers(out: Clause, clause: Clause) -> bool:
    """True when everything that fits `clause` surely fits `out`."""
    for name in ("skus", "brands", "departments", "tags"):
        wanted, mine = set(getattr(out, name)), set(getattr(clause, name))
        if wanted and not (mine and mine <= wanted):
            return False
    return out != Clause()


# --- scope, stacking, limits ----------------------------------------------------------------------


def _scope(scope: Scope, path: str, *, by_coupon: bool) -> Iterator[Problem]:
    if scope.stores and not scope.store_groups and set(scope.stores) <= set(scope.exclude_stores):
        yield Problem(f"{path}/exclude_stores", "empty_scope", "every named store is excluded again")
    member = scope.member
    if member is not None and member.segments and not by_coupon:
        yield Problem(
            f"{path}/member/segments", "segment_without_coupon", "segments decide only for issued coupons"
        )
    window = scope.window
    if window is None:
        return
    edges: dict[str, int] = {}
    for name, text in (("starts", window.starts), ("ends", window.ends)):
        if text is None:
            continue
        try:
            edges[name] = parse_local_second(text)
        except ValueError:
            yield Problem(f"{path}/window/{name}", "no_such_time", f"{text} does not exist")
    if len(edges) == 2 and edges["ends"] < edges["starts"]:
        yield Problem(f"{path}/window/ends", "window_ends_first", "the window ends before it starts")


def _stack(p: Promotion, path: str) -> Iterator[Problem]:
    stack = p.stack
    if not isinstance(stack, Stacking):
        return
    if stack.mode == "exclusive" and stack.combines_with:
        yield Problem(f"{path}/combines_with", "exclusive_combines", "an exclusive promotion meets no other")
    for index, name in enumerate(stack.combines_with or ()):
        word, colon, rest = name.partition(":")
        if colon and word == "phase" and rest not in PHASES:
            yield Problem(f"{path}/combines_with/{index}", "unknown_phase", f"{rest!r} is no phase")
        if name == p.id:
            yield Problem(
                f"{path}/combines_with/{index}", "names_itself", "a promotion need not admit itself"
            )


def _limits(p: Promotion, path: str) -> Iterator[Problem]:
    limits = p.limits
    if limits.partial and limits.budget_minor is None:
        yield Problem(f"{path}/limits/partial", "without_budget", "only a budget can leave a part")
    if limits.budget_minor is not None and p.phase == "points":
        yield Problem(f"{path}/limits/budget_minor", "not_in_points", "points rules discount nothing")
    if limits.per_member_day and limits.per_member and limits.per_member < limits.per_member_day:
        yield Problem(f"{path}/limits/per_member_day", "never_decides", "per_member is already lower")


def _combinations(rules: PromotionSet) -> Iterator[Problem]:
    """A name in a list must exist, and where both sides have lists each must admit the other.

    So A → B → C → A, where each admits only the next, is three one-way streets and is refused.
    """
    by_id = {p.id: p for p in rules.promotions}
    groups = {stacking_of(p).group for p in rules.promotions}
    for index, promotion in enumerate(rules.promotions):
        for place, name in enumerate(stacking_of(promotion).combines_with or ()):
            path = f"/promotions/{index}/stack/combines_with/{place}"
            word, _, rest = name.partition(":")
            if word == "group" and rest:
                if rest not in groups:
                    yield Problem(path, "unknown_group", f"no promotion is in group {rest!r}")
            elif word == "phase" and rest:
                continue
            elif name not in by_id:
                yield Problem(path, "unknown_promotion", f"{name!r} is not in this set")
            elif not admits(by_id[name], promotion):
                yield Problem(path, "one_way_combination", f"{name!r} does not admit {promotion.id!r}")


def admits(one: Promotion, other: Promotion) -> bool:
    """True when the combination list of `one` (none: anything) lets it meet `other`."""
    stack = stacking_of(one)
    if stack.mode == "exclusive":
        return False
    if stack.combines_with is None:
        return True
    names = {other.id, f"group:{stacking_of(other).group}", f"phase:{other.phase}"}
    return not names.isdisjoint(stack.combines_with)
