"""Enrolment: once, in time, for one store; guessing is slowed down."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from sync_server.bootstrap import make_server
from sync_server.http.serving import serving
from sync_server.services.certificates import ca_fingerprint, server_files
from sync_server.store import audit
from tests.server.support.office import Chain
from tests.server.support.series import SeriesMaker


def request(code: str, **changes: Any) -> dict[str, Any]:
    maker = SeriesMaker("?")
    return {
        "code": code,
        "public_key": maker.public_key,
        "sealing_key": maker.sealing_key,
        "workstation_name": "收银台",
        "app_version": "1",
        **changes,
    }


def refused(chain: Chain, body: dict[str, Any]) -> tuple[int, str]:
    answer = chain.http.post("/v1/enrol", json=body)
    return answer.status_code, answer.json()["code"]


def test_a_code_works_once(chain: Chain) -> None:
    code = chain.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    assert chain.http.post("/v1/enrol", json=request(code)).status_code == 200
    assert refused(chain, request(code)) == (403, "code_refused")


def test_a_code_expires(chain: Chain) -> None:
    code = chain.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    chain.clock.advance(10 * 60_000)
    assert refused(chain, request(code)) == (403, "code_refused")


def test_a_code_binds_to_its_store_and_its_secrets(chain: Chain) -> None:
    one, two, other = chain.enrol("S001"), chain.enrol("S001"), chain.enrol("S002")
    assert (one.enrolled.store_id, one.enrolled.region) == ("S001", "east")
    assert (other.enrolled.store_id, other.enrolled.region) == ("S002", "west")
    assert one.enrolled.workstation_id != two.enrolled.workstation_id
    for name in ("blind_index_key", "pin_pepper"):
        keys = [getattr(each.enrolled, name) for each in (one, two, other)]
        assert keys[0] == keys[1] != keys[2]
        assert len(base64.b64decode(keys[0])) == 32
    assert one.enrolled.blind_index_key != one.enrolled.pin_pepper


def test_a_refused_request_does_not_use_the_code_up(chain: Chain) -> None:
    code = chain.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    for changes in (
        {"public_key": "x"},
        {"sealing_key": "AAAA"},
        {"workstation_name": " "},
        {"public_key": 5},
    ):
        assert refused(chain, request(code, **changes)) == (400, "malformed_request")
    assert chain.http.post("/v1/enrol", json=request(code)).status_code == 200


def test_guessing_is_slowed_down_and_noted(chain: Chain) -> None:
    good = chain.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    found = [refused(chain, request("ABCDE-FGHJK-MNP")) for _ in range(12)]
    assert found[:10] == [(403, "code_refused")] * 10
    assert found[10:] == [(429, "too_many_requests")] * 2
    assert refused(chain, request(good)) == (429, "too_many_requests"), "while it lasts nobody may try"
    answer = chain.http.post("/v1/enrol", json=request(good))
    wait = answer.json()["facts"]["retry_after_ms"]
    assert answer.headers["retry-after"] == str(-(-wait // 1000))
    chain.clock.advance(wait)
    assert refused(chain, request("ABCDE-FGHJK-MNP"))[0] == 403
    assert chain.http.post("/v1/enrol", json=request(good)).json()["facts"]["retry_after_ms"] > wait
    chain.clock.advance(60_000)
    assert chain.http.post("/v1/enrol", json=request(good)).status_code == 200
    actions = [row["action"] for row in chain.office.store.read(audit.newest)]
    assert actions.count("enrolment_refused") == 11 and actions.count("workstation_enrolled") == 1


def test_the_code_is_not_kept_in_clear(chain: Chain) -> None:
    made = chain.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None)
    rows = chain.office.store.read(
        lambda txn: txn.connection.exec_driver_sql("SELECT * FROM enrolment_code").fetchall()
    )
    assert made.code.replace("-", "") not in str(rows) and made.code not in str(rows)


def test_over_tls_the_ca_fits_the_codes_fingerprint(chain: Chain) -> None:
    import ssl

    from pos_core.sync.enrolment_code import fingerprint_of, parse_code

    folder = chain.office.folder
    code = chain.office.enrolment.new_code("S001", minutes=5, ca_fingerprint=ca_fingerprint(folder))
    parsed = parse_code(code.code)
    with serving(make_server(chain.office, tls=True, jobs=False), tls=server_files(folder)) as url:
        trusting_nobody_yet = httpx.get(f"{url}/v1/ca", verify=False)
        pem = trusting_nobody_yet.text
        assert fingerprint_of(ssl.PEM_cert_to_DER_cert(pem)) == parsed.ca_fingerprint
        context = ssl.create_default_context(cadata=pem)
        answer = httpx.post(f"{url}/v1/enrol", json=request(parsed.secret), verify=context)
        assert answer.status_code == 200 and answer.json()["ca_certificate"] == pem
        old = ssl.create_default_context(cadata=pem)
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            httpx.get(f"{url}/v1/health", verify=old)
        except httpx.ConnectError:
            pass
        else:
            raise AssertionError("TLS 1.1 was taken")
    assert chain.http.get("/v1/ca").status_code == 404, "plain HTTP has no CA to give"
