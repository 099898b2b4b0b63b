"""A release on its way to some stores first, on real workstations; and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.journal.draft import Draft
from pos_core.canonical import canonical_bytes
from pos_core.tax.tax_lines import TaxableLine, tax_shares
from sync_server.demo.promotions import demo_promotions
from sync_server.services.acts import Act
from sync_server.services.publish import RolloutRunning
from sync_server.services.rollout_guards import Guards, breached
from sync_server.services.rollouts import BadPlan, NoRollout, make_plan
from sync_server.store import feed, masters, release, rollout
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow
from sync_server.store.rollout import Sent
from sync_server.store.schema.price_check import price_finding
from tests.server.support.series import sale_body
from tests.sync.world import Till, World, running_world

ACT = Act("boss", "a test", "u1")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as made:
        first_release(made)
        yield made


def first_release(world: World) -> None:
    """Three items; two have a price."""
    world.stock_shelves(3)
    price(world, "A1", 1000)
    price(world, "A2", 500)
    world.office.publisher.publish(note="first")


def price(world: World, sku: str, minor: int) -> None:
    row = PriceRow("PL1", sku, 1, None, minor)
    world.office.store.write(lambda txn: masters.put_prices(txn, [row]))


def begin(
    world: World, *, percents: tuple[int, ...] = (), wait: int = 0, effective_from_ms: int | None = None
) -> int:
    plan = world.office.rollouts.plan(["S001"], percents, wait)
    publish = world.office.rollouts.beginning(ACT, plan, effective_from_ms)
    return world.office.store.write(lambda txn: publish(txn, "canary")).release.version


def on(till: Till) -> int:
    till.client.exchange()
    status = till.replica.release_status(till.clock.now_ms())
    return 0 if status is None else status.ref.version


def price_at(till: Till, sku: str) -> int | None:
    rows = till.replica.read(
        lambda c: c.execute(
            "SELECT price_minor FROM price WHERE sku = ? AND since_release <= ? ORDER BY since_release DESC",
            (sku, on(till)),
        ).fetchone()
    )
    return None if rows is None else rows[0]


def test_canaries_have_it_and_others_only_when_it_is_for_all(world: World) -> None:
    canary, other = world.till("c"), world.till("o", store_id="S002")
    assert on(canary) == on(other) == 1
    price(world, "A1", 1100)
    version = begin(world)
    assert (on(canary), on(other)) == (2, 1)
    assert world.till("new", store_id="S002") and on(world.tills[-1]) == 1, "nor has a new workstation"
    world.office.rollouts.widen(ACT, version)
    assert (on(canary), on(other)) == (2, 2)
    for till in (canary, other):
        assert not till.replica.refused_releases()


def test_taken_back_it_is_a_higher_release_with_the_prices_of_before(world: World) -> None:
    canary, other = world.till("c"), world.till("o", store_id="S002")
    on(canary), on(other)
    price(world, "A1", 1)
    price(world, "A0", 700)
    version = begin(world)
    assert on(canary) == 2 and price_at(canary, "A1") == 1 and price_at(canary, "A0") == 700
    made = world.office.rollouts.take_back(ACT, version)
    assert (on(canary), on(other)) == (3, 3) and made.kind == "base"
    for till in (canary, other):
        assert (price_at(till, "A1"), price_at(till, "A2"), price_at(till, "A0")) == (1000, 500, None)
        assert not till.replica.refused_releases()
    price(world, "A2", 600)
    world.office.publisher.publish(note="goes on")
    assert (on(canary), on(other)) == (4, 4)
    assert [price_at(till, sku) for till in (canary, other) for sku in ("A1", "A2")] == [1000, 600] * 2


def test_one_that_is_for_all_is_taken_back_too_but_not_its_taking_back(world: World) -> None:
    till = world.till("t")
    price(world, "A1", 1)
    publish = world.office.rollouts.at_once(ACT, None)
    version = world.office.store.write(lambda txn: publish(txn, "a slip")).release.version
    assert (on(till), price_at(till, "A1")) == (version, 1)
    back = world.office.rollouts.take_back(ACT, version).release.version
    assert (on(till), price_at(till, "A1")) == (back, 1000)
    for no_more in (back, version, 1):
        with pytest.raises(NoRollout):
            world.office.rollouts.take_back(ACT, no_more)


def test_canaries_stage_ahead_and_waves_wait_for_the_moment(world: World) -> None:
    canary, other = world.till("c"), world.till("o", store_id="S002")
    on(canary), on(other)
    price(world, "A1", 1100)
    hour = 3_600_000
    version = begin(world, percents=(99,), wait=10, effective_from_ms=world.clock.now_ms() + hour)
    assert on(canary) == 1 and canary.replica.read(
        lambda c: c.execute("SELECT count(*) FROM release_state WHERE version = ?", (version,)).fetchone()
    ) == (1,)
    canary.sell(30)
    canary.client.exchange()
    world.clock.advance(hour - 60_000)
    world.office.rollouts.run_due()
    row = world.office.store.read(lambda txn: rollout.get(txn, version))
    assert row is not None and row.waves_done == 1
    assert json.loads(str(row.figures))[1]["sales"] == 0, "sales at the old prices say nothing of the new"
    world.clock.advance(60_000)
    assert (on(canary), on(other)) == (version, 1)
    world.clock.advance(11 * 60_000)
    world.office.rollouts.run_due()
    assert on(other) == version


def test_taken_back_before_its_moment_it_never_switches(world: World) -> None:
    canary = world.till("c")
    price(world, "A1", 1100)
    version = begin(world, effective_from_ms=world.clock.now_ms() + 3_600_000)
    assert on(canary) == 1
    world.office.rollouts.take_back(ACT, version)
    world.clock.advance(2 * 3_600_000)
    assert (on(canary), price_at(canary, "A1")) == (version + 1, 1000)


def test_what_waits_is_not_carried_by_taking_back(world: World) -> None:
    canary = world.till("c")
    price(world, "A1", 1100)
    version = begin(world)
    price(world, "A2", 9)
    world.office.rollouts.take_back(ACT, version)
    on(canary)
    assert (price_at(canary, "A1"), price_at(canary, "A2")) == (1000, 500)
    assert world.office.publisher.pending()["price_pairs"] == 1


def test_promotions_come_back_too(world: World) -> None:
    def put(name: str, value: dict[str, object]) -> None:
        text = canonical_bytes(value).decode()
        world.office.store.write(lambda txn: masters.put_promotions(txn, [(name, text)]))

    first, second = demo_promotions()[:2]
    put(str(first["id"]), first)
    world.office.publisher.publish(note="with one")
    put(str(second["id"]), second)
    version = begin(world)
    world.office.rollouts.take_back(ACT, version)
    assert set(world.office.store.read(masters.promotion_drafts)) == {first["id"]}


def test_nothing_else_is_published_meanwhile(world: World) -> None:
    price(world, "A1", 1100)
    version = begin(world)
    price(world, "A2", 600)
    with pytest.raises(RolloutRunning):
        world.office.publisher.publish()
    world.office.rollouts.to_all(ACT, version)
    assert world.office.publisher.publish().release.version == version + 1
    with pytest.raises(NoRollout):
        world.office.rollouts.take_back(ACT, version)


def test_waves_come_by_themselves_unless_paused(world: World) -> None:
    other = world.till("o", store_id="S002")
    price(world, "A1", 1100)
    version = begin(world, percents=(99,), wait=10)
    jobs, state = world.office.rollouts, lambda: world.office.store.read(lambda t: rollout.get(t, version))
    jobs.run_due()
    assert on(other) == 1
    jobs.pause(ACT, version)
    world.clock.advance(11 * 60_000)
    jobs.run_due()
    assert state().state == "paused" and state().waves_done == 1  # type: ignore[union-attr]
    jobs.resume(ACT, version)
    world.clock.advance(11 * 60_000)
    jobs.run_due()
    assert state().state == "done" and on(other) == 2  # type: ignore[union-attr]


def test_quarantined_documents_of_the_canaries_stop_it(world: World) -> None:
    canary = world.till("c")
    on(canary)
    price(world, "A1", 1100)
    version = begin(world, wait=10)
    canary.sell(30)
    canary.client.exchange()
    world.clock.advance(1000)

    def break_some(txn: Txn) -> None:
        rows = [
            (canary.identity.workstation_id, 1, n, "check", "S001", version, world.clock.now_ms(), 0, "[]")
            for n in range(1, 4)
        ]
        txn.insert_many(price_finding, rows)

    world.office.store.write(break_some)
    world.office.rollouts.run_due()
    row = world.office.store.read(lambda txn: rollout.get(txn, version))
    assert row is not None and (row.state, row.stopped_by, row.next_wave_at_ms) == ("paused", "errors", None)
    world.clock.advance(3600_000)
    world.office.rollouts.run_due()
    assert world.office.store.read(lambda txn: len(release.for_all(txn))) == 1


def sold_at(till: Till, minor: int, times: int) -> None:
    """Sales of one A1 at a price, received at head office."""
    body = sale_body(till.dice, 1)
    (tax,) = tax_shares([TaxableLine("STD", 130_000, minor)])
    amounts = {"unit_price_minor": minor, "list_minor": minor, "net_minor": minor, "tax_minor": tax}
    body["lines"] = [{**body["lines"][0], "sku": "A1", "quantity_milli": 1000, **amounts}]
    body |= {"subtotal_minor": minor, "total_minor": minor, "tax_minor": tax}
    body["tenders"] = [{**body["tenders"][0], "amount_minor": minor, "change_minor": 0}]
    till.journal.record([Draft("sale", body, "2026-11-22", "E1", "SH1") for _ in range(times)]).result()
    till.client.exchange()


def approve(till: Till, times: int) -> None:
    body = {"kind": "void", "approved_by": "E2", "reason": None}
    drafts = [Draft("override_approved", body, "2026-11-22", "E1", "SH1") for _ in range(times)]
    till.journal.record(drafts).result()
    till.client.exchange()


@pytest.mark.parametrize("guard", ["margin", "overrides"])
def test_what_the_canaries_sell_and_override_stops_it(world: World, guard: str) -> None:
    canary, other = world.till("c"), world.till("o", store_id="S002")
    on(canary), on(other)
    world.office.store.write(lambda txn: masters.put_costs(txn, [("A1", 600)]))
    sold_at(canary, 1000, 25)
    world.clock.advance(1000)
    price(world, "A1", 1100)
    version = begin(world, wait=10)
    assert on(canary) == version
    sold_at(canary, 640 if guard == "margin" else 1100, 25)
    approve(canary, 3 if guard == "overrides" else 0)
    world.clock.advance(11 * 60_000)
    world.office.rollouts.run_due()
    row = world.office.store.read(lambda txn: rollout.get(txn, version))
    assert row is not None and (row.state, row.stopped_by, row.waves_done) == ("paused", guard, 1)
    assert on(other) == version - 1, "no further wave"
    world.office.rollouts.resume(ACT, version)
    world.office.rollouts.take_back(ACT, version)
    assert (on(canary), on(other)) == (version + 1, version + 1) and price_at(canary, "A1") == 1000


CALM = Sent(sales=100, net_minor=100_000, cost_minor=70_000, overrides=1, errors=0)


@pytest.mark.parametrize(
    "since,guard",
    [
        (Sent(100, 100_000, 70_000, 1, 0), None),
        (Sent(100, 100_000, 76_000, 1, 0), "margin"),
        (Sent(100, 100_000, 70_000, 8, 0), "overrides"),
        (Sent(100, 100_000, 70_000, 1, 3), "errors"),
        (Sent(5, 1, 70_000, 5, 5), None),
        (Sent(0, 0, 0, 0, 30), "errors"),
    ],
)
def test_each_guard_has_its_bound(since: Sent, guard: str | None) -> None:
    assert breached(Guards(), CALM, since) == guard


@pytest.mark.parametrize(
    "canaries,percents,wait",
    [
        ([], [], 0),
        (["S9"], [], 0),
        (["S1"], [50, 10], 0),
        (["S1"], [0], 0),
        (["S1"], [100], 0),
        (["S1"], [], -1),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(canaries: list[str], percents: list[int], wait: int) -> None:
    with pytest.raises(BadPlan):
        make_plan([f"S{n}" for n in range(8)], canaries, percents, wait)


def test_waves_share_the_stores_out_without_repeating_one() -> None:
    every = [f"S{n}" for n in range(300)]
    plan = make_plan(every, ["S5", "S6"], [10, 50], 5)
    offered = plan.offered(3)
    assert [len(wave) for wave in plan.waves] == [2, 29, 120] and len(set(offered)) == len(offered)


def test_an_old_program_never_sees_an_offer(world: World) -> None:
    """Kinds that it does not know are kept aside: it waits until the release is for all."""
    scopes = ("chain", "store:S002")
    price(world, "A1", 1100)
    begin(world)
    found = world.office.store.read(
        lambda txn: {scope: [row[0] for row in feed.rows_of(txn, "release", scope)] for scope in scopes}
    )
    assert found == {"chain": [1], "store:S002": []}
