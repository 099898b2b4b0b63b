"""An amount of one account let go while a shopper waits: once, however often asked, used or reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pos_core.clock import HybridTime
from pos_core.customer.stored_value import member_account
from pos_core.ids import uuid7
from pos_core.sync.authorisation_messages import AuthorisationAnswer, AuthorisationQuestion, authorisation_id
from pos_core.sync.document import document_bytes
from sync_server.services.acts import Act
from sync_server.services.coupons import Campaign
from sync_server.store import audit, authorisation, coupon, epoch, feed
from sync_server.store.coupon import CouponRow
from tests.fakes.facts import points, sale
from tests.server.support.office import Chain, TestWorkstation, running_chain
from tests.server.support.series import START_MS

HOUR_MS = 3_600_000
POLICY = {"points": {}, "stored_value_minor": 0, "online_minutes": 15, "online_hold_hours": 24}
PURSE = member_account("M1")


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path / "chain") as made:
        row = ["allowances", json.dumps(POLICY)]
        made.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [row]))
        yield made


@pytest.fixture
def till(chain: Chain) -> TestWorkstation:
    """A member with 100.00 on his purse and 500 points."""
    made = chain.enrol()
    _write(made, "member_joined", {"member_id": "M1", "tier": "standard", "consents": {}})
    body = sale(member_id="M1", points=(points("M1", 500),))
    body["stored_value_movements"] = [{"account_id": PURSE, "amount_minor": 10_000, "reason": "topped_up"}]
    _write(made, "sale", body)
    _push(made)
    return made


def _write(till: TestWorkstation, kind: str, body: dict[str, Any]) -> None:
    maker = till.maker
    header = maker.header(kind, hybrid_time=HybridTime(START_MS + maker.number, 0))
    maker.append(document_bytes(header, body))


def _push(till: TestWorkstation) -> None:
    first = till.__dict__.setdefault("_pushed", 0) + 1
    status, answer = till.push(first)
    assert status == 200, answer
    till.__dict__["_pushed"] = till.maker.number


def _name(number: int) -> str:
    return uuid7(START_MS + number, bytes(10))


def _ask(
    till: TestWorkstation, amount: int, number: int = 1, *, status: int = 200, **more: Any
) -> AuthorisationAnswer:
    said = {"what": "stored_value", "account": PURSE, **more}
    question = AuthorisationQuestion(till.maker.incarnation, _name(number), amount=amount, **said)
    got, answer = till.call("POST", "/v1/authorisations", msgspec.json.encode(question))
    assert got == status, answer
    return msgspec.convert(answer, AuthorisationAnswer) if status == 200 else AuthorisationAnswer("", None)


def _id(till: TestWorkstation, number: int = 1, what: str = "stored_value") -> str:
    series = f"{till.maker.incarnation}:{till.maker.workstation_id}"
    return authorisation_id(what, series, _name(number))


def _step(till: TestWorkstation, step: str, amount: int, number: int = 1) -> None:
    body = {"allowance_id": _id(till, number), "step": step, "amount": amount, "used": 0, "other": None}
    _write(till, "allowance_reported", body)
    _push(till)


def _spend(till: TestWorkstation, amount_minor: int, number: int = 1) -> None:
    body = sale(member_id="M1")
    move = {"account_id": PURSE, "amount_minor": -amount_minor, "reason": "spent"}
    body["stored_value_movements"] = [move | {"authority": "online", "allowance_id": _id(till, number)}]
    _write(till, "sale", body)
    _push(till)


def test_what_was_let_go_is_reserved_and_a_lost_answer_reserves_nothing_more(
    chain: Chain, till: TestWorkstation
) -> None:
    other = chain.enrol("S002", "2")
    first = _ask(till, 6_000)
    assert first.granted is not None and (first.granted.amount, first.granted.term_ms) == (6_000, 900_000)
    assert _ask(till, 6_000).granted == first.granted
    refused = _ask(other, 4_001)
    assert (refused.granted, refused.refused, refused.available) == (None, "not_enough", 4_000)
    assert _ask(other, 4_000, 2).granted is not None
    assert _ask(other, 1, 3).available == 0


def test_the_sale_uses_it_once_and_a_replay_changes_nothing(chain: Chain, till: TestWorkstation) -> None:
    _ask(till, 6_000)
    _spend(till, 6_000)
    status, _ = till.push(1)  # everything again
    assert status == 200
    assert _ask(till, 4_001, 2).available == 4_000
    assert _ask(till, 6_000).refused == "ended"  # the question of the sale that is over
    assert _ask(till, 4_000, 3).granted is not None


def test_what_was_given_back_is_there_again_and_a_question_that_comes_later_is_refused(
    till: TestWorkstation,
) -> None:
    _ask(till, 10_000)
    _step(till, "accepted", 10_000)
    assert _ask(till, 1, 2).available == 0
    _step(till, "returned", 10_000)
    assert _ask(till, 10_000, 3).granted is not None
    _step(till, "returned", 10_000, 3)
    _step(till, "lost", 500, 9)  # its question is still on its way
    assert _ask(till, 500, 9).refused == "ended"
    assert _ask(till, 10_000, 10).granted is not None


def test_a_part_that_the_sale_did_not_take_is_free_once_it_is_reported(till: TestWorkstation) -> None:
    _ask(till, 6_000)
    _spend(till, 2_500)
    assert _ask(till, 5_000, 2).available == 4_000  # 75.00 on the purse, 35.00 may still be used
    _step(till, "returned", 3_500)
    assert _ask(till, 7_500, 3).granted is not None


def test_a_silent_workstation_keeps_nobody_s_money_for_ever_and_is_then_in_the_worst_case(
    chain: Chain, till: TestWorkstation
) -> None:
    _ask(till, 6_000)
    chain.clock.advance(24 * HOUR_MS)
    other = chain.enrol("S002", "2")
    assert _ask(other, 5_000).available == 4_000
    assert chain.office.allowances.published().worst.by_kind == {}
    chain.clock.advance(1)
    assert chain.office.allowances.published().worst.by_kind == {"online_stored_value": 6_000}
    assert _ask(other, 10_000, 2).granted is not None
    assert chain.office.allowances.published().worst.by_kind == {"online_stored_value": 6_000}
    _spend(till, 6_000)  # it was used: now it is known, and ruled on
    assert chain.office.allowances.published().worst.by_kind == {}


def test_a_revoked_workstation_owes_nothing(chain: Chain, till: TestWorkstation) -> None:
    other = chain.enrol("S002", "2")
    _ask(other, 9_000)
    assert _ask(till, 2_000).available == 1_000
    chain.office.workstations.revoke(other.maker.workstation_id)
    assert _ask(till, 2_000, 2).granted is not None


def test_another_amount_instead_of_the_one_before(till: TestWorkstation) -> None:
    _ask(till, 6_000)
    assert _ask(till, 9_000, 2).available == 4_000
    assert _ask(till, 9_000, 3, instead_of=_id(till)).granted is not None
    assert _ask(till, 1_000, 4).granted is not None


def test_nobody_gives_back_for_another_workstation(chain: Chain, till: TestWorkstation) -> None:
    other = chain.enrol("S002", "2")
    _ask(till, 6_000)
    assert _ask(other, 9_000, 2, instead_of=_id(till)).refused == "not_enough"


def test_what_the_till_knows_and_head_office_has_not_heard_is_not_let_go_again(till: TestWorkstation) -> None:
    assert _ask(till, 3_000, unheard=8_000).available == 2_000


def test_points_and_frozen_accounts(chain: Chain, till: TestWorkstation) -> None:
    assert _ask(till, 501, what="points", account="M1").available == 500
    assert _ask(till, 500, 2, what="points", account="M1").granted is not None
    assert _ask(till, 1, 3, what="points", account="M1").refused == "not_enough"
    chain.office.freezing.freeze(Act("command line", "card lost"), "M1")
    assert _ask(till, 1, 4).refused == "frozen"
    assert _ask(till, 1, 5, what="points", account="M9").refused == "unknown"


def test_after_a_restore_nothing_is_let_go_until_every_holder_has_reported(
    chain: Chain, till: TestWorkstation
) -> None:
    chain.clock.advance(1000)
    now = chain.clock.now_ms()
    chain.office.store.write(lambda txn: epoch.begin(txn, "e-2", now_ms=now, action="restored"))
    assert _ask(till, 1).refused == "restored"


def _issue(chain: Chain) -> tuple[str, str]:
    campaign = Campaign("K", "券", "K", "P", "online", 1, None, None, 0, START_MS + 30 * 24 * HOUR_MS)
    act = Act("command line", "test")
    chain.office.coupons.put_campaign(act, campaign)
    issued = chain.office.coupons.issue_codes(act, "K", [None])[0]
    return issued.coupon_id, issued.text


def test_a_coupon_is_let_go_to_one_till_by_its_number_or_its_code(
    chain: Chain, till: TestWorkstation
) -> None:
    coupon_id, code = _issue(chain)
    other = chain.enrol("S002", "2")
    found = _ask(till, 1, what="coupon", account="", code=code)
    assert found.granted is not None and found.coupon is not None
    assert (found.coupon.coupon_id, found.coupon.campaign_id) == (coupon_id, "K")
    assert _ask(other, 1, what="coupon", account=coupon_id).refused == "used"
    assert _ask(other, 1, 2, what="coupon", account="nobody's").refused == "unknown"
    assert _ask(other, 1, 3, what="coupon", account="", code="rubbish").refused == "unknown"
    chain.clock.advance(40 * 24 * HOUR_MS)
    assert _ask(other, 1, 4, what="coupon", account=coupon_id).refused == "out_of_time"


def test_a_member_s_coupon_needs_the_member(chain: Chain, till: TestWorkstation) -> None:
    row = CouponRow("C1", "K", "M1", "", "issued", 0, START_MS + HOUR_MS, None, 0)
    chain.office.store.write(lambda txn: coupon.put(txn, [row]))
    coupon_id = row.coupon_id
    assert _ask(till, 1, what="coupon", account=coupon_id).refused == "for_another"
    assert _ask(till, 1, 2, what="coupon", account=coupon_id, member_id="M1").granted is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "money"},
        {"account": ""},
        {"account": "x" * 500},
        {"amount": 0},
        {"amount": 2**60},
        {"unheard": -1},
        {"code": "A", "what": "points"},
        {"amount": 2, "what": "coupon"},
    ],
)
def test_a_question_that_makes_no_sense_is_malformed(till: TestWorkstation, wrong: dict[str, Any]) -> None:
    more = {name: value for name, value in wrong.items() if name != "amount"}
    _ask(till, wrong.get("amount", 1), status=400, **more)


def test_each_has_an_audit_row_and_a_row_of_its_own(chain: Chain, till: TestWorkstation) -> None:
    _ask(till, 100)
    rows = chain.office.store.read(audit.newest)
    assert [row["subject"] for row in rows if row["action"] == "authorised"] == [PURSE]
    kept = chain.office.store.read(lambda txn: authorisation.get(txn, _id(till)))
    assert kept is not None and kept.account == PURSE
