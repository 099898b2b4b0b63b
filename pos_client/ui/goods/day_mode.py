"""The manager's day: a chart of the hours beside last week's, operators, the best items, what waits."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QSize

from pos_client.receipts.report_csv import BYTE_ORDER_MARK, csv_of
from pos_client.services.day.day_view import DayView
from pos_client.ui.goods.day_picture import DayPicture
from pos_client.ui.goods.to_do_mode import print_day_end, to_do
from pos_client.ui.manager.pdf import save_picture
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook, Mode
from pos_core.errors import TidemarkError
from pos_core.money import format_minor
from pos_core.quantity import format_quantity

_CHART_WIDTH, _CHART_HEIGHT = 1120, 760
"""About the shape of a lying A4."""


class DayMode(Mode):
    """Enter: what waits; F12 prints the day's end; PgUp and PgDn are the days before and after.

    Ctrl+S saves figures (CSV) and picture (PDF); a scan closes it and is rung up.
    """

    page: ClassVar[str] = "stock_day"

    def __init__(self, bench: Bench, business_day: str | None = None) -> None:
        """Raises NotSignedOn, NotAllowed, UnknownDay."""
        super().__init__(bench.stack)
        self._bench = bench
        self._day_end = bench.desk.workstation.day_end
        self.view: DayView = self._day_end.view(business_day)

    @property
    def context(self) -> str:
        return "day"

    @property
    def look(self) -> EntryLook:
        return EntryLook("day.title", "day.hint")

    def entered(self, text: str) -> None:
        if text.strip():
            self._bench.stack.only()
            self._bench.stack.top.entered(text)
        else:
            to_do(self._bench, self.view.business_day, self._look_at)

    def act(self, action: str, text: str) -> bool:
        if action == "save":
            self._save()
        elif action == "finish":
            print_day_end(self._bench, self.view)
        elif action in {"page_up", "page_down"}:
            days = self._day_end.days()
            at = days.index(self.view.business_day) + (1 if action == "page_up" else -1)
            if 0 <= at < len(days):
                self._look_at(days[at])
            else:
                self._bench.desk.beep()
        return action in {"save", "finish", "up", "down", "page_up", "page_down"}

    def _look_at(self, business_day: str) -> None:
        try:
            self.view = self._day_end.view(business_day)
        except TidemarkError as error:
            self._bench.desk.refuse(error)
            return
        self.changed.emit()

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self._bench.stack.pop(self)

    def _save(self) -> None:
        desk, view = self._bench.desk, self.view
        table = csv_of(_table(view, desk.texts.exponent))
        try:
            path = desk.workstation.reports.save_text(f"DAY-{view.business_day}", BYTE_ORDER_MARK + table)
            self._save_chart(path.with_suffix(".pdf"))
        except TidemarkError as error:
            desk.refuse(error)
            return
        desk.messages.show("good", "report.saved", path=str(path.with_suffix("")))

    def _save_chart(self, path: Path) -> None:
        """The page at a size of its own, so that a small window makes no small paper. Raises NotSaved."""
        desk, view = self._bench.desk, self.view
        size = QSize(desk.theme.px(_CHART_WIDTH), desk.theme.px(_CHART_HEIGHT))
        picture = DayPicture(desk)
        save_picture(
            lambda painter, room: picture.paint(painter, room, view), size, path, f"DAY-{view.business_day}"
        )


def _table(view: DayView, exponent: int) -> list[list[str | int]]:
    """Every figure of the page: hours first, then a kind, a name and figures a row."""

    def said(*amounts: int) -> list[str]:
        return [format_minor(amount, exponent) for amount in amounts]

    rows: list[list[str | int]] = [["hour", "amount", "last_week"]]
    for hour in sorted({*view.hours, *view.last_week}):
        rows.append([hour, *said(view.hours.get(hour, 0), view.last_week.get(hour, 0))])
    rows += [["operator", each.name, *said(each.total_minor)] for each in view.operators]
    rows += [["item", name, *said(net_minor)] for name, net_minor in view.items]
    rows += [["slow", name, format_quantity(milli)] for name, milli in view.slow]
    if view.margin is not None:
        for name, margin in (("", view.margin), *view.departments):
            rows.append(["margin", name, *said(margin.margin_minor, margin.costed_minor)])
    for till in view.workstations:
        rows.append(["workstation", till.name, *said(till.total_minor, till.over_minor), till.state])
    rows += [["tender", code, *said(minor)] for code, _, _, minor in view.tenders]
    rows.append(["shelf_prices", "", view.shelves[0], view.shelves[1]])
    rows += [["missing", name, ""] for name in view.missing]
    rows += [["not_included", name, ""] for name in view.not_included]
    return rows


def day(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = DayMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
