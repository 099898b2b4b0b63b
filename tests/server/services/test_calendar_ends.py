"""Documents whose times no calendar has: they are kept, and the figures of everybody else go on (P18).

A document may say any time that an integer holds; one workstation with a broken clock, or a broken program,
must not stop what counts the documents of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pos_core.clock import HybridTime
from pos_core.sync.document import document_bytes
from sync_server.bootstrap import HeadOffice
from sync_server.services.clock import moment_of
from sync_server.services.sales_sums import SalesSums
from sync_server.store import sales, workstation
from sync_server.store.workstation import WorkstationRow
from tests.core.sync.test_envelope import EXAMPLES
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import SeriesMaker

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
        maker.workstation_id, "S001", "t", "active", maker.public_key, maker.sealing_key, 1, "", 0, None, 0
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
