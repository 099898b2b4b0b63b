"""Coupon campaigns: planned by one, approved by another, issued once each, with a share held out by lot."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from pos_core.customer.coupon_code import parse_coupon_code, parse_qr_text
from pos_core.sync.folds.facts import BasketStep, ProfileEdited
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.acts import Act
from sync_server.services.campaigns.plan import is_held_out
from sync_server.services.console.roles import Role
from sync_server.services.importing.context import ImportTarget
from sync_server.services.importing.one_row import put_row
from sync_server.store import audit, campaign, campaign_sums, coupon, document, feed
from sync_server.store.engine import Txn
from sync_server.store.schema.campaign import campaign_reach
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.promotions import stocked
from tests.server.support.statements import asked, more_stores

DAY_MS = 86_400_000
COUPON: dict[str, object] = {
    "id": "NEW50",
    "name": "新人满50减20",
    "name_en": "20 off 50 for newcomers",
    "phase": "coupon",
    "coupon": {"campaign": "C-NEW"},
    "conditions": [{"min_amount_minor": 5000}],
    "benefit": {"kind": "basket_amount", "amount_minor": 2000},
    "stack": {"mode": "best", "group": "order-coupons"},
}


def local(at_ms: int) -> str:
    """As a browser sends it: the chain's zone is eight hours ahead."""
    return datetime.fromtimestamp(at_ms / 1000 + 8 * 3600, UTC).strftime("%Y-%m-%dT%H:%M")


def form(chain: Chain, **more: object) -> dict[str, object]:
    now = chain.clock.now_ms()
    return {
        "campaign": "C-NEW", "name": "新人券", "name_en": "Newcomers", "valid_from": local(now - DAY_MS),
        "valid_to": local(now + 60 * DAY_MS), "offline_class": "anywhere", "uses_max": "1",
        "per_member_max": "1", "budget": "5000.00", "issued_max": "",
        "trigger": "none", "holdout": "0", **more,
    }  # fmt: skip


def running(chain: Chain, **more: object) -> Visitor:
    """A campaign that a marketer planned and an approver approved; the marketer comes back."""
    marketer, approver = sign_in(chain, Role.MARKETER), sign_in(chain, Role.APPROVER)
    assert code_of(marketer.post("/campaigns", form(chain, **more))) == ""
    assert code_of(marketer.post("/campaigns/C-NEW/submit", why="")) == ""
    assert code_of(approver.post("/campaigns/C-NEW/approve")) == ""
    return marketer


@pytest.fixture
def shop(chain: Chain) -> Chain:
    stocked(chain, COUPON)
    tiers = json.dumps([{"code": code, "name": code} for code in ("gold", "silver")])
    chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [["member_tiers", tiers]]))
    return chain


def join(chain: Chain, *rows: str) -> None:
    """Members m-1, m-2 … by import: tier, home store, birthday, consents."""
    for number, row in enumerate(rows, 1):
        enter(chain, f"m-{number}", f"1391234{5000 + number}", *row.split(","))


def enter(chain: Chain, member_id: str, phone: str, *cells: str) -> None:
    names = ("member_id", "phone", "tier", "home_store_id", "birthday", "consents")
    said = {name: cell for name, cell in zip(names, (member_id, phone, *cells), strict=False) if cell}
    office = chain.office
    target = ImportTarget(office.store, office.keys, chain.clock.now_ms())
    put_row(target, "members", said, Act("test"))


def work(chain: Chain) -> None:
    chain.office.campaign_runs.start_due()
    while chain.office.campaign_runs.run_some(1):
        pass


def reach(chain: Chain) -> set[tuple[str, str, str]]:
    table = campaign_reach

    def read(txn: Txn) -> set[tuple[str, str, str]]:
        rows = txn.execute(select(table.c.member_id, table.c.occasion, table.c.arm))
        return {(row[0], row[1], row[2]) for row in rows}

    return chain.office.store.read(read)


def test_a_campaign_reaches_workstations_only_after_a_second_person(shop: Chain) -> None:
    both = sign_in(shop, Role.MARKETER, Role.APPROVER, login="both")
    assert code_of(both.post("/campaigns", form(shop))) == ""
    assert code_of(both.post("/campaigns", form(shop))) == "campaign_known"
    both.post("/campaigns/C-NEW/plan", form(shop, name="新客券"))
    both.post("/campaigns/C-NEW/submit", why="")
    text = both.get("/campaigns/C-NEW").text
    assert "新客券" in text and "发放张数不限" in text and "没有预算上限" not in text
    assert code_of(both.post("/campaigns/C-NEW/approve")) == "own_approval"
    assert known_to_tills(shop) is None
    other = sign_in(shop, Role.APPROVER)
    other.post("/campaigns/C-NEW/send-back")
    both.post("/campaigns/C-NEW/submit", why="")
    assert code_of(other.post("/campaigns/C-NEW/approve", why="预算已批")) == ""
    known = known_to_tills(shop)
    assert known is not None and known[1] == "新客券" and known[3] == "NEW50" and known[7] == 500_000
    rows = shop.office.store.read(lambda txn: audit.page(txn, subject="C-NEW", limit=20))
    said = {(each["actor"], each["action"]) for each in rows}
    assert {("both", "campaign_planned"), ("approver", "campaign_approved")} <= said
    assert code_of(both.post("/campaigns/C-NEW/plan", form(shop))) == "campaign_not_open"


def known_to_tills(chain: Chain) -> list[object] | None:
    return chain.office.store.read(lambda txn: feed.row_by_key(txn, "coupon_campaign", "chain", ["C-NEW"]))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"valid_to": "2020-01-01T00:00"}, "结束"),
        ({"shared_code": "x y"}, "通用码"),
        ({"uses_max": "many"}, "每张可用次数"),
        ({"budget": "-3"}, "预算"),
        ({"holdout": "60"}, "对照组"),
        ({"offline_class": "leased", "trigger": "birthday"}, "由头"),
        ({"regions": "north"}, "区域"),
        ({"tiers": "diamond"}, "会员等级"),
        ({"campaign": "C-OTHER"}, "优惠内容"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(
    shop: Chain, wrong: dict[str, object], field: str
) -> None:
    answer = sign_in(shop, Role.MARKETER).post("/campaigns", form(shop, **wrong))
    assert code_of(answer) == "campaign_bad_plan" and field in answer.text


def test_single_use_codes_are_made_once_signed_or_typed_up_to_the_limit(shop: Chain) -> None:
    marketer = running(shop, issued_max="5")
    assert code_of(marketer.post("/campaigns/C-NEW/codes", {"kind": "qr", "count": "2"})) == "no_coupon_key"
    assert code_of(sign_in(shop, Role.ADMINISTRATOR).post("/campaigns/keys")) == ""
    signed = codes(marketer, "qr", 2)
    assert [parse_qr_text(text).coupon.campaign_id for text in signed] == ["C-NEW", "C-NEW"]
    typed = codes(marketer, "code", 3)
    assert len({parse_coupon_code(text) for text in typed}) == 3
    desk = shop.office.coupons
    assert all(desk.find(parse_coupon_code(text)) for text in typed)
    answer = marketer.post("/campaigns/C-NEW/codes", {"kind": "code", "count": "1"})
    assert code_of(answer) == "campaign_all_issued"
    assert code_of(sign_in(shop, Role.APPROVER).post("/campaigns/C-NEW/codes")) == "console_forbidden"


def codes(visitor: Visitor, kind: str, count: int) -> list[str]:
    answer = visitor.post("/campaigns/C-NEW/codes", {"kind": kind, "count": str(count)})
    assert answer.headers["content-type"].startswith("text/csv"), answer.text
    return [row["code"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]


def test_an_issue_by_hand_means_tier_region_and_consent_and_reaches_each_once(shop: Chain) -> None:
    join(
        shop,
        "gold,S001,,marketing",
        "gold,S001,,",
        "gold,S002,,marketing",
        "silver,S001,,marketing",
        "gold,S001,,marketing",
    )
    freeze = ProfileEdited
    shop.office.store.write(
        lambda txn: shop.office.member_links._folding.take_hq(
            txn,
            [lambda stamp: freeze(stamp, "S001", "m-5", fields={"status": "frozen"})],
            now_ms=shop.clock.now_ms(),
        )
    )
    marketer = running(shop, tiers="gold", regions="east", consent="marketing", valid_days="7")
    for _ in range(2):
        assert code_of(marketer.post("/campaigns/C-NEW/issue", why="周年庆")) == ""
        work(shop)
    assert reach(shop) == {("m-1", "", "issued")}
    (mine,) = shop.office.store.read(lambda txn: coupon.of_member(txn, "m-1"))
    assert mine.valid_to_ms == shop.clock.now_ms() + 7 * DAY_MS
    wallet = shop.office.store.read(lambda txn: list(feed.rows_of(txn, "member_coupon", "store:S001")))
    assert [row[1] for row in wallet] == ["m-1"]
    assert shop.office.store.read(lambda txn: list(feed.rows_of(txn, "member_coupon", "store:S002"))) == []


def test_who_is_held_out_is_drawn_by_lot_and_gets_nothing(shop: Chain) -> None:
    join(shop, *["gold,S001,,"] * 40)
    marketer = running(shop, holdout="50")
    marketer.post("/campaigns/C-NEW/issue")
    work(shop)
    arms = {member_id: arm for member_id, _, arm in reach(shop)}
    assert len(arms) == 40 and 8 < list(arms.values()).count("held_out") < 32
    for member_id, arm in arms.items():
        assert (arm == "held_out") == is_held_out("C-NEW", member_id, 500_000)
        mine = shop.office.store.read(lambda txn, of=member_id: coupon.of_member(txn, of))
        assert bool(mine) == (arm == "issued")
    text = marketer.get("/campaigns/C-NEW").text
    assert "对照组" in text


def test_newcomers_get_theirs_after_joining_and_nobody_else(shop: Chain) -> None:
    join(shop, "gold,S001,,")
    shop.clock.advance(40 * DAY_MS)
    running(shop, trigger="registration", trigger_days="30")
    work(shop)
    assert reach(shop) == set(), "joined 40 days ago"
    enter(shop, "m-new", "13912399999", "gold", "S001")
    work(shop)
    assert reach(shop) == set(), "looked at this hour already"
    shop.clock.advance(3_600_000)
    work(shop)
    shop.clock.advance(DAY_MS)
    work(shop)
    assert reach(shop) == {("m-new", "registration", "issued")}


def test_birthdays_come_once_a_year(shop: Chain) -> None:
    month = datetime.fromtimestamp(shop.clock.now_ms() / 1000, UTC)
    other = (month.replace(day=1) + timedelta(days=32)).month
    join(shop, f"gold,S001,1990-{month.month:02d}-03,", f"gold,S001,1990-{other:02d}-03,")
    running(shop, trigger="birthday")
    for _ in range(2):
        work(shop)
        shop.clock.advance(DAY_MS)
    assert reach(shop) == {("m-1", f"birthday:{month.year}", "issued")}


def sold(chain: Chain, number: int, member_id: str, day: str) -> None:
    total = ("t", 1, number, "S001", day, "sale", None, "CNY", member_id, 1, 100, 0, 0, 100, 0)
    chain.office.store.write(lambda txn: document.insert(txn, [], {"transaction_total": [total]}))


def test_who_stayed_away_gets_one_each_time(shop: Chain) -> None:
    join(shop, "gold,S001,,", "gold,S001,,", "gold,S001,,")
    today = datetime.fromtimestamp(shop.clock.now_ms() / 1000 + 8 * 3600, UTC).date()
    long_ago = (today - timedelta(days=61)).isoformat()
    sold(shop, 1, "m-1", long_ago)
    sold(shop, 2, "m-2", (today - timedelta(days=59)).isoformat())
    running(shop, trigger="dormant", trigger_days="60")
    work(shop)
    assert reach(shop) == {("m-1", f"dormant:{long_ago}", "issued")}, "m-3 has never bought"


def test_a_held_basket_that_nobody_paid(shop: Chain) -> None:
    join(shop, "gold,S001,,", "gold,S001,,")
    then = shop.clock.now_ms()

    def write(txn: Txn) -> None:
        rows = []
        for number, member_id in ((1, "m-1"), (2, "m-2"), (3, None)):
            body = {"held_id": f"h{number}", "member_id": member_id, "subtotal_minor": 1, "lines": []}
            data = json.dumps({"body": body}).encode()
            rows.append(("w", 1, number, "S001", "basket_held", then, "2026-05-29", None,
                         None, None, f"h{number}", data, then))  # fmt: skip
        document.insert(txn, rows, {})
        steps = [("h1", "held"), ("h2", "held"), ("h2", "paid"), ("h3", "held")]
        made = [partial(step, held, kind) for held, kind in steps]
        shop.office.member_links._folding.take_hq(txn, made, now_ms=then)

    shop.office.store.write(write)
    running(shop, trigger="unpaid", trigger_hours="2")
    work(shop)
    assert reach(shop) == set(), "not two hours yet"
    shop.clock.advance(3 * 3_600_000)
    work(shop)
    assert reach(shop) == {("m-1", "held:h1", "issued")}


def step(held_id: str, kind: str, stamp: Stamp) -> BasketStep:
    return BasketStep(stamp, "S001", held_id, kind)  # type: ignore[arg-type]


def test_no_more_than_the_campaign_allows_and_none_after_it_is_stopped(shop: Chain) -> None:
    join(shop, *["gold,S001,,"] * 8)
    marketer = running(shop, issued_max="3")
    marketer.post("/campaigns/C-NEW/issue")
    work(shop)
    assert len(reach(shop)) == 3
    assert code_of(marketer.post("/campaigns/C-NEW/stop")) == ""
    row = known_to_tills(shop)
    assert row is not None and row[9] == shop.clock.now_ms()
    assert code_of(marketer.post("/campaigns/C-NEW/issue")) == "campaign_not_running"
    answer = marketer.post("/campaigns/C-NEW/codes", {"kind": "code", "count": "1"})
    assert code_of(answer) == "campaign_not_running"


def test_a_run_goes_on_behind_its_last_page_after_a_restart(
    shop: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_server.services.campaigns import audience

    monkeypatch.setattr(audience, "PAGE", 3)
    join(shop, *["gold,S001,,"] * 8)
    marketer = running(shop)
    marketer.post("/campaigns/C-NEW/issue")
    runs = shop.office.campaign_runs
    assert runs.run_some(1)
    (run,) = shop.office.store.read(lambda txn: campaign.runs(txn, "C-NEW", 9))
    assert (run.state, run.seen, run.issued) == ("running", 3, 3)
    while runs.run_some(1):
        pass
    (run,) = shop.office.store.read(lambda txn: campaign.runs(txn, "C-NEW", 9))
    assert (run.state, run.seen, run.issued) == ("done", 8, 8)
    marketer.post("/campaigns/C-NEW/issue")
    runs.run_some(1)
    (other,) = (
        each
        for each in shop.office.store.read(lambda txn: campaign.runs(txn, "C-NEW", 9))
        if each.state == "running"
    )
    runs.stop(Act("test"), other.run_id)
    assert not runs.run_some(1)


def test_whom_an_issue_would_reach_is_counted_before_and_nothing_is_issued(
    shop: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_server.services.campaigns import audience

    monkeypatch.setattr(audience, "PAGE", 3)
    join(shop, *["gold,S001,,"] * 20, *["silver,S001,,"] * 5)
    marketer, approver = sign_in(shop, Role.MARKETER), sign_in(shop, Role.APPROVER)
    marketer.post("/campaigns", form(shop, holdout="30", tiers="gold"))
    assert code_of(approver.post("/campaigns/C-NEW/count", why="")) == ""
    work(shop)
    (counted,) = shop.office.store.read(lambda txn: campaign.runs(txn, "C-NEW", 9))
    out = sum(is_held_out("C-NEW", f"m-{number}", 300_000) for number in range(1, 21))
    assert (counted.kind, counted.state, counted.seen) == ("count", "done", 25)
    assert (counted.issued, counted.held_out) == (20 - out, out)
    assert reach(shop) == set() and not shop.office.store.read(lambda txn: coupon.counts(txn, "C-NEW"))
    marketer.post("/campaigns/C-NEW/submit", why="")
    approver.post("/campaigns/C-NEW/approve")
    page = marketer.get("/campaigns/C-NEW").text
    assert f"将发给 {20 - out} 人，对照组 {out} 人" in page and "只计数" in page
    marketer.post("/campaigns/C-NEW/issue")
    work(shop)
    assert len([each for each in reach(shop) if each[2] == "issued"]) == 20 - out
    issued = shop.office.store.read(lambda txn: campaign_sums.reach(txn, ["C-NEW"]))
    assert issued == {"C-NEW": (20 - out, out)}, "a count is no reach"
    assert code_of(sign_in(shop, Role.AUDITOR).post("/campaigns/C-NEW/count", why="")) == "console_forbidden"


def test_leased_codes_go_to_a_store_and_come_back(shop: Chain) -> None:
    shop.enrol("S001")
    marketer = running(shop, offline_class="leased")
    assert code_of(marketer.post("/campaigns/C-NEW/issue")) == "campaign_not_running", "no wallets"
    typed = "\n".join(codes(marketer, "code", 2))
    asked = {"store": "S001", "days": "7", "codes": typed}
    assert code_of(marketer.post("/campaigns/C-NEW/lease", asked)) == ""
    assert len(shop.office.coupon_leases.listing("S001")) == 2
    east = sign_in(shop, Role.REGIONAL_MANAGER, region="east").get("/campaigns/C-NEW").text
    west = sign_in(shop, Role.REGIONAL_MANAGER, login="west", region="west").get("/campaigns/C-NEW").text
    assert "租给门店的券码" in east and "租给门店的券码" not in west
    assert code_of(marketer.post("/campaigns/C-NEW/recall", {"store": "S001"})) == ""
    assert shop.office.coupon_leases.listing("S001") == []


def test_a_campaigns_leases_are_one_question_however_many_stores_there_are(shop: Chain) -> None:
    shop.enrol("S001")
    marketer = running(shop, offline_class="leased")
    typed = "\n".join(codes(marketer, "code", 2))
    assert (
        code_of(marketer.post("/campaigns/C-NEW/lease", {"store": "S001", "days": "7", "codes": typed})) == ""
    )
    leases = [row for row in shop.office.coupon_leases.listing() if row.campaign_id == "C-NEW"]
    with asked() as few:
        before = marketer.get("/campaigns/C-NEW").text
    other = ["index", "C-OTHER", "other", "coupon/other/1:w", shop.clock.now_ms() + DAY_MS]
    for store_id in more_stores(shop, 60):
        shop.office.store.write(
            partial(feed.put_rows, kind="coupon_lease", scope=f"store:{store_id}", rows=[other])
        )
    with asked() as many:
        assert marketer.get("/campaigns/C-NEW").text == before, "another campaign's are not its own"
    assert len(many) == len(few)
    assert not [each for each in many if "DISTINCT feed_row.scope" in each], (
        "no look at every row of the feed"
    )
    shown = re.findall(r"<td>S001</td><td><code>([^<]+)</code>", before)
    assert sorted(shown) == sorted(each.coupon_id for each in leases) and len(shown) == 2


def test_a_plan_that_was_changed_meanwhile_is_neither_written_over_nor_approved(shop: Chain) -> None:
    first, second = sign_in(shop, Role.MARKETER), sign_in(shop, Role.MARKETER, login="second")
    approver = sign_in(shop, Role.APPROVER)

    def seen(visitor: Visitor, path: str) -> dict[str, object]:
        found = re.search(r'name="seen" value="(\d+)"', visitor.get(path).text)
        assert found
        return {"seen": found[1]}

    first.post("/campaigns", form(shop))
    opened = seen(second, "/campaigns/C-NEW/edit")
    shop.clock.wall_ms += 60_000
    assert code_of(first.post("/campaigns/C-NEW/plan", {**form(shop, budget="4000"), **opened})) == ""
    assert code_of(second.post("/campaigns/C-NEW/plan", {**form(shop, name="x"), **opened})) == "draft_moved"
    first.post("/campaigns/C-NEW/submit", why="")
    looked_at = seen(approver, "/campaigns/C-NEW")
    shop.clock.wall_ms += 60_000
    first.post("/campaigns/C-NEW/send-back")
    first.post("/campaigns/C-NEW/plan", form(shop, budget="900000"))
    first.post("/campaigns/C-NEW/submit", why="")
    assert code_of(approver.post("/campaigns/C-NEW/approve", looked_at)) == "draft_moved"
    assert known_to_tills(shop) is None
    assert code_of(approver.post("/campaigns/C-NEW/approve", seen(approver, "/campaigns/C-NEW"))) == ""
