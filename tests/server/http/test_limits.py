"""Size, time and concurrency limits; strangers' mistakes get an error body, never a 5xx."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import Any

import pytest
import zstandard

from pos_core.errors import Trouble
from pos_core.sync.protocol import PROTOCOL_VERSION, PUSH_BYTES_MAX
from sync_server.bootstrap import make_server
from sync_server.http import edge, serving
from sync_server.http.serving import PlainHttpRefused, refuse_plain_http
from tests.server.support.office import Chain

pytestmark = pytest.mark.database("sqlite")  # about the edge, which no database sees


def test_a_decompression_bomb_is_refused(chain: Chain) -> None:
    till = chain.enrol()
    bomb = zstandard.ZstdCompressor(level=19).compress(b"[" * (PUSH_BYTES_MAX * 8))
    assert len(bomb) < 10_000
    status, error = till.call("POST", "/v1/documents", bomb, headers={"Content-Encoding": "zstd"})
    assert (status, error["code"]) == (413, "body_too_large")


def test_a_frame_that_wants_a_huge_window_is_refused(chain: Chain) -> None:
    till = chain.enrol()
    wide = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    )
    packer = wide.compressobj()
    frame = packer.compress(os.urandom(1000)) + packer.flush()
    status, error = till.call("POST", "/v1/documents", frame, headers={"Content-Encoding": "zstd"})
    assert (status, error["code"]) == (400, "malformed_request")


def test_a_frame_that_lies_about_its_length_is_refused(chain: Chain) -> None:
    till = chain.enrol()
    till.maker.sale()
    body = till.maker.push_body()
    packed = bytearray(zstandard.ZstdCompressor().compress(body))
    size = zstandard.get_frame_parameters(bytes(packed)).content_size
    assert size == len(body) and 256 <= size < 65536
    place = packed.index((size - 256).to_bytes(2, "little"))
    for lie in (0, size - 257, size - 255, 65535):
        packed[place : place + 2] = lie.to_bytes(2, "little")
        status, error = till.call(
            "POST", "/v1/documents", bytes(packed), headers={"Content-Encoding": "zstd"}
        )
        assert (status, error["code"]) == (400, "malformed_request"), lie
    streamed = zstandard.ZstdCompressor(write_content_size=False).compress(body)
    status, _ = till.call("POST", "/v1/documents", streamed, headers={"Content-Encoding": "zstd"})
    assert status == 200, "a frame need not say how long it is"


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd, zstd", "ZSTD" * 100])
def test_other_encodings_are_refused(chain: Chain, encoding: str) -> None:
    till = chain.enrol()
    status, error = till.call("POST", "/v1/documents", b"x", headers={"Content-Encoding": encoding})
    assert (status, error["code"]) == (400, "malformed_request")


def test_a_cut_or_garbled_body_is_refused(chain: Chain) -> None:
    till = chain.enrol()
    till.maker.sale()
    packed = zstandard.ZstdCompressor().compress(till.maker.push_body())
    for body in (packed[: len(packed) // 2], b"", packed[5:], b"\x00" * 40):
        status, error = till.call("POST", "/v1/documents", body, headers={"Content-Encoding": "zstd"})
        assert (status, error["code"]) == (400, "malformed_request")
    assert till.resume()["acked_number"] == 0


def test_large_bodies_are_refused_before_they_are_read(chain: Chain) -> None:
    head = (
        b"POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n"
        b"Content-Type: application/json\r\n\r\n"
    )
    with connected(chain) as plug:
        plug.sendall(head)
        assert plug.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_body_without_a_length_stops_at_the_limit(chain: Chain) -> None:
    with connected(chain) as plug:
        plug.sendall(b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        answer = b""
        for _ in range(20):
            try:
                plug.sendall(chunk)
            except OSError:
                break
        answer = plug.recv(4096)
        assert answer.startswith(b"HTTP/1.1 413")


def test_headers_that_trickle_are_cut_off(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEADERS_TIMEOUT_S", 0.05)
    for start in (b"", b"GET /v1/hea", b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/h"):
        with connected(chain) as plug:
            plug.sendall(start)
            while plug.recv(4096):
                pass


def test_a_body_that_trickles_is_cut_off(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "BODY_TIMEOUT_S", 0.05)
    with connected(chain) as plug:
        plug.sendall(b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert plug.recv(4096).startswith(b"HTTP/1.1 400")


def test_slow_clients_do_not_stop_the_others(chain: Chain) -> None:
    till = chain.enrol()
    plugs = [connected(chain) for _ in range(200)]
    try:
        for plug in plugs:
            plug.sendall(b"GET /v1/health HTTP/1.1\r\nHo")
        for _ in range(20):
            till.maker.sale()
            assert till.push(till.maker.number)[0] == 200
    finally:
        for plug in plugs:
            plug.close()


def test_connections_above_the_limit_are_closed(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "CONNECTIONS_MAX", 0)
    with connected(chain) as plug, contextlib.suppress(ConnectionResetError):
        assert plug.recv(10) == b""


def test_one_workstation_cannot_hold_all_workers(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    till, other = chain.enrol(), chain.enrol()
    gate, inside = threading.Event(), threading.Semaphore(0)
    real = chain.office.feed.digest

    def slow(caller: Any, scope: str) -> Any:
        if caller.workstation_id == till.maker.workstation_id:
            inside.release()
            gate.wait(20)
        return real(caller, scope)

    object.__setattr__(chain.office.feed, "digest", slow)
    answers: list[tuple[int, Any]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(till.call("GET", "/v1/digest?scope=chain")))
        for _ in range(edge.IN_FLIGHT_PER_WORKSTATION_MAX)
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in threads:
            assert inside.acquire(timeout=20)
        status, error = till.call("GET", "/v1/digest?scope=chain")
        assert (status, error["code"]) == (429, "too_many_requests")
        assert other.call("GET", "/v1/digest?scope=chain")[0] == 200
    finally:
        gate.set()
        for thread in threads:
            thread.join()
    assert [status for status, _ in answers] == [200] * len(threads)


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1/documents/", 404, "not_found"),
        ("GET", "/v2/feed", 404, "not_found"),
        ("DELETE", "/v1/documents", 405, "method_not_allowed"),
        ("GET", "/v1/enrol", 405, "method_not_allowed"),
        ("POST", "/v1/health", 405, "method_not_allowed"),
    ],
)
def test_strays_get_the_same_error_body(
    chain: Chain, method: str, target: str, status: int, code: str
) -> None:
    answer = chain.http.request(method, target)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (
        answer.headers["tidemark-protocol"] == str(PROTOCOL_VERSION)
        and answer.json()["server_time_ms"] == chain.clock.now_ms()
    )


def test_trouble_of_the_store_is_503_and_says_no_more(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(Trouble):
        code = "disk_full"

    def full(*_: Any) -> Any:
        raise Full("secret detail")

    till = chain.enrol()
    monkeypatch.setattr(type(chain.office.feed), "digest", full)
    status, error = till.call("GET", "/v1/digest?scope=chain")
    assert (status, error["code"], error["message"]) == (503, "unavailable", "disk_full")


def test_a_defect_is_500_without_its_text(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: Any) -> Any:
        raise RuntimeError("phone 13800000000")

    till = chain.enrol()
    monkeypatch.setattr(type(chain.office.feed), "digest", defect)
    status, error = till.call("GET", "/v1/digest?scope=chain")
    assert (status, error["code"], error["message"]) == (500, "internal_error", "RuntimeError")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_plain_http_is_refused_off_loopback(chain: Chain, host: str) -> None:
    with pytest.raises(PlainHttpRefused):
        refuse_plain_http(host)
    with (
        pytest.raises(PlainHttpRefused),
        serving.serving(make_server(chain.office, tls=False, jobs=False), host=host),
    ):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_plain_http_is_fine_on_loopback(host: str) -> None:
    refuse_plain_http(host)


def connected(chain: Chain) -> socket.socket:
    url = chain.http.base_url
    return socket.create_connection((url.host, url.port), timeout=20)
