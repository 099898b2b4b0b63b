"""An erased member is in no readable byte of any file of any machine that was in contact (P17)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.member_keys import is_erased
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import get_or_make
from pos_client.services.members.phone_index import blind_index
from sync_server.services.acts import Act
from sync_server.services.erasures import NoSuchMember
from sync_server.services.personal_data import blind_index as head_office_index
from sync_server.store import audit, epoch, fold_state, masters, ruling
from tests.client.journal.plain_pages import plain_pages
from tests.sync.test_members import PHONE, found, join
from tests.sync.world import Till, World

OTHER = "+8613900139000"


def erase(world: World, member_id: str = "m-1") -> Any:
    return world.office.erasures.erase(Act("command line", "asked for it"), member_id)


def traces(world: World, till: Till) -> dict[str, bytes]:
    """What would lead to the member, wherever it may stand: by its name in a failing test."""
    key = till.journal.read(
        lambda c: c.execute("SELECT key FROM member_key WHERE member_id = 'm-1'").fetchone()
    )
    return {
        "till's key": bytes(key[0]),
        "store's index": blind_index(get_or_make(till.keys, "blind_index_key"), PHONE).encode(),
        "head office's index": head_office_index(world.office.keys.member_index, PHONE).encode(),
        "masked phone": b"138****8000",
        "name": "王小明".encode(),
        "phone": PHONE.encode(),
    }


def pages_of(till: Till) -> bytes:
    return b"".join(
        plain_pages(till.folder / name, get_or_make(till.keys, key))
        for name, key in (("journal.db", "journal_key"), ("replica.db", "replica_key"))
    )


def pages_of_head_office(world: World) -> bytes:
    folder = world.office.folder
    files = [path.read_bytes() for path in folder.blobs.rglob("*") if path.is_file()]
    return plain_pages(folder.database, world.office.keys.database) + b"".join(files)


@pytest.fixture
def till(world: World) -> Till:
    made = world.till("a")
    join(made, "m-1")
    made.sell(2)
    join(made, "m-2", phone=OTHER, name="李四")
    made.client.exchange()
    assert found(made) is not None
    return made


@pytest.mark.database("sqlite")
def test_an_erased_member_is_in_no_page_of_any_file(world: World, till: Till) -> None:
    wanted = traces(world, till)
    before = (pages_of(till), pages_of_head_office(world))
    assert {name for name, text in wanted.items() if any(text in each for each in before)} >= {
        "till's key",
        "store's index",
        "head office's index",
        "masked phone",
    }
    erased = erase(world)
    assert [each.workstation_id for each in erased.waiting] == [till.identity.workstation_id]
    assert [name for name, text in wanted.items() if text in pages_of_head_office(world)] == []
    report = till.client.exchange()
    assert report.erased == 1 and report.healed == []
    assert [name for name, text in wanted.items() if text in pages_of(till)] == []
    assert found(till) is None and found(till, OTHER) is not None
    assert world.office.erasures.listing()[0].waiting == ()
    till.journal.close()
    assert verify_journal(till.folder / "journal.db", get_or_make(till.keys, "journal_key")).ok


def test_erasures_come_before_anything_is_sent_or_asked(world: World, till: Till) -> None:
    till.sell()
    erase(world)
    steps: list[str] = []
    wire = till.client._exchange._wire
    post, get = wire.post, wire.get

    def noted_post(target: str, *args: Any, **more: Any) -> Any:
        if target != "/v1/erasures":
            assert till.journal.read(lambda c: is_erased(c, "m-1"))
        steps.append(target)
        return post(target, *args, **more)

    def noted_get(target: str, *args: Any) -> Any:
        assert till.journal.read(lambda c: is_erased(c, "m-1"))
        steps.append(target)
        return get(target, *args)

    wire.post, wire.get = noted_post, noted_get  # type: ignore[method-assign]
    till.client.exchange()
    assert steps[:3] == ["/v1/erasures", "/v1/erasures", "/v1/documents"]


def test_what_comes_after_an_erasure_brings_nothing_back(world: World, till: Till, tmp_path: Path) -> None:
    late = world.till("late", store_id="S002")
    join(late, "m-1")  # the same id at a till that was away
    erase(world)
    late.client.exchange()
    till.client.exchange()
    assert found(late) is None and found(till) is None
    assert world.office.store.read(lambda txn: masters.members(txn, ["m-1"])) == {}
    state = world.office.store.read(lambda txn: fold_state.get(txn, [("member_profile", "m-1")]))
    assert state["member_profile", "m-1"]["phones"] == []
    join(till, "m-3")  # the same person again, as somebody new
    till.client.exchange()
    again = found(till)
    assert again is not None and again.member_id == "m-3"


def test_the_other_of_two_with_one_phone_stays_and_stands_alone(world: World, till: Till) -> None:
    world.clock.advance(60_000)
    b = world.till("b")
    join(b, "m-9")
    b.client.exchange()
    survivor = found(b)
    assert survivor is not None and survivor.member_id == "m-1"
    erase(world)
    b.client.exchange()
    left = found(b)
    assert left is not None and left.member_id == "m-9"
    standing = world.office.store.read(lambda txn: ruling.listing(txn, rule="one_phone"))
    assert [row.superseded_by for row in standing] == [""] or standing == []


def test_a_restored_head_office_hears_of_its_erasures_again_and_of_no_others(
    world: World, till: Till
) -> None:
    erase(world)
    till.client.exchange()

    def forget(txn: Any) -> None:
        """What a backup of before the erasure does."""
        for table in ("erasure", "erasure_done"):
            txn.connection.exec_driver_sql(f"DELETE FROM {table}")
        epoch.begin(txn, "another", now_ms=0, action="restored")

    world.office.store.write(forget)
    till.journal.change(
        lambda c: c.execute("INSERT INTO erasure_order VALUES ('m-2', 1, 'Zm9yZ2Vk')")
    ).result()
    till.client.exchange()
    assert [each.member_id for each in world.office.erasures.listing()] == ["m-1"]
    assert world.office.store.read(lambda txn: masters.member_keys(txn, ["m-2"]))
    assert world.office.erasures.listing()[0].waiting == ()


def put_back_to_before_the_erasure(txn: Any) -> None:
    """What an older image of the disk does that takes its place: the epoch stays."""
    for table in ("erasure", "erasure_done"):
        txn.connection.exec_driver_sql(f"DELETE FROM {table}")


def test_a_head_office_put_back_without_a_restore_hears_of_its_erasures_again(
    world: World, till: Till
) -> None:
    erase(world)
    till.client.exchange()
    world.office.store.write(put_back_to_before_the_erasure)
    till.client.exchange()
    assert [each.member_id for each in world.office.erasures.listing()] == ["m-1"]
    assert world.office.erasures.listing()[0].waiting == ()


def test_what_is_erased_after_an_image_was_put_back_is_erased_at_the_till_that_was_further(
    world: World, till: Till
) -> None:
    erase(world)
    till.client.exchange()
    world.office.store.write(put_back_to_before_the_erasure)
    world.clock.advance(1000)
    erase(world, "m-2")
    till.client.exchange()
    assert till.journal.read(lambda c: is_erased(c, "m-2"))
    assert {each.member_id for each in world.office.erasures.listing()} == {"m-1", "m-2"}
    assert [each.waiting for each in world.office.erasures.listing()] == [(), ()]


def test_an_erasure_is_ordered_once_audited_and_only_for_members(world: World, till: Till) -> None:
    first, second = erase(world), erase(world)
    assert first.number == second.number
    with pytest.raises(NoSuchMember):
        erase(world, "nobody")
    rows = [
        row
        for row in world.office.store.read(lambda txn: list(audit.newest(txn, 50)))
        if "erased" in row["action"]
    ]
    assert len(rows) == 1 and PHONE not in json.dumps(rows)
    assert world.office.erasures.member_ids_of(PHONE) == []
