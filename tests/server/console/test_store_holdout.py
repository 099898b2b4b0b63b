"""A hold-out by store: drawn by a rule, disjoint, and nobody at home there gets a coupon or a message."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from sync_server.services.acts import Act
from sync_server.services.campaigns.plan import BadPlan, Plan, as_text, is_held_out, plan_from
from sync_server.services.campaigns.store_holdout import drawn
from sync_server.services.console.roles import Role
from sync_server.services.notices.sendings import Letter, Question
from sync_server.store import campaign, coupon, document, feed
from sync_server.store.campaign import CampaignRow
from sync_server.store.engine import Txn
from tests.server.console.test_campaigns import COUPON, enter, form, join, reach, running, sold, step, work
from tests.server.services import test_notices
from tests.server.support.console import code_of, sign_in
from tests.server.support.nearby import store_row
from tests.server.support.notices import deliver, member, states
from tests.server.support.office import Chain
from tests.server.support.promotions import stocked
from tests.server.support.receiver import Receiver

DAY_MS = 86_400_000
receiver = test_notices.receiver
"""The fixture."""


def plan(**more: object) -> Plan:
    return Plan("券", "c", "P", 0, 1, **more)  # type: ignore[arg-type]


def stores(count: int, regions: int = 1) -> dict[str, str]:
    return {f"S{number:03d}": f"R{number % regions}" for number in range(count)}


@pytest.fixture
def shop(chain: Chain) -> Chain:
    stocked(chain, COUPON)
    return chain


@pytest.mark.parametrize("share", [10_000, 100_000, 250_000, 330_000, 500_000])
def test_the_draw_is_the_same_each_time_disjoint_and_gives_each_region_its_share(share: int) -> None:
    chain = stores(120, 7)
    for campaign_id in ("A", "B", "C"):
        one = drawn(campaign_id, plan(holdout_stores_ppm=share), chain)
        again = drawn(campaign_id, plan(holdout_stores_ppm=share), dict(reversed(chain.items())))
        assert one == again == plan_from(as_text(one))
        out, rest = set(one.stores_out), set(one.stores_in)
        assert not out & rest and (out | rest == set(chain) or not out)
        assert abs(len(out) - 120 * share / 1e6) < 1
        for region in set(chain.values()):
            there = {name for name, where in chain.items() if where == region}
            assert abs(len(there & out) - len(there) * share / 1e6) < 2
    assert drawn("A", plan(holdout_stores_ppm=share), chain) != drawn(
        "B", plan(holdout_stores_ppm=share), chain
    )


def test_every_store_is_as_likely_as_the_share() -> None:
    chain, times = stores(30, 4), 2000
    counts = dict.fromkeys(chain, 0)
    for number in range(times):
        for name in drawn(f"C{number}", plan(holdout_stores_ppm=200_000), chain).stores_out:
            counts[name] += 1
    off = (times * 0.2 * 0.8) ** 0.5
    assert all(abs(count - times * 0.2) < 4.5 * off for count in counts.values()), counts


def test_only_regions_of_the_plan_and_picked_stores_leave_some_to_compare_with() -> None:
    chain = stores(40, 4)
    one = drawn("A", plan(holdout_stores_ppm=500_000, regions=("R1",)), chain)
    assert {chain[name] for name in one.stores_out + one.stores_in} == {"R1"} and len(one.stores_out) == 5
    picked = drawn("A", plan(holdout_stores=("S003", "S007")), chain)
    assert picked.stores_out == ("S003", "S007") and len(picked.stores_in) == 38
    for wrong in (("S003", "X"), tuple(chain), ("S001",)):
        with pytest.raises(BadPlan):
            drawn("A", plan(holdout_stores=wrong, regions=("R3",) if len(wrong) == 1 else ()), chain)
    none = drawn("A", plan(), chain)
    assert (none.stores_out, none.stores_in) == ((), ())
    assert drawn("A", plan(holdout_stores_ppm=500_000), {}).stores_out == ()


def test_a_plan_of_an_older_version_holds_no_store_out() -> None:
    said = json.loads(as_text(plan(tiers=("gold",))))
    older = {name: each for name, each in said.items() if "stores" not in name}
    assert plan_from(json.dumps(older)) == plan(tiers=("gold",))


def test_nobody_of_a_store_held_out_gets_a_coupon_and_lots_are_drawn_among_the_others(shop: Chain) -> None:
    join(shop, *["gold,S001,,", "gold,S002,,"] * 20)
    marketer = running(shop, holdout="50", holdout_stores="S002")
    for _ in range(2):
        marketer.post("/campaigns/C-NEW/issue")
        work(shop)
    arms = {member_id: arm for member_id, _, arm in reach(shop)}
    for number in range(1, 41):
        lot = "held_out" if is_held_out("C-NEW", f"m-{number}", 500_000) else "issued"
        assert arms[f"m-{number}"] == ("held_out_store" if number % 2 == 0 else lot)
        mine = shop.office.store.read(lambda txn, of=number: coupon.of_member(txn, f"m-{of}"))
        assert bool(mine) == (arms[f"m-{number}"] == "issued")
    (run,) = (each for each in runs(shop) if each.issued)
    assert run.issued + run.held_out == 40
    text = marketer.get("/campaigns/C-NEW").text
    assert "对照门店会员" in text and "2 家中的 1 家" in text and "对照门店是指定的" in text
    behind = marketer.get("/campaigns/C-NEW/effect/arms?arm=held_out_store")
    assert behind.status_code == 200 and behind.text.count("effect/member?") == 20


def runs(chain: Chain) -> list[campaign.RunRow]:
    return chain.office.store.read(lambda txn: campaign.runs(txn, "C-NEW", 9))


@pytest.mark.parametrize("trigger", ["registration", "birthday", "dormant"])
def test_a_trigger_passes_a_store_held_out_over(shop: Chain, trigger: str) -> None:
    now = datetime.fromtimestamp(shop.clock.now_ms() / 1000 + 8 * 3600, UTC)
    birthday = f"1990-{now.month:02d}-03"
    join(shop, f"gold,S001,{birthday},", f"gold,S002,{birthday},")
    for number in (1, 2):
        sold(shop, number, f"m-{number}", (now.date() - timedelta(days=61)).isoformat())
    running(shop, trigger=trigger, holdout_stores="S002", trigger_days="60")
    for _ in range(2):
        work(shop)
        shop.clock.advance(DAY_MS)
    assert {(who, arm) for who, _, arm in reach(shop)} == {("m-1", "issued"), ("m-2", "held_out_store")}
    assert not shop.office.store.read(lambda txn: coupon.of_member(txn, "m-2"))


def test_a_held_basket_of_a_member_of_a_store_held_out_brings_him_nothing(shop: Chain) -> None:
    join(shop, "gold,S001,,", "gold,S002,,")
    then = shop.clock.now_ms()

    def write(txn: Txn) -> None:
        heads = []
        for number in (1, 2):
            body = {"held_id": f"h{number}", "member_id": f"m-{number}", "subtotal_minor": 1, "lines": []}
            data = json.dumps({"body": body}).encode()
            heads.append(("w", 1, number, "S001", "basket_held", then, "2026-05-29", None,
                          None, None, f"h{number}", data, then))  # fmt: skip
        document.insert(txn, heads, {})
        made = [partial(step, f"h{number}", "held") for number in (1, 2)]
        shop.office.member_links._folding.take_hq(txn, made, now_ms=then)

    shop.office.store.write(write)
    running(shop, trigger="unpaid", trigger_hours="2", holdout_stores="S002")
    shop.clock.advance(3 * 3_600_000)
    work(shop)
    assert reach(shop) == {("m-1", "held:h1", "issued"), ("m-2", "held:h2", "held_out_store")}
    assert not shop.office.store.read(lambda txn: coupon.of_member(txn, "m-2"))


def test_a_count_knows_it_and_a_store_founded_later_is_in_neither_group(shop: Chain) -> None:
    join(shop, *["gold,S001,,", "gold,S002,,"] * 3)
    marketer, approver = sign_in(shop, Role.MARKETER), sign_in(shop, Role.APPROVER)
    marketer.post("/campaigns", form(shop, holdout_stores="S002"))
    marketer.post("/campaigns/C-NEW/count", why="")
    work(shop)
    (counted,) = runs(shop)
    assert (counted.issued, counted.held_out) == (3, 3) and reach(shop) == set()
    marketer.post("/campaigns/C-NEW/submit", why="")
    approver.post("/campaigns/C-NEW/approve")
    new = store_row("S003", "west", None)
    shop.office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", [new]))
    enter(shop, "m-late", "13912399999", "gold", "S003")
    marketer.post("/campaigns/C-NEW/issue")
    work(shop)
    assert ("m-late", "", "issued") in reach(shop)
    row = shop.office.store.read(lambda txn: campaign.get(txn, "C-NEW"))
    kept = plan_from("{}" if row is None else row.plan)
    assert (kept.stores_out, kept.stores_in) == (("S002",), ("S001",))


def test_what_is_approved_is_what_is_drawn_when_it_is_submitted(shop: Chain) -> None:
    marketer = sign_in(shop, Role.MARKETER)
    marketer.post("/campaigns", form(shop, holdout_stores_share="50"))
    rows = [store_row(f"S{number:03d}", "west", None) for number in range(3, 21)]
    shop.office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", rows))
    assert code_of(marketer.post("/campaigns/C-NEW/submit", why="")) == ""
    row = shop.office.store.read(lambda txn: campaign.get(txn, "C-NEW"))
    kept = plan_from("{}" if row is None else row.plan)
    assert len(kept.stores_out) == len(kept.stores_in) == 10
    assert "对照门店或其余门店不足" not in marketer.get("/campaigns/C-NEW").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"holdout_stores_share": "60"}, "对照门店（%）"),
        ({"holdout_stores_share": "20", "holdout_stores": "S001"}, "指定对照门店"),
        ({"holdout_stores": "S001 S002"}, "指定对照门店"),
        ({"holdout_stores": "S999"}, "指定对照门店"),
        ({"holdout_stores_share": "x"}, "对照门店（%）"),
    ],
)
def test_what_makes_no_sense_is_refused(shop: Chain, wrong: dict[str, object], field: str) -> None:
    answer = sign_in(shop, Role.MARKETER).post("/campaigns", form(shop, **wrong))
    assert code_of(answer) == "campaign_bad_plan" and field in answer.text


def test_codes_are_not_leased_to_a_store_held_out(shop: Chain) -> None:
    marketer = running(shop, offline_class="leased", holdout_stores="S002")
    asked = {"store": "S002", "days": "7", "codes": "X"}
    assert code_of(marketer.post("/campaigns/C-NEW/lease", asked)) == "campaign_store_held_out"
    assert code_of(marketer.post("/campaigns/C-NEW/lease", {**asked, "store": "S001"})) != (
        "campaign_store_held_out"
    )


def test_no_message_of_the_campaign_goes_to_members_of_a_store_held_out(
    chain: Chain, receiver: Receiver
) -> None:
    now = chain.clock.now_ms()
    kept = plan_from(as_text(Plan("券", "c", "P", now - 1, now + DAY_MS, stores_out=("S001",))))
    row = CampaignRow("C1", "", "", "running", "", "", "[]", now, None, None, None, None, now, as_text(kept))
    chain.office.store.write(lambda txn: campaign.put(txn, row))
    ids = [member(chain, number) for number in range(1, 4)]
    other = enter_at(chain, "m-west", "S002")
    asked = Question("sms", {"zh": Letter("", "来看看", "")}, campaign_id="C1")
    chain.office.sendings.ask(Act("m", "周年庆", "u1"), "周年庆", asked)
    while chain.office.sendings.run_some(1):
        pass
    deliver(chain)
    assert {states(chain)[each] for each in ids} == {("withheld", "held_out")}
    assert states(chain)[other][0] == "sent" and len(receiver.came) == 1


def enter_at(chain: Chain, member_id: str, store_id: str) -> str:
    enter(chain, member_id, "13912388888", "gold", store_id, "", "marketing")
    return member_id
