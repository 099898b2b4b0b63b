"""A webhook leads nowhere that it must not lead, ends in time, and its signature is what the guide says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpcore
import pytest

from sync_server.services.notices.guarded import AddressRefused, GuardedNetwork, is_public
from sync_server.services.notices.kinds import Message
from sync_server.services.notices.settings import BadNoticeSettings, NoticeSettings, read_settings
from sync_server.services.notices.webhook import BadUrl, WebhookAdapter, checked_url, secret_text
from tests.server.support.office import HandClock
from tests.server.support.receiver import Receiver, receiving

SECRET = bytes(range(32))
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
DOCUMENT = Path(__file__).parents[3] / "docs" / "notices.md"


def message(**more: Any) -> Message:
    return Message(
        "a" * 32, "coupon_birthday", "sms", "zh", {"phone": "+8613912345678"}, "", "生日快乐", "T1",
        {"name": "王芳"}, 1, **more,
    )  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def adapter(receiver: Receiver, folder: Path, *, allowed: bool = True, **more: Any) -> WebhookAdapter:
    settings = NoticeSettings(folder, LOOPBACK if allowed else ())
    return WebhookAdapter(receiver.url, [SECRET], settings, HandClock(), **more)


def test_the_receiver_of_the_guide_takes_the_request_and_finds_every_change(
    receiver: Receiver, tmp_path: Path
) -> None:
    assert adapter(receiver, tmp_path).send(message()).result == "sent"
    ((path, headers, body),) = receiver.came
    assert path == "/notices" and headers["idempotency-key"] == headers["webhook-id"] == "a" * 32
    code = re.search(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert code is not None
    known: dict[str, Any] = {}
    exec(code.group(1), known)
    secret, now = secret_text(SECRET), int(headers["webhook-timestamp"])
    assert known["verified"](secret, headers, body, now_s=now)["body"] == "生日快乐"
    for change in (
        {"body": body + b" "},
        {"headers": {**headers, "webhook-id": "b" * 32}},
        {"now_s": now + 3600},
        {"secret": secret_text(bytes(32))},
    ):
        said = {"secret": secret, "headers": headers, "body": body, "now_s": now, **change}
        with pytest.raises(ValueError, match=r"too old|not signed"):
            known["verified"](said["secret"], said["headers"], said["body"], now_s=said["now_s"])


def test_both_secrets_sign_while_one_is_replaced(receiver: Receiver, tmp_path: Path) -> None:
    settings = NoticeSettings(tmp_path, LOOPBACK)
    WebhookAdapter(receiver.url, [SECRET, bytes(32)], settings, HandClock()).send(message())
    _, headers, body = receiver.came[0]
    said = headers["webhook-signature"].split(" ")
    for secret, text in zip((SECRET, bytes(32)), said, strict=True):
        signed = f"{'a' * 32}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
        assert text == f"v1,{wanted}"


def test_a_private_address_is_refused_before_anything_is_sent(receiver: Receiver, tmp_path: Path) -> None:
    outcome = adapter(receiver, tmp_path, allowed=False).send(message())
    assert (outcome.result, outcome.detail) == ("retry", "address_not_allowed") and receiver.came == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "not-an-address", "",
    ],
)  # fmt: skip
def test_no_address_of_our_own_network_is_public(address: str) -> None:
    assert not is_public(address)


def test_public_ones_and_named_networks_are() -> None:
    assert is_public("93.184.216.34") and is_public("2606:2800:220:1::1")
    assert is_public("10.1.2.3", [ipaddress.ip_network("10.1.0.0/16")])
    assert not is_public("10.2.2.3", [ipaddress.ip_network("10.1.0.0/16")])


class Wire(httpcore.NetworkBackend):
    """Notes where a connection would go."""

    def __init__(self) -> None:
        self.to: list[str] = []

    def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore.NetworkStream:  # type: ignore[override]
        self.to.append(host)
        raise httpcore.ConnectError("nobody there")


def test_a_name_is_asked_once_and_the_connection_goes_where_was_looked() -> None:
    answers, wire = [["93.184.216.34"], ["127.0.0.1"]], Wire()
    network = GuardedNetwork(
        networks=(), deadline_s=5, plain=False, resolver=lambda *_: answers.pop(0), inner=wire
    )
    with pytest.raises(httpcore.ConnectError):
        network.connect_tcp("rebinding.example", 443)
    assert wire.to == ["93.184.216.34"] and len(answers) == 1
    with pytest.raises(AddressRefused):
        network.connect_tcp("rebinding.example", 443)
    assert wire.to == ["93.184.216.34"], "the second answer is looked at like the first"


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    wire = Wire()
    network = GuardedNetwork(
        networks=(), deadline_s=5, plain=False, resolver=lambda *_: ["93.184.216.34", "10.0.0.1"], inner=wire
    )
    with pytest.raises(AddressRefused):
        network.connect_tcp("two-faced.example", 443)
    assert wire.to == []


def test_plain_http_goes_to_named_networks_alone() -> None:
    network = GuardedNetwork(
        networks=LOOPBACK, deadline_s=5, plain=True, resolver=lambda *_: ["93.184.216.34"], inner=Wire()
    )
    with pytest.raises(AddressRefused):
        network.connect_tcp("public.example", 80)


def test_a_name_that_is_resolved_too_slowly_is_given_up() -> None:
    def slow(*_: Any) -> list[str]:
        time.sleep(1.0)
        return ["93.184.216.34"]

    network = GuardedNetwork(networks=(), deadline_s=0.1, plain=False, resolver=slow, inner=Wire())
    with pytest.raises(httpcore.ConnectTimeout):
        network.connect_tcp("slow.example", 443)


@pytest.mark.parametrize(
    "status,result",
    [(204, "sent"), (302, "refused"), (400, "refused"), (410, "refused"), (429, "retry"), (503, "retry")],
)
def test_what_an_answer_means(receiver: Receiver, tmp_path: Path, status: int, result: str) -> None:
    receiver.answer = status
    receiver.headers = {"Location": receiver.url + "/elsewhere", "Retry-After": "90"}
    outcome = adapter(receiver, tmp_path).send(message())
    assert (outcome.result, outcome.detail) == (result, f"http:{status}")
    assert len(receiver.came) == 1, "no redirect is followed"
    assert outcome.after_ms == (90_000 if result == "retry" else None)


def test_a_receiver_that_drips_is_cut_off(receiver: Receiver, tmp_path: Path) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            for sign in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000:
                handler.wfile.write(bytes([sign]))
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    receiver.answer = drip
    started = time.monotonic()
    outcome = adapter(receiver, tmp_path, deadline_s=0.5).send(message())
    assert outcome.result == "retry" and outcome.away and time.monotonic() - started < 3


def test_an_endless_answer_is_not_read_to_its_end(receiver: Receiver, tmp_path: Path) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            pass

    receiver.answer = endless
    started = time.monotonic()
    assert adapter(receiver, tmp_path, deadline_s=5).send(message()).result == "sent"
    assert time.monotonic() - started < 4


def test_nobody_there_is_tried_again(receiver: Receiver, tmp_path: Path) -> None:
    receiver.url = "http://127.0.0.1:9/"
    outcome = adapter(receiver, tmp_path).send(message())
    assert outcome.result == "retry" and outcome.away


@pytest.mark.parametrize(
    "text",
    [
        "ftp://a.example/", "https://", "https://user:pw@a.example/", "https://a.example/#x", "a.example",
        "https://a.example:0/", "https://a.example:99999/", "https://ä.example/", "https://a.example/ b",
        "https://a.example/\nHost: b", "file:///etc/passwd", "https://" + "a" * 500,
    ],
)  # fmt: skip
def test_no_such_address_is_kept(text: str) -> None:
    with pytest.raises(BadUrl):
        checked_url(text)


@pytest.mark.parametrize(
    "text", ["[1]", '{"network": []}', '{"networks": ["10.0.0.1/8"]}', "{", '{"networks": 7}']
)
def test_wrong_settings_stop_what_goes_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "notices.json").write_text(text)
    with pytest.raises(BadNoticeSettings):
        read_settings(tmp_path)


def test_settings_name_networks_and_the_folder(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == NoticeSettings(tmp_path / "notices-out")
    (tmp_path / "notices.json").write_text('{"networks": ["10.0.0.0/8"], "folder": "/var/spool/x"}')
    found = read_settings(tmp_path)
    assert found.folder == Path("/var/spool/x") and str(found.networks[0]) == "10.0.0.0/8"
