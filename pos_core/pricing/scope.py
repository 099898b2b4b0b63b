"""Whether a promotion is meant for this channel, store, shopper and instant.

`compile_scope` turns the rule into sets and integers once a release; `ScopeContext` holds the facts of one
basket; `in_scope` compares them. Edges of windows are inside. docs/promotions.md, "Scope".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pos_core.pricing.basket import PricingInput, PricingMember
from pos_core.pricing.local_time import (
    DAY_SECONDS,
    birthday_in,
    civil,
    local_second,
    parse_day_second,
    parse_local_second,
    weekday,
)
from pos_core.pricing.rule import MemberScope, Scope


class ScopeContext(NamedTuple):
    """The facts of one basket that a scope asks for.

    Attributes:
        second, day, second_of_day: store time.
        store_keys: the groups of the store.
    """

    channel: str
    store: str
    store_groups: frozenset[str]
    second: int
    day: int
    second_of_day: int
    member: PricingMember | None


def scope_context(question: PricingInput) -> ScopeContext:
    """The scope facts of a basket; made once per call of the engine."""
    second = local_second(question.instant_ms, question.utc_offset_minutes)
    day, second_of_day = divmod(second, DAY_SECONDS)
    groups = frozenset(question.store_groups)
    return ScopeContext(question.channel, question.store, groups, second, day, second_of_day, question.member)


@dataclass(frozen=True, slots=True)
class CompiledScope:
    """A scope ready to be asked; None stands for "no restriction"."""

    channels: frozenset[str] | None
    stores: frozenset[str]
    store_groups: frozenset[str]
    exclude_stores: frozenset[str]
    starts: int | None
    ends: int | None
    weekly: tuple[tuple[frozenset[int], int, int], ...]
    member: MemberScope | None
    anywhere: bool
    """True: no channel, store, window or member is named, nothing needs to be asked."""


def compile_scope(scope: Scope) -> CompiledScope:
    """Source: docs/promotions.md, "Scope". The window has been validated: its dates exist."""
    window = scope.window
    starts = parse_local_second(window.starts) if window and window.starts else None
    ends = parse_local_second(window.ends) if window and window.ends else None
    weekly = tuple(
        (frozenset(w.days), parse_day_second(w.starts), parse_day_second(w.ends))
        for w in (window.weekly if window else ())
    )
    return CompiledScope(
        channels=frozenset(scope.channels) or None,
        stores=frozenset(scope.stores),
        store_groups=frozenset(scope.store_groups),
        exclude_stores=frozenset(scope.exclude_stores),
        starts=starts,
        ends=ends,
        weekly=weekly,
        member=scope.member,
        anywhere=scope == Scope(),
    )


def in_scope(scope: CompiledScope, context: ScopeContext) -> bool:
    """True when channel, store, window and member all fit."""
    if scope.anywhere:
        return True
    if scope.channels is not None and context.channel not in scope.channels:
        return False
    return (
        _store_fits(scope, context)
        and _window_fits(scope, context)
        and (scope.member is None or _member_fits(scope.member, context))
    )


def _store_fits(scope: CompiledScope, context: ScopeContext) -> bool:
    if context.store in scope.exclude_stores:
        return False
    if not scope.stores and not scope.store_groups:
        return True
    return context.store in scope.stores or not scope.store_groups.isdisjoint(context.store_groups)


def _window_fits(scope: CompiledScope, context: ScopeContext) -> bool:
    if scope.starts is not None and context.second < scope.starts:
        return False
    if scope.ends is not None and context.second > scope.ends:
        return False
    return not scope.weekly or any(_weekly_fits(w, context) for w in scope.weekly)


def _weekly_fits(window: tuple[frozenset[int], int, int], context: ScopeContext) -> bool:
    days, starts, ends = window
    now = context.second_of_day
    if starts <= ends:
        return starts <= now <= ends and weekday(context.day) in days
    # Over midnight: the small hours belong to the day before.
    if now >= starts:
        return weekday(context.day) in days
    return now <= ends and weekday(context.day - 1) in days


def _member_fits(wanted: MemberScope, context: ScopeContext) -> bool:
    member = context.member
    if member is None or (wanted.tiers and member.tier not in wanted.tiers):
        return False
    if wanted.new and not member.new:
        return False
    if wanted.nth_orders and member.orders_before + 1 not in wanted.nth_orders:
        return False
    if wanted.segments and not set(wanted.segments).intersection(member.segments):
        return False
    return wanted.birthday is None or _birthday_fits(wanted.birthday, member, context.day)


def _birthday_fits(span: str, member: PricingMember, today: int) -> bool:
    if member.birthday_month is None:
        return False
    if span == "month":
        return civil(today)[1] == member.birthday_month
    if member.birthday_day is None:
        return False
    first, last = today, today
    if span == "week":  # the calendar week, Monday to Sunday; it may cross into another year
        first = today - (weekday(today) - 1)
        last = first + 6
    years = {civil(first)[0], civil(last)[0]}
    birthdays = [birthday_in(year, member.birthday_month, member.birthday_day) for year in years]
    return any(day is not None and first <= day <= last for day in birthdays)
