"""A transfer means the same whatever order its steps become known in; its slip says no more than it is."""

from __future__ import annotations

import random

import pytest

from pos_core.customer.signed_text import CHARACTERS_MAX
from pos_core.stock.transfer import TransferView, view_of
from pos_core.stock.transfer_slip import assemble, is_slip, read_slip, slip_text, split, statement
from pos_core.sync.folds import FOLDS, Fact
from pos_core.sync.folds.facts import StockMoved, TransferMoved
from tests.fakes.facts import document, facts


def step(
    name: str, number: int, milli: int, *, ws: str = "ws-1", store: str = "S1", **more: object
) -> list[Fact]:
    body = {
        "transfer_id": "T1",
        "from_store_id": "S1",
        "to_store_id": "S2",
        "lines": [{"line_no": 1, "sku": "1001", "quantity_milli": milli}],
        **more,
    }
    if name == "received":
        body.setdefault("shipment", {"workstation_id": "ws-1", "incarnation": 1, "number": 3})
    made = document(
        f"transfer_{name}", body, at=number * 1000, workstation_id=ws, number=number, store_id=store
    )
    return list(facts(made))


WHOLE = [
    *step("requested", 1, 5000, ws="ws-2", store="S2"),
    *step("approved", 1, 4000),
    *step("picked", 2, 4000),
    *step("shipped", 3, 4000),
    *step("received", 2, 3000, ws="ws-2", store="S2"),
]


def seen(known: list[Fact]) -> TransferView:
    state = FOLDS["transfer"].refold([fact for fact in known if isinstance(fact, TransferMoved)])
    assert state is not None
    return view_of("T1", state["steps"])


@pytest.mark.parametrize(
    ("known", "status", "in_transit"),
    [
        (WHOLE[:1], "requested", {}),
        (WHOLE[:2], "approved", {}),
        (WHOLE[:3], "picked", {}),
        (WHOLE[:5], "shipped", {"1001": 4000}),
        (WHOLE, "received", {}),
        ([*WHOLE, *step("closed", 4, 0)], "closed", {}),
        (step("shipped", 3, 4000), "shipped", {"1001": 4000}),
        (step("received", 2, 3000, ws="ws-2", store="S2"), "received", {}),
        (step("received", 2, 3000, ws="ws-2", store="S2", shipment=None), "partly_received", {}),
    ],
)
def test_status_and_what_is_on_its_way(known: list[Fact], status: str, in_transit: dict[str, int]) -> None:
    view = seen(known)
    assert (view.status, view.in_transit) == (status, in_transit)


def test_what_came_by_paper_is_held_against_its_own_shipment_alone() -> None:
    """A second shipment was booked in by its slip before anybody here heard of it."""
    second = {"workstation_id": "ws-1", "incarnation": 1, "number": 4}
    view = seen([*WHOLE, *step("received", 3, 9000, ws="ws-2", store="S2", shipment=second)])
    assert (view.status, view.differences, view.received) == ("received", {"1001": -1000}, {"1001": 12_000})


def test_any_order_of_arrival_and_any_doubling_means_the_same() -> None:
    dice = random.Random(7)
    for _ in range(50):
        known = [*WHOLE, *dice.sample(WHOLE, 3)]
        dice.shuffle(known)
        view = seen(known)
        assert view == seen(WHOLE)
        assert (view.asked, view.differences) == ({"1001": 4000}, {"1001": -1000})


def test_goods_leave_one_shelf_and_reach_the_other_once() -> None:
    moved = [(f.store_id, f.quantity_milli, f.reason) for f in WHOLE if isinstance(f, StockMoved)]
    assert moved == [("S1", -4000, "transfer_out"), ("S2", 3000, "transfer_in")]


def test_two_people_who_book_one_shipment_are_shown() -> None:
    twice = [*WHOLE, *step("received", 9, 4000, ws="ws-3", store="S2")]
    assert seen(twice).received_twice == ("ws-1/1/3",)
    assert seen(WHOLE).received_twice == ()


LINES = [(f"SKU-{n:05d}", 1000 * n) for n in range(1, 61)]


def test_a_slip_of_many_lines_is_several_codes_that_each_fit_and_add_up() -> None:
    parts = split(
        "S001-1128-K7QF2M", ("0192f0c1-2222-7000-8000-000000000001", 2, 1234567), ("S001", "S002"), LINES
    )
    texts = [slip_text(part, b"s" * 64) for part in parts]
    assert len(parts) > 1 and max(len(text) for text in texts) <= CHARACTERS_MAX
    read = [found[0] for text in texts if (found := read_slip(text)) is not None]
    assert read == parts and all(is_slip(text) for text in texts)
    assert assemble([*read[::-1], read[0]]) == (dict(LINES), [])
    assert assemble(read[1:])[1] == [1]
    assert read[0].shipment == "0192f0c1-2222-7000-8000-000000000001/2/1234567"


def test_what_is_signed_changes_with_every_figure() -> None:
    (part,) = split("T1", ("ws-1", 1, 3), ("S1", "S2"), LINES[:1])
    (other,) = split("T1", ("ws-1", 1, 3), ("S1", "S2"), [(LINES[0][0], 2000)])
    assert statement(part) != statement(other)
    found = read_slip(slip_text(part, b"s" * 64))
    assert found is not None and found[1].statement == statement(part)


@pytest.mark.parametrize(
    "text", ["", "TMT1", "TMT1.a.b.c", "TMT1.ws-1.e30.AA", "TMM1.ws-1.e30.AA", "TMT1." + "x" * 700]
)
def test_torn_and_foreign_texts_are_no_slip(text: str) -> None:
    assert read_slip(text) is None
