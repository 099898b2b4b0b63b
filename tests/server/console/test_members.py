"""Personal data at head office: masked, in clear for a purpose, handed out and destroyed by two people."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from pos_core.errors import InvalidInput
from pos_core.sync.folds.facts import ProfileEdited
from sync_server.services.acts import Act
from sync_server.services.console.personal_limits import checked_personal_limits
from sync_server.services.console.roles import Role
from sync_server.store import audience, audit, effect, feed, fold_state, masters, personal
from sync_server.store.console_user import by_login
from sync_server.store.engine import Txn
from tests.server.console.test_campaigns import enter, join, sold
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import stock

PHONE = "13912345001"
HOUR_MS = 3_600_000


def noon(chain: Chain) -> None:
    """The chain's clock stands at 04:26 at first, which is night."""
    chain.clock.advance(8 * HOUR_MS)


@pytest.fixture
def shop(chain: Chain) -> Chain:
    stock(chain)
    tiers = json.dumps([{"code": code, "name": code} for code in ("gold", "silver")])
    chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [["member_tiers", tiers]]))
    noon(chain)
    return chain


def limits(chain: Chain, **said: int) -> None:
    row = ["personal_data", json.dumps(said)]
    chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [row]))


def test_a_member_is_found_by_phone_and_opened_masked(shop: Chain) -> None:
    enter(shop, "m-1", PHONE, "gold", "S001", "1990-05-03", "marketing")
    sold(shop, 7, "m-1", "2026-05-20")
    visitor = sign_in(shop, Role.AUDITOR)
    found = visitor.post("/members/found", {"phone": PHONE}).text
    assert "m-1" in found and "139****5001" in found and PHONE not in found
    text = visitor.get("/members/m-1").text
    assert "139****5001" in text and PHONE not in text and "1990-05-03" not in text
    assert "2026-05-20" in text and "/console/documents/t/1/7" in text and "marketing" in text
    assert code_of(visitor.post("/members/m-1/clear")) == "console_forbidden"
    assert code_of(visitor.get("/members/nobody")) == "no_such_member"
    assert code_of(visitor.post("/members/found", {"phone": "12"})) == "bad_form"
    looks = shop.office.store.read(lambda txn: personal.looks(txn, limit=9))
    assert [(each.action, each.login, each.subject) for each in looks] == [
        ("opened", "auditor", "m-1"),
        ("found", "auditor", ""),
    ]


def test_in_clear_needs_a_purpose_and_leaves_a_trace(shop: Chain) -> None:
    enter(shop, "m-1", PHONE, "gold", "S001", "1990-05-03")
    visitor = sign_in(shop, Role.APPROVER)
    assert code_of(visitor.post("/members/m-1/clear", why="")) == "why_missing"
    text = visitor.post("/members/m-1/clear", why="会员来电核对").text
    assert f"+86{PHONE}" in text and "1990-05-03" in text
    rows = shop.office.store.read(lambda txn: audit.page(txn, subject="m-1", limit=9))
    assert [(row["actor"], row["action"]) for row in rows][:1] == [("approver", "personal_data_unmasked")]
    assert "会员来电核对" in rows[0]["facts"]
    whole = json.loads(visitor.post("/members/m-1/dossier", why="会员要求").content)
    assert whole["personal"]["phone"] == f"+86{PHONE}" and whole["masked"]["tier"] == "gold"


def again(chain: Chain, visitor: Visitor) -> Visitor:
    """Signed in anew: a session does not last for hours."""
    return Visitor(visitor.http, chain.office.sessions.open(visitor.user.user_id), visitor.user)


def frozen(chain: Chain, login: str) -> bool:
    user = chain.office.store.read(lambda txn: by_login(txn, login))
    return user is not None and user.state == "frozen"


def test_too_many_in_an_hour_freeze_the_account_and_show_nothing(shop: Chain) -> None:
    limits(shop, unmask_per_hour=3)
    join(shop, *["gold,S001,,"] * 5)
    visitor = sign_in(shop, Role.APPROVER)
    for number in (1, 2):
        visitor.post(f"/members/m-{number}/clear")
    shop.clock.advance(2 * HOUR_MS)
    visitor = again(shop, visitor)
    for number in (1, 2, 3):
        assert code_of(visitor.post(f"/members/m-{number}/clear")) == "", "an hour later it counts anew"
    answer = visitor.post("/members/m-4/clear")
    assert code_of(answer) == "personal_account_frozen" and "13912345004" not in answer.text
    assert frozen(shop, "approver")
    assert visitor.get("/members").headers["location"].startswith("/console/sign-in"), "sessions are over"
    rows = shop.office.store.read(lambda txn: audit.page(txn, subject="approver", limit=9))
    assert rows[0]["action"] == "console_user_frozen_by_alarm"
    auditor = sign_in(shop, Role.AUDITOR)
    assert "approver" in auditor.get("/personal-access").text
    assert "请核查：approver" in auditor.get("/").text, "the first page says it"
    assert "请核查" not in sign_in(shop, Role.MARKETER).get("/").text


def test_at_night_a_few_are_enough(shop: Chain) -> None:
    limits(shop, night_max=1)
    join(shop, *["gold,S001,,"] * 3)
    visitor = sign_in(shop, Role.ADMINISTRATOR)
    assert [code_of(visitor.post(f"/members/m-{n}/clear")) for n in (1, 2, 3)] == ["", "", ""]
    shop.clock.advance(11 * HOUR_MS)  # 23:26
    other = sign_in(shop, Role.APPROVER)
    assert code_of(other.post("/members/m-1/clear")) == ""
    assert code_of(other.post("/members/m-2/clear")) == "personal_account_frozen"


def test_walking_through_dossiers_is_noticed_too(shop: Chain) -> None:
    limits(shop, opened_per_hour=2)
    join(shop, *["gold,S001,,"] * 3)
    visitor = sign_in(shop, Role.AUDITOR)
    assert [code_of(visitor.get(f"/members/m-{n}")) for n in (1, 2, 3)] == ["", "", "personal_account_frozen"]
    assert frozen(shop, "auditor")


def export_of(visitor: Visitor, **more: Any) -> str:
    answer = visitor.post("/personal-exports", {"fields": ["phone", "name"], **more}, why="生日祝福")
    return code_of(answer) or answer.headers["location"]


def newest(chain: Chain, kind: str = "export") -> personal.JobRow:
    return chain.office.store.read(lambda txn: personal.jobs(txn, kind, 1))[0]


def taken(visitor: Visitor, job_id: str) -> list[dict[str, str]]:
    answer = visitor.post(f"/personal-exports/{job_id}/take")
    assert answer.headers["content-type"].startswith("text/csv"), answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_large_export_needs_another_person_and_is_for_whoever_asked(shop: Chain) -> None:
    limits(shop, second_person_above=2)
    join(shop, *["gold,S001,,marketing"] * 3, "gold,S001,,", "silver,S001,,marketing", "gold,S002,,marketing")
    both = sign_in(shop, Role.MARKETER, Role.APPROVER, login="both")
    wanted = {"tiers": "gold", "regions": "east", "consent": "marketing"}
    assert "export_waits" in export_of(both, **wanted)
    job = newest(shop)
    assert (job.rows, job.state) == (3, "waiting")
    assert code_of(both.post(f"/personal-exports/{job.job_id}/take")) == "personal_no_such_job"
    assert code_of(both.post(f"/personal-jobs/{job.job_id}/approve")) == "own_approval"
    assert code_of(sign_in(shop, Role.APPROVER).post(f"/personal-jobs/{job.job_id}/approve")) == ""
    rows = taken(both, job.job_id)
    real = {row["member_id"]: row["phone"] for row in rows if row["member_id"].startswith("m-")}
    assert real == {"m-1": "13912345001", "m-2": "13912345002", "m-3": "13912345003"}
    marks = [row for row in rows if row["member_id"] not in real]
    assert len(marks) == 2 and all(re.fullmatch(r"142\d{8}", row["phone"]) for row in marks)
    other = sign_in(shop, Role.MARKETER)
    assert code_of(other.post(f"/personal-exports/{job.job_id}/take")) == "personal_not_yours"
    assert taken(both, job.job_id) == rows, "the same watermarks"
    taken(both, job.job_id)
    assert code_of(both.post(f"/personal-exports/{job.job_id}/take")) == "personal_not_yours", "three times"
    auditor = sign_in(shop, Role.AUDITOR)
    assert "both" in auditor.post("/personal-exports/trace", {"phone": marks[0]["phone"]}).text
    assert "不是任何导出的水印" in auditor.post("/personal-exports/trace", {"phone": PHONE}).text


def test_a_small_export_is_ready_at_once_for_a_day_and_so_many_a_day(shop: Chain) -> None:
    limits(shop, exports_per_day=2, export_rows_max=2)
    join(shop, "gold,S001,,", "silver,S001,,", "silver,S001,,")
    visitor = sign_in(shop, Role.MARKETER)
    assert export_of(visitor) == "personal_bad_export", "three rows"
    assert export_of(visitor, fields="points") == "personal_bad_export"
    assert "export_ready" in export_of(visitor, tiers="gold")
    assert len(taken(visitor, newest(shop).job_id)) >= 2
    first = newest(shop).job_id
    assert "export_ready" in export_of(visitor, tiers="silver")
    assert export_of(visitor, tiers="gold") == "personal_too_many_exports"
    shop.clock.advance(25 * HOUR_MS)
    assert code_of(again(shop, visitor).post(f"/personal-exports/{first}/take")) == "personal_not_yours"


def test_an_export_at_night_freezes(shop: Chain) -> None:
    limits(shop, night_max=1)
    join(shop, "gold,S001,,", "gold,S001,,")
    shop.clock.advance(11 * HOUR_MS)
    visitor = sign_in(shop, Role.MARKETER)
    export_of(visitor)
    assert code_of(visitor.post(f"/personal-exports/{newest(shop).job_id}/take")) == "personal_account_frozen"


def test_an_erasure_needs_another_person_and_names_who_has_not_heard_of_it(shop: Chain) -> None:
    shop.enrol("S001", name="1号收银台")
    enter(shop, "m-1", PHONE, "gold", "S001")
    both = sign_in(shop, Role.ADMINISTRATOR, Role.APPROVER, login="both")
    assert code_of(both.post("/members/nobody/erase")) == "no_such_member"
    assert "erasure_asked" in both.post("/members/m-1/erase", why="会员要求").headers["location"]
    job = newest(shop, "erase")
    assert code_of(both.post(f"/personal-jobs/{job.job_id}/approve")) == "own_approval"
    known = shop.office.store.read(lambda txn: masters.members(txn, ["m-1"]))
    assert "m-1" in known
    assert code_of(sign_in(shop, Role.APPROVER).post(f"/personal-jobs/{job.job_id}/approve")) == ""
    assert shop.office.store.read(lambda txn: masters.members(txn, ["m-1"])) == {}
    assert newest(shop, "erase").state == "done"
    text = both.get("/erasures").text
    assert "1号收银台" in text
    page = both.get("/members/m-1").text
    assert "已删除" in page and "139****" not in page


def test_a_code_is_reset_by_two_people_and_is_over_at_head_office(shop: Chain) -> None:
    enter(shop, "m-1", PHONE, "gold", "S001")

    def codes() -> dict[str, Any]:
        return shop.office.store.read(lambda txn: fold_state.member_codes(txn, ["m-1"]))

    shop.office.store.write(lambda txn: fold_state.put_member_codes(txn, [("m-1", b"s" * 16, b"x")]))
    both = sign_in(shop, Role.ADMINISTRATOR, Role.APPROVER, login="both")
    assert code_of(both.post("/members/nobody/reset-code")) == "no_such_member"
    both.post("/members/m-1/reset-code", why="忘记密码")
    job = newest(shop, "code_reset")
    assert "忘记密码" in both.get("/erasures").text
    assert code_of(both.post(f"/personal-jobs/{job.job_id}/approve")) == "own_approval" and codes()
    answer = sign_in(shop, Role.APPROVER).post(f"/personal-jobs/{job.job_id}/approve")
    assert "/console/erasures" in answer.headers["location"] and not codes()
    assert newest(shop, "code_reset").state == "done"
    said = shop.office.store.read(lambda txn: audit.page(txn, actor="approver", limit=9))
    assert "member_code_reset" in [row["action"] for row in said]


def test_a_reset_for_a_member_who_was_erased_meanwhile_waits_no_longer(shop: Chain) -> None:
    enter(shop, "m-1", PHONE, "gold", "S001")
    sign_in(shop, Role.ADMINISTRATOR).post("/members/m-1/reset-code", why="忘记密码")
    shop.office.erasures.erase(Act("command line", "asked"), "m-1")
    job = newest(shop, "code_reset")
    assert (
        code_of(sign_in(shop, Role.APPROVER).post(f"/personal-jobs/{job.job_id}/approve")) == "no_such_member"
    )
    assert newest(shop, "code_reset").state == "refused"


def test_a_refused_request_does_nothing(shop: Chain) -> None:
    enter(shop, "m-1", PHONE, "gold", "S001")
    sign_in(shop, Role.ADMINISTRATOR).post("/members/m-1/erase")
    job = newest(shop, "erase")
    sign_in(shop, Role.APPROVER).post(f"/personal-jobs/{job.job_id}/refuse", {"kind": "erase"})
    assert newest(shop, "erase").state == "refused"
    assert shop.office.store.read(lambda txn: masters.members(txn, ["m-1"])) != {}


def test_a_correction_reaches_stores_and_keeps_the_rest_and_no_log_says_the_number(shop: Chain) -> None:
    enter(shop, "m-1", PHONE, "gold", "S001", "1990-05-03", "marketing")
    visitor = sign_in(shop, Role.ADMINISTRATOR)
    assert code_of(visitor.post("/members/m-1/correct", {"phone": "13700001111"}, why="换号")) == ""
    clear = visitor.post("/members/m-1/clear").text
    assert "+8613700001111" in clear and "1990-05-03" in clear
    row = shop.office.store.read(lambda txn: list(feed.rows_of(txn, "member", "store:S001")))[0]
    assert row[2] == "137****1111" and row[4] == "gold" and json.loads(row[7]) == {"marketing": True}
    rows = shop.office.store.read(lambda txn: audit.newest(txn, 50))
    said = json.dumps(rows, ensure_ascii=False, default=str)
    assert "13700001111" not in said
    assert code_of(visitor.post("/members/m-1/correct", {"tier": "diamond"})) == "row_refused"


@pytest.mark.parametrize("refused_by", ["file", "till"])
def test_what_a_member_refused_stays_refused_when_he_is_corrected(shop: Chain, refused_by: str) -> None:
    consents = "sms;-marketing" if refused_by == "file" else "sms;marketing"
    enter(shop, "m-1", PHONE, "gold", "S001", "", consents)
    if refused_by == "till":
        said = partial(ProfileEdited, store_id="S001", member_id="m-1", consents={"marketing": False})
        folding = shop.office.member_links._folding
        shop.office.store.write(lambda txn: folding.take_hq(txn, [said], now_ms=shop.clock.now_ms()))
    visitor = sign_in(shop, Role.ADMINISTRATOR)
    assert code_of(visitor.post("/members/m-1/correct", {"phone": "13700001111"}, why="换号")) == ""
    row = shop.office.store.read(lambda txn: list(feed.rows_of(txn, "member", "store:S001")))[0]
    assert row[2] == "137****1111" and json.loads(row[7]) == {"marketing": False, "sms": True}
    for consent, rows in (("sms", 1), ("marketing", 0)):
        shop.clock.advance(1)
        export_of(visitor, fields=["phone"], tiers="gold", regions="east", consent=consent)
        assert newest(shop).rows == rows


@pytest.mark.database("sqlite")
def test_the_sales_of_members_are_looked_up_not_looked_for(shop: Chain) -> None:
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if not statement.startswith("EXPLAIN"):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append(" ".join(row[3] for row in rows))

    def read(txn: Txn) -> None:
        event.listen(txn.connection, "before_cursor_execute", explain)
        personal.sales_of(txn, ["m-1", "m-2"], 50)
        audience.last_days(txn, ["m-1", "m-2"])
        effect.spent(txn, effect.Reached("C", "issued", "m-1", "m-2", 0, 1), "2026-05-01", "2026-05-31")
        event.remove(txn.connection, "before_cursor_execute", explain)

    shop.office.store.read(read)
    assert ["transaction_of_member" in plan for plan in plans] == [True] * 3, plans


def test_head_office_freezes_a_member_and_lets_go(shop: Chain) -> None:
    enter(shop, "m-1", PHONE, "gold", "S001")
    visitor = sign_in(shop, Role.ADMINISTRATOR)
    visitor.post("/members/m-1/freeze", {"frozen": "1"})
    assert "冻结</span>" in visitor.get("/members/m-1").text
    visitor.post("/members/m-1/freeze", {"frozen": "0"})
    assert "正常</span>" in visitor.get("/members/m-1").text


def test_the_days_of_keys_files_are_checked() -> None:
    assert checked_personal_limits({}).backup_keys_days == 30
    assert checked_personal_limits({"backup_keys_days": 7}).backup_keys_days == 7
    for bad in (0, 366, "30", True, 1.5):
        with pytest.raises(InvalidInput):
            checked_personal_limits({"backup_keys_days": bad})
