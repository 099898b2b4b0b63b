"""Programs as they run, a busy day with faults: no log holds a phone, a name, a code, a PIN or a key."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync_server.bootstrap import open_head_office
from sync_server.demo import chain
from sync_server.services.chain import found_chain
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder
from sync_server.services.demo import build_demo
from tests.server.support.process import ROOT, server_process

pytestmark = pytest.mark.database("sqlite")  # about the programs' edges, which no database sees
PHONE, NAME = "13977712345", "欧阳晓楠"
UNKNOWN, WRONG_PIN, COUPON, MEMBER_CODE, ENROLMENT = (
    "13800001199",
    "918273",
    "KQ7X-93NB-ZZ4P",
    "445566",
    "ABCDE-FGHJK-MNPQR",
)
CARD = "6217000012345678901"


def drive(folder: Path, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pos_client",
            "--headless",
            "--data",
            str(folder),
            "--key-dir",
            str(folder / "k"),
            "--witness",
            str(folder / "w"),
            "--printer",
            "none",
            "--no-timers",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="".join(json.dumps(each, ensure_ascii=False) + "\n" for each in requests),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    (folder / "stderr.log").write_text(done.stderr, "utf-8")
    return [json.loads(line) for line in done.stdout.splitlines()]


def abuse(url: str) -> None:
    """What a careless or hostile caller puts where it is easily logged."""
    secret = {"phone": PHONE, "display_name": NAME, "code": ENROLMENT}
    httpx.get(f"{url}/v1/members/{PHONE}?name={NAME}&pin={WRONG_PIN}")
    httpx.post(f"{url}/v1/documents", json=secret)
    httpx.post(f"{url}/v1/documents", content=json.dumps(secret)[:-1].encode())
    httpx.post(f"{url}/v1/enrol", json=secret)
    httpx.post(f"{url}/v1/enrol", content=f'{{"code": "{ENROLMENT}", "phone": {PHONE}'.encode())
    httpx.post(f"{url}/v1/quote", json=secret, headers={"Tidemark-Channel-Key": "tck_" + CARD})
    httpx.post(f"{url}/console/sign-in", data={"login": NAME, "password": WRONG_PIN})
    httpx.get(f"{url}/v1/fleet", headers={"Tidemark-Channel-Key": "tck_" + CARD})


def test_logs_of_a_busy_day_hold_nothing_personal(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "hq")
    found_chain(data, chain_name=chain.CHAIN_NAME, currency="CNY", clock=SystemClock(), hosts=["localhost"])
    office = open_head_office(data.root)
    made = build_demo(office.store, office.keys, office.releases, office.clock)
    code = office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    office.close()
    operator = made.operators["S001"][0]
    server_log, till = tmp_path / "server.log", tmp_path / "till"
    with server_process(data.root, wrap=("sh", "-c", f'exec "$@" 2>"{server_log}"', "sh")) as server:
        abuse(server.url)
        answers = drive(
            till,
            [
                {"op": "enrol", "server": server.url, "code": ENROLMENT},
                {"op": "enrol", "server": server.url, "code": code, "name": "T1"},
                {"op": "sign_on", "operator_number": operator["number"], "pin": WRONG_PIN},
                {"op": "sign_on", "operator_number": operator["number"], "pin": operator["pin"]},
                {"op": "open_shift", "float_minor": 20_000},
                {"op": "member_join", "phone": PHONE, "display_name": NAME},
                {"op": "member_find", "phone": UNKNOWN},
                {"op": "member_find", "phone": CARD},
                {"op": "member_find", "phone": PHONE},
                {"op": "member_code", "code": MEMBER_CODE},
                {"op": "coupon_check", "code": COUPON},
                {"op": "sync"},
                {"op": "nonsense " + PHONE, "pin": WRONG_PIN},
                {"op": "member_find", "phone": PHONE, NAME: WRONG_PIN},
                {"op": "sync"},
                {"op": "quit"},
            ],
        )
        joined = answers[5]
    assert joined["ok"], answers
    offline = drive(till, [{"op": "sync"}, {"op": "member_find", "phone": UNKNOWN}, {"op": "quit"}])
    assert offline[-1]["ok"]
    logs = [server_log, *sorted(till.rglob("*.log"))]
    text = {path: path.read_text("utf-8", "replace") for path in logs}
    assert any(path.name == "tidemark.log" and "exchange_failed" in told for path, told in text.items())
    lines = [json.loads(line) for line in text[server_log].splitlines() if line.startswith("{")]
    assert lines, "the server says what it does, one JSON object a line"
    keys = [base64.b64encode(path.read_bytes()).decode() for path in (till / "k").iterdir()]
    keys += [path.read_bytes().hex() for path in (till / "k").iterdir()]
    canaries = [
        PHONE,
        UNKNOWN,
        NAME,
        WRONG_PIN,
        COUPON,
        COUPON.replace("-", ""),
        MEMBER_CODE,
        ENROLMENT,
        CARD,
        operator["pin"],
        code,
        *keys,
    ]
    for path, told in text.items():
        found = [each for each in canaries if each in told]
        assert found == [], (path, found)
