"""A simulated workstation: signs what it asks, checks what it is answered, listens for hints, sells.

It has no files. Everything on the wire is as the real program does it; its answers are verified and unpacked,
its documents chained and signed. One connection for questions, kept; one for hints.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import secrets
import ssl
import time
from dataclasses import dataclass, field
from typing import Any

import zstandard

from benchmarks.commit import sale_body
from benchmarks.load.office import Enrolled, LoadChain
from pos_client.sync.back_off import delay_ms
from pos_core.clock import HybridTime
from pos_core.ids import uuid7
from pos_core.sync import protocol
from pos_core.sync.document import Header, Series, document_bytes, document_hash, head_statement

RELEASE_TAG = b"tidemark.release.1\x00"
COME_AGAIN = (429, 503)
TRIES_MAX = 8
"""How often a request that was told to come again does so, before it counts as an error."""
_SALE = sale_body(3)
for _number, _line in enumerate(_SALE["lines"], start=1):
    _line["sku"] = (
        f"SKU{_number:07d}"  # of the reference items: an unknown one would be an exception each time
    )


class WrongAnswer(Exception):
    """An answer that the real program would not believe, or a refusal."""


class ComeAgain(WrongAnswer):
    """The server has too much to do just now."""


@dataclass
class Connection:
    """One kept HTTP/1.1 connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> tuple[int, dict[str, str]]:
        raw = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return int(first.split(" ")[1]), headers


@dataclass
class Simulated:
    """One workstation."""

    chain: LoadChain
    who: Enrolled
    host: str
    port: int
    tls: ssl.SSLContext | None = None
    cursors: dict[str, int] = field(default_factory=dict)
    number: int = 0
    head: str = ""
    requests: int = 0
    put_off: int = 0
    connection: Connection | None = None

    def __post_init__(self) -> None:
        self.series = Series(self.who.workstation_id, 1)
        self.head = self.series.genesis()

    async def connect(self) -> Connection:
        reader, writer = await asyncio.open_connection(
            self.host,
            self.port,
            ssl=self.tls,
            server_hostname="localhost" if self.tls else None,
            limit=1 << 22,
        )
        return Connection(reader, writer)

    def request(self, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[bytes, str]:
        """A signed request's bytes, and its nonce."""
        nonce, created = secrets.token_urlsafe(18), time.time_ns() // 1_000_000
        statement = protocol.request_statement(
            method=method,
            target=target,
            body=body,
            workstation_id=self.who.workstation_id,
            created_ms=created,
            nonce=nonce,
        )
        signed = {
            "Host": "localhost",
            "Content-Length": str(len(body)),
            protocol.HEADER_PROTOCOL: str(protocol.PROTOCOL_VERSION),
            protocol.HEADER_WORKSTATION: self.who.workstation_id,
            protocol.HEADER_CREATED: str(created),
            protocol.HEADER_NONCE: nonce,
            protocol.HEADER_SIGNATURE: base64.b64encode(self.who.key.sign(statement)).decode(),
            "Accept-Encoding": "zstd",
            **headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode() + body, nonce

    async def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Any:
        """One signed exchange; the answer's JSON, its signature checked."""
        raw, _ = await self.exchange(method, target, body, **headers)
        return json.loads(raw)

    async def exchange(
        self, method: str, target: str, body: bytes = b"", **headers: str
    ) -> tuple[bytes, int]:
        """The same, as bytes. Told to come again, it does so after the wait of the real program."""
        for failures in range(1, TRIES_MAX + 1):
            try:
                return await self._exchange(method, target, body, **headers)
            except ComeAgain:
                if failures == TRIES_MAX:
                    raise
                await self._wait(failures)
        raise AssertionError

    async def _wait(self, failures: int) -> None:
        self.put_off += 1
        await asyncio.sleep(delay_ms(failures, random.random()) / 1000)

    async def _exchange(
        self, method: str, target: str, body: bytes = b"", **headers: str
    ) -> tuple[bytes, int]:
        if self.connection is None:
            self.connection = await self.connect()
        message, nonce = self.request(method, target, body, **headers)
        self.requests += 1
        self.connection.writer.write(message)
        status, answered = await self.connection.head()
        raw = await self.connection.reader.readexactly(int(answered["content-length"]))
        if not target.startswith("/v1/blobs/"):
            self.check(answered, nonce, status, raw)
        if status in COME_AGAIN:
            raise ComeAgain(f"{target}: {status}")
        if status >= 300:
            raise WrongAnswer(f"{target}: {status} {raw[:200]!r}")
        if answered.get("content-encoding") == "zstd":
            raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
        return raw, status

    def check(self, headers: dict[str, str], nonce: str, status: int, raw: bytes) -> None:
        signature = base64.b64decode(headers[protocol.HEADER_SERVER_SIGNATURE.lower()])
        self.chain.server_key.verify(
            signature, protocol.response_statement(nonce=nonce, status=status, body=raw)
        )

    async def sell(self) -> None:
        """One sale, pushed."""
        data = document_bytes(self._header(), _SALE | {"instant_ms": time.time_ns() // 1_000_000})
        self.number, self.head = self.number + 1, document_hash(data)
        signature = self.who.key.sign(head_statement(self.series, self.number, self.head))
        body = (
            (
                f'{{"incarnation":1,"first_number":{self.number},"head_hash":"{self.head}",'
                f'"signature":"{base64.b64encode(signature).decode()}","documents":['
            ).encode()
            + data
            + b"]}"
        )
        packed = zstandard.ZstdCompressor(level=1).compress(body)
        answer = await self.ask("POST", "/v1/documents", packed, **{"Content-Encoding": "zstd"})
        if (answer["acked_number"], answer["head_hash"]) != (self.number, self.head):
            raise WrongAnswer("not what was sent")

    def _header(self) -> Header:
        now = time.time_ns() // 1_000_000
        return Header(
            type="sale",
            series=self.series,
            number=self.number + 1,
            document_id=uuid7(now, secrets.token_bytes(10)),
            store_id=self.who.store_id,
            occurred_at_ms=now,
            hybrid_time=HybridTime(now, 0),
            business_day="2026-11-22",
            operator_id="E1",
            shift_id="SH1",
            release=None,
            prev_hash=self.head,
        )

    async def pull(self, scope: str) -> list[dict[str, Any]]:
        """Pages of a scope until caught up; the kinds that came."""
        kinds: list[dict[str, Any]] = []
        while True:
            after = self.cursors.get(scope, 0)
            page = await self.ask("GET", f"/v1/feed?scope={scope}&epoch={self.chain.epoch}&after={after}")
            if (page["scope"], page["after"]) != (scope, after):
                raise WrongAnswer("another page")
            self.cursors[scope] = page["to"]
            kinds += page["kinds"]
            if page["to"] >= page["head"]:
                return kinds

    async def stage(self, kinds: list[dict[str, Any]]) -> int:
        """Releases among what came: manifest signature, files by hash; how many prices they hold."""
        prices = 0
        for part in kinds:
            if part["kind"] != "release":
                continue
            _, manifest, signatures = part["rows"][-1]
            self.chain.pricing_key.verify(
                base64.b64decode(json.loads(signatures)[0]["signature"]), RELEASE_TAG + manifest.encode()
            )
            for entry in json.loads(manifest)["files"]:
                raw, _ = await self.exchange(
                    "GET", f"/v1/blobs/{entry['sha256']}", **{"Accept-Encoding": "identity"}
                )
                if hashlib.sha256(raw).hexdigest() != entry["sha256"]:
                    raise WrongAnswer("another file")
                content = zstandard.ZstdDecompressor().decompress(raw, max_output_size=1 << 28)
                prices += len(json.loads(content)["rows"])
        return prices

    async def whole_exchange(self) -> None:
        """What the timer does now and then: resume point, every scope, digests, status."""
        await self.ask("GET", f"/v1/series/{self.who.workstation_id}/1")
        for scope in self.scopes:
            await self.pull(scope)
        body = json.dumps(
            {
                "app_version": "0.1.0",
                "release_version": 0,
                "staged_versions": [],
                "documents_waiting": 0,
                "cursors": self.cursors,
                "clock_offset_ms": 0,
            }
        ).encode()
        await self.ask("POST", "/v1/status", body)

    @property
    def scopes(self) -> tuple[str, ...]:
        return ("chain", f"region:{self.who.region}", f"store:{self.who.store_id}")

    async def listen(self, heard: Any) -> None:
        """The hint stream: `heard(self, hint)` for each event, until cancelled."""
        for failures in range(1, TRIES_MAX + 1):
            try:
                await self._listen(heard)
            except ComeAgain:
                await self._wait(failures)
            else:
                return
        raise WrongAnswer("no stream")

    async def _listen(self, heard: Any) -> None:
        connection = await self.connect()
        try:
            message, nonce = self.request("GET", "/v1/hints")
            connection.writer.write(message)
            status, headers = await connection.head()
            if status in COME_AGAIN:
                raise ComeAgain(f"no stream: {status}")
            if status != 200:
                raise WrongAnswer(f"no stream: {status}")
            self.check(headers, nonce, status, b"")
            while line := await connection.reader.readline():
                if line.startswith(b"data:"):
                    heard(self, json.loads(line[5:]))
                elif line == b":\n":
                    heard(self, None)
        finally:
            connection.writer.close()
