"""Documents whose times no calendar has, and amounts that no shop takes: they are kept, and the figures of

everybody else go on (P18). A document may say any time and any amount that an integer holds; one workstation
with a broken clock, or a broken program, must not stop what counts the documents of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pos_core.canonical import NotCanonical
from pos_core.clock import HybridTime
from pos_core.money import AMOUNT_MINOR_MAX
from pos_core.sync.document import document_bytes
from sync_server.bootstrap import HeadOffice
from sync_server.services import sales_sums
from sync_server.services.clock import moment_of
from sync_server.services.sales_sums import SalesSums
from sync_server.store import feed, sales, workstation
from sync_server.store.engine import Txn
from sync_server.store.workstation import WorkstationRow
from tests.core.sync.test_envelope import EXAMPLES
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import SeriesMaker, sale_body

LATEST_MS = 2**53 - 1
AT_THE_ENDS = (
    {"occurred_at_ms": LATEST_MS},
    {"occurred_at_ms": -LATEST_MS},
    {"occurred_at_ms": 253_402_300_799_999},
    {"business_day": "9999-12-31"},
    {"business_day": "0001-01-01"},
    {"hybrid_time": HybridTime(2**48 - 1, 0xFFFF)},
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[HeadOffice]:
    made = found_office(tmp_path / "chain", HandClock())
    yield made
    made.close()


def push(office: HeadOffice, maker: SeriesMaker) -> None:
    row = WorkstationRow(
        maker.workstation_id,
        maker.store_id,
        "t",
        "active",
        maker.public_key,
        maker.sealing_key,
        1,
        "",
        0,
        None,
        0,
    )
    office.store.write(lambda txn: workstation.add(txn, row))
    office.push.push(row, maker.push_body())


def test_a_time_beyond_the_calendar_stops_nobody_s_figures(office: HeadOffice) -> None:
    odd, good = SeriesMaker("w-1"), SeriesMaker("w-2")
    for header in AT_THE_ENDS:
        for kind in ("sale", "return", "count", "shift_opened", "member_joined"):
            odd.append(document_bytes(odd.header(kind, **header), EXAMPLES[kind]))
    good.sale()
    push(office, odd)
    push(office, good)
    while SalesSums(office.store, office.clock).gather(100):
        pass
    office.store_days.refresh()
    assert office.store.read(lambda txn: sales.gathered_number(txn, ("w-1", 1))) == odd.number
    assert office.store.read(lambda txn: sales.gathered_number(txn, ("w-2", 1))) == good.number


def giant(maker: SeriesMaker) -> bytes:
    """A sale of one line at the highest amount there is."""
    body = sale_body(maker.dice, 1)
    (line,), (tender,) = body["lines"], body["tenders"]
    line |= {"quantity_milli": 1000, "tax_rate_ppm": 0, "tax_minor": 0}
    line |= dict.fromkeys(("unit_price_minor", "list_minor", "net_minor"), AMOUNT_MINOR_MAX)
    tender |= {"amount_minor": AMOUNT_MINOR_MAX, "change_minor": 0}
    body |= {"subtotal_minor": AMOUNT_MINOR_MAX, "total_minor": AMOUNT_MINOR_MAX, "tax_minor": 0}
    return maker.append(document_bytes(maker.header("sale"), body))


def test_a_store_whose_day_fits_no_row_stops_no_other(office: HeadOffice) -> None:
    odd, good = SeriesMaker("w-1"), SeriesMaker("w-2", store_id="S002")
    giant(odd)
    giant(odd)
    good.sale()
    push(office, odd)
    push(office, good)
    with pytest.raises(NotCanonical):
        office.store_days.refresh()
    assert office.store.read(lambda txn: list(feed.rows_of(txn, "store_day", "store:S002")))


def test_a_series_that_cannot_be_summed_stops_no_other(
    office: HeadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sales_sums._sum

    def fails(txn: Txn, own: tuple[str, int], after: int, last: int) -> None:
        if own[0] == "w-1":
            raise OverflowError
        real(txn, own, after, last)

    monkeypatch.setattr(sales_sums, "_sum", fails)
    odd, good = SeriesMaker("w-1"), SeriesMaker("w-2")
    odd.sale()
    good.sale()
    push(office, odd)
    push(office, good)
    with pytest.raises(OverflowError):
        SalesSums(office.store, office.clock).gather(100)
    gathered = [
        office.store.read(lambda txn, own=own: sales.gathered_number(txn, (own, 1))) for own in ("w-1", "w-2")
    ]
    assert gathered == [0, good.number]


@pytest.mark.parametrize("at_ms", [LATEST_MS, -LATEST_MS, 253_402_300_799_999, 0])
def test_every_time_is_on_the_calendar_of_every_zone(at_ms: int) -> None:
    for zone in (
        UTC,
        ZoneInfo("Asia/Shanghai"),
        ZoneInfo("Pacific/Kiritimati"),
        ZoneInfo("Pacific/Pago_Pago"),
    ):
        assert 1 <= moment_of(at_ms, zone).year <= 9999
    assert moment_of(0).isoformat() == "1970-01-01T00:00:00+00:00"
