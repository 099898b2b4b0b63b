"""A PIN that a manager lets be chosen at one till counts there at once, at the next after contact, and head

office overrules it: over a real server, on both databases.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pos_client.journal.time_guard import TimeGuard
from pos_client.replica.digests import digests
from pos_client.services.counter import Counter, Identity
from pos_client.services.guarded_time import GuardedTime
from pos_client.services.refusals.staff import OperatorLocked, WrongPin
from pos_client.services.staff.pin_check import PinCheck
from pos_client.services.staff.staff import Staff
from pos_client.services.views.staff import OperatorView
from sync_server.services.acts import Act
from sync_server.services.importing.context import ImportTarget
from sync_server.services.importing.one_row import put_row
from sync_server.services.personal_data import pin_fits
from sync_server.services.shared.credentials import UnknownEmployee
from sync_server.services.verify import Verify
from sync_server.store import audit, feed, workstation
from tests.server.support.nearby import AROUND
from tests.sync.world import Till, World, running_world

FIRST, NEW = "246810", "135791"
HQ = Act("ops@hq", "asked by audit")


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("credentials")) as found:
        found.put("store", AROUND)
        _employ(found, "1001", "cashier", "S001;S002")
        _employ(found, "2001", "manager", "S001")
        yield found


def _employ(world: World, number: str, role: str, stores: str, pin: str = FIRST) -> str:
    target = ImportTarget(world.office.store, world.office.keys, world.clock.now_ms())
    cells = {
        "operator_number": number,
        "name": f"员工{number}",
        "role": role,
        "store_ids": stores,
        "pin": pin,
    }
    return put_row(target, "employees", cells, HQ)


class Desk:
    """A till's sign-on and its manager's page."""

    def __init__(self, till: Till) -> None:
        guard = till.journal.read(lambda c: TimeGuard.load(till.clock, c, newest_document_ms=0))
        self.till = till
        identity = Identity(till.identity.workstation_id, "收银台", till.identity.store_id, "chain")
        time = GuardedTime(till.clock, guard)
        counter = Counter(identity=identity, journal=till.journal, replica=till.replica, time=time)
        counter.operator = OperatorView("E2001", "2001", "员工2001", "manager")
        self.pins = PinCheck(counter, lambda: till.keys.get("pin_pepper") or b"")
        self.staff = Staff(counter, self.pins)

    def meets(self, number: str, pin: str) -> str:
        return self.pins.run(lambda: self.pins.employee(number, pin)).result(60).employee_id


def _exchange(world: World, *desks: Desk) -> None:
    world.clock.advance(1000)
    for desk in desks:
        assert desk.till.client.exchange().healed == []


def test_here_at_once_there_after_contact_and_head_office_overrules(world: World) -> None:
    here, there, far = (
        Desk(world.till(n, store_id=s)) for n, s in (("a", "S001"), ("b", "S001"), ("c", "S002"))
    )
    _exchange(world, here, there, far)
    here.till.client.go_offline()
    here.staff.reset_pin("1001", NEW, "forgot").result(60)
    assert here.meets("1001", NEW) == "E1001"
    with pytest.raises(WrongPin):
        here.meets("1001", FIRST)
    assert there.meets("1001", FIRST) == "E1001"
    here.till.client.go_online()
    _exchange(world, here, there, far)
    assert there.meets("1001", NEW) == "E1001"
    assert far.meets("1001", FIRST) == "E1001", "a PIN is one store's"
    assert _employ(world, "1001", "cashier", "S001;S002") == "unchanged"
    _exchange(world, here, there)
    assert there.meets("1001", NEW) == "E1001", "the same file again undoes no manager's word"
    assert _employ(world, "1001", "cashier", "S001;S002", "864209") == "changed"
    _exchange(world, here, there)
    for desk in (here, there):
        assert desk.meets("1001", "864209") == "E1001"
        with pytest.raises(WrongPin):
            desk.meets("1001", NEW)


def test_head_office_locks_everywhere_and_only_it_unlocks(world: World) -> None:
    here, far = Desk(world.till("a")), Desk(world.till("c", store_id="S002"))
    _exchange(world, here, far)
    assert world.office.credentials.say(HQ, "E1001", "locked") == ["S001", "S002"]
    _exchange(world, here, far)
    for desk in (here, far):
        with pytest.raises(OperatorLocked):
            desk.meets("1001", FIRST)
    assert world.office.credentials.say(HQ, "E1001", "unlocked", "S002") == ["S002"]
    _exchange(world, here, far)
    assert far.meets("1001", FIRST) == "E1001"
    with pytest.raises(OperatorLocked):
        here.meets("1001", FIRST)
    rows = world.office.store.read(lambda txn: audit.newest(txn, 10))
    actions = [row["action"] for row in rows]
    assert {"credential_locked", "credential_unlocked"} <= set(actions)
    known = world.office.credentials.of(["E1001"])
    assert known["E1001", "S001"].lock is not None and known["E1001", "S002"].lock is None


def test_head_office_takes_a_store_s_pin_back(world: World) -> None:
    here = Desk(world.till("a"))
    _exchange(world, here)
    here.staff.reset_pin("1001", NEW).result(60)
    _exchange(world, here)
    world.office.credentials.say(HQ, "E1001", "pin_withdrawn", "S001")
    _exchange(world, here)
    assert here.meets("1001", FIRST) == "E1001"
    office = world.office
    assert Verify(office.store, office.blobs, office.keys).run().problems == []
    with pytest.raises(UnknownEmployee):
        world.office.credentials.say(HQ, "E1001", "locked", "S003")
    with pytest.raises(UnknownEmployee):
        world.office.credentials.say(HQ, "nobody", "locked")


def test_the_store_s_rows_are_the_same_at_both_ends_and_the_verifier_is_head_office_s_kind(
    world: World,
) -> None:
    here = Desk(world.till("a"))
    _exchange(world, here)
    here.staff.reset_pin("1001", NEW).result(60)
    here.staff.lock("1001", "left").result(60)
    _exchange(world, here, here)
    workstation_id = here.till.identity.workstation_id
    row = world.office.store.read(lambda txn: workstation.get(txn, workstation_id))
    assert row is not None
    mine = here.till.replica.read(lambda c: digests(c, "store:S001"))
    said = world.office.feed.digest(row, "store:S001").kinds
    assert list(mine["credential"]) == said["credential"] and mine["credential"][0] == 1
    state = world.office.store.read(lambda txn: feed.row_by_key(txn, "credential", "store:S001", ["E1001"]))
    assert state is not None and "$argon2id$" in state[1]
    known = world.office.credentials.of(["E1001"])["E1001", "S001"]
    assert pin_fits(world.office.keys.pin_pepper("S001"), NEW, known.pin_verifier or "")
