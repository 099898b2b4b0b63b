"""Head office asked while a shopper waits: reserved once, used by the sale, given back when there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.refusals.accounts import AuthorisationNeeded, NotEnoughStoredValue
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.workstation import Workstation
from pos_core.customer.stored_value import member_account
from pos_core.sync.authorisation_messages import AuthorisationAnswer, AuthorisationQuestion, authorisation_id
from pos_core.sync.granted_allowance import GrantedAllowance
from tests.client.services.purse_shop import CODE, GIFT, PurseShop
from tests.client.services.shop import MEMBER_PHONE, MILK

PURSE = member_account("m1")
EPOCH = "e-1"


class Office:
    """What head office says; `silent` counts the questions whose answer is lost."""

    def __init__(self, there: int = 1_000_000) -> None:
        self.there = there
        self.silent = 0
        self.let_go: dict[str, int] = {}

    def __call__(self, question: AuthorisationQuestion) -> AuthorisationAnswer | None:
        name = question.request_id
        if name not in self.let_go and question.amount > self.there:
            return AuthorisationAnswer(EPOCH, None, "not_enough", self.there)
        self.let_go.setdefault(name, question.amount)
        if self.silent:
            self.silent -= 1
            return None
        allowance_id = authorisation_id(question.what, self.series(question), name)
        granted = GrantedAllowance(allowance_id, "online", self.let_go[name], 1, 900_000)
        return AuthorisationAnswer(EPOCH, granted, available=self.there)

    series: Any = staticmethod(lambda question: "")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PurseShop]:
    made = PurseShop(tmp_path)
    made.ready()
    yield made
    made.workstation.close()


@pytest.fixture
def office(shop: PurseShop) -> Office:
    made = Office()
    own = shop.workstation.allowances._book.series
    made.series = lambda _: own
    shop.network.authorise = made
    shop.network.state.network = "online"
    return made


def _to_payment(shop: PurseShop, purse_minor: int = 5_000) -> Workstation:
    shop.detail(purse_minor)
    work = shop.workstation
    work.ring_up.enter(MILK)
    member = work.members.find(MEMBER_PHONE)
    assert member is not None
    work.members.attach(member.member_id)
    work.member_codes.prove(CODE).result()
    work.payment.begin()
    return work


def _asked(work: Workstation, amount_minor: int | None = None, number: str | None = None) -> None:
    with pytest.raises(AuthorisationNeeded) as needed:
        work.payment.add("stored_value", amount_minor, number)
    work.authorising.ask(str(needed.value.facts["question"])).result()


def _bodies(shop: PurseShop, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(each.data) for each in shop.journal.documents_after(0, limit=1000)]
    return [each["body"] for each in found if each["type"] == kind]


def _steps(shop: PurseShop) -> list[tuple[str, int]]:
    return [(each["step"], each["amount"]) for each in _bodies(shop, "allowance_reported")]


def _written(shop: PurseShop) -> None:
    """What was only begun is on disk."""
    shop.journal.change(lambda _: None).result()


def test_beyond_the_allowance_head_office_lets_it_go_and_the_sale_names_it(
    shop: PurseShop, office: Office
) -> None:
    work = _to_payment(shop)
    _asked(work)
    work.payment.add("stored_value", None)
    work.payment.finish().result()
    move = _bodies(shop, "sale")[0]["stored_value_movements"][0]
    assert (move["account_id"], move["amount_minor"], move["authority"]) == (PURSE, -599, "online")
    assert move["allowance_id"].endswith(next(iter(office.let_go)))
    work.ring_up.enter(MILK)
    _written(shop)
    assert _steps(shop) == [("accepted", 599)]
    assert work.authorising._counter.allowance_book.slices() == {}
    assert _bodies(shop, "override_approved") == []


def test_a_lost_answer_is_asked_for_again_under_the_same_name(shop: PurseShop, office: Office) -> None:
    office.silent = 1
    work = _to_payment(shop)
    _asked(work)
    work.payment.add("stored_value", None)
    assert len(shop.network.authorisations) == 2 and len(office.let_go) == 1


def test_where_nobody_answers_it_is_given_up_and_a_manager_decides(shop: PurseShop, office: Office) -> None:
    office.silent = 2
    work = _to_payment(shop)
    _asked(work)
    assert _steps(shop) == [("lost", 599)]
    with pytest.raises(ApprovalNeeded):
        work.payment.add("stored_value", None)


def test_what_head_office_says_no_to_no_manager_is_asked_about(shop: PurseShop, office: Office) -> None:
    office.there = 100
    work = _to_payment(shop)
    with pytest.raises(NotEnoughStoredValue) as refused:
        _asked(work)
    assert refused.value.facts["balance_minor"] == 100
    assert _steps(shop) == [] and work.authorising._counter.allowance_book.slices() == {}


def test_more_than_is_known_here_is_asked_for_and_less_is_not_asked_for_within_the_allowance(
    shop: PurseShop, office: Office
) -> None:
    shop.grant(10_000)
    work = _to_payment(shop, 300)
    work.payment.add("stored_value", None)
    assert office.let_go == {}
    work.payment.remove(0)
    _asked(work, 599)
    work.payment.add("stored_value", 599)
    assert work.payment.view().can_finish  # type: ignore[union-attr]


@pytest.mark.parametrize("way", ["back", "remove"])
def test_no_sale_gives_it_back(shop: PurseShop, office: Office, way: str) -> None:
    work = _to_payment(shop)
    _asked(work)
    work.payment.add("stored_value", None)
    shop.clock.pass_ms(31_000)
    if way == "back":
        work.payment.back()
    else:
        work.payment.remove(0)
    _written(shop)
    assert _steps(shop) == [("accepted", 599), ("returned", 599)]


def test_a_crash_gives_it_back_at_the_next_start_and_the_basket_is_there(
    shop: PurseShop, office: Office
) -> None:
    work = _to_payment(shop)
    _asked(work)
    work.payment.add("stored_value", None)
    shop.restart()
    shop.workstation.go_live()
    _written(shop)
    assert _steps(shop) == [("accepted", 599), ("returned", 599)]
    assert shop.workstation.ring_up.basket().line_count == 1


def test_a_crash_while_asking_gives_it_up_within_a_minute(shop: PurseShop, office: Office) -> None:
    work = _to_payment(shop)
    book = work.authorising._counter.allowance_book
    from pos_core.sync.allowance import Grant

    name = authorisation_id("stored_value", book.series, "r")
    book.begin_asking(Grant(name, "online", book.series, 599, 0, 0, ""))
    book.look(at_once=True)
    assert _steps(shop) == []
    shop.clock.pass_ms(61_000)
    book.look(at_once=True)
    assert _steps(shop) == [("lost", 599)] and book.slices() == {}


def test_an_answer_that_is_over_lets_nothing_go(shop: PurseShop, office: Office) -> None:
    work = _to_payment(shop)
    _asked(work)
    shop.clock.pass_ms(900_001)
    with pytest.raises(AuthorisationNeeded):
        work.payment.add("stored_value", None)
    work.authorising._counter.allowance_book.look(at_once=True)
    assert _steps(shop) == [("accepted", 599), ("expired", 599)]


def test_a_gift_card_the_same_way(shop: PurseShop, office: Office) -> None:
    account_id = shop.card("active", 5_000)
    work = shop.workstation
    work.ring_up.enter(MILK)
    work.payment.begin()
    _asked(work, None, GIFT)
    work.payment.add("stored_value", None, GIFT)
    work.payment.finish().result()
    assert _bodies(shop, "sale")[0]["stored_value_movements"][0]["account_id"] == account_id


def test_two_tenders_of_one_purse_are_one_amount(shop: PurseShop, office: Office) -> None:
    work = _to_payment(shop)
    _asked(work, 200)
    work.payment.add("stored_value", 200)
    _asked(work, 100)
    work.payment.add("stored_value", 100)
    first, second = shop.network.authorisations
    assert (second.amount, second.instead_of.rpartition("/")[2]) == (300, first.request_id)
    work.payment.add("cash", None)
    work.payment.finish().result()
    moves = _bodies(shop, "sale")[0]["stored_value_movements"]
    assert [move["amount_minor"] for move in moves] == [-200, -100]
    assert len({move["allowance_id"] for move in moves}) == 1
    assert _steps(shop) == [("accepted", 200), ("accepted", 300), ("returned", 200)]


def test_offline_nobody_is_asked(shop: PurseShop, office: Office) -> None:
    shop.network.state.network = "offline"
    work = _to_payment(shop)
    with pytest.raises(ApprovalNeeded):
        work.payment.add("stored_value", None)
    assert shop.network.authorisations == []
