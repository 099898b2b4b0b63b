from __future__ import annotations

from unittest.mock import patch

import pytest

from pos_client.journal.journal import Journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.services.staff.lock_out import lock_ms
from pos_core.canonical import parse_strict
from pos_core.errors import TidemarkError
from pos_core.sync.document import Series
from pos_core.sync.envelope import check_body
from tests.client.services.shop import PIN, Shop
from tests.fakes.releases import DAY_MS

WRONG = "111111"


def refused(shop: Shop, number: str, pin: str) -> TidemarkError:
    with pytest.raises(TidemarkError) as caught:
        shop.workstation.session.sign_on(number, pin).result(10)
    return caught.value


def test_a_right_pin_signs_on_and_is_a_document(closed_shop: Shop) -> None:
    view = closed_shop.workstation.session.sign_on("1001", PIN).result(10)
    assert (view.name, view.role) == ("王小明", "cashier")
    (document,) = closed_shop.documents("signed_on")
    assert document["operator_id"] == "e1" and PIN not in str(document)
    assert refused(closed_shop, "2001", PIN).code == "already_signed_on"
    closed_shop.workstation.session.sign_off().result(5)
    assert closed_shop.workstation.session.operator is None


@pytest.mark.parametrize(
    "number,pin,code",
    [
        ("1001", "12345", "pin_too_short"),
        ("1001", "１２３４５６", "pin_too_short"),
        ("1001", "1" * 1000, "pin_too_short"),
        ("9999", PIN, "unknown_operator"),
        ("1009", PIN, "unknown_operator"),
        ("1001", WRONG, "wrong_pin"),
    ],
)
def test_each_refusal_has_its_code(closed_shop: Shop, number: str, pin: str, code: str) -> None:
    assert refused(closed_shop, number, pin).code == code


def test_without_a_whole_replica_the_refusal_says_so(closed_shop: Shop) -> None:
    shop = closed_shop
    shop.workstation.close()
    for file in shop.folder.glob("replica.db*"):
        file.unlink()
    with patch.object(Shop, "fill"):
        shop.open()
    assert refused(shop, "1001", PIN).code == "replica_incomplete"
    assert shop.documents("sign_on_failed") == []


def test_five_wrong_pins_lock_and_the_right_one_must_wait_too(closed_shop: Shop) -> None:
    left = [refused(closed_shop, "1001", WRONG).facts["attempts_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    locked = refused(closed_shop, "1001", PIN)
    assert (locked.code, locked.facts["seconds"]) == ("locked_out", 60)
    closed_shop.clock.pass_ms(59_000)
    assert refused(closed_shop, "1001", PIN).facts["seconds"] == 1
    closed_shop.clock.pass_ms(1_000)
    assert refused(closed_shop, "1001", WRONG).code == "wrong_pin"
    assert refused(closed_shop, "1001", PIN).facts["seconds"] == 120
    closed_shop.clock.pass_ms(120_000)
    closed_shop.workstation.session.sign_on("1001", PIN).result(10)
    failures = [each["body"]["failures"] for each in closed_shop.documents("sign_on_failed")]
    assert failures == [1, 2, 3, 4, 5, 6]


def test_success_starts_the_count_anew(closed_shop: Shop) -> None:
    for _ in range(4):
        refused(closed_shop, "1001", WRONG)
    closed_shop.workstation.session.sign_on("1001", PIN).result(10)
    closed_shop.workstation.session.sign_off().result(5)
    assert refused(closed_shop, "1001", WRONG).facts["attempts_left"] == 4


def test_the_counter_is_in_the_journal_and_survives_a_restart(closed_shop: Shop) -> None:
    for _ in range(5):
        refused(closed_shop, "1001", WRONG)
    closed_shop.restart()
    assert refused(closed_shop, "1001", PIN).code == "locked_out"
    for document in closed_shop.documents()[1:]:  # the first is the journal's own
        check_body(document["type"], document["body"])


def _guess_until_locked_and_put_back(shop: Shop, *, witness_too: bool) -> None:
    """Five wrong PINs, then the journal of before them lies in the folder again."""
    shop.workstation.close()
    older = (shop.folder / "journal.db").read_bytes()
    shop.open()
    for _ in range(5):
        refused(shop, "1001", WRONG)
    shop.workstation.close()
    (shop.folder / "journal.db").write_bytes(older)
    if witness_too:
        (shop.folder / "witness" / "w").unlink()


def _locked_for_a_period_then_strict(shop: Shop) -> None:
    locked = refused(shop, "1001", PIN)
    assert (locked.code, locked.facts["seconds"]) == ("locked_out", 60)
    assert refused(shop, "2001", PIN).code == "locked_out", "nobody's counter is proven"
    shop.restart()
    shop.clock.pass_ms(60_000)
    assert refused(shop, "1001", WRONG).code == "wrong_pin"
    assert refused(shop, "1001", PIN).facts["seconds"] == 120, "no five free guesses"
    shop.workstation.session.sign_on("2001", PIN).result(10)
    shop.workstation.session.sign_off().result(5)
    assert refused(shop, "2001", WRONG).facts["attempts_left"] == 4


def test_an_older_journal_without_its_witness_gives_no_free_guesses(closed_shop: Shop) -> None:
    _guess_until_locked_and_put_back(closed_shop, witness_too=True)
    closed_shop.open()
    _locked_for_a_period_then_strict(closed_shop)


def test_a_series_begun_anew_gives_no_free_guesses(closed_shop: Shop) -> None:
    shop = closed_shop
    _guess_until_locked_and_put_back(shop, witness_too=False)
    rescued = Journal.open(
        shop.folder / "journal.db",
        keys=FileKeyStore(shop.folder / "keys"),
        witness_path=shop.folder / "witness" / "w",
        series=Series("ws-1", 1),
        store_id="S001",
        clock=shop.clock,
        rescue=True,
        ballast_bytes=4096,
    )
    body = parse_strict(rescued.open_new_incarnation("rescued").result().data)["body"]
    rescued.close()
    assert body["sign_on_locked_until_ms"] == shop.clock.now_ms() + 60_000
    check_body("series_opened", body)
    shop.open()
    _locked_for_a_period_then_strict(shop)


def test_a_longer_lock_is_carried_into_a_new_series(closed_shop: Shop) -> None:
    for wait_ms in (0, 0, 0, 0, 0, 60_000, 120_000):
        closed_shop.clock.pass_ms(wait_ms)
        refused(closed_shop, "1001", WRONG)
    closed_shop.journal.open_new_incarnation("forked").result(10)
    assert refused(closed_shop, "1001", PIN).facts["seconds"] == 240


def test_one_operator_s_lock_is_not_another_s(closed_shop: Shop) -> None:
    for _ in range(5):
        refused(closed_shop, "1001", WRONG)
    closed_shop.workstation.session.sign_on("2001", PIN).result(10)


def test_guesses_in_parallel_do_not_race_past_the_counter(closed_shop: Shop) -> None:
    futures = [closed_shop.workstation.session.sign_on("1001", WRONG) for _ in range(9)]
    codes = [getattr(future.exception(10), "code", None) for future in futures]
    assert codes == ["wrong_pin"] * 5 + ["locked_out"] * 4


def test_a_clock_set_back_a_year_does_not_lock_for_a_year(closed_shop: Shop) -> None:
    for _ in range(5):
        refused(closed_shop, "1001", WRONG)
    closed_shop.clock.wall_ms -= 365 * DAY_MS
    assert refused(closed_shop, "1001", PIN).code == "locked_out"
    closed_shop.clock.pass_ms(60_000)
    closed_shop.workstation.session.sign_on("1001", PIN).result(10)
    (jump,) = closed_shop.documents("clock_jumped")
    assert jump["body"]["jump_ms"] < -364 * DAY_MS


def test_only_a_manager_confirms_a_clock_that_jumped_more_than_a_day(closed_shop: Shop) -> None:
    shop = closed_shop
    shop.clock.wall_ms += 30 * DAY_MS
    shop.workstation.session.sign_on("1001", PIN).result(10)
    assert "clock_needs_manager" in {each.code for each in shop.workstation.status.view().notices}
    with pytest.raises(TidemarkError) as caught:
        shop.workstation.session.confirm_clock()
    assert caught.value.code == "not_allowed"
    shop.workstation.session.sign_off().result(5)
    shop.workstation.session.sign_on("2001", PIN).result(10)
    shop.workstation.session.confirm_clock()
    assert "clock_needs_manager" not in {each.code for each in shop.workstation.status.view().notices}


def test_locks_double_up_to_an_hour() -> None:
    assert [lock_ms(count) // 1000 for count in (1, 4, 5, 6, 7, 11, 12, 500)] == [
        0,
        0,
        60,
        120,
        240,
        3600,
        3600,
        3600,
    ]


def test_a_revoked_workstation_ends_the_session_and_lets_nobody_sell(shop: Shop) -> None:
    state = shop.workstation.sync.state
    assert shop.workstation.session.operator is not None and state.last_error is None
    shop.network.revoke()
    assert shop.workstation.session.operator is None
    assert refused(shop, "1001", PIN).code == "revoked_here"
    with pytest.raises(TidemarkError) as caught:
        shop.workstation.ring_up.enter("6901234567892")
    assert caught.value.code == "revoked_here"
