"""A sale whose price somebody doubts is solved again, and its page says what came of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import resources
from pos_core import pricing
from sync_server.services import price_check
from sync_server.services.console.disputes import fault_of
from sync_server.services.console.roles import Role
from sync_server.store import audit
from tests.server.services.test_price_check import RULES, _dearer_by, received
from tests.server.services.test_price_check import till as till  # noqa: PLC0414 - a fixture
from tests.server.support.console import code_of, sign_in
from tests.server.support.office import Chain, TestWorkstation
from tests.server.support.priced import priced_body

WHY = "the customer called"


def translated(language: str) -> dict[str, str]:
    path = Path(resources.__path__[0]) / "translations" / "console" / f"exceptions.{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("dear", [False, True])
def test_a_disputed_sale_is_solved_again_and_the_page_shows_it(
    chain: Chain, till: TestWorkstation, dear: bool
) -> None:
    body = priced_body(RULES, 2, 1)
    received(till, _dearer_by(body) if dear else body)
    checks = chain.office.price_checks
    checks.check_new()
    workstation = till.enrolled.workstation_id
    path = f"/documents/{workstation}/1/1"
    person = sign_in(chain, Role.ADMINISTRATOR)
    assert f"{path}/dispute" in person.get(path).text
    person.post(f"{path}/dispute", why=WHY)
    row = checks.solve_of((workstation, 1, 1))
    assert row is not None and row.why == "disputed" and row.solved_at_ms is None
    waiting = person.get(path).text
    assert f"{path}/price" in waiting and f"{path}/dispute" not in waiting
    checks.solve_open(1)
    shown = person.get(f"{path}/price").text
    assert ("有更便宜的合法价格" in shown and "整单" in shown) is dear
    rows = chain.office.store.read(lambda txn: audit.page(txn, subject=f"{workstation}/1/1", limit=5))
    assert [each["action"] for each in rows] == ["price_disputed"]


CODES = [
    re.compile(pattern)
    for pattern in (
        r'\bsay\([^,]+, "([a-z_]+)"',
        r'\bFinding\([^,]+, "([a-z_]+)"',
        r'\bLineFault\([^,]+, "([a-z_]+)"',
        r'\b_said\([^,]+, "([a-z_]+)"',
    )
]


def test_whatever_the_checker_can_say_is_said_in_both_languages() -> None:
    ours = Path(pricing.__path__[0])
    sources = [*ours.glob("checker*.py"), ours / "sale_record.py", Path(price_check.__file__)]
    texts = [path.read_text(encoding="utf-8") for path in sources]
    codes = {found for text in texts for pattern in CODES for found in pattern.findall(text)}
    assert len(codes) > 40
    for language in ("zh", "en"):
        words = translated(language)
        assert [code for code in sorted(codes) if f"dispute.finding.{code}" not in words] == []


@pytest.mark.parametrize(
    ("path", "place", "number"),
    [
        ("/lines/0/net_minor", "sold_line", 1),
        ("/pricing/result/lines/2/units", "line", 3),
        ("/pricing/result/applications/11", "application", 12),
        ("/pricing/result/points_spent", "points", None),
        ("/pricing/result/certificate/parts", "certificate", None),
        ("/pricing/result/release_hash", "release", None),
        ("/release", "release", None),
        ("/pricing/result/outcomes/4", "whole", None),
        ("/pricing/result", "whole", None),
        ("/pricing/input/lines/0/sku", "record", None),
        ("/anything", "whole", None),
    ],
)
def test_a_fault_is_at_a_place_that_a_person_knows(path: str, place: str, number: int | None) -> None:
    found = fault_of(path=path, code="sum", reason="")
    assert (found.place, found.number) == (place, number)
    assert {f"dispute.place.{place}"} <= translated("zh").keys() & translated("en").keys()


def test_who_only_looks_and_what_is_no_sale_cannot_dispute(chain: Chain, till: TestWorkstation) -> None:
    received(till, priced_body(RULES, 1))
    chain.office.price_checks.check_new()
    path = f"/documents/{till.enrolled.workstation_id}/1/1"
    looking = sign_in(chain, Role.AUDITOR)
    assert "/dispute" not in looking.get(path).text
    person = sign_in(chain, Role.ADMINISTRATOR)
    missing = person.post(f"/documents/{till.enrolled.workstation_id}/1/77/dispute", why=WHY)
    assert code_of(missing) == "no_such_document"
    assert chain.office.price_checks.solve_of((till.enrolled.workstation_id, 1, 77)) is None
