"""What members say is different, at two tills and at head office: the newest of each field stands."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from pos_client.journal.draft import Draft
from pos_client.keys.key_store import get_or_make
from pos_client.services.members.member_editing import Edit, personal_of
from pos_client.services.members.phone_index import blind_index, masked
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.personal_data import decrypt_personal, open_member_key
from sync_server.store import masters
from tests.server.support.office import STORES
from tests.sync.test_members import PHONE, found, join
from tests.sync.world import Till, World

NEW_PHONE = "+8613700001111"


def edit(till: Till, said: Edit, member_id: str = "m-1") -> None:
    """What `Members.edit` records."""
    index = blind_index(get_or_make(till.keys, "blind_index_key"), said.phone or "")
    sealing_key = base64.b64decode(till.identity.sealing_public_key)
    box = said.box(sealing_key, masked_phone=masked(said.phone or ""), index=index)
    draft = Draft("member_edited", said.body(member_id), "2026-11-22", personal=personal_of(member_id, box))
    till.journal.record([draft]).result()


def at_head_office(world: World, member_id: str = "m-1") -> tuple[dict[str, str], int | None]:
    """Personal fields in clear, and the month of the birthday."""
    keys, store = world.office.keys, world.office.store
    row = store.read(lambda txn: masters.members(txn, [member_id]))[member_id]
    sealed = store.read(lambda txn: masters.member_keys(txn, [member_id]))[member_id]
    key = open_member_key(keys, sealed)
    assert key is not None
    return decrypt_personal(key, member_id, row.personal) or {}, row.birthday_month


@pytest.fixture
def neighbours(world: World) -> World:
    world.put("store", [["S003", "中山路店", "east", *STORES[0][3:]]])
    return world


@pytest.mark.parametrize("newer_first", [False, True], ids=["in order", "the newer one first"])
def test_edits_of_two_stores_end_the_same_whichever_arrives_first(
    neighbours: World, newer_first: bool
) -> None:
    a, b = neighbours.till("a"), neighbours.till("b", store_id="S003")
    join(a, "m-1")
    a.client.exchange()
    b.client.exchange()
    neighbours.clock.advance(1_000)
    edit(a, Edit(name="赵一", birthday="1990-02-15", consents={"sms": False}))
    neighbours.clock.advance(1_000)
    edit(b, Edit(name="钱二", phone=NEW_PHONE, consents={"sms": True, "marketing": True}))
    for till in (b, a) if newer_first else (a, b):
        till.client.exchange()
    said, month = at_head_office(neighbours)
    assert said == {"phone": NEW_PHONE, "name": "钱二", "birthday": "1990-02-15"} and month == 2
    for till in (a, b):
        till.client.exchange()
        member = found(till, NEW_PHONE)
        assert member is not None and found(till) is None
        shown = (member.display_name, member.masked_phone, member.birthday_month)
        assert shown == ("钱*", "137****1111", 2)
        assert dict(member.consents) == {"sms": False, "marketing": True}  # whoever refused has refused


@pytest.mark.parametrize("till_is_newer", [False, True])
def test_head_office_s_correction_and_a_till_s_edit_the_newer_one_stands(
    neighbours: World, tmp_path: Path, till_is_newer: bool
) -> None:
    office, till = neighbours.office, neighbours.till("a")
    join(till, "m-1")
    till.client.exchange()
    file = tmp_path / "members.csv"
    file.write_text("member_id,phone,name,tier,home_store_id\nm-1,13800138000,总部名,standard,S001\n")

    def correct() -> None:
        neighbours.clock.advance(1_000)
        target = ImportTarget(office.store, office.keys, neighbours.clock.now_ms())
        assert import_file(target, "members", file, ImportOptions()).imported

    if till_is_newer:
        correct()
        neighbours.clock.advance(1_000)
    edit(till, Edit(name="门店名", birthday="1990-02-15"))
    if not till_is_newer:
        correct()
    till.client.exchange()  # the document comes after the correction, whichever is newer
    neighbours.clock.advance(1_000)
    edit(till, Edit(consents={"marketing": True}))  # and again whenever another document comes
    till.client.exchange()
    said, month = at_head_office(neighbours)
    assert said["name"] == ("门店名" if till_is_newer else "总部名")
    assert (said["birthday"], month) == ("1990-02-15", 2)
    correct()  # a file without the column leaves the birthday
    assert at_head_office(neighbours)[0] == {"phone": PHONE, "name": "总部名", "birthday": "1990-02-15"}
