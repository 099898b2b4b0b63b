"""Exceptions counted by day, store and cause; two ids with one phone merged and split from their ruling."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from pos_core.sync.folds.facts import ProfileEdited
from pos_core.sync.folds.stamp import Stamp
from pos_core.sync.rulings.ruling import Ruling
from sync_server.services.console import periods
from sync_server.services.console.roles import Role
from sync_server.store import audit, exception_act, quarantine, ruling
from sync_server.store.engine import Txn
from tests.server.console.test_exceptions import kept, made
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import stock

DAY_MS = 86_400_000


def spread(chain: Chain) -> None:
    """Three coupons in the east on two days, one ruling in the west, one document kept in each store."""
    stock(chain)
    now = chain.clock.now_ms()
    east = [made("coupon_used_twice", f"e{number}", "S001", 100) for number in range(3)]
    west, old = made("points_overdrawn", "w", "S002", 5), made("points_overdrawn", "o", "S001", 7)

    def write(txn: Txn) -> None:
        ruling.put(txn, east[:2], now)
        ruling.put(txn, east[2:], now - DAY_MS)
        ruling.put(txn, [west, old], now)
        ruling.supersede(txn, old.key, old.ruling_id, "", now)
        quarantine.keep(txn, [kept("S001", "x"), kept("S002", "y")])  # received in 1970

    chain.office.store.write(write)


def chart(text: str) -> dict[str, object]:
    found = re.search(r'data-chart="([^"]*)"', text)
    assert found
    value: dict[str, object] = json.loads(found.group(1).replace("&#34;", '"').replace("&amp;", "&"))
    return value


def test_figures_of_chart_and_table_open_to_the_rulings_behind_them(chain: Chain) -> None:
    spread(chain)
    auditor = sign_in(chain, Role.AUDITOR)
    text = auditor.get("/exceptions/counts").text
    drawn = chart(text)
    by_name = {each["name"]: each for each in drawn["series"]}  # type: ignore[attr-defined]
    assert by_name["优惠券重复使用"]["values"][-2:] == [1, 2] and len(drawn["x"]) == 30  # type: ignore[arg-type]
    assert by_name["积分透支"]["values"][-1] == 1, "the superseded one stands no more"
    behind = by_name["优惠券重复使用"]["links"][-1].removeprefix("/console")
    listed = auditor.get(behind).text
    assert "ws-e0/1/1" in listed and "ws-e1/1/1" in listed
    assert "ws-e2/1/1" not in listed and "ws-w/1/1" not in listed
    cell = re.search(
        r'href="(/console/exceptions\?[^"]*store=S002[^"]*rule[^"]*|[^"]*rule[^"]*store=S002[^"]*)"', text
    )
    assert cell, text
    theirs = auditor.get(cell.group(1).removeprefix("/console").replace("&amp;", "&")).text
    assert "ws-w/1/1" in theirs and "ws-e0/1/1" not in theirs


def test_however_many_rulings_the_days_of_the_period_are_walked_for_the_chart_alone(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    spread(chain)
    auditor = sign_in(chain, Role.AUDITOR)
    walked = []
    days = periods._days

    def counted(first: str, last: str) -> Iterator[str]:
        for day in days(first, last):
            walked.append(day)
            yield day

    monkeypatch.setattr(periods, "_days", counted)
    auditor.get("/exceptions/counts")
    few = len(walked)
    more = [made("coupon_used_twice", f"m{number}", "S002", 1) for number in range(200)]
    chain.office.store.write(lambda txn: ruling.put(txn, more, chain.clock.now_ms()))
    walked.clear()
    text = auditor.get("/exceptions/counts").text
    assert len(walked) == few == 30, "once over the thirty days"
    by_name = {each["name"]: each for each in chart(text)["series"]}  # type: ignore[attr-defined]
    assert by_name["优惠券重复使用"]["values"][-1] == 202


@pytest.mark.parametrize("days", [1, 2, 61, 62, 63, 64, 800])
def test_a_period_is_weekly_from_the_sixty_third_day_on(days: int) -> None:
    first = date(2026, 1, 31)
    last = first + timedelta(days=days - 1)
    asked = periods.Period(first.isoformat(), last.isoformat(), ZoneInfo("Asia/Shanghai"))
    assert asked.weekly is (days > periods.DAILY_MAX) and len(list(asked.days())) == days


def test_superseded_ones_and_old_documents_when_asked(chain: Chain) -> None:
    spread(chain)
    auditor = sign_in(chain, Role.AUDITOR)
    csv = auditor.get("/exceptions/counts/export?over=1").text
    assert "S001,人民路店,3,1,307" in csv and "S002,解放路店,0,1,5" in csv
    long_ago = auditor.get("/exceptions/counts?from=1970-01-01&to=1970-01-31").text
    assert "S001" not in long_ago, "1970-01-01 is not a day that anybody asks about"
    assert code_of(auditor.get("/exceptions/counts?from=2026-02-31")) == "bad_period"
    assert code_of(auditor.get("/exceptions/counts?from=2026-03-02&to=2026-03-01")) == "bad_period"
    assert code_of(auditor.get("/exceptions/counts?from=0001-01-01&to=0001-01-02")) == "bad_period"


def test_a_regional_manager_counts_his_own_stores(chain: Chain) -> None:
    spread(chain)
    visitor = sign_in(chain, Role.REGIONAL_MANAGER, region="west")
    text = visitor.get("/exceptions/counts").text
    assert "S002" in text and "S001" not in text and "优惠券重复使用" not in text


def one_phone(chain: Chain) -> Ruling:
    """Members m-1 and m-2 claim one number, 10 seconds apart."""

    def write(txn: Txn) -> None:
        folding = chain.office.member_links._folding
        for name, store_id in (("m-1", "S001"), ("m-2", "S002")):
            claim = partial(claimed, name, store_id)
            folding.take_hq(txn, [claim], now_ms=chain.clock.now_ms())
            chain.clock.advance(10_000)

    chain.office.store.write(write)
    return standing(chain)


def claimed(member_id: str, store_id: str, stamp: Stamp) -> ProfileEdited:
    return ProfileEdited(stamp, store_id, member_id, joined=True, claims_phone=True, phone_index="hq:9")


def standing(chain: Chain) -> Ruling:
    found = chain.office.store.read(lambda txn: ruling.standing(txn, ["hq:9"]))
    assert len(found) == 1
    return found[0].ruling


def judge(visitor: Visitor, made: Ruling, action: str) -> str:
    answer = visitor.post(f"/exceptions/rulings/{made.ruling_id}/{action}", why="两人确认过")
    return code_of(answer) or answer.headers["location"]


def test_two_ids_are_merged_and_split_from_their_ruling_with_who_and_why(chain: Chain) -> None:
    stock(chain)
    first = one_phone(chain)
    assert first.cause == "one_phone_merged"
    visitor = sign_in(chain, Role.APPROVER)
    text = visitor.get(f"/exceptions/rulings/{first.ruling_id}").text
    assert "合并会员" in text and "m-1" in text and "m-2" in text
    where = judge(visitor, first, "merge")
    merged = standing(chain)
    assert merged.cause == "one_phone_confirmed" and merged.ruling_id in where
    assert judge(visitor, first, "merge") == "exception_closed", "superseded by the verdict"
    assert judge(visitor, merged, "merge") == "exception_no_members", "said already"
    judge(visitor, merged, "split")
    assert standing(chain).cause == "one_phone_split"
    acts = chain.office.store.read(lambda txn: exception_act.history(txn, first.ruling_id))
    assert [(each.action, each.login, each.why) for each in acts] == [("merge", "approver", "两人确认过")]
    rows = chain.office.store.read(lambda txn: audit.page(txn, actor="approver", limit=9))
    said = [row["action"] for row in rows]
    assert said.count("members_confirmed") == said.count("members_split") == 1


def test_members_of_other_rulings_and_by_other_roles_are_not_judged(chain: Chain) -> None:
    spread(chain)
    coupon = made("coupon_used_twice", "e0", "S001", 100)
    assert judge(sign_in(chain, Role.ADMINISTRATOR), coupon, "merge") == "exception_no_members"
    for role in (Role.AUDITOR, Role.REGIONAL_MANAGER, Role.MARKETER):
        assert judge(sign_in(chain, role), coupon, "split") == "console_forbidden"
