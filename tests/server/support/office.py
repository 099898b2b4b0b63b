"""A founded chain with two stores in two regions, and workstations that talk to it over real HTTP."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_core.sync import protocol
from sync_server.bootstrap import make_server, open_head_office
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services.chain import found_chain
from sync_server.services.data_folder import DataFolder
from sync_server.store import feed
from tests.server.support import databases
from tests.server.support.series import START_MS, SeriesMaker

STORES = [
    ["S001", "人民路店", "east", "", None, None, "Asia/Shanghai", "PL1", "[]"],
    ["S002", "解放路店", "west", "", None, None, "Asia/Shanghai", "PL1", "[]"],
]


@dataclass
class HandClock:
    """Time that moves only when told."""

    wall_ms: int = START_MS
    monotonic: int = 0

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> int:
        return self.monotonic

    def advance(self, ms: int) -> None:
        self.wall_ms += ms
        self.monotonic += ms


def found_office(folder: Path, clock: Any) -> HeadOffice:
    """A chain with stores S001 (region east) and S002 (west)."""
    url = databases.fresh_url()
    found_chain(
        DataFolder(folder),
        chain_name="晨光",
        currency="CNY",
        clock=clock,
        hosts=["localhost", "127.0.0.1"],
        database_url=url,
    )
    office = open_head_office(folder, database_url=url, clock=clock)
    office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", STORES))
    return office


@dataclass
class TestWorkstation:
    """Signs requests and checks answers the way a workstation does."""

    __test__ = False

    http: httpx.Client
    clock: HandClock
    maker: SeriesMaker
    enrolled: protocol.EnrolResponse
    nonces: list[str] = field(default_factory=list)

    def headers(self, method: str, target: str, body: bytes, **changes: str) -> dict[str, str]:
        nonce = changes.get("nonce") or secrets.token_urlsafe(18)
        created = changes.get("created") or str(self.clock.now_ms())
        statement = protocol.request_statement(
            method=method,
            target=target,
            body=body,
            workstation_id=self.maker.workstation_id,
            created_ms=int(created),
            nonce=nonce,
        )
        return {
            protocol.HEADER_WORKSTATION: self.maker.workstation_id,
            protocol.HEADER_CREATED: created,
            protocol.HEADER_NONCE: nonce,
            protocol.HEADER_SIGNATURE: base64.b64encode(self.maker.signing.sign(statement)).decode(),
            protocol.HEADER_PROTOCOL: "1",
            "Accept-Encoding": "zstd",
        }

    def call(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        **changes: str,
    ) -> tuple[int, Any]:
        """Status and decoded JSON of a signed call; asserts the server's signature."""
        sent = {**self.headers(method, target, body, **changes), **(headers or {})}
        with self.http.stream(method, target, content=body, headers=sent) as answer:
            raw = b"".join(answer.iter_raw())
        self.check_answer(answer, raw, sent[protocol.HEADER_NONCE])
        if answer.headers.get("content-encoding") == "zstd":
            raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
        return answer.status_code, json.loads(raw)

    def check_answer(self, answer: httpx.Response, raw: bytes, nonce: str) -> None:
        statement = protocol.response_statement(nonce=nonce, status=answer.status_code, body=raw)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.enrolled.server_public_key))
        signature = base64.b64decode(answer.headers.get(protocol.HEADER_SERVER_SIGNATURE, ""))
        try:
            key.verify(signature, statement)
        except InvalidSignature:
            raise AssertionError("the answer is not signed by the server") from None

    def push(self, first: int = 1, last: int | None = None) -> tuple[int, Any]:
        body = zstandard.ZstdCompressor(level=1).compress(self.maker.push_body(first, last))
        return self.call("POST", "/v1/documents", body, headers={"Content-Encoding": "zstd"})

    def resume(self) -> Any:
        status, point = self.call("GET", f"/v1/series/{self.maker.workstation_id}/{self.maker.incarnation}")
        assert status == 200
        return point

    def feed(self, scope: str, after: int = 0, epoch: str | None = None) -> tuple[int, Any]:
        return self.call("GET", f"/v1/feed?scope={scope}&epoch={epoch or self.enrolled.epoch}&after={after}")


@dataclass
class Chain:
    """A running head office over loopback HTTP."""

    office: HeadOffice
    clock: HandClock
    http: httpx.Client

    def enrol(self, store_id: str = "S001", name: str = "收银台 1") -> TestWorkstation:
        made = self.office.enrolment.new_code(store_id, minutes=10, ca_fingerprint=None)
        maker = SeriesMaker("?", store_id=store_id)
        request = {
            "code": made.code,
            "public_key": maker.public_key,
            "sealing_key": maker.sealing_key,
            "workstation_name": name,
            "app_version": "0.1.0",
        }
        answer = self.http.post("/v1/enrol", json=request)
        assert answer.status_code == 200, answer.text
        enrolled = msgspec.json.decode(answer.content, type=protocol.EnrolResponse)
        maker = SeriesMaker(
            enrolled.workstation_id, store_id=store_id, signing=maker.signing, sealing=maker.sealing
        )
        return TestWorkstation(self.http, self.clock, maker, enrolled)


@contextmanager
def running_chain(folder: Path) -> Iterator[Chain]:
    """Founds a chain and serves it on a free loopback port, without timers."""
    clock = HandClock()
    office = found_office(folder, clock)
    try:
        with serving(make_server(office, tls=False, jobs=False)) as url, httpx.Client(base_url=url) as http:
            yield Chain(office, clock, http)
    finally:
        office.close()
