"""Members who joined at real tills, at a real head office: found elsewhere, merged, known to nobody else."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.draft import Draft, PersonalFields
from pos_client.keys.key_store import get_or_make
from pos_client.keys.sealing import seal
from pos_client.replica.member_details import member_by_card
from pos_client.services.members.phone_index import blind_index, keyed_index, masked
from pos_client.sync.errors import ServerAway, ServerRefused
from pos_core.customer.member import Member, card_text
from pos_core.sync.sealing import LABEL_PERSONAL
from sync_server.services.acts import Act
from sync_server.services.errors import NotFound
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.member_lookup import PER_MINUTE_MAX
from sync_server.services.shared.links import NotTwoMembers
from sync_server.store import audit, chain_state, epoch, fold_state, masters, member_card, ruling
from tests.server.support.office import STORES
from tests.sync.world import Till, World

PHONE = "+8613800138000"


def join(till: Till, member_id: str, phone: str = PHONE, name: str = "王小明") -> None:
    """What `Members.join` records."""
    sealing_key = base64.b64decode(till.identity.sealing_public_key)
    fields = {
        "masked_phone": masked(phone),
        "display_name": name,
        "sealed_phone": base64.b64encode(seal(phone.encode(), sealing_key, label=LABEL_PERSONAL)).decode(),
    }
    body = {"member_id": member_id, "tier": "standard", "consents": {"sms": True}}
    draft = Draft("member_joined", body, "2026-11-22", personal=PersonalFields(member_id, fields))
    till.journal.record([draft]).result()


def found(till: Till, phone: str = PHONE) -> Member | None:
    key = get_or_make(till.keys, "blind_index_key")
    return till.replica.member_by_blind_index(blind_index(key, phone))


def alias(till: Till, member_id: str) -> Any:
    row = till.replica.read(
        lambda c: c.execute("SELECT alias_of FROM member_detail WHERE member_id = ?", (member_id,)).fetchone()
    )
    return None if row is None else row[0]


def causes(world: World) -> list[str]:
    return [
        row.ruling.cause for row in world.office.store.read(lambda txn: ruling.listing(txn, rule="one_phone"))
    ]


def states(world: World) -> dict[Any, str]:
    wanted = ("member_profile", "phone_claims", "member_links", "known_id")
    return {
        place: text
        for place, text in world.office.store.read(lambda txn: list(fold_state.everything(txn)))
        if place[0] in wanted
    }


@pytest.fixture
def neighbours(world: World) -> World:
    """A second store of the first one's region."""
    world.put("store", [["S003", "中山路店", "east", *STORES[0][3:]]])
    return world


def test_a_member_who_joined_offline_in_one_store_is_found_by_phone_in_another(neighbours: World) -> None:
    a, b = neighbours.till("a"), neighbours.till("b", store_id="S003")
    b.client.exchange()
    join(a, "m-1")
    assert found(b) is None
    a.client.exchange()
    b.client.exchange()
    for till in (a, b):
        member = found(till)
        assert member is not None
        assert (member.member_id, member.masked_phone, member.display_name) == ("m-1", "138****8000", "王**")
        assert dict(member.consents) == {"sms": True}
    row = neighbours.office.store.read(lambda txn: masters.members(txn, ["m-1"]))["m-1"]
    assert row.home_store_id == "S001" and PHONE.encode() not in row.personal
    assert found(b, "+8613800138001") is None


def test_two_who_joined_with_one_phone_merge_and_whoever_joined_first_survives(neighbours: World) -> None:
    a, b = neighbours.till("a"), neighbours.till("b", store_id="S003")
    join(a, "m-9")
    neighbours.clock.advance(60_000)
    join(b, "m-1", name="小明")
    b.client.exchange()  # the later one arrives first
    a.client.exchange()
    b.client.exchange()
    assert causes(neighbours) == ["one_phone_merged"]
    assert [alias(till, "m-1") for till in (a, b)] == ["m-9", "m-9"]
    survivor = found(b)
    assert survivor is not None and survivor.member_id == "m-9"


@pytest.mark.parametrize("first", ["import", "till"])
def test_an_imported_member_and_one_of_a_till_with_his_number_merge(
    neighbours: World, tmp_path: Path, first: str
) -> None:
    office, till = neighbours.office, neighbours.till("b", store_id="S003")
    file = tmp_path / "members.csv"
    file.write_text("member_id,phone,name,tier,home_store_id\nM7,13800138000,王小明,standard,S001\n")

    def bring() -> None:
        target = ImportTarget(office.store, office.keys, neighbours.clock.now_ms())
        assert import_file(target, "members", file, ImportOptions()).imported

    if first == "import":
        bring()
        neighbours.clock.advance(60_000)
    join(till, "m-0")
    till.client.exchange()
    if first == "till":
        neighbours.clock.advance(60_000)
        bring()
        till.client.exchange()
    survivor, other = ("M7", "m-0") if first == "import" else ("m-0", "M7")
    assert causes(neighbours) == ["one_phone_merged"]
    member = found(till)
    assert member is not None and member.member_id == survivor and alias(till, other) == survivor


@pytest.mark.parametrize("late", [False, True])
def test_key_and_document_may_come_in_either_order(
    world: World, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """The states are the same bytes; the route fails while the documents arrive, or the key came before."""
    till = world.till()
    join(till, "m-1")
    if late:
        with monkeypatch.context() as broken:
            broken.setattr(type(world.office.member_keys), "take", _refuse)
            till.client.exchange()
        assert found(till) is None
        till.clock.advance(5 * 60_000)
    else:
        sender = till.client._exchange._member_keys
        sender._wire.server_version = 2
        assert sender.send(world.office.store.read(chain_state.epoch), keep_going=lambda: None) == 1
    till.client.exchange()
    assert found(till) is not None
    claims = states(world)
    (index,) = [key for fold, key in claims if fold == "phone_claims"]
    profile = json.loads(claims["member_profile", "m-1"])
    assert profile["phones"] == [[profile["joined"], index, "S001"]]


def _refuse(*_: Any) -> None:
    raise NotFound("no such path")


def test_a_key_goes_once_and_again_after_a_restore(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    keyring = type(world.office.member_keys)
    take = keyring.take

    def counted(self: Any, caller: Any, message: Any) -> Any:
        taken.append(len(message.keys))
        return take(self, caller, message)

    monkeypatch.setattr(keyring, "take", counted)
    till = world.till()
    join(till, "m-1")
    for _ in range(3):
        till.client.exchange()
    assert taken == [1]
    world.office.store.write(lambda txn: epoch.begin(txn, "another", now_ms=0, action="restored"))
    till.client.exchange()
    assert taken == [1, 1]


def test_a_box_that_does_not_open_and_a_phone_that_is_none_leave_the_documents_in_force(world: World) -> None:
    till = world.till()
    join(till, "m-1", phone="not a phone")
    till.journal.record(
        [
            Draft(
                "member_joined",
                {"member_id": "m-2", "personal": {"member_id": "m-2", "box": "!"}},
                "2026-11-22",
            )
        ]
    ).result()
    join(till, "m-3")
    till.client.exchange()
    assert set(world.office.store.read(lambda txn: masters.members(txn, ["m-1", "m-2", "m-3"]))) == {"m-3"}
    assert world.has_all_of(till)


def test_a_member_of_another_region_is_looked_up_and_stays_in_the_slice(world: World) -> None:
    east, west = world.till("east"), world.till("west", store_id="S002")
    join(east, "m-1")
    east.client.exchange()
    west.client.exchange()
    assert found(west) is None
    assert look_up(west, "+8613900139000") is False
    assert look_up(west) is True
    member = found(west)
    assert member is not None and member.member_id == "m-1"
    report = west.client.exchange()
    assert report.healed == [] and report.pulled > 0 and found(west) == member
    rows = world.office.store.read(lambda txn: audit.newest(txn, 50))
    asked = [row for row in rows if row["action"] == "member_looked_up"]
    assert {row["subject"] for row in asked} == {"", "m-1"} and "13800138000" not in json.dumps(rows)


def test_a_look_up_while_head_office_is_away_says_so_at_once_and_many_are_refused(world: World) -> None:
    till = world.till()
    with pytest.raises(ServerAway):
        look_up(till)  # no contact yet
    till.client.exchange()
    for _ in range(PER_MINUTE_MAX):
        assert look_up(till) is False
    with pytest.raises(ServerRefused) as refused:
        look_up(till)
    assert refused.value.server_code == "too_many_requests"
    till.clock.advance(60_000)
    assert look_up(till) is False
    till.client.go_offline()
    with pytest.raises(ServerAway):
        look_up(till)


def test_a_merged_number_leads_to_the_survivor(neighbours: World) -> None:
    a, b = neighbours.till("a"), neighbours.till("b", store_id="S003")
    join(a, "m-9")
    neighbours.clock.advance(60_000)
    join(b, "m-1")
    for till in (a, b):
        till.client.exchange()
    west = neighbours.till("west", store_id="S002")
    west.client.exchange()
    assert look_up(west) and found(west).member_id == "m-9"  # type: ignore[union-attr]


def look_up(till: Till, phone: str = PHONE) -> bool:
    sealing_key = base64.b64decode(till.identity.sealing_public_key)
    return till.client.look_up_member(seal(phone.encode(), sealing_key, label=LABEL_PERSONAL)).result()


def points(till: Till, member_id: str, amount: int, reason: str = "earned") -> None:
    body = {
        "reason": "x",
        "points_movements": [{"member_id": member_id, "points": amount, "reason": reason}],
    }
    till.journal.record([Draft("points_moved", body, "2026-11-22")]).result()


def overdrawn(world: World) -> list[int]:
    rows = world.office.store.read(lambda txn: ruling.listing(txn, rule="points_overdrawn"))
    return [row.ruling.points for row in rows if row.superseded_by is None]


def test_confirmed_ids_spend_their_points_as_one_and_a_split_takes_it_back(neighbours: World) -> None:
    a, b = neighbours.till("a"), neighbours.till("b", store_id="S003")
    join(a, "m-9")
    neighbours.clock.advance(60_000)
    join(b, "m-1")
    points(a, "m-9", 100)
    points(b, "m-1", 40)
    for till in (a, b, a):
        till.client.exchange()
    act = Act("command line", "he said so")
    balances = []
    for verdict in (None, "confirmed", None, "split"):
        if verdict is None:
            points(a, "m-9", -20 if not balances else -110, "spent")
            a.client.exchange()
        else:
            neighbours.office.member_links.say(act, "m-1", "m-9", verdict)  # type: ignore[arg-type]
        b.client.exchange()
        survivor = b.replica.member("m-9")
        assert survivor is not None
        balances.append((survivor.points_balance, overdrawn(neighbours)))
    assert balances == [(80, []), (120, []), (10, []), (-30, [30])]
    assert causes(neighbours)[0] == "one_phone_split" and alias(b, "m-1") is None
    with pytest.raises(NotTwoMembers):
        neighbours.office.member_links.say(act, "m-1", "nobody", "split")


def test_no_log_line_names_a_person(
    neighbours: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Joined, looked up, refused, merged and erased, with everything that is logged on either side."""
    caplog.set_level("DEBUG")
    a, b = neighbours.till("a"), neighbours.till("b", store_id="S002")
    join(a, "m-1")
    for till in (a, b):
        till.client.exchange()
    for _ in range(PER_MINUTE_MAX):
        look_up(b)
    with pytest.raises(ServerRefused):
        look_up(b)
    neighbours.office.erasures.erase(Act("command line", "asked for it"), "m-1")
    a.client.exchange()
    written = caplog.text + "".join(capfd.readouterr())
    assert written
    assert [text for text in (PHONE, PHONE[3:], "8000", "王小明") if text in written] == []


def test_a_card_that_head_office_imports_finds_its_member_at_the_till(
    neighbours: World, tmp_path: Path
) -> None:
    till = neighbours.till("b", store_id="S003")
    till.client.exchange()
    office, file = neighbours.office, tmp_path / "members.csv"
    file.write_text("member_id,card,phone,tier,home_store_id\nM7,8800123,13800138000,standard,S001\n")
    target = ImportTarget(office.store, office.keys, neighbours.clock.now_ms())
    assert import_file(target, "members", file, ImportOptions()).imported
    till.client.exchange()
    index = keyed_index(get_or_make(till.keys, "blind_index_key"), card_text("8800123"))
    detail = till.replica.read(lambda c: member_by_card(c, index))
    assert detail is not None and detail.member_id == "M7"
    card = office.store.read(lambda txn: member_card.of_members(txn, ["M7"]))["M7"]
    assert b"8800123" not in card.personal + card.card_index.encode()
    west = neighbours.till("w", store_id="S002")  # another region: only head office knows the card
    west.client.exchange()
    assert look_up(west, "card:8800124") is False and look_up(west, "card:8800123") is True
    key = get_or_make(west.keys, "blind_index_key")
    there = west.replica.read(lambda c: member_by_card(c, keyed_index(key, card_text("8800123"))))
    assert there is not None and there.member_id == "M7"
    with pytest.raises(ServerRefused):
        look_up(west, "card:12")
