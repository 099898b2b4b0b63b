"""Prices from a draft to a signed release, and everything that is to stop a slip on the way."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
import python_calamine

from sync_server.console.words import sentences
from sync_server.services.console.roles import Role
from sync_server.services.publish import Publisher
from sync_server.store import audit, feed, masters, release
from sync_server.store.masters import PriceRow
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import sku, stock


@pytest.fixture
def desk(chain: Chain) -> Chain:
    stock(chain)
    return chain


def begin(visitor: Visitor, **form: str) -> str:
    form = {"title": "夏季", "effective_from": "", "effective_to": "", **form}
    answer = visitor.post("/price-changes", dict(form))
    assert answer.status_code == 303, answer.text
    return str(re.findall(r"change=([0-9a-f-]+)", answer.headers["location"])[0])


def type_in(visitor: Visitor, change: str, *cells: tuple[str, str, str]) -> dict[str, object]:
    answer = visitor.post(f"/price-changes/{change}/cells", {"cells": json.dumps(cells)}, why="")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def submit(visitor: Visitor, change: str) -> str:
    return visitor.post(f"/price-changes/{change}/submit", why="").headers.get("location", "")


def published(chain: Chain) -> dict[tuple[str, str], int]:
    row = chain.office.store.read(release.newest)
    assert row is not None
    entry = next(e for e in chain.office.releases.files_of(row) if e["name"] == "prices")
    rows = json.loads(chain.office.releases.content_of(str(entry["sha256"])))["rows"]
    return {(r[0], r[1]): r[4] for r in rows if r[2] > 1}


def test_a_harmless_change_becomes_a_release(desk: Chain) -> None:
    visitor = sign_in(desk, Role.MERCHANDISER)
    change = begin(visitor)
    assert type_in(visitor, change, ("PL1", sku(1), "11.00"), ("PL2", sku(2), "12.50"))["taken"] == 2
    assert "change_harmless" in submit(visitor, change)
    assert visitor.post(f"/price-changes/{change}/publish").status_code == 303
    assert published(desk) == {("PL1", sku(1)): 1100, ("PL2", sku(2)): 1250}
    assert code_of(visitor.post(f"/price-changes/{change}/publish")) == "price_change_not_open", "only once"
    acts = [(row["actor"], row["action"]) for row in desk.office.store.read(audit.newest)]
    assert ("merchandiser", "price_change_published") in acts and (
        "merchandiser",
        "release_published",
    ) in acts


@pytest.mark.parametrize(
    "price,code",
    [
        ("0", "zero"),
        ("5.99", "below_cost"),
        ("13.01", "change_over"),
        ("1000.00", "wrong_scale"),
        ("0.10", "wrong_scale"),
    ],
)
def test_a_dangerous_price_needs_a_second_person(desk: Chain, price: str, code: str) -> None:
    author, approver = sign_in(desk, Role.MERCHANDISER), sign_in(desk, Role.APPROVER)
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), price))
    assert "change_waits" in submit(author, change)
    assert code in visitor_counts(author, change)
    assert code_of(author.post(f"/price-changes/{change}/publish")) == "price_change_not_open"
    assert code_of(author.post(f"/price-changes/{change}/approve")) == "console_forbidden"
    assert approver.post(f"/price-changes/{change}/approve").status_code == 303
    assert author.post(f"/price-changes/{change}/publish").status_code == 303


def visitor_counts(visitor: Visitor, change: str) -> set[str]:
    """The findings that the page names."""
    page = visitor.get(f"/price-changes/{change}").text
    named = {k.removeprefix("finding."): text for k, text in sentences("zh").items() if k[:8] == "finding."}
    return {code for code, text in named.items() if text in page}


def test_nobody_approves_what_he_has_put_something_into(desk: Chain) -> None:
    both = sign_in(desk, Role.MERCHANDISER, Role.APPROVER, login="both")
    author = sign_in(desk, Role.MERCHANDISER)
    change = begin(author)
    type_in(both, change, ("PL1", sku(1), "1.00"))
    submit(author, change)
    assert code_of(both.post(f"/price-changes/{change}/approve")) == "own_approval"


def test_prices_typed_after_they_were_looked_at_are_not_approved(desk: Chain) -> None:
    author, approver = sign_in(desk, Role.MERCHANDISER), sign_in(desk, Role.APPROVER)
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), "5.99"))
    submit(author, change)
    looked_at = re.search(r'name="seen" value="(\d+)"', approver.get(f"/price-changes/{change}").text)
    assert looked_at
    desk.clock.wall_ms += 60_000
    author.post(f"/price-changes/{change}/send-back")
    type_in(author, change, ("PL1", sku(1), "0.01"))
    submit(author, change)
    answer = approver.post(f"/price-changes/{change}/approve", {"seen": looked_at[1]})
    assert code_of(answer) == "draft_moved"


def test_what_has_become_dangerous_since_is_not_published(desk: Chain) -> None:
    author = sign_in(desk, Role.MERCHANDISER)
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), "9.00"))
    assert "change_harmless" in submit(author, change)
    desk.office.store.write(lambda txn: masters.put_costs(txn, [(sku(1), 950)]))
    assert code_of(author.post(f"/price-changes/{change}/publish")) == "price_change_needs_approval"
    assert published(desk) == {}


def test_a_draft_that_was_sent_back_is_checked_anew(desk: Chain) -> None:
    author, approver = sign_in(desk, Role.MERCHANDISER), sign_in(desk, Role.APPROVER)
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), "1.00"))
    submit(author, change)
    assert approver.post(f"/price-changes/{change}/send-back").status_code == 303
    type_in(author, change, ("PL1", sku(1), "0.90"))
    assert "change_waits" in submit(author, change)
    assert code_of(author.post(f"/price-changes/{change}/publish")) == "price_change_not_open"


def test_imported_prices_do_not_slip_into_somebody_elses_release(desk: Chain) -> None:
    author = sign_in(desk, Role.MERCHANDISER)
    imported = PriceRow("PL2", sku(3), desk.clock.now_ms(), None, 1)
    desk.office.store.write(lambda txn: masters.put_prices(txn, [imported]))
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), "10.50"))
    submit(author, change)
    assert code_of(author.post(f"/price-changes/{change}/publish")) == "price_change_others_wait"
    author.post(f"/price-changes/{change}/send-back")
    assert author.post(f"/price-changes/{change}/take-waiting").status_code == 303
    assert "change_waits" in submit(author, change), "and are checked there"


def test_too_many_items_are_dangerous(desk: Chain) -> None:
    author = sign_in(desk, Role.MERCHANDISER)
    limits = json.dumps({"items_max": 2})
    desk.office.store.write(
        lambda txn: feed.put_rows(txn, "policy", "chain", [["price_change_checks", limits]])
    )
    change = begin(author)
    type_in(author, change, *(("PL1", sku(n), "10.50") for n in (1, 2, 3)))
    assert "change_waits" in submit(author, change)
    assert "too_many_items" in visitor_counts(author, change)


def test_cells_that_cannot_be_meant_are_refused_one_by_one(desk: Chain) -> None:
    author = sign_in(desk, Role.MERCHANDISER)
    change = begin(author)
    told = type_in(
        author, change, ("PL1", sku(1), "1,200"), ("PL1", "nope", "1"), ("PL9", sku(1), "1"),
        ("PL1", sku(2), "1.234"), ("PL1", sku(3), "=1+1"), ("PL1", sku(4), "10.00"), ("PL1", sku(5), ""),
    )  # fmt: skip
    assert told["taken"] == 2
    assert [r["code"] for r in told["refused"]] == [  # type: ignore[attr-defined]
        "bad_amount", "unknown_reference", "unknown_reference", "bad_amount", "bad_amount",
    ]  # fmt: skip
    for cells in ("no", "[]", "[[1]]", '{"a": 1}'):
        assert code_of(author.post(f"/price-changes/{change}/cells", {"cells": cells})) == "bad_form"


def test_rows_with_an_end_fall_away_by_themselves_in_the_grid(desk: Chain) -> None:
    author = sign_in(desk, Role.MERCHANDISER)
    change = begin(author, effective_to="2026-06-30 00:00")
    type_in(author, change, ("PL1", sku(1), "9.00"))
    submit(author, change)
    author.post(f"/price-changes/{change}/publish")
    assert author.get("/prices/rows").json()["rows"][0]["cells"][0][:2] == [900, 1]
    desk.clock.advance(60 * 86_400_000)
    again = sign_in(desk, Role.MERCHANDISER)
    assert again.get("/prices/rows").json()["rows"][0]["cells"][0][:2] == [1000, 0]


def test_a_file_comes_in_and_the_export_comes_back(desk: Chain) -> None:
    author = sign_in(desk, Role.MERCHANDISER)
    change = begin(author)
    text = f"价目表,商品编码,售价\nPL1,{sku(1)},10.80\nPL1,{sku(2)},=cmd\nPL9,{sku(3)},1\n"
    sent = {"file": ("p.csv", text.encode("gb18030"))}
    told = author.post(f"/price-changes/{change}/file", files=sent, why="")
    assert "bad_amount" in told.text and "unknown_reference" in told.text
    kept = author.get(f"/price-changes/{change}/rejects").content.decode("utf-8-sig")
    assert "'=cmd" in kept and "PL9" in kept
    for form, read in (("csv", _csv), ("xlsx", _xlsx)):
        back = author.get(f"/price-changes/{change}/export?form={form}").content
        assert read(back)[1][:4] == ["PL1", sku(1), "可乐1", "10.80"]
        name = ("back." + form, back)
        other = begin(author)
        assert author.post(f"/price-changes/{other}/file", files={"file": name}, why="").status_code == 200
        assert (
            author.get(f"/price-changes/{other}/export?form=csv").content
            == author.get(f"/price-changes/{change}/export?form=csv").content
        )


def _csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def _xlsx(content: bytes) -> list[list[str]]:
    return python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()  # type: ignore[return-value]


@pytest.mark.parametrize(
    "content,code",
    [(b"", "not_a_table"), (b"\xff\xfe\x00\x01" * 9, "not_a_table"), (b"PK\x03\x04 not a zip", "not_a_table"),
     (b"a;b\n1;2\n", "no_headings"), (b"%PDF-1.7\n", "no_headings")],
)  # fmt: skip
def test_hostile_files_are_refused_and_nothing_is_taken(desk: Chain, content: bytes, code: str) -> None:
    author = sign_in(desk, Role.MERCHANDISER)
    change = begin(author)
    told = author.post(f"/price-changes/{change}/file", files={"file": ("x.xlsx", content)}, why="")
    assert code_of(told) in (code, "no_headings", "not_a_table", "bad_file"), told.text
    assert code_of(author.post(f"/price-changes/{change}/submit", why="")) == "price_change_empty"


def test_a_regions_manager_sees_his_lists_without_costs(desk: Chain) -> None:
    manager = sign_in(desk, Role.REGIONAL_MANAGER, region="west")
    row = manager.get("/prices/rows").json()["rows"][0]
    assert row["cells"] == [[1200, 0, []]] and row["cost"] is None
    assert "PL1" not in manager.get("/prices/export").text
    author = sign_in(desk, Role.MERCHANDISER)
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), "10.10"), ("PL2", sku(1), "12.10"))
    page = manager.get(f"/price-changes/{change}").text
    assert "12.10" in page and "10.10" not in page and "6.00" not in page


def test_the_grid_filters_and_pages(desk: Chain) -> None:
    stock(desk, 205, publish=False)
    visitor = sign_in(desk, Role.AUDITOR)
    assert [len(visitor.get(f"/prices/rows?offset={n}").json()["rows"]) for n in (0, 200, 300)] == [100, 5, 0]
    found = visitor.get("/prices/rows?text=item 104").json()["rows"]
    assert [row["sku"] for row in found] == [sku(104)]
    assert visitor.get("/prices/rows?text=%25").json()["rows"] == [], "no wildcard of SQL"
    assert visitor.get("/prices/rows?department=D2").json()["rows"] == []


def test_prices_of_the_command_line_are_published_as_before(desk: Chain) -> None:
    imported = PriceRow("PL2", sku(3), desk.clock.now_ms(), None, 1300)
    desk.office.store.write(lambda txn: masters.put_prices(txn, [imported]))
    Publisher(desk.office.store, desk.office.releases, desk.clock).publish()
    assert published(desk) == {("PL2", sku(3)): 1300}
