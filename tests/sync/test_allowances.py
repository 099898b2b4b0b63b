"""Allowances of a real workstation at a real head office: journaled, charged, given up, never doubled."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos_client.journal.allowance_book import ANSWERED, AllowanceBook
from pos_client.journal.draft import Draft
from pos_core.sync.allowance import AllowanceRefused
from tests.fakes.facts import points, sale
from tests.sync.world import Till, World

HOUR_MS = 3_600_000
POLICY = {"points": {"*": 100, "gold": 1000}, "stored_value_minor": 0, "term_hours": 72}


@pytest.fixture
def till(world: World) -> Till:
    world.put("policy", [["allowances", json.dumps(POLICY)]])
    made = world.till()
    made.client.exchange()
    return made


def _book(till: Till, boot: str | None = None) -> AllowanceBook:
    return AllowanceBook(till.journal, till.clock, boot=boot)


def _gold(till: Till) -> str:
    return f"points/{_book(till).series}/gold"


def _spend(till: Till, units: int) -> None:
    """What a sale does: one transaction with its charge."""
    move = points("M1", -units, authority="allowance", allowance_id=_gold(till))
    body = sale(member_id="M1", points=(move,))
    book = _book(till)
    till.journal.record([Draft("sale", body, "2026-11-22")], also=lambda c: book.charge(c, body)).result()


def _out(world: World) -> dict[str, int]:
    return {each.allowance_id: each.out for each in world.office.allowances.published().outstanding}


def _steps(till: Till) -> list[tuple[str, int]]:
    found = [json.loads(each.data) for each in till.journal.documents_after(0, limit=1000)]
    return [
        (each["body"]["step"], each["body"]["amount"])
        for each in found
        if each["type"] == "allowance_reported" and each["body"]["allowance_id"].endswith("gold")
    ]


def test_an_exchange_brings_slices_and_head_office_hears_that_they_were_accepted(
    world: World, till: Till
) -> None:
    assert _book(till).left(_gold(till)) == 1000
    assert _steps(till) == [("accepted", 1000)]
    assert till.journal.documents_waiting() == 0
    before = till.journal.head().number
    till.client.exchange()
    assert till.journal.head().number == before  # nothing is due: nothing is asked or journaled


def test_what_a_sale_uses_leaves_with_the_sale_and_comes_back_at_the_next_contact(
    world: World, till: Till
) -> None:
    _spend(till, 600)
    assert _book(till).left(_gold(till)) == 400
    till.client.exchange()
    assert _book(till).left(_gold(till)) == 1000
    assert _out(world)[_gold(till)] == 1000
    _spend(till, 900)
    with pytest.raises(AllowanceRefused):
        _spend(till, 101)
    assert _book(till).left(_gold(till)) == 100


def test_a_sale_that_is_refused_or_fails_uses_nothing(till: Till) -> None:
    before = till.journal.head().number
    move = [points("M1", -n, allowance_id=_gold(till)) for n in (700, 301)]
    body = sale(member_id="M1", points=tuple(move))
    book = _book(till)
    for also in (book.charge, _charge_and_fail(book)):
        with pytest.raises((AllowanceRefused, ZeroDivisionError)):
            till.journal.record(
                [Draft("sale", body, "2026-11-22")], also=lambda c, also=also: also(c, body)
            ).result()
    assert (till.journal.head().number, book.left(_gold(till))) == (before, 1000)


def _charge_and_fail(book: AllowanceBook) -> Any:
    def also(connection: Any, body: Any) -> None:
        book.charge(connection, {**body, "points_movements": body["points_movements"][:1]})
        raise ZeroDivisionError

    return also


def test_a_term_that_ended_is_given_up_in_the_journal_and_granted_anew(world: World, till: Till) -> None:
    _spend(till, 250)
    till.clock.advance(72 * HOUR_MS)
    assert _book(till).left(_gold(till)) == 0
    assert _out(world)[_gold(till)] == 1000  # head office has not heard of it
    till.client.exchange()
    assert _steps(till) == [("accepted", 1000), ("expired", 750), ("accepted", 2000)]
    assert _book(till).left(_gold(till)) == 1000
    assert _out(world)[_gold(till)] == 1000


def test_a_wall_clock_that_goes_back_loses_the_slice_even_when_it_comes_right_again(till: Till) -> None:
    book = _book(till)
    book.look(at_once=True)
    till.clock.wall_ms -= 10_000
    assert book.left(_gold(till)) == 0
    book.look(at_once=True)
    till.clock.wall_ms += 20_000
    assert book.left(_gold(till)) == 0
    assert _steps(till)[-1] == ("lost", 1000)


def test_a_restart_keeps_what_had_been_counted(till: Till) -> None:
    till.clock.advance(71 * HOUR_MS)
    _book(till).look(at_once=True)
    till.clock.wall_ms += 1000
    till.clock.monotonic = 0
    assert _book(till, boot="another").left(_gold(till)) == 1000
    till.clock.wall_ms += HOUR_MS
    assert _book(till, boot="another").left(_gold(till)) == 0


def test_another_incarnation_holds_nothing_of_the_one_before(world: World, till: Till) -> None:
    old = _gold(till)
    till.journal.open_new_incarnation("cloned").result()
    book = _book(till)
    assert book.left(old) == 0 and book.slices() == {}
    till.client.exchange()
    assert set(_out(world).values()) == {100, 1000}
    assert len(_out(world)) == 4  # the clone may still use the old ones: both are in the worst case
    assert _steps(till) == [("accepted", 1000)]


def test_that_head_office_speaks_of_allowances_is_kept_with_its_first_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = {"points": {}, "stored_value_minor": 0}
    world.put("policy", [["allowances", json.dumps(nothing)]])
    made = world.till()
    with monkeypatch.context() as old:
        old.setattr("pos_client.sync.allowance_ask.SINCE_VERSION", 999)  # as a server of before is to us
        made.client.exchange()
    assert made.replica.setting(ANSWERED) is None
    made.client.exchange()
    assert made.replica.setting(ANSWERED) is not None and not _book(made).has_any()


def test_an_answer_of_before_a_restore_is_refused_and_changes_nothing(till: Till) -> None:
    book = _book(till)
    held, before = book.slices()[_gold(till)], till.journal.head().number
    with pytest.raises(AllowanceRefused):
        book.accept([held.grant], epoch="another", asked=book.now())
    assert (till.journal.head().number, book.slices()[_gold(till)]) == (before, held)


def test_a_server_that_knows_no_allowances_is_left_in_peace(
    world: World, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_server.services.errors import NotFound

    calls: list[int] = []

    def unknown(*_: Any) -> None:
        calls.append(1)
        raise NotFound("no such path")

    monkeypatch.setattr(type(world.office.allowances), "ask", unknown)
    _spend(till, 600)
    for _ in range(3):
        till.client.exchange()
    assert len(calls) == 1
    till.clock.advance(5 * 60_000)
    till.client.exchange()
    assert len(calls) == 2


def test_a_promotions_budget_comes_with_its_release_and_goes_back_when_it_is_over(
    world: World, till: Till
) -> None:
    world.put("policy", [["leased_budgets", json.dumps({"P": 10_000})]])
    till.client.exchange()
    name = f"budget/promotion:P/{_book(till).series}"
    assert _book(till).left(name) == 200 and _out(world)[name] == 200
    use = {"budget": "promotion:P", "amount_minor": 150, "allowance_id": name}
    body, book = sale() | {"budget_uses": [use]}, _book(till)
    draft = Draft("sale", body, "2026-11-22")
    till.journal.record([draft], also=lambda c: book.charge(c, body)).result()
    till.client.exchange()
    assert book.left(name) == 200, "half was gone"
    assert _out(world)[name] == 200
    too_much = {"budget_uses": [use | {"amount_minor": 201}]}
    with pytest.raises(AllowanceRefused):
        till.journal.record([draft], also=lambda c: book.charge(c, too_much)).result()
    world.put("policy", [["leased_budgets", "{}"]])
    till.client.exchange()
    assert book.left(name) == 0 and name not in _out(world)


def test_when_more_workstations_share_a_budget_each_gives_back_what_is_more_than_its_part(
    world: World, till: Till
) -> None:
    world.put("policy", [["allowances", json.dumps(POLICY | {"budget_ppm": 600_000})]])
    world.put("policy", [["leased_budgets", json.dumps({"P": 10_000, "tiny": 1})]])
    till.client.exchange()

    def left(each: Till, promotion: str = "P") -> int:
        return _book(each).left(f"budget/promotion:{promotion}/{_book(each).series}")

    assert (left(till), left(till, "tiny")) == (6000, 1)
    others = [world.till(name) for name in ("t2", "t3")]
    for each in others:
        each.client.exchange()
    assert [left(each) for each in others] == [3333, 667], "the first one has not been heard of"
    assert left(others[0], "tiny") == 0, "it is all out"
    head = till.journal.head().number
    till.client.exchange()
    assert left(till) == 3333 and till.journal.head().number == head + 1
    for each in (others[1], till):
        each.clock.advance(5 * 60_000)
        each.client.exchange()
    assert [left(each) for each in (till, *others)] == [3333] * 3
    assert till.journal.head().number == head + 1, "nothing is due"
    assert world.office.allowances.published().worst.by_kind["budget"] == 9999 + 1
