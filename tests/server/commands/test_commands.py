"""The command line as a stranger uses it: processes, `--json`, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.support.office import HandClock, found_office
from tests.server.support.process import ROOT, server_process


def run(*args: str) -> tuple[int, Any, str]:
    """Exit status, the JSON on standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "sync_server", *args],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr


def test_init_writes_secrets_that_only_the_owner_reads_and_never_twice(tmp_path: Path) -> None:
    data = tmp_path / "chain"
    status, told, _ = run("init", "--data", str(data), "--chain-name", "晨光", "--json")
    assert status == 0 and told["ok"]
    recovery = Path(told["recovery_key_file"])
    secrets = [*(data / "keys").iterdir(), recovery]
    assert len(secrets) >= 10
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
        assert (data / "keys").stat().st_mode & 0o777 == 0o700
    before = {path: path.read_bytes() for path in secrets}
    status, told, _ = run("init", "--data", str(data), "--chain-name", "again", "--json")
    assert (status, told["error"]["code"]) == (1, "already_initialised")
    assert before == {path: path.read_bytes() for path in secrets}
    private = recovery.read_bytes()
    everything = [path for path in data.rglob("*") if path.is_file() and path != recovery]
    assert all(private not in path.read_bytes() for path in everything)


def test_serve_tells_its_url_and_ends_cleanly(tmp_path: Path) -> None:
    found_office(tmp_path / "chain", HandClock()).close()
    with server_process(tmp_path / "chain") as server:
        assert httpx.get(f"{server.url}/v1/health").json()["ok"]
        second = run("serve", "--data", str(tmp_path / "chain"), "--port", "0", "--no-tls", "--json")
        assert (second[0], second[1]["error"]["code"]) == (1, "already_serving")
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("serve", "--no-tls", "--host", "0.0.0.0"), "plain_http_refused"),
        (("enrolment-code", "--store", "S999"), "no_such_store"),
        (("enrolment-code", "--store", "S001", "--minutes", "99999"), "bad_minutes"),
        (("workstations", "--revoke", "nobody"), "no_such_workstation"),
        (("export", "--to", "/tmp", "--view", "sqlite_master"), "no_such_view"),
        (("verify", "--database", "mysql://x"), "bad_database_url"),
    ],
)
def test_refusals_have_codes_and_status_1(tmp_path: Path, args: tuple[str, ...], code: str) -> None:
    found_office(tmp_path / "chain", HandClock()).close()
    status, told, _ = run(*args, "--data", str(tmp_path / "chain"), "--json")
    assert (status, told["ok"], told["error"]["code"]) == (1, False, code)


def test_a_folder_without_a_chain_is_told_so(tmp_path: Path) -> None:
    status, told, _ = run("verify", "--data", str(tmp_path), "--json")
    assert (status, told["error"]["code"]) == (1, "keys_missing")


def test_another_key_does_not_open_the_database(tmp_path: Path) -> None:
    found_office(tmp_path / "chain", HandClock()).close()
    key = tmp_path / "chain" / "keys" / "database.key"
    key.write_bytes(bytes(32))
    status, told, _ = run("verify", "--data", str(tmp_path / "chain"), "--json")
    assert (status, told["error"]["code"]) == (1, "wrong_key")


def test_verify_export_backup_and_restore(tmp_path: Path) -> None:
    data = str(tmp_path / "chain")
    found_office(tmp_path / "chain", HandClock()).close()
    assert run("verify", "--data", data, "--json")[1]["ok"]
    status, told, _ = run(
        "export", "--data", data, "--to", str(tmp_path / "out"), "--format", "jsonl", "--json"
    )
    assert status == 0 and set(told["rows"]) >= {"c_document", "c_line", "c_quarantine", "c_audit"}
    assert (tmp_path / "out" / "c_audit.jsonl").read_text().count("\n") == told["rows"]["c_audit"]
    status, made, _ = run("backup", "--data", data, "--to", str(tmp_path / "backup"), "--json")
    assert status == 0
    status, done, _ = run("restore", "--data", data, "--from", str(tmp_path / "backup"), "--json")
    assert status == 0 and done["epoch"] != made["epoch"]
    damaged = tmp_path / "chain" / "head_office.db"
    raw = bytearray(damaged.read_bytes())
    raw[9000] ^= 4
    damaged.write_bytes(bytes(raw))
    status, told, _ = run("verify", "--data", data, "--json")
    assert status in (1, 2) and told["ok"] is False


def test_snapshot_builds_one_now(tmp_path: Path) -> None:
    found_office(tmp_path / "chain", HandClock()).close()
    status, told, _ = run("snapshot", "--data", str(tmp_path / "chain"), "--json")
    assert status == 0 and told["length"] > 4096
    assert len(list((tmp_path / "chain" / "blobs").glob("*/" + told["sha256"]))) == 1
    assert list((tmp_path / "chain" / "work").iterdir()) == []


def test_a_cell_that_looks_like_a_formula_is_disarmed(tmp_path: Path) -> None:
    from sync_server.services.export import export_views
    from sync_server.store import audit

    clock = HandClock()
    office = found_office(tmp_path / "chain", clock)
    try:
        office.store.write(
            lambda txn: audit.add(txn, now_ms=1, actor="=1+1", action="@x", subject="-2", note="fine")
        )
        export_views(office.store, tmp_path / "out", views=["c_audit"], form="csv", clock=clock)
    finally:
        office.close()
    text = (tmp_path / "out" / "c_audit.csv").read_text(encoding="utf-8")
    assert "'=1+1,'@x,'-2" in text
