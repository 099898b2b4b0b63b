"""A member by card and app, his tier and birthday; one list of reasons; simulators only where allowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.services.members.phone_index import keyed_index
from pos_client.services.refusals.members import BadPhone
from pos_client.services.refusals.workstation import SimulatorNotAllowed
from pos_core.customer.member import card_text
from pos_core.customer.member_code import app_code_text
from tests.client.services.purse_shop import CARD, PurseShop
from tests.client.services.shop import INDEX_KEY, PIN
from tests.fakes.reference_rows import rows_of


@pytest.fixture
def till(tmp_path: Path) -> Iterator[PurseShop]:
    made = PurseShop(tmp_path)
    made.ready()
    yield made
    made.workstation.close()


@pytest.mark.parametrize("text", [CARD, "m1", app_code_text("m1", 0, "k1", b"not a signature")])
def test_a_card_its_number_and_the_code_of_the_app_say_who_it_is_and_prove_nothing(
    till: PurseShop, text: str
) -> None:
    found = till.workstation.members.find(text)
    assert found is not None and found.member_id == "m1"
    till.workstation.members.attach(found.member_id)
    assert not till.workstation.member_codes.proven


def test_the_card_of_a_merged_member_finds_who_he_is_now(till: PurseShop) -> None:
    index = keyed_index(INDEX_KEY, card_text("77"))
    row = ["m0", "active", None, index, 0, "m1", None, 0, 0]
    till.take(rows_of("member_detail", [row]), scope="store:S001")
    for text in ("77", app_code_text("m0", 0, "k1", b"not a signature")):
        found = till.workstation.members.find(text)
        assert found is not None and found.member_id == "m1"


@pytest.mark.parametrize("text", ["", "880012345679", "x" * 41, app_code_text("nobody", 0, "k1", b"s")[:-30]])
def test_what_is_neither_phone_nor_card_is_refused_without_being_named(till: PurseShop, text: str) -> None:
    with pytest.raises(BadPhone) as refused:
        till.workstation.members.find(text)
    assert not refused.value.facts


def test_the_tier_has_the_chains_name_and_the_birthday_month_is_shown(till: PurseShop) -> None:
    till.policy("member_tiers", [{"code": "gold", "name": "金卡会员", "name_en": "Gold member"}])
    month = int(till.workstation.shift.current.business_day[5:7])  # type: ignore[union-attr]
    row = ["m1", "00" * 16, "138****5678", "李*", "gold", 120, month, "{}"]
    till.take(rows_of("member", [row]), scope="store:S001")
    till.workstation.members.attach("m1")
    member = till.workstation.ring_up.basket().member
    assert member is not None
    assert (member.tier_name, member.tier_name_en) == ("金卡会员", "Gold member")
    assert member.is_birthday_month
    till.take(rows_of("member", [[*row[:6], month % 12 + 1, "{}"]]), scope="store:S001")
    till.workstation.members.attach("m1")
    member = till.workstation.ring_up.basket().member
    assert member is not None and not member.is_birthday_month


def test_reasons_for_the_drawer_are_one_list_wherever_head_office_wrote_them(till: PurseShop) -> None:
    def codes() -> tuple[list[str], list[str]]:
        asked = [each.code for each in till.workstation.approvals.reasons("no_sale")]
        return asked, [each.code for each in till.workstation.till.policy.reasons["no_sale"]]

    assert codes() == (["change", "check"],) * 2
    till.policy("cash", {"reasons": {"no_sale": [{"code": "coins", "name": "换硬币"}]}})
    assert codes() == (["coins"],) * 2
    till.policy("reason_codes", {"no_sale": [{"code": "key", "name": "试钥匙"}]})
    assert codes() == (["key"],) * 2
    assert till.workstation.till.no_sale("", "key").result(10)


def test_a_simulated_terminal_is_for_chains_that_say_so(till: PurseShop) -> None:
    devices = till.workstation.devices
    till.workstation.session.sign_off().result(5)
    till.workstation.session.sign_on("2001", PIN).result(20)
    assert "simulator" in devices.find("terminal")
    devices.set("terminal", "simulator")
    till.policy("simulated_devices", None)
    assert "simulator" not in devices.find("terminal")
    with pytest.raises(SimulatorNotAllowed):
        devices.set("terminal", "simulator:decline")
    till.workstation.ring_up.enter("7")
    till.workstation.payment.begin()
    with pytest.raises(SimulatorNotAllowed):
        till.workstation.terminal.charge("card")
