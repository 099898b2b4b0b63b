"""What another workstation of the store did, as the operator here meets it while head office is away."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.journal.member_keys import living_keys
from pos_client.peers import taking
from pos_client.peers.store import PeerStore
from pos_client.services.refusals.members import MemberExists
from pos_client.services.refusals.payment import VoucherUsed
from pos_client.services.refusals.staff import OperatorLocked, WrongPin
from pos_client.services.returns.return_origin import Origin
from pos_core.catalog.store import TenderType
from pos_core.sale.returns import ReturnedTooMuch
from pos_core.sync.peer_messages import PeerBatch
from tests.client.services.shop import MILK, PIN, Shop
from tests.client.services.test_foreign_receipts import knows, sell
from tests.fakes.facts import coupon, sale

PHONE = "13912345678"
VOUCHER = TenderType("voucher", "voucher", "购物券", "Voucher", False, False, 4)


class TwoTills:
    """`here` hears what `there` did; the wire between them is tested with head office (tests/sync)."""

    def __init__(self, folder: Path) -> None:
        self.there = Shop(folder / "there", workstation_id="ws-2").ready()
        self.here = Shop(folder / "here").ready()
        self.store = PeerStore.open(folder / "here" / "peers.db", self.there_keys(folder))
        counter = self.here.workstation.members._counter
        counter.peers = self.store
        counter.shared._peers = self.store

    @staticmethod
    def there_keys(folder: Path):  # type: ignore[no-untyped-def]
        from pos_client.keys.key_store import FileKeyStore

        return FileKeyStore(folder / "here" / "keys")

    def hear(self) -> None:
        journal = self.there.journal
        recorded = journal.documents_after(0, limit=1000)
        signature = base64.b64encode(journal.sign_head().signature).decode()
        batch = PeerBatch(1, 1, [each.data.decode() for each in recorded], signature)
        key = base64.b64decode(journal.public_key())
        members = [d["body"]["member_id"] for d in self.there.documents("member_joined")]
        keys = journal.read(lambda c: living_keys(c, members))
        text = {member_id: base64.b64encode(each).decode() for member_id, each in keys.items()}

        def keep(connection):  # type: ignore[no-untyped-def]
            taking.take_batch(connection, "ws-2", key, batch)
            taking.keep_member_keys(connection, text)

        self.store.change(keep).result()

    def close(self) -> None:
        self.store.close()
        self.here.workstation.close()
        self.there.workstation.close()


@pytest.fixture
def tills(tmp_path: Path) -> Iterator[TwoTills]:
    made = TwoTills(tmp_path)
    yield made
    made.close()


def test_who_joined_next_door_is_found_and_served_here(tills: TwoTills) -> None:
    joined = tills.there.workstation.members.join(PHONE, "陈女士", {}).result(10)
    members = tills.here.workstation.members
    assert members.find(PHONE) is None
    tills.hear()
    found = members.find(PHONE)
    assert found is not None
    assert (found.member_id, found.display_name) == (joined.member_id, "陈女士")
    members.attach(found.member_id)
    with pytest.raises(MemberExists):
        members.join(PHONE, "陈女士", {})


def test_who_joined_next_door_and_was_erased_is_not_known_any_more(tills: TwoTills) -> None:
    joined = tills.there.workstation.members.join(PHONE, "陈女士", {}).result(10)
    tills.hear()
    tills.store.erase_member(joined.member_id)
    members = tills.here.workstation.members
    assert members.find(PHONE) is None and members.known(joined.member_id) is None


def test_a_voucher_that_was_taken_next_door_is_not_taken_here(tills: TwoTills) -> None:
    from pos_client.services.payment.sale_claims import voucher_campaign
    from pos_client.services.payment.vouchers import Vouchers

    vouchers = Vouchers(tills.here.workstation.members._counter)
    assert vouchers.unused(VOUCHER, "v-100") == "V100"
    used = {**coupon("V100"), "campaign_id": voucher_campaign("voucher")}
    counter = tills.there.workstation.members._counter
    counter.journal.record([counter.draft("sale", sale(coupons=(used,)))]).result()
    tills.hear()
    with pytest.raises(VoucherUsed):
        vouchers.unused(VOUCHER, "v-100")


def test_a_lock_and_a_new_pin_next_door_hold_here_without_head_office(tills: TwoTills) -> None:
    there, here = tills.there.workstation, tills.here.workstation
    for services in (there, here):
        services.session.sign_off().result(10)
    there.session.sign_on("2001", PIN).result(10)
    there.staff.reset_pin("1001", "135791").result(10)
    tills.hear()
    with pytest.raises(WrongPin):
        here.session.sign_on("1001", PIN).result(10)
    here.session.sign_on("1001", "135791").result(10)
    here.session.sign_off().result(10)
    there.staff.lock("1001").result(10)
    tills.hear()
    with pytest.raises(OperatorLocked):
        here.session.sign_on("1001", "135791").result(10)


def _wait_for_nobody(tills: TwoTills) -> None:
    ends = time.monotonic() + 10
    while tills.here.workstation.session.operator is not None:
        assert time.monotonic() < ends, "still signed on"
        time.sleep(0.01)


def test_who_is_locked_next_door_is_signed_off_here_as_soon_as_it_is_heard(tills: TwoTills) -> None:
    there, here = tills.there.workstation, tills.here.workstation
    there.session.sign_off().result(10)
    there.session.sign_on("2001", PIN).result(10)
    here.ring_up.enter("6901234567892")
    tills.hear()
    here.session.end_when_barred()
    assert here.session.operator is not None, "nothing was said of him"
    there.staff.lock("1001").result(10)
    tills.hear()
    here.session.end_when_barred()
    _wait_for_nobody(tills)
    assert tills.here.documents("signed_off")[-1]["body"]["reason"] == "locked"
    assert here.ring_up.basket().line_count == 1 and here.session.put_off() != ""
    assert here.session.put_off() == ""


def test_a_payment_under_way_next_door_s_lock_waits_for(tills: TwoTills) -> None:
    """Nobody says anything more: the end of the payment is enough."""
    there, here = tills.there.workstation, tills.here.workstation
    there.session.sign_off().result(10)
    there.session.sign_on("2001", PIN).result(10)
    here.ring_up.enter("6901234567892")
    here.payment.begin()
    there.staff.lock("1001").result(10)
    tills.hear()
    here.session.end_when_barred()
    assert here.session.operator is not None
    here.payment.back()
    _wait_for_nobody(tills)


def test_what_came_back_next_door_does_not_come_back_here_again(tills: TwoTills) -> None:
    """Two of three came back at the till that sold them; by its signed code the third may here."""
    there, here = tills.there, tills.here
    code = sell(there, f"3*{MILK}")
    knows(here, there)
    receipt = here.workstation.returns.find(code)
    origin = Origin(receipt.workstation_id, receipt.incarnation, receipt.number)
    assert [line.left_milli for line in receipt.lines] == [3000]
    there.workstation.returns.give_back(origin, {1: 2000}, "not_wanted").result(10)
    assert [line.left_milli for line in here.workstation.returns.find(code).lines] == [3000]
    tills.hear()
    assert [line.left_milli for line in here.workstation.returns.find(code).lines] == [1000]
    with pytest.raises(ReturnedTooMuch):
        here.workstation.returns.plan(origin, {1: 2000})
    paid = here.workstation.returns.give_back(origin, {1: 1000}, "not_wanted").result(10)
    returned = there.documents("return")[0]["body"]["total_minor"]
    assert paid.total_minor + returned == there.documents("sale")[0]["body"]["total_minor"]
    tills.hear()  # told again: it counts once
    with pytest.raises(ReturnedTooMuch):
        here.workstation.returns.plan(origin, {1: 1000})
