"""An erased member is in no byte of any file, and the chain still verifies."""

from __future__ import annotations

from random import Random

import pytest

from pos_client.journal.draft import Draft, MemberErased, PersonalFields
from pos_client.journal.journal import Journal
from pos_core.canonical import parse_strict
from tests.client.journal.helpers import DAY, Home, sell
from tests.client.journal.plain_pages import plain_pages

NAME = "王小明-Wang-Xiaoming"


def _join(journal: Journal, member_id: str) -> None:
    draft = Draft(
        "member_joined",
        {"member_id": member_id},
        DAY,
        personal=PersonalFields(
            member_id, {"display_name": f"{NAME}-{member_id}", "phone": "+8613800138000"}
        ),
    )
    journal.record([draft]).result()


def _key_of(journal: Journal, member_id: str) -> bytes:
    row = journal.read(
        lambda c: c.execute("SELECT key FROM member_key WHERE member_id = ?", (member_id,)).fetchone()
    )
    return bytes(row[0])


def test_personal_fields_are_read_back_and_never_stand_in_clear(home: Home) -> None:
    journal = home.open()
    _join(journal, "m1")
    joined = journal.last_of_type("member_joined")
    assert joined is not None and NAME.encode() not in joined.data
    fields = journal.personal_fields(joined)
    assert fields == {"display_name": f"{NAME}-m1", "phone": "+8613800138000"}
    assert NAME.encode() not in plain_pages(home.journal_path, home.key)
    journal.close()


def test_the_erased_members_key_is_in_no_page_of_any_file(home: Home) -> None:
    """Many keys so that pages split and cells move; the scan finds the keys before, so it can fail after."""
    dice = Random(7)
    journal = home.open()
    members = [f"m{number:03d}" for number in range(400)]
    for number, member in enumerate(members):
        _join(journal, member)
        if number % 50 == 0:
            sell(journal, 2)
    keys = {member: _key_of(journal, member) for member in members}
    before = plain_pages(home.journal_path, home.key)
    assert all(key in before for key in keys.values())
    erased = dice.sample(members, 120)
    for member in erased:
        journal.erase_member(member).result()
        if dice.random() < 0.2:
            _join(journal, f"late-{member}")
    after = plain_pages(home.journal_path, home.key)
    assert [member for member in erased if keys[member] in after] == []
    assert all(keys[member] in after for member in members if member not in erased)
    journal.close()
    assert [member for member in erased if keys[member] in plain_pages(home.journal_path, home.key)] == []
    assert home.verify().ok


def test_an_erased_members_fields_cannot_be_read_or_written(journal: Journal) -> None:
    _join(journal, "m1")
    journal.erase_member("m1").result()
    journal.erase_member("m1").result()
    joined = journal.last_of_type("member_joined")
    assert joined is not None and journal.personal_fields(joined) is None
    with pytest.raises(MemberErased):
        _join(journal, "m1")


def test_a_member_never_met_stays_erased(journal: Journal) -> None:
    journal.erase_member("stranger").result()
    with pytest.raises(MemberErased):
        _join(journal, "stranger")


def test_a_box_moved_to_another_document_does_not_open(journal: Journal) -> None:
    _join(journal, "m1")
    first = journal.last_of_type("member_joined")
    assert first is not None
    body = {"member_id": "m1", "personal": parse_strict(first.data)["body"]["personal"]}
    journal.record([Draft("member_edited", body, DAY)]).result()
    moved = journal.last_of_type("member_edited")
    assert moved is not None and journal.personal_fields(moved) is None
