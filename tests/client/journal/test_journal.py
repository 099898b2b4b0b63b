"""The journal's main road: numbered, chained, durable, found again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from pos_client.journal.draft import Draft
from pos_client.journal.journal import Journal
from pos_client.journal.sessions import current_shift, sign_on_failures
from pos_client.storage.errors import DamagedFile, MispairedJournal, WriterStopped
from pos_core.canonical import is_canonical, parse_strict
from pos_core.clock import HybridTime
from pos_core.sync.document import Series, document_hash
from tests.client.journal.helpers import DAY, Home, sale, sale_body, sell


def test_a_new_journal_begins_with_series_opened(journal: Journal) -> None:
    first = journal.documents_after(0, limit=10)
    assert [one.type for one in first] == ["series_opened"]
    body = parse_strict(first[0].data)["body"]
    assert body["reason"] == "enrolled" and body["public_key"] == journal.public_key()


def test_documents_are_chained_and_canonical(journal: Journal) -> None:
    sell(journal, 20)
    documents = journal.documents_after(0, limit=100)
    prev_hash = journal.series.genesis()
    for number, one in enumerate(documents, start=1):
        content = parse_strict(one.data)
        assert is_canonical(one.data) and document_hash(one.data) == one.hash
        assert (content["number"], content["prev_hash"]) == (number, prev_hash)
        prev_hash = one.hash
    assert (journal.head().number, journal.head().hash) == (21, prev_hash)


def test_a_sale_is_found_again_after_a_restart(home: Home) -> None:
    journal = home.open()
    written = sell(journal, 3)
    journal.close()
    again = home.open()
    assert again.documents_after(1, limit=10) == written
    assert again.unwitnessed == [] and again.witness_state == "ok"
    again.close()


def test_drafts_and_also_are_one_transaction(journal: Journal) -> None:
    def refuse(connection: object) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        journal.record([sale(), sale()], also=refuse).result()
    assert journal.head().number == 1
    assert [one.number for one in journal.record([sale(), sale()]).result()] == [2, 3]
    assert journal.read(lambda c: c.execute("SELECT count(*) FROM c_transaction").fetchone()[0]) == 2


def test_numbers_stay_gapless_when_many_threads_record(journal: Journal) -> None:
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(lambda: journal.record([sale()]).result()[0].number) for _ in range(60)]
    assert sorted(future.result() for future in futures) == list(range(2, 62))


def test_the_rows_of_a_sale_are_the_document(journal: Journal) -> None:
    body = sale_body(Random(4))
    journal.record([Draft("sale", body, DAY)]).result()
    nets = journal.read(lambda c: c.execute("SELECT net_minor FROM c_line ORDER BY line_no").fetchall())
    moved = journal.read(lambda c: c.execute("SELECT sum(quantity_milli) FROM c_stock_movement").fetchone())
    assert [net for (net,) in nets] == [line["net_minor"] for line in body["lines"]]
    assert moved[0] == -sum(line["quantity_milli"] for line in body["lines"])


def test_hybrid_time_rises_when_the_clock_goes_back_a_year(home: Home) -> None:
    journal = home.open()
    sell(journal, 2)
    home.clock.wall_ms -= 365 * 24 * 3600 * 1000
    sell(journal, 2)
    journal.hear(HybridTime(home.clock.wall_ms + 10**11, 3))
    sell(journal, 1)
    times = journal.read(lambda c: c.execute("SELECT hlc FROM c_document ORDER BY number").fetchall())
    assert times == sorted(set(times)) and len(times) == 6
    journal.close()


def test_documents_after_keeps_to_limit_and_bytes(journal: Journal) -> None:
    sell(journal, 10)
    assert [one.number for one in journal.documents_after(4, limit=3)] == [5, 6, 7]
    assert len(journal.documents_after(4, limit=3, bytes_max=1)) == 1


def test_lock_out_counter_is_folded_from_documents(home: Home) -> None:
    journal = home.open()
    failed = {"operator_number": "1001", "reason": "wrong_pin", "failures": 3, "locked_until_ms": 99}
    journal.record([Draft("sign_on_failed", failed, DAY)]).result()
    journal.close()
    again = home.open()
    counter = again.read(lambda c: sign_on_failures(c, "1001"))
    assert (counter.failed_count, counter.locked_until_ms) == (3, 99)
    again.record([Draft("signed_on", {"operator_number": "1001", "role": "cashier"}, DAY, "1001")]).result()
    assert again.read(lambda c: sign_on_failures(c, "1001")).failed_count == 0
    again.close()


def test_a_shift_is_open_until_it_is_settled(journal: Journal) -> None:
    journal.record(
        [
            Draft(
                "shift_opened", {"currency": "CNY", "exponent": 2, "float_minor": 500}, DAY, "1001", "shift-1"
            )
        ]
    ).result()
    shift = journal.read(current_shift)
    assert shift is not None and (shift.shift_id, shift.float_minor) == ("shift-1", 500)
    journal.record([Draft("shift_settled", {}, DAY, "1001", "shift-1")]).result()
    assert journal.read(current_shift) is None


def test_only_the_servers_answer_lowers_what_waits(journal: Journal) -> None:
    sell(journal, 4)
    assert journal.documents_waiting() == 5
    journal.keep_resume_point("epoch-1", 3, journal.hash_at(3) or "").result()
    assert journal.documents_waiting() == 2
    point = journal.resume_point()
    assert point is not None and (point.epoch, point.acked_number) == ("epoch-1", 3)


def test_a_journal_of_another_workstation_is_refused(home: Home) -> None:
    home.open().close()
    home.series = Series("another", 1)
    with pytest.raises(MispairedJournal):
        home.open()


def test_enrolling_again_begins_the_next_series(home: Home) -> None:
    journal = home.open()
    sell(journal, 2)
    head = journal.head()
    journal.close()
    home.series = Series(head.series.workstation_id, 2)
    again = home.open()
    opened = parse_strict(again.documents_after(0, limit=1)[0].data)
    assert opened["body"]["previous"] == {"incarnation": 1, "number": 3, "hash": head.hash}
    assert [(one.incarnation, one.last_number) for one in again.series_status()] == [(1, 3), (2, 1)]
    again.close()
    assert home.verify().ok


def test_a_stale_enrolment_file_does_not_bring_back_an_old_series(home: Home) -> None:
    journal = home.open()
    journal.open_new_incarnation("test").result()
    journal.close()
    again = home.open()
    assert again.series.incarnation == 2
    again.close()


def test_a_closed_journal_refuses(home: Home) -> None:
    journal = home.open()
    journal.close()
    journal.close()
    with pytest.raises(WriterStopped):
        journal.record([sale()]).result()


@pytest.mark.parametrize("late", ["keep_ballast", "get_setting"])
def test_an_opening_that_fails_late_gives_the_instance_lock_back(
    home: Home, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    home.open_and_close()

    def fail(*_: object, **__: object) -> None:
        raise DamagedFile("a page of it is damaged", path="journal.db")

    with monkeypatch.context() as patched:
        patched.setattr(f"pos_client.journal.journal.{late}", fail)
        for _ in range(2):
            with pytest.raises(DamagedFile):
                home.open()
    assert home.open_and_close().head().number == 1


def test_the_sums_and_totals_have_their_views(journal: Journal) -> None:
    sell(journal, 5)

    def rows(sql: str) -> list[tuple[object, ...]]:
        return journal.read(lambda c: c.execute(sql).fetchall())

    moved: dict[tuple[object, object], int] = {}
    for store_id, sku, quantity in rows("SELECT store_id, sku, quantity_milli FROM c_stock_movement"):
        assert isinstance(quantity, int)
        moved[store_id, sku] = moved.get((store_id, sku), 0) + quantity
    assert moved and {(row[0], row[1]): row[2] for row in rows("SELECT * FROM c_stock")} == moved
    assert rows("SELECT * FROM c_transaction_total") == rows("SELECT * FROM c_transaction") != []
    points = "SELECT member_id, sum(points) FROM c_points_movement GROUP BY member_id"
    assert rows("SELECT * FROM c_points") == rows(points)
