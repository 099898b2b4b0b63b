"""Wherever head office may keep a member, a backup parts it: a new place has to be decided on."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from sqlalchemy import LargeBinary

from pos_core.sync.reference import KINDS
from sync_server.services.parting import Parting, open_row, seal_row
from sync_server.store.schema import metadata

CIPHERTEXT = {("document", "data"), ("quarantine", "data")}
"""Bytes that stay as they are: documents hold personal fields in boxes, never their keys."""
KEYED = {"file_key", "key", "personal", "phone_index", "card_index", "stretched", "salt"}
NO_SECRET = {("feed_row", "key"), ("fold_state", "key"), ("ruling", "key"), ("replay_sum", "key")}
"""Names of rows; what of them leads to a number is parted by the rows' content."""


def parts(table: str) -> bool:
    parting = Parting()
    return table in parting.left_out or parting.where(table) is not None


def test_no_column_of_keys_or_ciphertext_is_copied_as_it_is() -> None:
    found = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) or column.name in KEYED
    }
    assert len(found) > 12
    assert sorted(each for each in found - CIPHERTEXT - NO_SECRET if not parts(each[0])) == []


def test_every_kind_of_the_feed_with_personal_columns_is_sealed() -> None:
    place = Parting().where("feed_row")
    assert place is not None and place[0] == "kind"
    personal = {kind.name for kind in KINDS.values() if any(column.personal for column in kind.columns)}
    of_members = {name for name, kind in KINDS.items() if kind.columns[0].name == "member_id"}
    assert personal - {"employee", "operator"} <= set(place[1]) and "member" in personal
    assert of_members <= set(place[1]), "rows by member"


def test_a_row_opens_with_just_its_seals_and_in_its_own_table() -> None:
    row: list[Any] = ["m-1", 5, None, b"\0\xff", "王小明"]
    first, second, other = (secrets.token_bytes(32) for _ in range(3))
    box = seal_row("ruling", row, [first, second])
    assert open_row("ruling", box, [first, second]) == row
    for table, seals in (
        ("ruling", [second, first]),
        ("ruling", [first, other]),
        ("ruling", [first]),
        ("member", [first, second]),
    ):
        assert open_row(table, box, seals) is None
    for damaged in (b"", box[:11], box[:-1], bytes([box[0] ^ 1]) + box[1:]):
        assert open_row("ruling", damaged, [first, second]) is None
    assert seal_row("ruling", row, [first]) != seal_row("ruling", row, [first])


@pytest.mark.parametrize("table", ["document", "sale_line", "audit", "item_cost"])
def test_what_names_nobody_is_copied_whole(table: str) -> None:
    assert Parting().where(table) is None and table not in Parting().left_out
