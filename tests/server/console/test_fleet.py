"""Stores, workstations, employees, policies, backups and the signed audit file."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from typer.testing import CliRunner

import sync_server.commands.audit_file  # noqa: F401 - adds its command
from pos_core.canonical import canonical_bytes
from pos_core.sync.protocol import StatusReport
from pos_core.sync.refused_thing import RefusedThing
from sync_server.commands.app import app as commands
from sync_server.jobs.timers import Timers
from sync_server.services.acts import Act
from sync_server.services.backup_keys import DAY_MS, KEYS_NAME
from sync_server.services.console.audit_trail import SEAL_TAG, BadAuditFile, checked_audit_file
from sync_server.services.console.backups import Backups
from sync_server.services.console.roles import Role
from sync_server.services.errors import MalformedRequest
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.job_log import JobLog, JobRun
from sync_server.services.verify import Verify
from sync_server.store import audit, feed, masters, policy_change, workstation
from tests.server.console.test_releases import roll_out
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import stock

OWN_KEYS = '{"default": "unicenta", "profiles": {"own": {"based_on": "tidemark", "contexts": {}}}}'
EMPLOYEE = {
    "operator_number": "1001",
    "name": "王芳",
    "role": "cashier",
    "store_ids": "S001",
    "pin": "482913",
}


@pytest.fixture
def admin(chain: Chain) -> Visitor:
    stock(chain)
    return sign_in(chain, Role.ADMINISTRATOR)


def test_a_code_of_the_console_enrols_a_workstation(chain: Chain, admin: Visitor) -> None:
    page = admin.post("/stores/S001/code", why="新店开业").text
    code = re.search(r'id="enrolment-code">([^<]+)<', page)
    assert code is not None
    request = {
        "code": code.group(1),
        "public_key": base64.b64encode(bytes(32)).decode(),
        "sealing_key": base64.b64encode(bytes(32)).decode(),
        "workstation_name": "新收银台",
        "app_version": "0.1.0",
    }
    assert chain.http.post("/v1/enrol", json=request).status_code == 200
    assert "新收银台" in admin.get("/stores/S001").text
    rows = [r for r in chain.office.store.read(audit.newest) if r["action"] == "enrolment_code_made"]
    assert rows[0]["actor"] == "administrator" and json.loads(rows[0]["facts"]) == {"why": "新店开业"}


def test_revoked_and_replaced_workstations_are_refused(chain: Chain, admin: Visitor) -> None:
    first, second = chain.enrol(name="a"), chain.enrol(name="b")
    assert admin.post(f"/workstations/{first.enrolled.workstation_id}/revoke").status_code == 303
    page = admin.post(f"/workstations/{second.enrolled.workstation_id}/replace").text
    assert "enrolment-code" in page
    for till in (first, second):
        assert till.call("GET", "/v1/digest?scope=chain")[0] == 403
        row = chain.office.store.read(lambda txn, t=till: workstation.get(txn, t.enrolled.workstation_id))  # type: ignore[misc]
        assert row is not None and row.state == "revoked"
    again = admin.post(f"/workstations/{first.enrolled.workstation_id}/revoke")
    assert code_of(again) == "no_such_workstation"


def test_an_employee_signs_on_with_the_pin_of_the_form_and_no_row_repeats_it(
    chain: Chain, admin: Visitor
) -> None:
    assert admin.post("/employees", EMPLOYEE, why="入职").status_code == 303
    assert "王芳" in admin.get("/employees?text=1001").text and "王芳" in admin.get("/stores/S001").text
    rows = chain.office.store.read(lambda txn: list(feed.rows_of(txn, "employee", "store:S001")))
    assert rows and rows[0][1] == "1001" and rows[0][4].startswith("$argon2id$")
    assert "482913" not in json.dumps(chain.office.store.read(audit.newest), default=str)
    assert admin.post("/employees", {**EMPLOYEE, "pin": "", "active": "0"}).status_code == 303
    found = chain.office.store.read(masters.every_employee)
    assert [(row.name, row.active) for row in found] == [("王芳", 0)]


def test_head_office_locks_unlocks_and_takes_a_pin_back_in_the_page(chain: Chain, admin: Visitor) -> None:
    admin.post("/employees", EMPLOYEE)
    assert admin.post("/employees/E1001/credential", {"verdict": "locked"}, why="查账").status_code == 303
    for page in ("/employees", "/stores/S001"):
        assert "总部停用 S001" in admin.get(page).text
    known = chain.office.credentials.of(["E1001"])["E1001", "S001"]
    assert known.lock is not None and known.lock.is_head_offices and known.lock.reason == "查账"
    unlock = {"verdict": "unlocked", "store_id": "S001"}
    assert admin.post("/employees/E1001/credential", unlock).status_code == 303
    assert "总部停用 S001" not in admin.get("/employees").text
    actions = [row["action"] for row in chain.office.store.read(audit.newest)]
    assert {"credential_locked", "credential_unlocked"} <= set(actions)
    assert code_of(admin.post("/employees/E1001/credential", {"verdict": "locked", "store_id": "S9"})) == (
        "unknown_employee"
    )
    assert admin.post("/employees/E1001/credential", {"verdict": "fired"}).status_code >= 400


@pytest.mark.parametrize(
    "change,field",
    [
        ({"pin": ""}, "PIN"),
        ({"pin": "12"}, "PIN"),
        ({"store_ids": "S9"}, "门店"),
        ({"role": "king"}, "角色"),
    ],
)
def test_a_form_is_held_to_the_rules_of_a_file(admin: Visitor, change: dict[str, str], field: str) -> None:
    answer = admin.post("/employees", {**EMPLOYEE, **change})
    assert code_of(answer) == "row_refused" and field in answer.text
    assert "482913" not in answer.text


def test_a_store_is_changed_and_what_the_form_leaves_out_stays(chain: Chain, admin: Visitor) -> None:
    form = {"store_id": "S001", "name": "人民路新店", "region": "east", "price_list_id": "PL1"}
    assert admin.post("/stores", form).status_code == 303
    row = chain.office.store.read(lambda txn: feed.row_by_key(txn, "store", "chain", ["S001"]))
    assert row is not None and row[1] == "人民路新店" and row[6] == "Asia/Shanghai"
    assert code_of(admin.post("/stores", {**form, "price_list_id": "PL9"})) == "row_refused"


@pytest.mark.parametrize(
    "key,good,bad",
    [
        ("member_scope", '"chain"', '"nobody"'),
        ("change_max_minor", "50000", "-1"),
        ("line_quantity_max", "5000", "0"),
        ("stock_quantity_max", "500", '"many"'),
        ("price_change_checks", '{"items_max": 100}', '{"items_maximum": 100}'),
        ("rollout_guards", '{"sales_min": 5}', '{"sales_min": "5"}'),
        ("role_limits", "{}", "[1]"),
        ("keymaps", OWN_KEYS, '{"profiles": {"own": "F1"}}'),
        ("something_new", '{"a": [1]}', '{"a": 1.5}'),
    ],
)
def test_a_policy_is_checked_before_it_is_kept(
    chain: Chain, admin: Visitor, key: str, good: str, bad: str
) -> None:
    assert put_policy(chain, admin, key, good) == 303
    assert code_of(admin.post(f"/policies/{key}", {"value": bad})) == "policy_bad_value"

    def value() -> object:
        row = chain.office.store.read(lambda txn: feed.row_by_key(txn, "policy", "chain", [key]))
        return None if row is None else json.loads(row[1])

    assert value() == json.loads(good)
    assert put_policy(chain, admin, key, "") == 303 and value() is None


def put_policy(chain: Chain, admin: Visitor, key: str, text: str) -> int:
    """By two people where it takes two."""
    answer = admin.post(f"/policies/{key}", {"value": text})
    for row in chain.office.store.read(policy_change.waiting):
        sign_in(chain, Role.APPROVER).post(f"/policies/{key}/changes/{row.change_id}/approve")
    return answer.status_code


def test_the_currency_is_for_good(admin: Visitor) -> None:
    assert code_of(admin.post("/policies/currency", {"value": '"USD"'})) == "bad_form"


def test_another_regions_store_and_workstation_are_not_there(chain: Chain) -> None:
    stock(chain)
    west = chain.enrol("S002").enrolled.workstation_id
    manager = sign_in(chain, Role.REGIONAL_MANAGER, region="east")
    assert code_of(manager.get("/stores/S002")) == "no_such_store"
    assert code_of(manager.get(f"/workstations/{west}")) == "no_such_workstation"
    assert "S001" in manager.get("/stores").text


def test_every_workstation_stands_on_one_page_a_regions_manager_sees_his(chain: Chain) -> None:
    stock(chain)
    east, west = (
        chain.enrol(store, name=name).enrolled.workstation_id
        for store, name in (("S001", "east-till"), ("S002", "west-till<b>"))
    )
    auditor, manager = (
        sign_in(chain, Role.AUDITOR),
        sign_in(chain, Role.REGIONAL_MANAGER, region="west"),
    )
    sign_in(chain, Role.ADMINISTRATOR).post(f"/workstations/{east}/revoke")
    text = auditor.get("/workstations").text
    assert "east-till" in text and "west-till&lt;b&gt;" in text and "west-till<b>" not in text
    for path in ("/workstations", "/workstations/export"):
        text = manager.get(path).text
        assert "west-till" in text and "east-till" not in text
    assert "west-till" not in auditor.get("/workstations?text=east").text
    assert "east-till" not in auditor.get("/workstations?state=active").text
    assert west in auditor.get("/workstations/export").text
    assert code_of(sign_in(chain, Role.MARKETER).get("/workstations")) == "console_forbidden"


def test_a_backup_is_made_drilled_and_a_damaged_one_is_told(chain: Chain, admin: Visitor) -> None:
    till = chain.enrol()
    till.maker.sale()
    till.push()
    desk = Backups(chain.office.store, chain.office.folder, chain.clock)
    name = desk.begin(Act("x", user_id="u"))
    desk.wait()
    desk.drill(Act("x", user_id="u"), name)
    desk.wait()
    (made,) = desk.listing()
    assert made.drill is not None and made.drill["ok"] and made.documents == 1, made
    assert not (chain.office.folder.work / "drill").exists(), "nothing of it stays, keys least of all"
    database = chain.office.folder.root / "backups" / name / "head_office.db"
    data = bytearray(database.read_bytes())
    data[5000] ^= 1
    database.write_bytes(data)
    desk.drill(Act("x", user_id="u"), name)
    desk.wait()
    assert desk.listing()[0].drill["problems"] == ["bad_backup"]  # type: ignore[index]
    assert code_of(admin.post("/backups/nothing/drill")) == "no_such_backup"
    assert "bad_backup" in admin.get("/backups").text


def test_a_drill_says_whom_it_could_not_read_and_a_backup_how_long_it_can_be(
    chain: Chain, tmp_path: Path
) -> None:
    file = tmp_path / "members.csv"
    file.write_text("member_id,phone,name,tier,home_store_id\nM1,13800138000,王小明,gold,S001\n", "utf-8")
    target = ImportTarget(chain.office.store, chain.office.keys, chain.clock.now_ms())
    assert import_file(target, "members", file, ImportOptions()).imported
    desk = Backups(chain.office.store, chain.office.folder, chain.clock)
    name = desk.begin(Act("x", user_id="u"))
    desk.wait()
    (made,) = desk.listing()
    assert made.keys_expire_at_ms == chain.clock.now_ms() + 30 * DAY_MS
    for left, expected in ((1, 0), (0, 1)):
        chain.clock.wall_ms = made.keys_expire_at_ms - left
        desk.drill(Act("x", user_id="u"), name)
        desk.wait()
        (drilled,) = desk.listing()
        assert drilled.drill is not None and drilled.drill["ok"] and drilled.drill["unreadable"] == expected
    admin = sign_in(chain, Role.ADMINISTRATOR)
    assert "1 位会员无法读出" in admin.get("/backups").text
    (chain.office.folder.root / "backups" / name / KEYS_NAME).unlink()
    assert desk.listing()[0].keys_expire_at_ms is None
    assert "密钥文件已过期" in admin.get("/backups").text


def test_the_audit_file_is_sealed_and_any_change_shows(chain: Chain, admin: Visitor) -> None:
    auditor = sign_in(chain, Role.AUDITOR)
    answer = auditor.post("/audit/export", {"from": "", "to": ""}, why="年审")
    *lines, last = answer.content.splitlines(keepends=True)
    seal = json.loads(last)
    assert seal["rows"] == len(lines) and seal["sha256"] == hashlib.sha256(b"".join(lines)).hexdigest()
    signed = {name: seal[name] for name in ("rows", "sha256", "sealed_at_ms")}
    key = Ed25519PublicKey.from_public_bytes(chain.office.keys.server_public)
    key.verify(base64.b64decode(seal["signature"]), SEAL_TAG + canonical_bytes(signed))
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(seal["signature"]), SEAL_TAG + canonical_bytes({**signed, "rows": 1}))
    assert any(b"audit_exported" in line for line in lines), "the export tells of itself"
    assert code_of(admin.post("/audit/export")) == "console_forbidden"
    checked = [*lines, last]
    public = chain.office.keys.server_public
    assert checked_audit_file(iter(checked), public)["rows"] == len(lines)
    other = json.dumps({**seal, "rows": seal["rows"] - 1}).encode()
    for changed, why in (
        ([*lines[1:], last], "rows_changed"),
        ([lines[0].replace(b"a", b"b", 1), *lines[1:], last], "rows_changed"),
        (lines, "no_seal"),
        ([*lines, other], "bad_signature"),
    ):
        with pytest.raises(BadAuditFile) as caught:
            checked_audit_file(iter(changed), public)
        assert caught.value.facts["why"] == why
    with pytest.raises(BadAuditFile):
        checked_audit_file(iter(checked), bytes(32))
    file = chain.office.folder.root / "audit.jsonl"
    file.write_bytes(answer.content)
    key = base64.b64encode(public).decode()
    run = CliRunner().invoke(commands, ["verify-audit", str(file), "--key", key, "--json"])
    assert run.exit_code == 0 and json.loads(run.stdout)["rows"] == len(lines)
    file.write_bytes(answer.content[:-9])
    assert CliRunner().invoke(commands, ["verify-audit", str(file)]).exit_code == 2


def test_head_offices_own_check_holds_while_a_release_is_on_its_way(chain: Chain) -> None:
    stock(chain)
    roll_out(chain, sign_in(chain, Role.MERCHANDISER))
    report = Verify(chain.office.store, chain.office.blobs, chain.office.keys).run()
    assert report.problems == []


def test_jobs_tell_their_last_and_next_run(chain: Chain, admin: Visitor) -> None:
    timers = Timers(chain.office.job_log, chain.clock)

    def sweep() -> None:
        raise OSError("disk")

    timers.every(3600, sweep, at_once=True)
    timers.start()
    timers.stop()
    (job,) = chain.office.job_log.every()
    assert (job.name, job.runs, job.trouble) == ("sweep", 1, "OSError")
    assert job.next_at_ms == chain.clock.now_ms() + 3600_000
    after = JobLog(chain.office.store)
    after.note(JobRun("sweep", 3600, next_at_ms=9))
    (again,) = after.every()
    assert again == dataclasses.replace(job, next_at_ms=9), "a restart forgets nothing"
    page = admin.get("/health").text
    assert "sweep" in page and "OSError" in page
    assert "OSError" in admin.get("/health/jobs/sweep").text


def test_runs_of_a_quick_job_are_noted_a_minute_apart_and_bounded(chain: Chain) -> None:
    log, start = chain.office.job_log, chain.clock.now_ms()
    for second in range(0, 1500, 10):
        log.note(JobRun("tick", 10, start + second * 1000, 5, start, runs=1))
    kept = [run.started_at_ms for run in log.last_runs("tick")]
    assert kept == [start + second * 1000 for second in range(1440, 1440 - 20 * 60, -60)]
    assert log.every()[0].runs == 150
    log.note(JobRun("tick", 10, start + 1_491_000, 5, start, "OSError", runs=1))
    log.note(JobRun("tick", 10, start + 1_492_000, 5, start, runs=1))
    assert [run.trouble for run in log.last_runs("tick")][:3] == ["", "OSError", ""]
    (state,) = JobLog(chain.office.store).every()
    assert (state.runs, state.failures, state.trouble) == (152, 1, "")
    fails_from = start + 1_500_000
    for number in range(0, 30 * 60, 20):
        log.note(JobRun("tick", 5, fails_from + number * 1000, 5, start, "OSError", runs=1))
    kept = [run.started_at_ms for run in log.last_runs("tick")]
    assert kept[-2:] == [fails_from + 11 * 60_000, fails_from] and len(kept) == 20, "since when it fails"
    assert log.every()[0].failures == 91
    log.note(JobRun("tick", 5, fails_from + 1_800_000, 5, start, runs=1))
    log.note(JobRun("tick", 5, fails_from + 1_801_000, 5, start, "OSError", runs=1))
    kept = [run.started_at_ms for run in log.last_runs("tick")]
    assert fails_from not in kept and len(kept) == 20, "it ended"
    follower = JobLog(chain.office.store, lambda: False)
    follower.note(JobRun("tock", 10, start, 5, start, runs=1))
    assert [run.name for run in JobLog(chain.office.store).every()] == ["tick"]


def test_what_a_workstation_refused_to_believe_is_counted_and_dated(chain: Chain, admin: Visitor) -> None:
    till = chain.enrol(name="a")
    workstation_id = till.enrolled.workstation_id
    assert "–" in admin.get("/workstations").text
    now_ms = chain.office.clock.now_ms()
    told = [RefusedThing("release", "release_bad_signature", 3, now_ms - 86_400_000, now_ms, "<b>41</b>")]
    caller = chain.office.store.read(lambda txn: workstation.get(txn, workstation_id))
    assert caller is not None
    report = StatusReport("0.1.0", 1, [], 0, {}, 0, told)
    chain.office.workstations.report(caller, report)
    listed = admin.get("/workstations").text
    assert f'<a class="badge danger" href="/console/workstations/{workstation_id}">3</a>' in listed
    page = admin.get(f"/workstations/{workstation_id}").text
    assert "release_bad_signature" in page and "拒绝相信的内容" in page
    assert "<b>41</b>" not in page and "&lt;b&gt;41&lt;/b&gt;" in page
    with pytest.raises(MalformedRequest):
        chain.office.workstations.report(caller, dataclasses.replace(report, refusals=told * 41))
