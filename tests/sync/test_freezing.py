"""Head office freezes an account: every till of its scope hears it, and a till's own word changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from pos_client.journal.draft import Draft
from pos_client.replica.member_details import is_frozen
from sync_server.services.acts import Act
from sync_server.services.erasures import NoSuchMember
from sync_server.store import audit
from tests.server.support.office import STORES
from tests.sync.test_members import join
from tests.sync.world import Till, World

ACT = "command line"


def frozen(till: Till, member_id: str = "m-1") -> bool:
    return till.replica.read(lambda c: is_frozen(c, member_id))


def say(world: World, *, stop: bool = True, member_id: str = "m-1") -> Any:
    return world.office.freezing.freeze(Act(ACT, "card lost"), member_id, frozen=stop)


@pytest.fixture
def till(world: World) -> Till:
    made = world.till("a")
    join(made, "m-1")
    made.client.exchange()
    made.client.exchange()
    return made


def test_a_frozen_account_comes_down_and_is_let_go_again_with_its_audit_rows(
    world: World, till: Till
) -> None:
    seen = [frozen(till)]
    for stop in (True, False):
        assert say(world, stop=stop) == ("m-1",)
        till.client.exchange()
        seen.append(frozen(till))
    assert seen == [False, True, False]
    rows = world.office.store.read(audit.newest)
    told = [row for row in rows if row["action"] in ("member_frozen", "member_unfrozen")]
    assert sorted(row["action"] for row in told) == ["member_frozen", "member_unfrozen"]
    assert {row["subject"] for row in told} == {"m-1"}


def test_no_till_unfreezes_an_account_by_an_edit(world: World, till: Till) -> None:
    say(world)
    body = {"member_id": "m-1", "tier": "standard", "fields": {"status": "active"}, "consents": {}}
    till.journal.record([Draft("member_edited", body, "2026-11-22")]).result()
    till.client.exchange()
    till.client.exchange()
    assert frozen(till)


def test_every_id_that_was_confirmed_as_the_member_follows(world: World) -> None:
    world.put("store", [["S003", "中山路店", "east", *STORES[0][3:]]])
    a, b = world.till("a"), world.till("b", store_id="S003")
    join(a, "m-9")
    world.clock.advance(60_000)
    join(b, "m-1")
    for each in (a, b, a):
        each.client.exchange()
    world.office.member_links.say(Act(ACT, "he said so"), "m-1", "m-9", "confirmed")
    assert set(say(world, member_id="m-1")) == {"m-1", "m-9"}
    b.client.exchange()
    assert frozen(b, "m-9") and frozen(b, "m-1")


def test_nobody_freezes_a_member_who_is_unknown_or_erased(world: World, till: Till) -> None:
    with pytest.raises(NoSuchMember):
        say(world, member_id="nobody")
    world.office.erasures.erase(Act(ACT, "asked for it"), "m-1")
    with pytest.raises(NoSuchMember):
        say(world)
