"""What head office lets go, and a member's code set at the till, by keys in the real window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from pos_client.ui.shell.approval import ApprovalMode
from pos_core.sync.authorisation_messages import MemberCodeAnswer
from tests.client.services.purse_shop import CODE, PurseShop
from tests.client.services.shop import COLA, MEMBER_PHONE, MILK, PIN
from tests.client.services.test_authorising import Office
from tests.fakes.reference_rows import rows_of
from tests.ui.real_till import RealTill


@pytest.fixture(params=["zh", "en"])
def till(tmp_path: Path, qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[RealTill]:
    shop = PurseShop(tmp_path)
    made = RealTill(shop, request.param, qtbot)
    made.to_checkout()
    shop.detail(5_000)
    yield made
    made.close()
    shop.workstation.close()


def _online(till: RealTill, there: int = 1_000_000) -> Office:
    office = Office(there)
    own = till.shop.workstation.allowances._book.series
    office.series = lambda _: own
    till.shop.network.authorise = office
    till.shop.network.state.network = "online"
    return office


def _last(till: RealTill, kind: str = "sale") -> dict[str, Any]:
    document = till.shop.journal.last_of_type(kind)
    assert document is not None
    body: dict[str, Any] = json.loads(document.data)["body"]
    return body


def test_beyond_the_allowance_nobody_is_called_while_head_office_answers(till: RealTill) -> None:
    _online(till)
    till.press(f"{COLA}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F12>", "4\n", f"{CODE}\n")
    till.wait_until(lambda: till.shop.journal.last_of_type("sale") is not None)
    assert [move["authority"] for move in _last(till)["stored_value_movements"]] == ["online"]


def test_a_no_is_shown_and_the_sale_is_paid_otherwise(till: RealTill) -> None:
    _online(till, 100)
    till.press(f"{COLA}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F12>", "4\n", f"{CODE}\n")
    assert "1.00" in till.message
    till.press("<Esc>", "<F12>", "1\n", "\n")
    till.wait_until(lambda: till.shop.journal.last_of_type("sale") is not None)
    assert [tender["tender_kind"] for tender in _last(till)["tenders"]] == ["cash"]


def test_when_nobody_answers_a_second_person_is_asked(till: RealTill) -> None:
    office = _online(till)
    office.silent = 2
    till.press(f"{COLA}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F12>", "4\n", f"{CODE}\n")
    assert isinstance(till.window.checkout.stack.top, ApprovalMode)
    till.press("2001\n", f"{PIN}\n")
    till.wait_until(lambda: till.shop.journal.last_of_type("sale") is not None)
    assert [move["authority"] for move in _last(till)["stored_value_movements"]] == ["manager"]


def test_f7_on_the_member_s_page_sets_his_code_with_a_second_person(till: RealTill) -> None:
    till.press("<F9>", f"{MEMBER_PHONE}\n", "<F9>", "<F7>", "246801\n", "246802\n", "246801\n", "246801\n")
    assert isinstance(till.window.checkout.stack.top, ApprovalMode)
    till.press("2001\n", f"{PIN}\n")
    till.wait_until(lambda: till.shop.workstation.member_codes.proven)
    assert _last(till, "member_edited")["personal_fields"] == ["code"]
    data = b"".join(each.data for each in till.shop.journal.documents_after(0, limit=1000))
    assert b"246801" not in data


def test_a_code_that_nobody_can_check_is_a_manager_s(till: RealTill) -> None:
    shop = till.shop
    assert isinstance(shop, PurseShop)
    row = ["m1", "active", None, None, 5_000, None, None, 0, 0]
    shop.take(rows_of("member_detail", [row]), scope="store:S001")
    shop.grant(1_000)
    shop.network.member_code_answer = MemberCodeAnswer("unknown")
    till.press(f"{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F12>", "4\n", f"{CODE}\n")
    assert isinstance(till.window.checkout.stack.top, ApprovalMode)
    till.press("2001\n", f"{PIN}\n")
    till.wait_until(lambda: shop.journal.last_of_type("sale") is not None)
    assert _last(till, "member_code_accepted")["by"] == "person"


def test_a_balance_says_how_old_it_is(till: RealTill) -> None:
    till.press("<F9>", f"{MEMBER_PHONE}\n", "<F9>")
    assert ":" not in till.window.checkout.stack.top.words.caption  # type: ignore[union-attr]
    till.shop.network.state.last_contact_ms = till.shop.clock.now_ms()
    assert ":" in till.window.checkout.stack.top.words.caption  # type: ignore[union-attr]
    till.press("<F4>")
    assert ":" in till.window.checkout.stack.top.words.caption  # type: ignore[union-attr]
