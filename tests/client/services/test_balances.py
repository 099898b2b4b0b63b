"""What a member has after a sale or a return: on paper and in the document, with the minute it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.receipts.layout import lay_out, local_time
from pos_client.receipts.screen import as_text
from pos_client.services.returns.return_origin import Origin
from pos_client.services.views.payment import CompletedSale
from pos_core.sync.envelope import check_body
from tests.client.services.shop import MEMBER_PHONE, MILK, Shop
from tests.client.services.test_claims import ClaimShop
from tests.fakes.releases import T0

HEARD_MS = T0 - 600_000


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Shop]:
    made = ClaimShop(tmp_path)
    made.network.state.last_contact_ms = HEARD_MS
    made.ready()
    yield made
    made.workstation.close()


def _sell(till: Shop, text: str, member_id: str | None = "m1") -> CompletedSale:
    workstation = till.workstation
    workstation.ring_up.enter(text)
    if member_id is not None:
        workstation.members.attach(member_id)
    workstation.payment.begin()
    workstation.payment.add("cash", None)
    return workstation.payment.finish().result(10)


def test_a_sale_says_the_points_after_it_and_when_head_office_was_last_heard(till: Shop) -> None:
    receipt = _sell(till, "10*" + MILK).receipt  # 59.90: 59 points on top of 120
    assert (receipt.points_balance, receipt.points_heard_at_ms) == (179, HEARD_MS)
    assert till.workstation.shared.points_of("m1") == 179
    (document,) = till.documents("sale")
    check_body("sale", document["body"])
    assert document["body"]["points_balance"] == 179
    assert receipt.member_name == "李* 138****5678"


def test_a_return_says_the_points_after_it(till: Shop) -> None:
    _sell(till, "10*" + MILK)
    number = till.documents("sale")[0]["number"]
    origin = Origin("ws-1", 1, number)
    back = till.workstation.returns.give_back(origin, {1: 10_000}, "not_wanted").result(10)
    assert back.receipt.points_balance == 120 == till.workstation.shared.points_of("m1")
    check_body("return", till.documents("return")[0]["body"])


def test_an_exchange_counts_what_its_return_took_back(till: Shop) -> None:
    _sell(till, "10*" + MILK)
    number = till.documents("sale")[0]["number"]
    till.workstation.returns.exchange(Origin("ws-1", 1, number), {1: 10_000}, "not_wanted")
    workstation = till.workstation
    workstation.ring_up.enter("10*" + MILK)
    workstation.members.attach("m1")
    workstation.payment.begin()
    receipt = workstation.payment.finish().result(10).receipt
    assert receipt.points_balance == 179 == workstation.shared.points_of("m1")


def test_a_copy_names_the_member_of_its_own_sale(till: Shop) -> None:
    """Not whoever stands on the basket by then."""
    _sell(till, MILK, None)
    till.workstation.members.attach("m1")
    last = till.journal.last_of_type("sale")
    assert last is not None
    till.restart()
    receipt = till.workstation.printing.last_receipt()
    assert receipt is not None and receipt.member_name is None and receipt.points_balance is None


def test_who_joined_here_is_masked_on_paper(till: Shop) -> None:
    joined = till.workstation.members.join("13987654321", "张三丰", {}).result(5)
    receipt = _sell(till, "10*" + MILK, joined.member_id).receipt
    assert receipt.member_name == "张** 139****4321"
    assert receipt.points_balance == 59
    till.journal.erase_member(joined.member_id).result(5)
    till.restart()
    copy = till.workstation.printing.last_receipt()
    assert copy is not None and copy.member_name is None and copy.points_balance == 59


@pytest.mark.parametrize("columns", [32, 48])
@pytest.mark.parametrize(("language", "words"), [("zh", "积分余额 截至"), ("en", "Points as of")])
def test_the_balance_stands_on_one_row_of_either_paper(
    till: Shop, columns: int, language: str, words: str
) -> None:
    till.workstation.printing._maker.language = language  # type: ignore[assignment]
    receipt = _sell(till, "10*" + MILK).receipt
    text = as_text(lay_out(receipt, columns), columns)
    (row,) = [line for line in text.splitlines() if words in line]
    assert local_time(HEARD_MS, "Asia/Shanghai")[5:16] in row and row.endswith(" 179")
    assert MEMBER_PHONE not in text
