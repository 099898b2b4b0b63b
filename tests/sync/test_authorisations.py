"""Head office asked through a network that loses questions and answers: no amount is reserved twice."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.draft import Draft
from pos_client.sync.errors import ServerAway, SyncTrouble
from pos_core.customer.stored_value import member_account
from pos_core.ids import uuid7
from pos_core.sync.allowance import Grant
from pos_core.sync.authorisation_messages import AuthorisationAnswer, AuthorisationQuestion, authorisation_id
from sync_server.store import fold_state
from tests.fakes.fault_proxy import fault_proxy
from tests.server.support.series import START_MS, sale_body
from tests.sync.test_faults import exchange_until_done, port_of
from tests.sync.test_members import join
from tests.sync.world import Till, World

PURSE = member_account("m-1")
POLICY = {"points": {}, "stored_value_minor": 0}


def _move(till: Till, amount_minor: int, reason: str, **more: Any) -> None:
    body = sale_body(till.dice, 1)
    move = {"account_id": PURSE, "amount_minor": amount_minor, "reason": reason, **more}
    body["stored_value_movements"] = [move]
    book = _book(till)
    till.journal.record(
        [Draft("sale", body, "2026-11-22", "E1", "SH1")], also=lambda c: book.charge(c, body)
    ).result()


def _book(till: Till) -> AllowanceBook:
    return AllowanceBook(till.journal, till.clock)


def _question(till: Till, amount: int, number: int) -> AuthorisationQuestion:
    name = uuid7(START_MS + number, bytes(10))
    return AuthorisationQuestion(till.journal.series.incarnation, name, "stored_value", PURSE, amount)


def _ask(till: Till, question: AuthorisationQuestion) -> AuthorisationAnswer | None:
    for _ in range(2):
        try:
            return till.client.ask_authorisation(question).result(20)
        except SyncTrouble:
            continue
    return None


@pytest.fixture
def till(world: World) -> Till:
    """A member with 1000.00 on his purse."""
    world.put("policy", [["allowances", json.dumps(POLICY)]])
    made = world.till("a")
    join(made, "m-1")
    _move(made, 100_000, "topped_up")
    made.client.exchange()
    return made


def test_whatever_the_network_does_every_cent_is_somewhere(world: World, till: Till) -> None:
    """Each amount asked for is spent, refused, or given up; afterwards exactly the rest may be let go.

    After each question the till tries over the same line to hand in what it wrote, and then over one that
    works: who is not in contact is not asked anything.
    """
    spent = 0
    book = _book(till)
    for turn, fault in enumerate(("drop_answer", "double", "garble_answer")):
        with fault_proxy(port_of(world), seed=3, rate=0.0, faults=(fault,)) as proxy:
            till.reconnect(proxy.url)
            till.client.exchange()
            for number in range(turn * 10, turn * 10 + 8):
                proxy.rate = 0.5
                spent += _asked_for(till, book, number)
                with suppress(SyncTrouble):
                    till.client.exchange()
                proxy.rate = 0.0
                exchange_until_done(till)  # a connection that was kept may be the one that just broke
            assert proxy.counts[fault] > 3, fault
    till.reconnect(world.url)
    till.client.exchange()
    assert book.slices() == {}
    assert spent > 0
    left = 100_000 - spent
    refused = till.client.ask_authorisation(_question(till, left + 1, 100)).result(20)
    assert (refused.refused, refused.available) == ("not_enough", left)
    granted = till.client.ask_authorisation(_question(till, left, 101)).result(20)
    assert granted.granted is not None and granted.granted.amount == left
    state = world.office.store.read(lambda txn: fold_state.get(txn, [("stored_value", PURSE)]))
    assert sum(state["stored_value", PURSE]["sums"].values()) == left


def _asked_for(till: Till, book: AllowanceBook, number: int) -> int:
    """What one question came to: two of three that are let go are spent."""
    question = _question(till, 1_000 + number, number)
    name = authorisation_id("stored_value", book.series, question.request_id)
    book.begin_asking(Grant(name, "online", book.series, question.amount, 0, 0, ""))
    asked = book.now()
    answer = _ask(till, question)
    if answer is None or answer.granted is None:
        book.end_asking(name, refused=False)
        return 0
    grant = Grant(name, "online", book.series, question.amount, 1, 900_000, answer.epoch)
    assert book.take_answer(grant, epoch=answer.epoch, asked=asked)
    if number % 3:
        _move(till, -question.amount, "spent", authority="online", allowance_id=name)
    book.end_online([name])
    return question.amount if number % 3 else 0


def test_offline_it_fails_at_once(till: Till) -> None:
    till.client.go_offline()
    with pytest.raises(ServerAway):
        till.client.ask_authorisation(_question(till, 1, 1)).result(1)
