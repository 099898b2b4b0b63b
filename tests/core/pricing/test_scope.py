"""Scope: channels, stores, members and windows in store time, edges inside."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from pos_core.pricing.basket import PricingInput, PricingMember
from pos_core.pricing.rule import MemberScope, Scope, WeeklyWindow, Window
from pos_core.pricing.scope import compile_scope, in_scope, scope_context


def fits(scope, local="2025-06-18T12:00:00.000", offset=480, **fields):
    zone = timezone(timedelta(minutes=offset))
    instant = datetime.fromisoformat(local).replace(tzinfo=zone)
    fields = {"channel": "pos", "store": "S1", "lines": ()} | fields
    question = PricingInput(instant_ms=round(instant.timestamp() * 1000), utc_offset_minutes=offset, **fields)
    return in_scope(compile_scope(scope), scope_context(question))


@pytest.mark.parametrize(
    ("local", "inside"),
    [
        ("2025-05-31T23:59:59.999", False),
        ("2025-06-01T00:00:00.000", True),
        ("2025-06-18T23:59:59.999", True),
        ("2025-06-19T00:00:00.000", False),
    ],
)
@pytest.mark.parametrize("offset", [480, -300, 0, 345])
def test_both_edges_of_a_window_are_inside_to_the_last_millisecond(local, inside, offset):
    window = Window(starts="2025-06-01T00:00:00", ends="2025-06-18T23:59:59")
    assert fits(Scope(window=window), local, offset) is inside


@pytest.mark.parametrize(
    ("local", "inside"),
    [
        ("2025-06-20T21:59:59", False),  # Friday
        ("2025-06-20T22:00:00", True),
        ("2025-06-21T01:59:59", True),  # Saturday, still Friday's night
        ("2025-06-21T02:00:00", False),
        ("2025-06-21T22:00:00", False),
        ("2025-06-20T01:00:00", False),  # Friday morning belongs to Thursday
    ],
)
def test_a_weekly_window_over_midnight_belongs_to_its_first_day(local, inside):
    night = WeeklyWindow(days=(5,), starts="22:00:00", ends="01:59:59")
    assert fits(Scope(window=Window(weekly=(night,))), local) is inside


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        (Scope(), True),
        (Scope(channels=("web",)), False),
        (Scope(channels=("web", "pos")), True),
        (Scope(stores=("S2",)), False),
        (Scope(stores=("S2",), store_groups=("north",)), True),
        (Scope(store_groups=("north",), exclude_stores=("S1",)), False),
        (Scope(member=MemberScope()), False),
    ],
)
def test_channels_stores_and_groups(scope, inside):
    assert fits(scope, store_groups=("north",)) is inside


@pytest.mark.parametrize(
    ("wanted", "inside"),
    [
        (MemberScope(), True),
        (MemberScope(tiers=("silver", "gold")), True),
        (MemberScope(tiers=("silver",)), False),
        (MemberScope(new=True), False),
        (MemberScope(nth_orders=(3,)), True),
        (MemberScope(nth_orders=(1, 2)), False),
        (MemberScope(segments=("lapsed",)), True),
        (MemberScope(segments=("parents",)), False),
    ],
)
def test_members(wanted, inside):
    member = PricingMember(tier="gold", orders_before=2, segments=("lapsed",))
    assert fits(Scope(member=wanted), member=member) is inside


@pytest.mark.parametrize(
    ("span", "local", "month", "day", "inside"),
    [
        ("day", "2025-06-18T23:59:59", 6, 18, True),
        ("day", "2025-06-19T00:00:00", 6, 18, False),
        ("day", "2025-02-28T12:00:00", 2, 29, True),
        ("day", "2024-02-28T12:00:00", 2, 29, False),
        ("day", "2024-02-29T12:00:00", 2, 29, True),
        ("week", "2025-06-16T00:00:00", 6, 22, True),  # Monday and Sunday of one week
        ("week", "2025-06-23T00:00:00", 6, 22, False),
        ("week", "2025-12-29T12:00:00", 1, 4, True),  # the week crosses into 2026
        ("week", "2026-01-02T12:00:00", 12, 30, True),
        ("month", "2025-06-30T23:59:59", 6, 1, True),
        ("month", "2025-07-01T00:00:00", 6, 30, False),
    ],
)
def test_birthdays(span, local, month, day, inside):
    member = PricingMember(birthday_month=month, birthday_day=day)
    assert fits(Scope(member=MemberScope(birthday=span)), local, member=member) is inside


@pytest.mark.parametrize("instant_ms", [2**53 - 1, 253_402_300_799_999, 253_402_214_400_000, 0])
@pytest.mark.parametrize("span", ["day", "week", "month"])
def test_birthdays_at_the_ends_of_time_are_answered(span, instant_ms):
    """The last instants that a basket may name; of the year 9999, whose last week ends in the next."""
    days = [(month, day) for month in range(1, 13) for day in range(1, 32)]
    wanted = compile_scope(Scope(member=MemberScope(birthday=span)))
    found = [
        (month, day)
        for month, day in days
        if in_scope(
            wanted,
            scope_context(
                PricingInput(
                    channel="pos",
                    store="S1",
                    instant_ms=instant_ms,
                    utc_offset_minutes=0,
                    lines=(),
                    member=PricingMember(birthday_month=month, birthday_day=day),
                )
            ),
        )
    ]
    assert len(found) == {"day": 1, "week": 7}.get(span, 31)


def test_a_member_without_a_known_birthday_has_none():
    assert not fits(Scope(member=MemberScope(birthday="month")), member=PricingMember())
