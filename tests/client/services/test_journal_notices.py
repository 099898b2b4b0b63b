"""What the journal found at its start reaches the status bar, and goes again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.services.shop import COLA, Shop

DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture
def shop(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Shop(tmp_path)
    yield made.ready()
    made.workstation.close()


def notices(shop: Shop) -> dict[str, dict[str, object]]:
    return {one.code: dict(one.facts) for one in shop.workstation.status.view().notices}


def sell(shop: Shop) -> None:
    workstation = shop.workstation
    workstation.ring_up.enter(COLA)
    workstation.payment.begin()
    workstation.payment.add("cash", None)
    workstation.payment.finish().result(10)


def restart_with(shop: Shop, witness: bytes | None) -> None:
    """The program ends and comes back; meanwhile the witness file becomes this."""
    path = shop.folder / "witness" / "w"
    shop.workstation.close()
    if witness is None:
        path.unlink()
    else:
        path.write_bytes(witness)
    shop.open()


def test_a_new_workstation_has_nothing_to_tell(shop: Shop) -> None:
    assert shop.journal.witness_state == "new"
    assert notices(shop) == {}
    sell(shop)
    shop.restart()
    assert notices(shop) == {}


def test_sales_that_were_perhaps_not_printed_are_shown_until_the_next_sale(shop: Shop) -> None:
    sell(shop)
    before = (shop.folder / "witness" / "w").read_bytes()
    sell(shop)
    sell(shop)
    number = shop.journal.head().number
    restart_with(shop, before)
    assert notices(shop)["completed_not_printed"] == {"number": number, "count": 2}
    shop.workstation.session.sign_on("1001", "246810").result(10)
    assert "completed_not_printed" in notices(shop)
    sell(shop)
    assert "completed_not_printed" not in notices(shop)
    shop.restart()
    assert notices(shop) == {}, "shown once"


def test_documents_without_a_receipt_are_no_remark(shop: Shop) -> None:
    before = (shop.folder / "witness" / "w").read_bytes()
    shop.workstation.session.sign_off().result(10)
    assert shop.journal.head().number > 1
    restart_with(shop, before)
    assert shop.journal.unwitnessed and notices(shop) == {}


@pytest.mark.parametrize(("content", "state"), [(None, "missing"), (b"\xff" * 9000, "unreadable")])
def test_a_lost_witness_is_told(shop: Shop, content: bytes | None, state: str) -> None:
    sell(shop)
    restart_with(shop, content)
    assert notices(shop) == {"witness_begun_anew": {"state": state}}


def test_a_series_begun_anew_is_told_for_a_day_and_over_restarts(shop: Shop) -> None:
    assert "series_begun_anew" not in notices(shop)
    shop.journal.open_new_incarnation("forked").result(10)
    assert notices(shop)["series_begun_anew"] == {"incarnation": 2}
    sell(shop)
    shop.restart()
    assert notices(shop)["series_begun_anew"] == {"incarnation": 2}
    shop.clock.pass_ms(DAY_MS)
    assert "series_begun_anew" not in notices(shop)


def test_a_series_that_a_person_began_needs_no_remark(shop: Shop) -> None:
    shop.journal.open_new_incarnation("enrolled").result(10)
    assert notices(shop) == {}
