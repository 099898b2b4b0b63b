"""The day's end (日结) on paper: every workstation of the store, who is missing, and what changed since.

What was printed is remembered, not kept as a fact: figures are always worked out anew, and where late
documents have changed a day since its paper, the next paper and the page say by how much.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from pos_client.devices.printer import PrinterState
from pos_client.journal.settings import get_setting, put_setting
from pos_client.receipts.day_end_paper import DayEndPaper, lay_out_day_end
from pos_client.services.counter import Counter
from pos_client.services.day.day_view import Days, DayView
from pos_client.services.futures import then
from pos_client.services.papers.printing import Printing
from pos_client.services.refusals.till import UnknownDay
from pos_client.services.staff.roles import require_act
from pos_client.services.views.devices import PrinterView
from pos_core.cash.store_day import DAYS_KEPT

_SETTING = "day_ends_printed"


@dataclass(frozen=True, slots=True)
class Printed:
    """What the newest paper of a day said. `missing`: names of who was not in it."""

    business_day: str
    at_ms: int
    total_minor: int
    sales: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restated:
    """A day whose figures are no longer those of its paper."""

    printed: Printed
    total_minor: int
    sales: int

    @property
    def difference_minor(self) -> int:
        """Now less what was printed."""
        return self.total_minor - self.printed.total_minor


class DayEnd:
    """Main thread."""

    def __init__(self, counter: Counter, days: Days, printing: Printing) -> None:
        self._counter = counter
        self._days = days
        self._printing = printing

    def view(self, business_day: str | None = None) -> DayView:
        """Today, or one of the days that are kept. Raises NotSignedOn, NotAllowed, UnknownDay."""
        require_act(self._counter, "x_report")
        if business_day is not None and business_day not in self.days():
            raise UnknownDay("no day of the last weeks", text=business_day[:32])
        return self._days.view(business_day)

    def days(self) -> list[str]:
        """The days that can be looked at, today first."""
        return _days(self._counter)

    def printed(self, business_day: str) -> Printed | None:
        """The newest paper of a day."""
        return _printed(self._counter).get(business_day)

    def restated(self, view: DayView) -> Restated | None:
        """How a day differs from its paper; None: it does not, or there is none."""
        return _restated(self.printed(view.business_day), view)

    def print(self, view: DayView) -> Future[PrinterView]:
        """On receipt paper; what it said is remembered where the paper came out.

        Raises NotSignedOn, NotAllowed.
        """
        operator = require_act(self._counter, "x_report")
        counter, printing, store = self._counter, self._printing, self._counter.rules.store
        now_ms = counter.time.now_ms()
        printed = self.printed(view.business_day)
        paper = DayEndPaper(
            view=view.paper,
            store_id=store.store_id,
            store_name=store.name,
            operator_name=operator.name,
            at_ms=now_ms,
            time_zone=store.time_zone,
            exponent=counter.rules.exponent,
            before=None if printed is None else (printed.at_ms, printed.total_minor, printed.sales),
            language=printing.language,
            is_training=counter.is_training,
        )
        said = Printed(view.business_day, now_ms, view.total_minor, view.sales, view.missing)

        def came_out(printer: PrinterView) -> PrinterView:
            """On the printer's thread."""
            if PrinterState(printer.state).prints:
                self._remember(said)
            return printer

        return then(printing.print_rows(lay_out_day_end(paper, printing.columns)), came_out)

    def _remember(self, said: Printed) -> None:
        kept = {day: each for day, each in _printed(self._counter).items() if day in self.days()}
        kept[said.business_day] = said
        values = [asdict(each) for each in kept.values()]
        self._counter.journal.change(lambda c: put_setting(c, _SETTING, values)).result()


def restated_days(counter: Counter, days: Days) -> Iterator[Restated]:
    """Days of the past whose paper is no longer right; today's goes on anyway."""
    past = _days(counter)[1:]
    for business_day, printed in sorted(_printed(counter).items()):
        if business_day in past:
            found = _restated(printed, days.view(business_day))
            if found is not None:
                yield found


def _days(counter: Counter) -> list[str]:
    today = date.fromisoformat(counter.business_day())
    return [(today - timedelta(days=back)).isoformat() for back in range(DAYS_KEPT)]


def _printed(counter: Counter) -> dict[str, Printed]:
    kept = counter.journal.read(lambda c: get_setting(c, _SETTING, []))
    return {each["business_day"]: Printed(**{**each, "missing": tuple(each["missing"])}) for each in kept}


def _restated(printed: Printed | None, view: DayView) -> Restated | None:
    if printed is None or (printed.total_minor, printed.sales) == (view.total_minor, view.sales):
        return None
    return Restated(printed, view.total_minor, view.sales)
