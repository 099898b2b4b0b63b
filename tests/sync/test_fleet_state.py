"""GET /v1/fleet: the whole state of every workstation, as real workstations have reported it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sync_server.services.channel_keys import HEADER_CHANNEL_KEY
from tests.server.support.series import START_MS
from tests.sync.world import World

HOUR_MS = 3_600_000


@pytest.fixture
def key(world: World) -> str:
    return world.office.channel_keys.make("dashboard").key


def fleet(world: World, key: str) -> dict[str, Any]:
    answer = httpx.get(world.url + "/v1/fleet", headers={HEADER_CHANNEL_KEY: key})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def metrics(world: World) -> dict[str, float]:
    lines = httpx.get(world.url + "/metrics").text.splitlines()
    return {line.split()[0]: float(line.split()[1]) for line in lines if line and line[0] != "#"}


def test_everything_of_a_workstation_is_told(world: World, key: str) -> None:
    world.put(
        "policy", [["allowances", json.dumps({"points": {"*": 100, "gold": 1000}, "stored_value_minor": 0})]]
    )
    world.stock_shelves(3)
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    till = world.till()
    till.sell(3)
    till.client.exchange()
    world.publish([["PL1", "A1", START_MS, None, 600]], kind="base", effective_from_ms=START_MS + HOUR_MS)
    till.client.exchange()
    found = fleet(world, key)
    (row,) = found["workstations"]
    head = till.journal.head()
    assert row["head"] == {"incarnation": 1, "number": head.number, "hash": head.hash}
    assert (row["release_version"], row["staged_versions"], row["newest_release"]) == (1, [2], 2)
    assert (row["documents_waiting"], row["clock_offset_ms"], row["contact_age_ms"]) == (0, 0, 0)
    assert row["app_version"] == "0.1.0" and row["state"] == "active" and row["scopes_behind"] is not None
    assert "release" not in row["needs"] and "silent" not in row["needs"]
    assert found["root_version"] == 0 and found["epoch"]
    assert row["lease_exposure"] == {"points": 1100} == found["worst_case"]
    assert set(row) & {"public_key", "sealing_key"} == set()


def test_leases_are_told_beside_their_holder(world: World, key: str) -> None:
    world.put("policy", [["allowances", json.dumps({"points": {"*": 100}, "stored_value_minor": 0})]])
    first, second = world.till("t1"), world.till("t2")
    for till in (first, second):
        till.client.exchange()
    found = fleet(world, key)
    by_id = {row["workstation_id"]: row["lease_exposure"] for row in found["workstations"]}
    ids = (first.identity.workstation_id, second.identity.workstation_id)
    assert by_id == {each: {"points": 100} for each in ids} and found["worst_case"] == {"points": 200}
    world.office.workstations.revoke(ids[0])
    found = fleet(world, key)
    by_id = {row["workstation_id"]: row["lease_exposure"] for row in found["workstations"]}
    assert by_id == {ids[0]: {}, ids[1]: {"points": 100}}


def test_who_needs_looking_at_is_said_and_counted(world: World, key: str) -> None:
    till = world.till()
    world.till("gone")
    till.client.exchange()
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    world.clock.advance(25 * HOUR_MS)
    needs = {row["name"]: row["needs"] for row in fleet(world, key)["workstations"]}
    assert {"silent", "release", "feed"} <= set(needs["t1"]) and "silent" in needs["gone"]
    counted = metrics(world)
    assert (
        counted["tidemark_workstations_silent"] == 2 and counted["tidemark_contact_age_max_seconds"] == 90_000
    )
    till.client.exchange()
    world.office.workstations.revoke(next(t for t in world.tills if t is not till).identity.workstation_id)
    needs = {row["name"]: row["needs"] for row in fleet(world, key)["workstations"]}
    assert "silent" not in needs["t1"] and needs["gone"] == []
    assert metrics(world)["tidemark_workstations_silent"] == 0


def test_only_the_dashboards_key_opens_it(world: World, key: str) -> None:
    shop = world.office.channel_keys.make("web").key
    for wrong in ("", "tck_x", shop, key + "x"):
        answer = httpx.get(world.url + "/v1/fleet", headers={HEADER_CHANNEL_KEY: wrong})
        assert answer.status_code == 401 and answer.json()["code"] == "bad_channel_key"
    assert httpx.get(world.url + "/v1/fleet").status_code == 401
