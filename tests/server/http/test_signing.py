"""Signed requests over loopback HTTP: time, replay, forgery, revocation; answers signed by the server."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pos_core.sync import protocol
from sync_server.bootstrap import make_server
from sync_server.http.serving import serving
from tests.server.support.office import Chain, TestWorkstation

STATUS = (
    b'{"app_version":"1","release_version":0,"staged_versions":[],"documents_waiting":0,"cursors":{},'
    b'"clock_offset_ms":0}'
)


def routes(till: TestWorkstation) -> list[tuple[str, str, bytes]]:
    """Every signed route, as the workstation may ask it."""
    return [
        ("GET", f"/v1/series/{till.maker.workstation_id}/1", b""),
        ("POST", "/v1/documents", till.maker.push_body()),
        ("GET", f"/v1/feed?scope=chain&epoch={till.enrolled.epoch}&after=0", b""),
        ("GET", "/v1/digest?scope=chain", b""),
        ("GET", "/v1/snapshot?scope=chain", b""),
        ("GET", f"/v1/blobs/{'0' * 64}", b""),
        ("POST", "/v1/status", STATUS),
    ]


def test_every_route_answers_a_good_signature(chain: Chain) -> None:
    till = chain.enrol()
    till.maker.sale()
    found = [till.call(*route)[0] for route in routes(till)]
    assert found == [200, 200, 200, 200, 404, 404, 200]


@pytest.mark.parametrize(
    "drop",
    [
        protocol.HEADER_WORKSTATION,
        protocol.HEADER_CREATED,
        protocol.HEADER_NONCE,
        protocol.HEADER_SIGNATURE,
    ],
)
def test_every_route_refuses_a_request_that_is_not_signed(chain: Chain, drop: str) -> None:
    till = chain.enrol()
    till.maker.sale()
    for method, target, body in routes(till):
        headers = till.headers(method, target, body)
        del headers[drop]
        answer = chain.http.request(method, target, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "signature_missing"), target


def forged(
    till: TestWorkstation, method: str, target: str, body: bytes, what: str
) -> tuple[str, bytes, dict[str, str]]:
    headers = till.headers(method, target, body)
    if what == "body":
        return target, body + b" ", headers
    if what == "target":
        return target + ("&" if "?" in target else "?") + "x=1", body, headers
    if what == "created":
        headers[protocol.HEADER_CREATED] = str(int(headers[protocol.HEADER_CREATED]) + 1)
    if what == "nonce":
        headers[protocol.HEADER_NONCE] = "A" * 24
    if what == "workstation":
        headers[protocol.HEADER_WORKSTATION] = "nobody"
    if what == "garbage":
        headers[protocol.HEADER_SIGNATURE] = "not base64!"
    return target, body, headers


@pytest.mark.parametrize("what", ["body", "target", "created", "nonce", "workstation", "garbage"])
def test_every_route_refuses_a_request_that_was_changed_on_the_way(chain: Chain, what: str) -> None:
    till = chain.enrol()
    till.maker.sale()
    for method, target, body in routes(till):
        changed, sent, headers = forged(till, method, target, body, what)
        answer = chain.http.request(method, changed, content=sent, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature"), target
    assert till.resume()["acked_number"] == 0


def test_one_workstation_cannot_sign_for_another(chain: Chain) -> None:
    till, other = chain.enrol(), chain.enrol("S002")
    method, target, body = "GET", f"/v1/series/{till.maker.workstation_id}/1", b""
    headers = other.headers(method, target, body)
    headers[protocol.HEADER_WORKSTATION] = till.maker.workstation_id
    assert chain.http.request(method, target, headers=headers).status_code == 401


@pytest.mark.parametrize("off_ms", [-300_001, 300_001, -365 * 86_400_000, 30 * 86_400_000])
def test_a_wrong_clock_heals_from_the_signed_answer(chain: Chain, off_ms: int) -> None:
    till = chain.enrol()
    till.maker.sale()
    wrong = max(0, chain.clock.now_ms() + off_ms)
    status, error = till.call("POST", "/v1/documents", till.maker.push_body(), created=str(wrong))
    assert (status, error["code"]) == (401, "clock_out_of_window")
    status, point = till.call(
        "POST", "/v1/documents", till.maker.push_body(), created=str(error["server_time_ms"])
    )
    assert (status, point["acked_number"]) == (200, 1)


def test_five_minutes_either_way_are_fine(chain: Chain) -> None:
    till = chain.enrol()
    chain.clock.advance(600_000)
    for off_ms in (-300_000, 300_000):
        created = str(chain.clock.now_ms() + off_ms)
        assert till.call("GET", "/v1/digest?scope=chain", created=created)[0] == 200


def test_a_thousand_captured_requests_played_again_change_nothing(chain: Chain) -> None:
    till = chain.enrol()
    captured: list[tuple[str, str, bytes, dict[str, str]]] = []
    for _ in range(40):
        till.maker.sale(lines=1)
        for method, target, body in (
            ("POST", "/v1/documents", till.maker.push_body(till.maker.number)),
            ("POST", "/v1/status", STATUS),
        ):
            headers = till.headers(method, target, body)
            assert chain.http.request(method, target, content=body, headers=headers).status_code == 200
            captured.append((method, target, body, headers))
    before = settled_state(chain)
    for place in range(1000):
        method, target, body, headers = captured[place * 7 % len(captured)]
        answer = chain.http.request(method, target, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "nonce_replayed")
    assert state(chain) == before


def test_requests_made_before_a_restart_are_not_taken_after_it(chain: Chain) -> None:
    """The nonce memory is empty after a start, so what was captured before must be refused another way."""
    till = chain.enrol()
    till.maker.sale()
    method, target, body = "POST", "/v1/documents", till.maker.push_body()
    headers = till.headers(method, target, body)
    assert chain.http.request(method, target, content=body, headers=headers).status_code == 200
    chain.clock.advance(1000)
    with serving(make_server(chain.office, tls=False, jobs=False)) as url:
        answer = chain.http.request(method, url + target, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "clock_out_of_window")
        headers = till.headers(method, target, body)
        assert chain.http.request(method, url + target, content=body, headers=headers).status_code == 200


def test_a_revoked_workstation_is_refused_on_every_route(chain: Chain) -> None:
    till = chain.enrol()
    till.maker.sale()
    chain.office.workstations.revoke(till.maker.workstation_id)
    for route in routes(till):
        status, error = till.call(*route)
        assert (status, error["code"]) == (403, "workstation_revoked"), route


def test_open_routes_are_never_signed(chain: Chain) -> None:
    """Or anybody could have the server sign an answer for a nonce of his choice."""
    for target in ("/v1/health", "/metrics", "/v1/ca", "/nothing"):
        answer = chain.http.get(target, headers={protocol.HEADER_NONCE: "N" * 20})
        assert protocol.HEADER_SERVER_SIGNATURE not in answer.headers


def settled_state(chain: Chain) -> dict[str, list[tuple[Any, ...]]]:
    """The state once positions, which PostgreSQL gives after the commit, are given."""
    before = state(chain)
    for _ in range(100):
        time.sleep(0.1)
        after = state(chain)
        if after == before:
            return after
        before = after
    raise AssertionError("positions are still being given")


def state(chain: Chain) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the two that note contacts."""
    from sync_server.store.schema import metadata

    def read(txn: Any) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: sorted((tuple(row) for row in txn.execute(table.select())), key=repr)
            for table in metadata.sorted_tables
            if table.name not in ("workstation", "status_report")
        }

    return chain.office.store.read(read)
