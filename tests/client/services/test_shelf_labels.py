"""A label that somebody printed or hung next door is not asked for here, once the tills have talked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_client.services.futures import failed
from pos_client.storage.errors import DiskFull
from pos_core.stock.shelf_label import KEPT_MS
from pos_core.stock.stocktake import LINES_A_DOCUMENT
from pos_core.sync.shape import LIST_MAX
from tests.client.services.shop import PIN, PRICES, Shop
from tests.client.services.supplied import apply
from tests.client.services.test_peers import TwoTills
from tests.fakes.reference_rows import rows_of
from tests.fakes.releases import DAY_MS, T0, release

TOMORROW = T0 + DAY_MS // 2
CHANGES: list[list[object]] = [
    ["PL1", sku, TOMORROW, None, price] for sku, price in (("C1", 400), ("M1", 650))
]


@pytest.fixture
def tills(tmp_path: Path) -> Iterator[TwoTills]:
    """Tomorrow cola and milk cost more; a manager is signed on at both."""
    made = TwoTills(tmp_path)
    for shop in (made.there, made.here):
        text = release(
            2,
            [*CHANGES, *(each for each in PRICES if each[1] not in {"C1", "M1"})],
            effective_from_ms=TOMORROW,
        )
        manifest = Manifest.read(text.text)
        shop.replica.stage_release(manifest, text.files, check_files(manifest, text.files), at_ms=T0)
        shop.workstation.session.sign_off().result(10)
        shop.workstation.session.sign_on("2001", PIN).result(10)
    yield made
    made.close()


def _marks(shop: Shop) -> dict[str, tuple[bool, bool]]:
    """SKU → printed, ticked, as the list shows it."""
    listed = shop.workstation.shelf_labels.labels()
    lines = [listed.line(each) for each in listed.order]
    return {line["sku"]: (line["printed"], line["ticked"]) for line in lines}


def _mark(shop: Shop, sku: str, step: str) -> None:
    services = shop.workstation.shelf_labels
    listed = services.labels()
    line_no = listed.find(sku)
    assert line_no is not None
    if step == "printed":
        listed.printed([line_no])
    else:
        listed.tick(line_no, step == "hung")
    services.tell(listed).result(10)


def test_what_was_printed_and_hung_next_door_counts_here(tills: TwoTills) -> None:
    assert _marks(tills.here) == {"C1": (False, False), "M1": (False, False)}
    _mark(tills.there, "C1", "printed")
    _mark(tills.there, "C1", "hung")
    tills.hear()
    assert _marks(tills.here) == {"C1": (True, True), "M1": (False, False)}
    assert tills.here.workstation.shelf_labels.labels().left == 1
    _mark(tills.here, "M1", "hung")
    tills.here.clock.pass_ms(1000)
    _mark(tills.here, "C1", "printed")
    assert _marks(tills.here)["C1"] == (True, True), "printing takes no label down"
    tills.there.clock.pass_ms(60_000)
    _mark(tills.there, "C1", "unhung")
    tills.hear()
    assert _marks(tills.here) == {"C1": (True, False), "M1": (False, True)}


def test_what_head_office_knows_of_all_workstations_counts_too(tills: TwoTills) -> None:
    stamp = f"{T0:012x}-0000"
    said = json.dumps({"hung": [[stamp, "ws-9", 1, 7, 1], 400, True], "printed": None})
    apply(tills.here, "store:S001", rows_of("shelf_label", [["C1", said], ["M1", said]]))
    assert _marks(tills.here) == {"C1": (False, True), "M1": (False, False)}, "milk hangs for another price"


def test_a_mark_of_long_ago_is_of_another_time_with_that_price(tills: TwoTills) -> None:
    stamp = f"{tills.here.clock.now_ms() - KEPT_MS - 1:012x}-0000"
    series = [stamp, "ws-9", 1, 7, 1]
    said = json.dumps({"hung": [series, 400, True], "printed": [series, 400]})
    apply(tills.here, "store:S001", rows_of("shelf_label", [["C1", said]]))
    assert _marks(tills.here)["C1"] == (False, False)


def test_what_a_power_cut_left_untold_is_told_when_the_list_is_opened_next(tills: TwoTills) -> None:
    services = tills.there.workstation.shelf_labels
    listed = services.labels()
    listed.tick(listed.order[0])
    listed.kept.kept.result(10)
    assert tills.there.documents("labels_changed") == []
    assert services.labels().left == 1
    assert services.labels().left == 1, "told once, and heard by the one who said it"
    [document] = tills.there.documents("labels_changed")
    assert [line["step"] for line in document["body"]["lines"]] == ["hung"]


def _steps(shop: Shop) -> list[list[str]]:
    """Of each document, in order."""
    return [
        [f"{line['step']} {line['sku']}" for line in each["body"]["lines"]]
        for each in shop.documents("labels_changed")
    ]


def test_what_a_full_disk_kept_from_being_told_is_told_once_there_is_room(
    tills: TwoTills, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = tills.there.workstation.shelf_labels
    listed = services.labels()
    listed.tick(listed.order[0])
    listed.kept.kept.result(10)
    with monkeypatch.context() as full:
        full.setattr(tills.there.journal, "record", lambda *_, **__: failed(DiskFull("full")))
        told = services.tell(listed)
    assert isinstance(told.exception(10), DiskFull)
    assert services.labels().left == 1 and _steps(tills.there) == [["hung C1"]]


def test_a_step_that_is_being_told_is_told_once_and_one_taken_meanwhile_after_it(tills: TwoTills) -> None:
    services = tills.there.workstation.shelf_labels
    listed = services.labels()
    cola, milk = (listed.find(sku) for sku in ("C1", "M1"))
    assert cola is not None and milk is not None
    go_on = threading.Event()
    tills.there.journal.change(lambda _: go_on.wait(10))
    written = []
    for line_no, hangs in ((cola, True), (milk, True), (cola, False), (cola, True)):
        listed.tick(line_no, hangs)
        written.append(services.tell(listed))
    go_on.set()
    for each in written:
        each.result(10)
    expected = [["hung C1"], ["hung M1"], ["unhung C1"], ["hung C1"]]
    assert _steps(tills.there) == expected and listed.untold == []
    assert services.labels().left == 0 and _steps(tills.there) == expected


def test_more_steps_than_head_office_takes_at_once_are_several_documents(
    tills: TwoTills, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LINES_A_DOCUMENT <= LIST_MAX
    monkeypatch.setattr("pos_client.services.goods.shelf_labels.LINES_A_DOCUMENT", 3)
    services = tills.there.workstation.shelf_labels
    listed = services.labels()
    listed.printed(listed.order)
    for line_no in listed.order:
        listed.tick(line_no)
    services.tell(listed).result(10)
    assert [len(each) for each in _steps(tills.there)] == [3, 1] and listed.untold == []
