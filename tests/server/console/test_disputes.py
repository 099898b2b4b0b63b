"""A sale whose price somebody doubts is solved again, and its page says what came of it."""

from __future__ import annotations

import pytest

from sync_server.services.console.roles import Role
from sync_server.store import audit
from tests.server.services.test_price_check import RULES, _dearer_by, received
from tests.server.services.test_price_check import till as till  # noqa: PLC0414 - a fixture
from tests.server.support.console import code_of, sign_in
from tests.server.support.office import Chain, TestWorkstation
from tests.server.support.priced import priced_body

WHY = "the customer called"


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
    assert ("not_cheapest" in shown or "A cheaper legal price" in shown or "更便宜" in shown) is dear
    rows = chain.office.store.read(lambda txn: audit.page(txn, subject=f"{workstation}/1/1", limit=5))
    assert [each["action"] for each in rows] == ["price_disputed"]


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
