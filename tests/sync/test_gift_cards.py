"""One ledger of a gift card at tills of two stores and at head office: sold, spent, overdrawn, looked up."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.draft import Draft
from pos_client.keys.key_store import get_or_make
from pos_client.keys.sealing import seal
from pos_client.services.members.phone_index import keyed_index
from pos_core.customer.gift_card import gift_text, with_check_digit
from pos_core.sync.sealing import LABEL_PERSONAL
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.shared.gift_cards import account_of
from sync_server.store import audit, ruling
from tests.server.support.series import sale_body
from tests.sync.world import Till, World

NUMBER = with_check_digit("620000000000000")


def deliver(world: World, folder: Path, *, blocked: str = "否") -> str:
    """Head office has the card printed and sends it to S001; returns its account."""
    file = folder / "cards.csv"
    file.write_text(f"card_number,store_id,blocked\n{NUMBER},S001,{blocked}\n")
    target = ImportTarget(world.office.store, world.office.keys, world.clock.now_ms())
    assert import_file(target, "gift-cards", file, ImportOptions()).imported
    return account_of(world.office.keys, NUMBER)


def seen(till: Till) -> tuple[Any, ...] | None:
    """Status and balance that the till finds by the number."""
    index = keyed_index(get_or_make(till.keys, "blind_index_key"), gift_text(NUMBER))
    asked = "SELECT status, balance_minor FROM gift_card WHERE card_index = ?"
    row = till.replica.read(lambda c: c.execute(asked, (index,)).fetchone())
    return None if row is None else tuple(row)


def move(till: Till, account_id: str, amount_minor: int, reason: str) -> None:
    body = sale_body(till.dice, 1)
    authority = {"authority": "manager"} if amount_minor < 0 else {}
    body["stored_value_movements"] = [
        {"account_id": account_id, "amount_minor": amount_minor, "reason": reason, **authority}
    ]
    till.journal.record([Draft("sale", body, "2026-11-22", "E1", "SH1")]).result()


def look_up(till: Till) -> bool:
    sealing_key = base64.b64decode(till.identity.sealing_public_key)
    return till.client.look_up_member(
        seal(gift_text(NUMBER).encode(), sealing_key, label=LABEL_PERSONAL)
    ).result()


def overdrawn(world: World) -> list[tuple[str, int]]:
    rows = world.office.store.read(lambda txn: ruling.listing(txn, rule="stored_value_overdrawn"))
    return [(row.ruling.key, row.ruling.cost_minor) for row in rows if row.superseded_by is None]


def test_a_card_is_new_then_sold_then_spent_and_every_store_that_knows_it_sees_that(
    world: World, tmp_path: Path
) -> None:
    account_id = deliver(world, tmp_path)
    a, b = world.till("a"), world.till("b", store_id="S002")
    for till in (a, b):
        till.client.exchange()
    assert (seen(a), seen(b)) == (("new", 0), None)
    move(a, account_id, 10_000, "sold")
    a.client.exchange()
    assert look_up(b) and seen(b) == ("active", 10_000)
    move(b, account_id, -3_000, "spent")
    b.client.exchange()
    a.client.exchange()
    assert seen(a) == seen(b) == ("active", 7_000)
    assert overdrawn(world) == []


def test_two_stores_that_spend_the_same_money_are_ruled_on_and_the_store_of_the_manager_bears_it(
    world: World, tmp_path: Path
) -> None:
    account_id = deliver(world, tmp_path)
    a, b = world.till("a"), world.till("b", store_id="S002")
    a.client.exchange()
    move(a, account_id, 5_000, "sold")
    a.client.exchange()
    b.client.exchange()
    look_up(b)
    for till in (a, b):
        world.clock.advance(1_000)
        move(till, account_id, -4_000, "spent")
    for till in (b, a, b):
        till.client.exchange()
    assert overdrawn(world) == [(account_id, 3_000)]
    assert seen(a) == seen(b) == ("active", -3_000)


def test_two_stores_that_pay_the_same_card_out_are_ruled_on_as_well(world: World, tmp_path: Path) -> None:
    account_id = deliver(world, tmp_path)
    a, b = world.till("a"), world.till("b", store_id="S002")
    a.client.exchange()
    move(a, account_id, 5_000, "sold")
    a.client.exchange()
    b.client.exchange()
    look_up(b)
    for till in (a, b):
        world.clock.advance(1_000)
        move(till, account_id, -5_000, "paid_out")
    for till in (b, a, b):
        till.client.exchange()
    assert overdrawn(world) == [(account_id, 5_000)]


def test_a_blocked_card_comes_down_and_each_question_about_a_card_has_its_audit_row(
    world: World, tmp_path: Path
) -> None:
    till = world.till("b", store_id="S002")
    till.client.exchange()
    assert not look_up(till)  # no card of this chain
    account_id = deliver(world, tmp_path)
    assert look_up(till) and seen(till) == ("new", 0)
    deliver(world, tmp_path, blocked="是")
    till.client.exchange()
    assert seen(till) == ("blocked", 0)
    rows = world.office.store.read(audit.newest)
    asked = [row["subject"] for row in rows if row["action"] == "gift_card_looked_up"]
    assert sorted(asked) == ["", account_id]
    assert NUMBER not in str(rows)


def test_no_log_line_has_the_number(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    till = world.till("b", store_id="S002")
    till.client.exchange()
    deliver(world, tmp_path)
    look_up(till)
    written = caplog.text + "".join(capfd.readouterr())
    assert written and NUMBER not in written
