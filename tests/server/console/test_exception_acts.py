"""One exception opened and acted on: by whom, with what trace, and never with anybody's phone."""

from __future__ import annotations

import json

import pytest

from pos_core.sync.rulings.ruling import Ruling
from sync_server.services.acts import Act
from sync_server.services.console.opened_document import LINES_MAX, MASK, opened
from sync_server.services.console.roles import Role
from sync_server.store import audit, coupon, document, exception_act, quarantine, ruling
from sync_server.store.coupon import CouponRow
from sync_server.store.engine import Txn
from sync_server.store.quarantine import QuarantineRow
from tests.server.support.console import code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import stock

PHONE = "13912345678"


def sale(workstation: str, number: int, store: str) -> tuple[object, ...]:
    body = {
        "total": f"R{990 + number}",
        "personal": "SEALED",
        "buyer": {"name": "王小明"},
        "said": f"call {PHONE}",
    }
    data = json.dumps({"body": body}).encode()
    return (workstation, 1, number, store, "sale", 1, "2026-01-01", None, None,
            None, f"h{number}", data, 1)  # fmt: skip


def about(key: str, cost: int, *, west: bool = False) -> Ruling:
    reaches = ("S001", "S002") if west else ("S001",)
    return Ruling(
        "coupon_used_twice", key, "coupon_used_more_than_once", ("e/1/1",), ("w/1/2",), 0, cost, 0,
        "member:m1", reaches,
    )  # fmt: skip


@pytest.fixture
def two(chain: Chain) -> Ruling:
    """A coupon used in the east and, later, in the west."""
    stock(chain)
    made, old = about("c1/code:K1", 1234, west=True), about("c1/code:K1", 77)

    def write(txn: Txn) -> None:
        ruling.put(txn, [made, old], 1000)
        ruling.supersede(txn, old.key, old.ruling_id, made.ruling_id, 2000)
        document.insert(txn, [sale("e", 1, "S001"), sale("w", 2, "S002")], {})
        coupon.put(txn, [CouponRow("K1", "c1", None, "", "used", 0, 9, None, 0)])

    chain.office.store.write(write)
    return made


def trace(chain: Chain, made: Ruling) -> tuple[list[str], list[str]]:
    acts = chain.office.store.read(lambda txn: exception_act.history(txn, made.ruling_id))
    rows = chain.office.store.read(lambda txn: audit.page(txn, subject=made.ruling_id, limit=50))
    return [each.action for each in acts], [row["action"] for row in rows]


def test_both_documents_stand_side_by_side_with_nobodys_personal_data(chain: Chain, two: Ruling) -> None:
    text = sign_in(chain, Role.AUDITOR).get(f"/exceptions/rulings/{two.ruling_id}").text
    assert "R991" in text and "R992" in text and "12.34" in text and "会员 m1" in text
    assert PHONE not in text and "王小明" not in text and "SEALED" not in text
    assert about("c1/code:K1", 77).ruling_id in text, "the superseded one"
    assert "/accept" not in text, "an auditor only looks"


def test_a_region_reads_its_own_side_only(chain: Chain, two: Ruling) -> None:
    text = (
        sign_in(chain, Role.REGIONAL_MANAGER, region="west").get(f"/exceptions/rulings/{two.ruling_id}").text
    )
    assert "R992" in text and "R991" not in text
    assert about("c1/code:K1", 77).ruling_id not in text, "it reaches the east alone"
    west = sign_in(chain, Role.REGIONAL_MANAGER)
    old = f"/exceptions/rulings/{about('c1/code:K1', 77).ruling_id}"
    assert code_of(west.get(old)) == "no_such_exception"
    assert code_of(west.post(old + "/contacted")) == "no_such_exception"


def test_what_is_decided_is_kept_once_and_named(chain: Chain, two: Ruling) -> None:
    approver, base = sign_in(chain, Role.APPROVER), f"/exceptions/rulings/{two.ruling_id}"
    for nobody in ("store:S999", "member:other", "", "chain:x"):
        assert code_of(approver.post(base + "/charge", {"to": nobody})) == "exception_bad_bearer"
    assert trace(chain, two) == ([], [])
    assert approver.post(base + "/contacted", why="rang her").status_code == 303
    assert two.ruling_id in approver.get("/exceptions?state=open").text
    chain.clock.advance(1)
    assert approver.post(base + "/charge", {"to": "store:S002"}, why="their <b>till</b>").status_code == 303
    assert code_of(approver.post(base + "/accept")) == "exception_closed"
    assert trace(chain, two) == (["charge", "contacted"], ["exception_charge", "exception_contacted"])
    text = approver.get(base).text
    assert "门店 S002" in text and "their &lt;b&gt;till" in text and "rang her" in text
    assert two.ruling_id not in approver.get("/exceptions?state=open").text
    assert two.ruling_id in approver.get("/exceptions?state=closed").text


def test_a_superseded_ruling_is_decided_no_more(chain: Chain, two: Ruling) -> None:
    old = about("c1/code:K1", 77)
    answer = sign_in(chain, Role.APPROVER).post(f"/exceptions/rulings/{old.ruling_id}/accept")
    assert code_of(answer) == "exception_closed" and trace(chain, old) == ([], [])


def test_a_coupon_is_blocked_once_and_not_by_a_region(chain: Chain, two: Ruling) -> None:
    path = f"/exceptions/rulings/{two.ruling_id}/block-coupon"
    assert code_of(sign_in(chain, Role.REGIONAL_MANAGER).post(path)) == "console_forbidden"
    approver = sign_in(chain, Role.APPROVER)
    assert approver.post(path).status_code == 303
    assert chain.office.store.read(lambda txn: coupon.get_many(txn, ["K1"]))["K1"].state == "void"
    assert code_of(approver.post(path)) == "exception_no_coupon"
    assert trace(chain, two)[0] == ["block_coupon"]


def test_a_quarantined_document_is_opened_and_tried_again(chain: Chain) -> None:
    stock(chain)
    data = json.dumps({"body": {"phone": PHONE, "total": 5}}).encode()
    rows = [
        QuarantineRow("q", 1, number, "h", "S001", in_chain, "", "bad_document", "why", data, 1)
        for number, in_chain in ((7, 1), (8, 0))
    ]
    chain.office.store.write(lambda txn: quarantine.keep(txn, rows))
    admin = sign_in(chain, Role.ADMINISTRATOR)
    text = admin.get("/exceptions/quarantine/q/1/7/h").text
    assert "单据格式无法读取" in text and ">total<" in text and ">5<" in text
    assert PHONE not in text and "try-again" in text
    assert admin.post("/exceptions/quarantine/q/1/7/h/try-again").headers["location"].count("document_stays")
    noted = chain.office.store.read(lambda txn: audit.page(txn, action="quarantine_tried", limit=5))
    assert [row["subject"] for row in noted] == ["q/1/7"]
    assert code_of(admin.post("/exceptions/quarantine/q/1/8/h/try-again")) == "exception_closed", (
        "a fork's side"
    )
    west = sign_in(chain, Role.REGIONAL_MANAGER, region="west")
    assert code_of(west.get("/exceptions/quarantine/q/1/7/h")) == "no_such_exception"


@pytest.mark.parametrize("data", [b"\xff\x00", b"[" * 100_000, b"[1]", b"", b'"x"'])
def test_what_is_no_document_opens_as_nothing(data: bytes) -> None:
    assert opened(data) == []


def test_an_opened_document_is_bounded_and_masked_at_any_depth() -> None:
    wide = opened(json.dumps({"a": list(range(10_000))}).encode())
    assert len(wide) == LINES_MAX + 1
    deep: object = {"phone": PHONE}
    for _ in range(60):
        deep = {"x": deep}
    assert PHONE not in str(opened(json.dumps(deep).encode()))
    lines = dict(opened(json.dumps({"l": [{"email": ["a@b.cn"]}], "t": "a@b.cn", PHONE: 1}).encode()))
    assert lines == {"l.0.email": MASK, "t": MASK, "139****5678": "1"}


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "系统不会因此划款、扣款或改动余额"), ("en", "no money is moved, taken or paid back by it")],
)
def test_who_bears_it_is_said_to_be_a_note_before_and_after(
    chain: Chain, two: Ruling, language: str, said: str
) -> None:
    approver, base = sign_in(chain, Role.APPROVER), f"/exceptions/rulings/{two.ruling_id}"
    chain.office.users.set_language(Act("test"), approver.user.user_id, language)
    assert said in approver.get(base).text and '<option value="store:S002">' in approver.get(base).text
    approver.post(base + "/charge", {"to": "store:S002"})
    after = approver.get(base).text
    assert said in after and ">store:S002<" not in after, "a bearer stands in words"
