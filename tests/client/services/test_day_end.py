"""The day's end with head office away: neighbours' shifts are in it, the missing named, late ones restate."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.devices.printer import PrinterState
from pos_client.services.day.day_view import SILENT_MS
from pos_client.services.refusals.till import UnknownDay
from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.client.services.test_day_view import TODAY, _day, _said, _sell
from tests.client.services.test_peers import TwoTills
from tests.client.services.test_settlement import settle
from tests.fakes.reference_rows import page, rows_of

DAY_MS = 24 * 3_600_000


class Floor(TwoTills):
    """`here` a manager looks at the day, `there` somebody sells; head office has said nothing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        keys = [
            [name, "S001", f"收银台{name[-1]}", self.there.journal.public_key(), "active"]
            for name in ("ws-2", "ws-3")
        ]
        at = self.here.replica.cursors()["chain"][1]
        self.here.replica.apply_page(page(rows_of("workstation_key", keys), after=at, to=at + 1))
        self.here.workstation.session.sign_off().result(10)
        self.here.workstation.session.sign_on("2001", PIN).result(10)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    made = Floor(tmp_path)
    yield made
    made.close()


def paper(shop: Shop) -> str:
    shop.workstation.printing.check().result(10)
    said = re.sub(rb"\x1c[&.]|\x1b[aE].|\x1d!.", b"", bytes(shop.paper.jobs[-1]))
    return said.decode("gb18030", "replace")


def test_a_neighbour_s_day_counts_as_soon_as_it_is_told_and_once(floor: Floor) -> None:
    days = floor.here.workstation.days
    _sell(floor.here, MILK, 590)
    _sell(floor.there, COLA, 350)
    assert days.view().total_minor == 590
    floor.hear()
    view = days.view()
    assert (view.total_minor, view.sales) == (940, 2)
    assert [(code, minor) for code, _, _, minor in view.tenders] == [("cash", 940)]
    other = next(each for each in view.workstations if each.workstation_id == "ws-2")
    assert (other.state, other.total_minor, other.by_neighbour) == ("open", 350, True)
    assert {name for name, _ in view.items} == {"纯牛奶 250ml", "可口可乐 330ml"}
    there = floor.there.journal.head()
    part = dataclasses.replace(_part(floor), upto={there.series.incarnation: there.number})
    _said(floor.here, _day(floor.here, part))
    assert days.view().total_minor == 940, "head office says the same: it counts once"


def _part(floor: Floor):  # type: ignore[no-untyped-def]
    return floor.here.workstation.days._others.of(TODAY, None).parts["ws-2"]


def test_wrong_shelf_prices_are_counted_over_the_tills_of_the_store(floor: Floor) -> None:
    _checked(floor.here, wrong=0)
    _checked(floor.there, wrong=999)
    days = floor.here.workstation.days
    assert days.view().shelves == (1, 0)
    floor.hear()
    assert days.view().shelves == (2, 1)


def _checked(shop: Shop, *, wrong: int) -> None:
    services = shop.workstation
    services.session.sign_off().result(10)
    services.session.sign_on("2001", PIN).result(10)
    working = services.shelf_labels.begin_check()
    line_no = services.shelf_labels.check(working, services.stock_room.item("M1"))
    working.put(line_no, {**working.lines[line_no], "shelf": wrong or None})
    services.shelf_labels.finish_check(working).result(10)


def test_more_wrong_shelves_than_head_office_takes_at_once_are_several_documents(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_client.services.goods.shelf_labels.LINES_A_DOCUMENT", 1)
    services = floor.here.workstation
    services.session.sign_off().result(10)
    services.session.sign_on("2001", PIN).result(10)
    working = services.shelf_labels.begin_check()
    for sku, wrong in (("M1", 999), ("C1", 998), ("G1", None)):
        line_no = services.shelf_labels.check(working, services.stock_room.item(sku))
        working.put(line_no, {**working.lines[line_no], "shelf": wrong})
    done = services.shelf_labels.finish_check(working).result(10)
    assert (done.checked, done.wrong) == (3, 2)
    found = [each["body"] for each in floor.here.documents("shelf_checked")]
    assert [(each["checked"], each["wrong"], len(each["lines"])) for each in found] == [(2, 1, 1), (1, 1, 1)]
    assert services.days.view().shelves == (3, 2)


def test_a_shift_that_was_settled_next_door_is_no_longer_missing_though_nobody_hears_it(floor: Floor) -> None:
    _sell(floor.there, COLA, 350)
    floor.hear()
    days = floor.here.workstation.days
    assert set(days.view().missing) == {"收银台1", "收银台2", "收银台3"}
    settled(floor.there)
    floor.hear()
    floor.here.clock.pass_ms(SILENT_MS + 60_000)
    view = days.view()
    assert set(view.missing) == {"收银台1", "收银台3"}, "the third was never heard by anybody"
    other = next(each for each in view.workstations if each.workstation_id == "ws-2")
    assert (other.state, other.is_silent, other.by_neighbour) == ("settled", False, True)


def settled(shop: Shop) -> None:
    """With what it should hold, so that nobody is asked why."""
    float_minor = shop.documents("shift_opened")[-1]["body"]["float_minor"]
    settle(shop, float_minor + sum(each["body"]["total_minor"] for each in shop.documents("sale")))


def test_the_paper_names_the_missing_and_a_later_one_says_what_was_restated(floor: Floor) -> None:
    _sell(floor.here, MILK, 590)
    day_end = floor.here.workstation.day_end
    day_end.print(day_end.view()).result(10)
    said = paper(floor.here)
    assert "日结单" in said and "尚缺" in said and "收银台2" in said and "更正" not in said
    assert day_end.restated(day_end.view()) is None
    _sell(floor.there, COLA, 350)
    floor.hear()
    found = day_end.restated(day_end.view())
    assert found is not None and found.difference_minor == 350
    day_end.print(day_end.view()).result(10)
    said = paper(floor.here)
    assert "现金" in said and "9.40" in said
    assert "更正" in said and "5.90" in said and "3.50" in said
    assert day_end.restated(day_end.view()) is None, "the newest paper is what counts"


def test_a_paper_that_did_not_come_out_is_not_the_day_s_paper(floor: Floor) -> None:
    day_end = floor.here.workstation.day_end
    floor.here.paper.condition = PrinterState.OUT_OF_PAPER
    assert day_end.print(day_end.view()).result(10).state == "out_of_paper"
    assert day_end.printed(TODAY) is None
    floor.here.paper.condition = PrinterState.NEAR_END
    day_end.print(day_end.view()).result(10)
    assert day_end.printed(TODAY) is not None, "the roll is ending, and this came out"


def test_a_day_of_the_past_that_late_documents_moved_stands_among_what_waits(floor: Floor) -> None:
    _sell(floor.here, MILK, 590)
    day_end = floor.here.workstation.day_end
    day_end.print(day_end.view()).result(10)
    _sell(floor.there, COLA, 350)
    settled(floor.here)
    floor.here.clock.pass_ms(DAY_MS)
    assert [each.topic for each in floor.here.workstation.to_do.tasks() if each.topic == "restated"] == []
    floor.hear()
    (task,) = [each for each in floor.here.workstation.to_do.tasks() if each.topic == "restated"]
    assert (task.subject, task.state, task.amount_minor) == (TODAY, "restated", 350)
    with pytest.raises(UnknownDay):
        day_end.view("2026-01-01")


def test_what_head_office_will_set_aside_counts_nowhere_and_breaks_nothing(floor: Floor) -> None:
    _sell(floor.there, COLA, 350)
    floor.hear()

    def spoil(connection):  # type: ignore[no-untyped-def]
        row = connection.execute("SELECT rowid, data FROM peer_document WHERE type = 'sale'").fetchone()
        data = bytes(row[1]).replace(b'"total_minor"', b'"total_wrong"')
        connection.execute("UPDATE peer_document SET data = ? WHERE rowid = ?", (data, row[0]))

    floor.store.change(spoil).result()
    assert floor.here.workstation.days.view().total_minor == 0
