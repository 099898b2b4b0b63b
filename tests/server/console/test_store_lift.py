"""The lift of stores: against a plain recount, few and empty groups, and what opens behind it."""

from __future__ import annotations

import csv
import io
import random
import re
import statistics
from datetime import date, timedelta
from html import unescape
from math import exp, lgamma, pi, sqrt
from zoneinfo import ZoneInfo

import pytest

from sync_server.services.console.periods import Period
from sync_server.services.console.roles import Role
from sync_server.services.console.store_lift import StoreChange, lift_of, student_975, windows
from sync_server.store import feed
from tests.server.console.test_campaigns import COUPON, DAY_MS, running
from tests.server.console.test_sales import gather, put
from tests.server.support.console import Visitor, code_of, sign_in, unopened
from tests.server.support.nearby import store_row
from tests.server.support.office import Chain
from tests.server.support.promotions import stocked
from tests.server.support.shop import sku

FIRST = date(2026, 5, 28)
"""The campaign of `running` begins on the day before the clock's."""
NAMES = [f"S{number:03d}" for number in range(1, 17)]
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def shop(chain: Chain) -> Chain:
    stocked(chain, COUPON)
    rows = [store_row(name, "east" if int(name[1:]) % 3 else "west", None) for name in NAMES]
    chain.office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", rows))
    return chain


def exported(visitor: Visitor) -> dict[str, str]:
    text = visitor.get("/campaigns/C-NEW/effect/export").content.decode("utf-8-sig")
    return {row["figure"]: row["value"] for row in csv.DictReader(io.StringIO(text))}


def student(freedom: float) -> float:
    """The 97.5 % quantile by adding up the density: slow and plain."""
    scale = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(freedom * pi)
    step, area, at = 0.0005, 0.5, 0.0
    while area < 0.975:
        area += step * scale * (1 + (at + step / 2) ** 2 / freedom) ** (-(freedom + 1) / 2)
        at += step
    return at


def sell(chain: Chain, name: str, number: int, day: date, net: int, *, kind: str = "sale") -> None:
    line = (sku(1), 1000, net, net)
    put(chain, number, line, till=f"t-{name}", store=name, day=day.isoformat(), kind=kind)


@pytest.mark.parametrize("freedom", [4, 5.5, 8, 13.7, 30, 200])
def test_students_quantile_is_that_of_its_density(freedom: float) -> None:
    assert student_975(freedom) == pytest.approx(student(freedom), abs=0.0012)


def test_the_lift_of_stores_is_a_difference_in_differences_and_welchs(shop: Chain) -> None:
    held = set(NAMES[:6])
    running(shop, holdout_stores=" ".join(sorted(held)))
    shop.clock.advance(3 * DAY_MS)
    marketer = sign_in(shop, Role.MARKETER)
    last = FIRST + timedelta(days=4)
    lot, before, since = random.Random(7), dict.fromkeys(NAMES, 0), dict.fromkeys(NAMES, 0)
    for name in NAMES:
        size = lot.randrange(20_000, 90_000)
        days = [FIRST - timedelta(days=28), FIRST - timedelta(days=1), FIRST, last]
        for number, day in enumerate(days, 1):
            more = 9000 if day >= FIRST and name not in held else 0
            net = size + lot.randrange(6000) + more
            sell(shop, name, number, day, net)
            (since if day >= FIRST else before)[name] += net
        for number, day in ((5, FIRST - timedelta(days=29)), (6, last + timedelta(days=1))):
            sell(shop, name, number, day, 777_777)  # outside of both windows
        sell(shop, name, 7, FIRST, 500, kind="return")
        since[name] -= 500
    gather(shop)
    told = exported(marketer)
    assert told["stores_before"] == "2026-04-30/2026-05-27"
    assert told["stores_since"] == "2026-05-28/2026-06-01"
    changes = {
        side: [since[name] / 5 - before[name] / 28 for name in NAMES if (name in held) == side]
        for side in (True, False)
    }
    out, rest = changes[True], changes[False]
    lift = statistics.mean(rest) - statistics.mean(out)
    a, b = statistics.variance(rest) / len(rest), statistics.variance(out) / len(out)
    half = student((a + b) ** 2 / (a**2 / (len(rest) - 1) + b**2 / (len(out) - 1))) * sqrt(a + b)
    assert (told["stores_treated"], told["stores_held_out"]) == ("10", "6")
    assert float(told["stores_lift_minor"]) == pytest.approx(lift, abs=0.01)
    assert float(told["stores_lift_low_minor"]) == pytest.approx(lift - half, rel=2e-3, abs=2)
    assert float(told["stores_lift_high_minor"]) == pytest.approx(lift + half, rel=2e-3, abs=2)
    assert int(told["stores_incremental_minor"]) == round(lift * 10 * 5)
    page = marketer.get("/campaigns/C-NEW/effect").text
    assert "双重差分" in page and "不是抽签" in page
    assert unopened(page[page.index('id="stores"') :].partition("</section>")[0]) == []
    everything_opens(marketer, held, before, since)


def everything_opens(
    marketer: Visitor, held: set[str], before: dict[str, int], since: dict[str, int]
) -> None:
    """A group to its stores, a store to the documents of its days, and no others."""
    for group, names in (("in", set(NAMES) - held), ("out", held)):
        text = marketer.get(f"/campaigns/C-NEW/effect/stores?group={group}").text
        assert set(re.findall(r"<code>(S\d+)</code>", text)) == names and unopened(text) == []
        links = re.findall(r'<td class="num"><a href="/console([^"]+)">(-?[\d.,]+)</a>', text)
        assert len(links) == 3 * len(names)
        name = min(names)
        for (link, shown), total, days, wanted in (
            (links[0], before[name], 28, {1, 2}),
            (links[1], since[name], 5, {3, 4, 7}),
        ):
            assert shown.replace(",", "") == f"{total / days / 100:.2f}"
            behind = marketer.get(unescape(link)).text
            assert {int(n) for n in re.findall(rf"/console/documents/t-{name}/1/(\d+)", behind)} == wanted


def test_few_stores_and_stores_that_do_not_differ_tell_nothing(shop: Chain) -> None:
    marketer = running(shop, holdout_stores=" ".join(NAMES[:4]))
    for name in NAMES:
        sell(shop, name, 1, FIRST - timedelta(days=2), 1000)
    gather(shop)
    page = marketer.get("/campaigns/C-NEW/effect").text
    assert "看不出：两组都至少要有 5 家" in page and "双重差分" not in page
    told = exported(marketer)
    assert (told["stores_lift_minor"], told["stores_held_out"]) == ("", "4")


def test_without_any_sale_or_without_a_hold_out_the_page_stands(shop: Chain) -> None:
    marketer = running(shop, holdout_stores_share="40")
    told = exported(marketer)
    assert (told["stores_treated"], told["stores_held_out"], told["stores_lift_minor"]) == ("0", "0", "")
    listed = marketer.get("/campaigns/C-NEW/effect/stores?group=out").text
    assert listed.count("活动前无销售") == listed.count("<code>S") > 5
    assert code_of(marketer.get("/campaigns/C-NEW/effect/stores?group=all")) == "bad_form"
    assert code_of(sign_in(shop, Role.REGIONAL_MANAGER).get("/campaigns/C-NEW/effect/stores")) == (
        "console_forbidden"
    )


def test_a_campaign_without_a_hold_out_by_store_shows_none(shop: Chain) -> None:
    marketer = running(shop)
    assert 'id="stores"' not in marketer.get("/campaigns/C-NEW/effect").text
    assert "stores_lift_minor" not in exported(marketer)
    assert code_of(marketer.get("/campaigns/C-NEW/effect/stores")) == "bad_form"


def change(name: str, group: str, before: int, after: int) -> StoreChange:
    return StoreChange(name, "", "", group, before, after, before / 28, float(after))


def test_a_store_that_sold_nothing_before_is_in_no_mean() -> None:
    lot = random.Random(1)
    some = [change(f"i{n}", "in", 2800, lot.randrange(100, 200)) for n in range(5)]
    some += [change(f"o{n}", "out", 2800, lot.randrange(100, 200)) for n in range(5)]
    before, after = windows("2026-05-28", Period("2026-05-01", "2026-05-28", ZONE))
    alone = lift_of(some, before, after)
    more = lift_of([*some, change("new", "in", 0, 99_999)], before, after)
    assert alone.lift_minor is not None and more.lift_minor == alone.lift_minor
    same = lift_of([change(f"{g}{n}", g, 2800, 150) for g in ("in", "out") for n in range(5)], before, after)
    assert same.lift_minor is None and lift_of([], before, after).lift_minor is None
    few = lift_of(some[1:], before, after)
    assert few.lift_minor is None and few.treated.stores == 4


def test_an_interval_holds_the_true_lift_as_often_as_it_says() -> None:
    lot, before_after = random.Random(11), windows("2026-05-28", Period("2026-05-01", "2026-05-28", ZONE))
    hit = 0
    for _ in range(2000):
        some = [change(f"i{n}", "in", 28_000, round(lot.gauss(1500, 400))) for n in range(6)]
        some += [change(f"o{n}", "out", 28_000, round(lot.gauss(1200, 150))) for n in range(9)]
        found = lift_of(some, *before_after)
        assert found.low_minor is not None and found.high_minor is not None
        hit += found.low_minor <= 300 <= found.high_minor
    assert 0.935 < hit / 2000 < 0.965


@pytest.mark.parametrize(
    ("first", "last", "before", "since"),
    [
        ("2026-05-28", "2026-05-28", ("2026-04-30", "2026-05-27"), ("2026-05-28", "2026-05-28")),
        ("2026-03-01", "2026-04-09", ("2026-01-20", "2026-02-28"), ("2026-03-01", "2026-04-09")),
        ("2026-01-01", "2026-12-31", ("2025-10-02", "2025-12-31"), ("2026-01-01", "2026-12-31")),
        ("2026-06-09", "2026-05-28", ("2026-04-30", "2026-05-27"), ("2026-05-28", "2026-05-28")),
    ],
)
def test_as_many_days_before_as_since_four_weeks_at_least_and_thirteen_at_most(
    first: str, last: str, before: tuple[str, str], since: tuple[str, str]
) -> None:
    found = windows(first, Period("2020-01-01", last, ZONE))
    assert [(each.day_from, each.day_to) for each in found] == [before, since]
    long = windows("2010-01-01", Period("2020-01-01", "2026-01-01", ZONE))[1]
    assert (date.fromisoformat(long.day_to) - date.fromisoformat(long.day_from)).days == 799
