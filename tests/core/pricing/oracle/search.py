"""All legal plans, promotion after promotion in the order of evaluation; equal positions are kept once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pos_core.pricing.basket import PricingInput, RedeemMoney
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.oracle.amounts import amounts, shipping_amount
from tests.core.pricing.oracle.effects import (
    Application,
    Scene,
    plans_of,
    whole_scope,
)
from tests.core.pricing.oracle.facts import Rule, Share, Unit, World, prepare
from tests.core.pricing.oracle.points import points_of

STATES_MAX = 30_000

Entry = tuple[int, int, int, str, tuple[tuple[int, str, int], ...]]
"""An application as point 4 of the objective sees it."""


class TooLarge(Exception):
    """More positions than the oracle cares to look at; a test leaves such an example out."""


@dataclass(frozen=True)
class Used:
    """What a promotion has done so far in a position."""

    rule: int
    applications: int
    units: int
    amount: int


@dataclass(frozen=True)
class Position:
    units: tuple[Unit, ...]
    after_prices: tuple[int, ...]
    shipping: int
    used: tuple[Used, ...]


@dataclass(frozen=True)
class Answer:
    """The best plan. `units`: (class, net, ((promotion, role, amount), …)), sorted."""

    payable_minor: int
    goods_net_minor: int
    shipping_net_minor: int
    count: int
    entries: tuple[Entry, ...]
    amounts: tuple[tuple[str, int], ...]
    units: tuple[tuple[int, int, tuple[tuple[str, str, int], ...]], ...]
    points_paid_minor: int
    points_spent: int
    points_earned: int
    positions: int


Track = tuple[int, tuple[Entry, ...]]


def best_plan(question: PricingInput, release: PromotionSet) -> Answer:
    """The one best legal plan. Raises TooLarge."""
    world = prepare(question, release)
    start = Position(
        tuple(Unit(f.price, f.price, False, ()) for f in world.units),
        tuple(f.price for f in world.units),
        question.shipping_minor,
        (),
    )
    positions: dict[Position, Track] = {start: (0, ())}
    phase = "price"
    seen = 0
    for rule in world.rules:
        if rule.phase != phase:
            positions = _turn(positions, world, enters_item=phase == "price")
            phase = rule.phase
        following = dict(positions)
        for position, track in positions.items():
            for after, entries in _moves(world, rule, position):
                candidate = (track[0] + len(entries), (*track[1], *entries))
                known = following.get(after)
                if known is None or candidate < known:
                    following[after] = candidate
            if len(following) > STATES_MAX:
                raise TooLarge
        positions = following
        seen += len(positions)
    positions = _turn(positions, world, enters_item=phase == "price")
    ranked = [
        (*_rank(world, position, track), position)
        for position, track in positions.items()
        if _whole_plan_legal(world, position)
    ]
    secured, payable, count, entries, position = min(ranked, key=lambda r: r[:4])
    del secured
    return _answer(world, position, payable, count, entries, seen)


def _turn(positions: dict[Position, Track], world: World, *, enters_item: bool) -> dict[Position, Track]:
    """A new phase begins: its starting nets are those of now. Positions that become equal are merged."""
    turned: dict[Position, Track] = {}
    for p, track in positions.items():
        units = [Unit(u.net, u.net, u.promoted or u.net < u.start, u.history) for u in p.units]
        after = [u.net for u in p.units] if enters_item else list(p.after_prices)
        now = _sorted(Position(tuple(units), tuple(after), p.shipping, p.used), world)
        if now not in turned or track < turned[now]:
            turned[now] = track
    return turned


def _sorted(position: Position, world: World) -> Position:
    """Equal units in one order: larger net first, then history. Which of them it was does not matter."""
    together = sorted(
        zip(world.units, position.units, position.after_prices, strict=True),
        key=lambda x: (x[0].number, -x[1].net, x[1].history, x[2]),
    )
    return Position(
        tuple(x[1] for x in together), tuple(x[2] for x in together), position.shipping, position.used
    )


# --- one promotion at one position --------------------------------------------------------------------


def _moves(world: World, rule: Rule, position: Position) -> list[tuple[Position, tuple[Entry, ...]]]:
    if not all(_admit_at_large(rule, world.rules[u.rule]) for u in position.used):
        return []
    barred = frozenset(
        i
        for i, unit in enumerate(position.units)
        if any(_bars(rule, world.rules[s.rule]) for s in unit.history)
    )
    scene = Scene(world, position.units, position.after_prices, position.shipping, barred)
    found = []
    for plan in plans_of(rule, scene):
        for keyed in _orders(world, rule, plan):
            after = _apply(world, rule, position, scene, keyed)
            if after is not None:
                found.append(after)
    return found


Keyed = list[tuple[tuple[tuple[int, str, int], ...], Application]]


def _orders(world: World, rule: Rule, plan: tuple[Application, ...]) -> list[Keyed]:
    """Applications in the order of their members; of those alike each may be the one that a budget cuts."""
    keyed = sorted((_members(world, a), a) for a in plan)
    if rule.promotion is None or not rule.promotion.limits.partial:
        return [keyed]
    alike = [n for n, (key, _) in enumerate(keyed) if key == keyed[-1][0]]
    return [[*keyed[:n], *keyed[n + 1 :], keyed[n]] for n in alike]


def _apply(
    world: World, rule: Rule, position: Position, scene: Scene, keyed: Keyed
) -> tuple[Position, tuple[Entry, ...]] | None:
    """None: the plan is not legal (a zero application, a limit, a budget, a coupon)."""
    p = rule.promotion
    units = list(position.units)
    left = _budget(world, rule)
    partial = p is not None and p.limits.partial
    taken = gave = 0
    shipping = position.shipping
    for _, application in keyed:
        if p is not None and rule.phase == "shipping":
            given = [shipping_amount(p, shipping)]
            if left is not None and partial:
                given = [min(given[0], left - taken)]
            shipping -= given[0]
        else:
            rest = left - taken if left is not None and partial else None
            given = amounts(rule, application, scene, rest)
            for member, amount in zip(application, given, strict=True):
                u = units[member.unit]
                units[member.unit] = Unit(
                    u.net - amount,
                    u.start,
                    u.promoted,
                    (*u.history, Share(rule.number, member.role, amount)),
                )
        if sum(given) < 1 or (_chosen_each(rule) and min(given) < 1):
            return None
        taken += sum(given)
        gave += sum(1 for amount in given if amount > 0)
    if left is not None and taken > left:
        return None
    if not _limits_hold(world, rule, len(keyed), gave):
        return None
    used = (*position.used, Used(rule.number, len(keyed), gave, taken))
    if not _coupons_suffice(world, used) or not _points_suffice(world, used):
        return None
    after = Position(tuple(units), position.after_prices, shipping, used)
    layer, priority = rule.order[1], rule.order[2]
    entries = tuple((rule.order[0], layer, priority, rule.id, members) for members, _ in keyed)
    return _sorted(after, world), entries


def _chosen_each(rule: Rule) -> bool:
    """Each-kinds whose units the search chooses take none with a zero amount."""
    if rule.promotion is None:
        return True
    if getattr(rule.promotion.benefit, "first_minor", 1) == 0:
        return False
    kind = rule.promotion.benefit.kind
    each = kind.endswith("_each") and not kind.startswith("group")
    return (each or kind == "amount_progressive") and not whole_scope(rule)


def _members(world: World, application: Application) -> tuple[tuple[int, str, int], ...]:
    counts: dict[tuple[int, str], int] = {}
    for member in application:
        key = (world.units[member.unit].number, member.role)
        counts[key] = counts.get(key, 0) + 1
    return tuple(sorted((number, role, -count) for (number, role), count in counts.items()))


# --- stacking -----------------------------------------------------------------------------------------


def _names(rule: Rule) -> set[str]:
    group = {f"group:{rule.stack.group}"} if rule.stack else set()
    return {rule.id, f"phase:{rule.phase}"} | group


def _refuses(one: Rule, other: Rule) -> bool:
    """S3, S4: does `one` refuse to meet `other` inside its own extent?"""
    if one.stack is None:
        return False
    if one.stack.mode == "exclusive":
        return True
    listed = one.stack.combines_with
    return listed is not None and not set(listed) & _names(other)


def _of_one_group(one: Rule, other: Rule, mode: str) -> bool:
    a, b = one.stack, other.stack
    return bool(a and b and a.mode == b.mode == mode and a.group == b.group)


def _admit_at_large(one: Rule, other: Rule) -> bool:
    """Whether both may be used in one basket at all: S2, and S3/S4 of extent phase and basket."""
    if _of_one_group(one, other, "best"):
        return False
    for a, b in ((one, other), (other, one)):
        if not _refuses(a, b):
            continue
        if a.stack.extent == "phase" and a.phase == b.phase:
            return False
        if a.stack.extent == "basket" and "price" not in (a.phase, b.phase):
            return False
    return True


def _bars(one: Rule, other: Rule) -> bool:
    """Whether both may not touch one unit: S1, and S3/S4 of extent unit."""
    if _of_one_group(one, other, "one_per_unit"):
        return True
    return any(_refuses(a, b) and a.stack.extent == "unit" for a, b in ((one, other), (other, one)))


# --- limits -------------------------------------------------------------------------------------------


def _counter(world: World, rule: Rule) -> Any:
    return next((u for u in world.question.usage if u.promotion_id == rule.id), None)


def _budget(world: World, rule: Rule) -> int | None:
    if rule.promotion is None:
        return None
    counter, own = _counter(world, rule), rule.promotion.limits.budget_minor
    bounds = [] if own is None else [own - (counter.spent_minor if counter else 0)]
    if counter and counter.left_minor is not None and (own is not None or rule.promotion.coupon):
        bounds.append(counter.left_minor)
    return max(0, min(bounds)) if bounds else None


def _limits_hold(world: World, rule: Rule, applications: int, units: int) -> bool:
    if rule.promotion is None:
        return True
    limits = rule.promotion.limits
    of_member = limits.per_member is not None or limits.per_member_day is not None
    if of_member and world.question.member is None:
        return False
    count = {"application": applications, "unit": units, "basket": 1}[limits.count_by]
    before = _counter(world, rule)
    for limit, so_far in (
        (limits.per_basket, 0),
        (limits.per_member, before.member if before else 0),
        (limits.per_member_day, before.member_day if before else 0),
        (limits.per_day, before.day if before else 0),
        (limits.in_all, before.in_all if before else 0),
    ):
        if limit is not None and count > limit - so_far:
            return False
    return True


def _coupons_suffice(world: World, used: tuple[Used, ...]) -> bool:
    wanted: dict[str, int] = {}
    for u in used:
        p = world.rules[u.rule].promotion
        if p is not None and p.coupon is not None:
            times = 1 if p.coupon.consume == "basket" else u.applications
            wanted[p.coupon.campaign] = wanted.get(p.coupon.campaign, 0) + times
    return all(n <= world.coupons[campaign] for campaign, n in wanted.items())


def _cost(world: World, used: tuple[Used, ...], *, own_only: bool) -> int:
    cost = 0
    for u in used:
        p = world.rules[u.rule].promotion
        if p is not None and not (own_only and p.points_cost_from_basket):
            cost += p.points_cost * u.applications
    return cost


def _points_suffice(world: World, used: tuple[Used, ...]) -> bool:
    """What the requests and the balance bear; points that the basket earns are looked at when it is whole."""
    asked = {r.promotion_id: r.points for r in world.question.redeem if isinstance(r, RedeemMoney)}
    for u in used:
        p = world.rules[u.rule].promotion
        if p is not None and p.points_cost * u.applications > (asked.get(p.id, 0) if p.points_cost else 0):
            return False
    return _cost(world, used, own_only=True) <= _balance(world) - world.goods_points


def _balance(world: World) -> int:
    return world.question.member.points_balance if world.question.member else 0


def _whole_plan_legal(world: World, position: Position) -> bool:
    cost = _cost(world, position.used, own_only=False)
    if cost <= _balance(world) - world.goods_points:
        return True
    _, _, earned = _points(world, position)
    return cost <= _balance(world) - world.goods_points + earned


# --- the best of them ---------------------------------------------------------------------------------


def _rank(world: World, position: Position, track: Track) -> tuple[Any, int, int, tuple[Entry, ...]]:
    used = {u.rule for u in position.used}
    mandatory = sorted(
        (r for r in world.rules if r.stack is not None and not r.stack.optional),
        key=lambda r: (-r.stack.priority, r.id),
    )
    secured = tuple(r.number not in used for r in mandatory)
    payable = sum(u.net for u in position.units) + position.shipping
    return secured, payable, track[0], track[1]


def _points(world: World, position: Position) -> tuple[int, int, int]:
    """Money paid with points, points spent on it, points earned."""
    scene = Scene(world, position.units, position.after_prices, position.shipping, frozenset())
    balance = max(0, _balance(world) - world.goods_points - _cost(world, position.used, own_only=False))
    return points_of(scene, balance)


def _answer(  # noqa: PLR0917 - what was found
    world: World, position: Position, payable: int, count: int, entries: tuple[Entry, ...], seen: int
) -> Answer:
    paid, spent, earned = _points(world, position)
    goods = sum(u.net for u in position.units)
    units = [
        (f.number, u.net, tuple((world.rules[s.rule].id, s.role, s.amount) for s in u.history))
        for f, u in zip(world.units, position.units, strict=True)
    ]
    return Answer(
        payable_minor=payable - paid,
        goods_net_minor=goods,
        shipping_net_minor=position.shipping,
        count=count,
        entries=entries,
        amounts=tuple((world.rules[u.rule].id, u.amount) for u in position.used),
        units=tuple(sorted(units, key=lambda x: (x[0], -x[1], x[2]))),
        points_paid_minor=paid,
        points_spent=spent + _cost(world, position.used, own_only=False) + world.goods_points,
        points_earned=earned,
        positions=seen,
    )
