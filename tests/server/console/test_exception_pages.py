"""The list of exceptions a page at a time: every ruling is reached once, and no page waits for the others."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest

from pos_core.sync.rulings.ruling import Ruling
from sync_server.services.console import exceptions
from sync_server.services.console.roles import Role
from sync_server.store import exception_act, quarantine, ruling
from sync_server.store.engine import Txn
from sync_server.store.exception_act import ActRow
from sync_server.store.quarantine import QuarantineRow
from tests.server.console.test_exceptions import made
from tests.server.support.console import Visitor, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import stock

PAGE_MS_MAX = 300
"""Of processor time, so that a busy machine fails nothing."""
MANY = 6_400


def written(chain: Chain, count: int, *, kept: int = 0) -> list[Ruling]:
    """So many rulings, two of each instant: coupons in the east, and every fortieth of points in the west."""
    stock(chain)
    found = [
        made("coupon_used_twice", f"n{n}", "S001", n)
        if n % 40
        else made("points_overdrawn", f"n{n}", "S002", n)
        for n in range(count)
    ]

    def write(txn: Txn) -> None:
        for start in range(0, count, 2):
            ruling.put(txn, found[start : start + 2], 1_000 + start)
        rows = [("S001", "e", n) for n in range(kept)] + [("S002", "w", n) for n in range(kept)]
        quarantine.keep(
            txn,
            [
                QuarantineRow(f"q-{till}", 1, n, "h", store, 1, "", "bad_document", "", b"{}", 1_000 + n // 2)
                for store, till, n in rows
            ],
        )

    chain.office.store.write(write)
    return found


def walked(visitor: Visitor, path: str, cursor: str = "at=") -> tuple[list[str], int]:
    """What the pages name, in order, from the first to the last; and how many pages there are."""
    found: list[str] = []
    pages = 0
    pattern = r"exceptions/rulings/(\w{32})\"><?" if cursor == "at=" else r"<code>(q-\w+/1/\d+)</code>"
    while path:
        pages += 1
        text = visitor.get(path).text
        found += dict.fromkeys(re.findall(pattern, text))
        links = [unescape(link) for link in re.findall(r'href="/console(/exceptions\?[^"#]*)', text)]
        path = next((link for link in links if re.search(rf"[?&]{cursor}", link)), "")
        assert pages < 200
    return found, pages


def test_every_ruling_is_reached_once_the_newest_first(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exceptions, "SHOWN_MAX", 5)
    monkeypatch.setattr(exceptions, "_AT_ONCE", 3)
    rulings = written(chain, 26)
    found, pages = walked(sign_in(chain, Role.AUDITOR), "/exceptions")
    assert sorted(found) == sorted(each.ruling_id for each in rulings) and pages == 6
    costs = {each.ruling_id: each.cost_minor for each in rulings}
    instants = [costs[each] // 2 for each in found]
    assert instants == sorted(instants, reverse=True)


def test_a_following_page_is_narrowed_as_the_first_one(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exceptions, "SHOWN_MAX", 4)
    rulings = written(chain, 120)
    closed = [each.ruling_id for each in rulings[1:20]]

    def write(txn: Txn) -> None:
        for each in closed:
            exception_act.add(txn, ActRow(f"a{each}", each, "accept", "", "", "x", 1))
        for each in rulings[100:110]:
            ruling.supersede(txn, each.key, each.ruling_id, "", 5_000)

    chain.office.store.write(write)
    auditor = sign_in(chain, Role.AUDITOR)
    assert sorted(walked(auditor, "/exceptions?state=closed")[0]) == sorted(closed)
    assert len(walked(auditor, "/exceptions?state=open")[0]) == 120 - 19 - 10
    assert len(walked(auditor, "/exceptions?over=1")[0]) == 120
    west = {each.ruling_id for each in rulings if each.rule == "points_overdrawn"}
    assert set(walked(auditor, "/exceptions?rule=points_overdrawn")[0]) == west
    assert set(walked(auditor, "/exceptions?store=S002")[0]) == west
    theirs = sign_in(chain, Role.REGIONAL_MANAGER, region="west")
    assert set(walked(theirs, "/exceptions")[0]) == west
    assert walked(auditor, "/exceptions?from=2026-05-01&to=2026-05-02") == ([], 1)
    of_days = walked(auditor, "/exceptions?from=2000-01-01&to=2000-01-02&store=S001")
    assert of_days == ([], 1), "made in 1970"


def test_few_of_a_region_among_many_are_found_behind_pages_that_have_none(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exceptions, "LOOKED_AT_MAX", 30)
    rulings = written(chain, 120)
    theirs = sign_in(chain, Role.REGIONAL_MANAGER, region="west")
    found, pages = walked(theirs, "/exceptions")
    assert len(found) == 3 and pages == 4
    empty = theirs.get(f"/exceptions?at=1118&at_ruling={rulings[119].ruling_id}").text
    assert "请看更早的" in empty, "a page without any says that there are older ones"


def test_the_quarantine_has_pages_too(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exceptions, "SHOWN_MAX", 3)
    written(chain, 2, kept=7)
    found, pages = walked(sign_in(chain, Role.AUDITOR), "/exceptions", "kept_at=")
    assert sorted(found) == sorted(f"q-{till}/1/{n}" for till in "ew" for n in range(7)) and pages == 5
    theirs = sign_in(chain, Role.REGIONAL_MANAGER, region="west")
    assert sorted(walked(theirs, "/exceptions", "kept_at=")[0]) == [f"q-w/1/{n}" for n in range(7)]


def test_counts_are_of_all_pages_and_say_where_they_end(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exceptions, "SHOWN_MAX", 5)
    monkeypatch.setattr(exceptions, "LOOKED_AT_MAX", 100)
    written(chain, 120)
    auditor = sign_in(chain, Role.AUDITOR)
    assert ">优惠券重复使用 117</a>" in auditor.get("/exceptions").text
    assert ">优惠券重复使用 98+</a>" in auditor.get("/exceptions?store=S001").text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REGIONAL_MANAGER])
def test_a_page_of_many_thousands_is_made_in_a_moment(chain: Chain, role: Role) -> None:
    written(chain, MANY, kept=300)
    visitor = sign_in(chain, role, region="west" if role == Role.REGIONAL_MANAGER else None)
    middle = f"at={1_000 + MANY // 2}&at_ruling=f"
    paths = [
        f"/exceptions?{end}" for end in ("", middle, f"{middle}&state=open", f"{middle}&over=1", "store=S002")
    ]
    visitor.get("/exceptions")
    for path in paths:
        took = min(_took_ms(visitor, path) for _ in range(3))
        assert took < PAGE_MS_MAX, (path, took)


def _took_ms(visitor: Visitor, path: str) -> float:
    begun = time.process_time()
    assert visitor.get(path).status_code == 200
    return (time.process_time() - begun) * 1_000
