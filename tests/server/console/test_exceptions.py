"""The list of exceptions: what is shown, to whom, and that nothing in it runs in a browser."""

from __future__ import annotations

from pos_core.sync.rulings.ruling import Ruling
from sync_server.services.console.roles import Role
from sync_server.store import quarantine, ruling
from sync_server.store.engine import Txn
from sync_server.store.quarantine import QuarantineRow
from tests.server.support.console import code_of, sign_in, unopened
from tests.server.support.office import Chain
from tests.server.support.shop import stock


def made(rule: str, key: str, store: str, cost: int) -> Ruling:
    return Ruling(
        rule=rule,
        key=key,
        cause=rule,
        stands=(f"ws-{key}/1/1",),
        against=(f"ws-{key}/1/2",),
        place=0,
        cost_minor=cost,
        points=0,
        bearer=f"store:{store}",
        reaches=(store,),
        detail=(),
    )


def kept(store: str, detail: str) -> QuarantineRow:
    return QuarantineRow(f"q-{store}", 1, 7, "h", store, 1, "", "bad_document", detail, b"{}", 1000)


def test_both_sides_the_cost_and_who_bears_it_each_to_his_region(chain: Chain) -> None:
    stock(chain)
    east, west = made("coupon_used_twice", "e", "S001", 1234), made("points_overdrawn", "w", "S002", 5)

    def write(txn: Txn) -> None:
        ruling.put(txn, [east, west], 1000)
        ruling.supersede(txn, "w", west.ruling_id, "", 2000)
        quarantine.keep(txn, [kept("S001", "<script>alert(1)</script>"), kept("S002", "y")])

    chain.office.store.write(write)
    auditor = sign_in(chain, Role.AUDITOR)
    text = auditor.get("/exceptions").text
    assert all(part in text for part in ("ws-e/1/1", "ws-e/1/2", "12.34", "门店 S001", "q-S001/1/7"))
    assert unopened(text) == []
    assert "ws-w/1/1" not in text, "superseded"
    assert "<script>alert" not in text
    assert "ws-w/1/1" in auditor.get("/exceptions?over=1").text
    assert "ws-e/1/1" not in auditor.get("/exceptions?rule=points_overdrawn").text
    theirs = sign_in(chain, Role.REGIONAL_MANAGER, region="west").get("/exceptions?over=1").text
    assert "ws-w/1/1" in theirs and "q-S002" in theirs
    assert "ws-e/1/1" not in theirs and "q-S001" not in theirs
    assert code_of(sign_in(chain, Role.MARKETER).get("/exceptions")) == "console_forbidden"
