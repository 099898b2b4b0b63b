"""Nothing of an answer is used before our server's signature over our nonce has been checked."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import msgspec
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_client.sync import wire as wire_module
from pos_client.sync.errors import BrokenAnswer, NotOurServer, ServerAway, ServerRefused, SyncTrouble
from pos_client.sync.server_clock import ServerClock
from pos_client.sync.wire import Credentials, Wire, http_client
from pos_core.sync import protocol
from pos_core.sync.protocol import ErrorBody, ResumePoint, request_statement, response_statement

OURS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
SERVER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
GOOD = msgspec.json.encode(ResumePoint("e1", 3, "ab", 1000, []))


@dataclass
class StillClock:
    wall_ms: int = 5_000_000

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> int:
        return 0


def signed(request: httpx.Request, body: bytes, status: int = 200, **headers: str) -> httpx.Response:
    nonce = request.headers[protocol.HEADER_NONCE]
    signature = SERVER.sign(response_statement(nonce=nonce, status=status, body=body))
    headers = {protocol.HEADER_SERVER_SIGNATURE: base64.b64encode(signature).decode()} | headers
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def plain(status: int, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def wire_to(answer: Callable[[httpx.Request], httpx.Response]) -> Wire:
    http = http_client("", transport=httpx.MockTransport(answer))
    key = SERVER.public_key().public_bytes_raw()
    return Wire(http, "http://127.0.0.1:1", Credentials("ws-1", OURS, key), ServerClock(StillClock()))


def test_a_request_is_signed_over_target_body_time_and_nonce() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = request.headers
        statement = request_statement(
            method="POST",
            target="/v1/documents?a=%E4%B8%AD",
            body=b"{}",
            workstation_id="ws-1",
            created_ms=5_000_000,
            nonce=headers[protocol.HEADER_NONCE],
        )
        public: Ed25519PublicKey = OURS.public_key()
        public.verify(base64.b64decode(headers[protocol.HEADER_SIGNATURE]), statement)
        return signed(request, GOOD)

    assert wire_to(answer).post("/v1/documents?a=%E4%B8%AD", b"{}", ResumePoint).acked_number == 3


def test_every_request_has_a_nonce_of_its_own() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers[protocol.HEADER_NONCE])
        return signed(request, GOOD)

    wire = wire_to(answer)
    for _ in range(50):
        wire.get("/v1/x", ResumePoint)
    assert len(set(seen)) == 50


def no_signature(request: httpx.Request) -> httpx.Response:
    return plain(200, GOOD)


def portal(request: httpx.Request) -> httpx.Response:
    return plain(200, b"<html>Free Wi-Fi</html>")


def redirect(request: httpx.Request) -> httpx.Response:
    return plain(302, b"", {"Location": "http://portal.example/"})


def other_status(request: httpx.Request) -> httpx.Response:
    answer = signed(request, GOOD, 200)
    answer.status_code = 201
    return answer


def other_body(request: httpx.Request) -> httpx.Response:
    return plain(200, GOOD.replace(b"3", b"4"), dict(signed(request, GOOD).headers))


def other_key(request: httpx.Request) -> httpx.Response:
    statement = response_statement(nonce=request.headers[protocol.HEADER_NONCE], status=200, body=GOOD)
    signature = base64.b64encode(OURS.sign(statement)).decode()
    return plain(200, GOOD, {protocol.HEADER_SERVER_SIGNATURE: signature})


def garbled_signature(request: httpx.Request) -> httpx.Response:
    return plain(200, GOOD, {protocol.HEADER_SERVER_SIGNATURE: "!"})


@pytest.mark.parametrize(
    "answer", [no_signature, portal, redirect, other_status, other_body, other_key, garbled_signature]
)
def test_an_answer_that_our_server_did_not_sign_is_refused(
    answer: Callable[[httpx.Request], httpx.Response],
) -> None:
    with pytest.raises(NotOurServer):
        wire_to(answer).get("/v1/x", ResumePoint)


def unreadable(request: httpx.Request) -> httpx.Response:
    return signed(request, b"not json")


def bomb(request: httpx.Request) -> httpx.Response:
    return signed(request, zstandard.compress(b" " * 3000), **{"Content-Encoding": "zstd"})


def not_zstd(request: httpx.Request) -> httpx.Response:
    return signed(request, GOOD, **{"Content-Encoding": "zstd"})


def other_packing(request: httpx.Request) -> httpx.Response:
    return signed(request, GOOD, **{"Content-Encoding": "br"})


def endless(request: httpx.Request) -> httpx.Response:
    return signed(request, b" " * 3000)


@pytest.mark.parametrize("answer", [unreadable, bomb, not_zstd, other_packing, endless])
def test_a_signed_answer_that_makes_no_sense_is_broken(
    answer: Callable[[httpx.Request], httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_module, "UNPACKED_BYTES_MAX", 2000)
    monkeypatch.setattr(wire_module, "ANSWER_BYTES_MAX", 2000)
    with pytest.raises(BrokenAnswer):
        wire_to(answer).get("/v1/x", ResumePoint)


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("no"), httpx.ReadTimeout("late"), httpx.RemoteProtocolError("cut"), OSError(5, "x")],
)
def test_no_answer_is_a_server_away(error: Exception) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(ServerAway):
        wire_to(answer).get("/v1/x", ResumePoint)


def test_a_gateways_502_is_a_server_away() -> None:
    with pytest.raises(ServerAway):
        wire_to(lambda request: httpx.Response(502, text="Bad Gateway")).get("/v1/x", ResumePoint)


def test_a_signed_refusal_carries_the_servers_code_and_facts() -> None:
    body = msgspec.json.encode(ErrorBody("gap", "a gap", {"acked_number": 7}, 9))
    with pytest.raises(ServerRefused) as refused:
        wire_to(lambda request: signed(request, body, 409)).get("/v1/x", ResumePoint)
    assert (refused.value.server_code, refused.value.status) == ("gap", 409)
    assert refused.value.server_facts == {"acked_number": 7}


def test_a_wrong_clock_is_healed_by_one_more_try() -> None:
    created: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        created.append(int(request.headers[protocol.HEADER_CREATED]))
        if abs(created[-1] - 90_000_000) > protocol.CLOCK_WINDOW_MS:
            body = msgspec.json.encode(ErrorBody("clock_out_of_window", "", {}, 90_000_000))
            return signed(request, body, 401)
        return signed(request, GOOD)

    wire = wire_to(answer)
    assert wire.get("/v1/x", ResumePoint).epoch == "e1" and created == [5_000_000, 90_000_000]


def test_an_unsigned_time_is_not_believed() -> None:
    body = msgspec.json.encode(ErrorBody("clock_out_of_window", "", {}, 90_000_000))
    wire = wire_to(lambda request: plain(401, body))
    with pytest.raises(SyncTrouble):
        wire.get("/v1/x", ResumePoint)
    assert wire.clock.offset_ms == 0


def test_a_download_stops_at_its_announced_length() -> None:
    wire = wire_to(lambda request: plain(200, b"x" * 100))
    with pytest.raises(BrokenAnswer):
        wire.download("/v1/blobs/ab", lambda chunk: None, length=99)


def test_a_download_begins_anew_when_ranges_are_ignored() -> None:
    got = bytearray(b"old")
    wire = wire_to(lambda request: plain(200, b"whole"))
    wire.download("/v1/blobs/ab", got.extend, length=5, start=3, begin_anew=got.clear)
    assert bytes(got) == b"whole"
