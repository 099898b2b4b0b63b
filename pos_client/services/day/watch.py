"""The watch: what each operator did on a business day that a manager should look at."""

from __future__ import annotations

import msgspec

from pos_client.journal import shifts
from pos_client.receipts.report_csv import BYTE_ORDER_MARK, csv_of
from pos_client.receipts.watch_layout import WatchPaper
from pos_client.services.counter import Counter
from pos_client.services.papers.receipt_maker import ReceiptMaker
from pos_client.services.staff.roles import require_act
from pos_client.services.views.till import WatchRow, WatchView
from pos_client.storage.connection import Connection
from pos_core.money import format_minor
from pos_core.sync.folds import facts_of, watch
from pos_core.sync.folds.facts import Acted
from pos_core.sync.folds.fold import State


class Watch:
    """Reads the journal through the fold that head office uses; changes nothing."""

    def __init__(self, counter: Counter, maker: ReceiptMaker) -> None:
        self._counter = counter
        self._maker = maker

    def day(self, business_day: str | None = None) -> WatchView:
        """The operators of a business day at this workstation; None: the present one.

        Raises NotSignedOn, NotAllowed.
        """
        counter = self._counter
        require_act(counter, "watch")
        day = business_day or counter.business_day()
        states = counter.journal.read(lambda connection: _states(connection, day))
        rows = tuple(
            WatchRow(
                operator_id,
                self._maker.operator_name(operator_id),
                {name: tuple(state["counts"].get(name, (0, 0))) for name in watch.NAMES},
            )
            for operator_id, state in sorted(states.items())
        )
        return WatchView(day, rows)

    def paper(self, view: WatchView) -> WatchPaper:
        """The same for paper and screen."""
        rules = self._counter.rules
        return WatchPaper(
            store_id=rules.store.store_id,
            store_name=rules.store.name,
            workstation_name=self._counter.identity.workstation_name,
            business_day=view.business_day,
            exponent=rules.exponent,
            operators=tuple((row.operator_name, row.counts) for row in view.rows),
            language=self._maker.language,
        )

    def csv(self, view: WatchView) -> str:
        """For a spreadsheet."""
        exponent = self._counter.rules.exponent
        rows = [
            (view.business_day, row.operator_id, name, count, format_minor(amount_minor, exponent))
            for row in view.rows
            for name, (count, amount_minor) in row.counts.items()
        ]
        return BYTE_ORDER_MARK + csv_of([("business_day", "operator_id", "name", "count", "amount"), *rows])


def _states(connection: Connection, day: str) -> dict[str, State]:
    states: dict[str, State] = {}
    for data in shifts.documents_of_day(connection, day):
        document = msgspec.json.decode(data)
        if document["type"] not in watch.WATCHED_TYPES:
            continue
        for fact in facts_of(document, document["body"], lean=True):
            if isinstance(fact, Acted):
                states[fact.operator_id] = watch.apply(states.get(fact.operator_id), fact)
    return states
