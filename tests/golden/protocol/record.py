"""Records the wire as a version leaves it, from a tree of that time.

    python tests/golden/protocol/record.py v2                     the tree that this file is in
    python tests/golden/protocol/record.py v1 --tree ../at-c5f24d4  another, from `git archive COMMIT`

Writes into `tests/golden/protocol/<version>/` what README.md there lists. A version is recorded once, when it
is left; the newest may be recorded again until then.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[2]
PACKAGES = ("pos_client", "pos_core", "resources", "sync_server")
LEFT_OUT = tuple(
    f"pos_client/{part}/" for part in ("ui", "devices", "receipts", "services", "headless", "commands")
)
PAGES = ("sync_server/console/static/", "sync_server/console/templates/")
"""What the server of a version reads when it starts, though no workstation asks for it."""
KEPT_HEADERS = ("content-type", "content-encoding", "tidemark-protocol", "etag", "content-range")
STAMP = (2026, 11, 22, 0, 0, 0)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("version")
    arguments.add_argument("--tree", type=Path, default=TREE)
    options = arguments.parse_args()
    tree = options.tree.resolve()
    sys.path[:] = [str(tree), *(entry for entry in sys.path if Path(entry or ".").resolve() != HERE)]
    target = HERE / options.version
    target.mkdir(exist_ok=True)
    bodies = _bodies()
    _program(tree, target / "program.tar.xz", bodies)
    with tempfile.TemporaryDirectory() as temporary:
        trace = _Recording(Path(temporary), target / "office.zip", bodies).run()
    (target / "trace.json").write_text(json.dumps(trace, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _bodies() -> dict[str, Any]:
    """A body of every document type that a program writes on its own."""
    from tests.core.sync.test_envelope import EXAMPLES

    found = {kind: body for kind, body in EXAMPLES.items() if kind != "series_opened"}
    found["signed_on"] = {"role": "cashier", "operator_number": "1001"}
    return found


def _later_kinds(world: Any) -> None:
    """A row of every kind that came with version 3 and that the tree has, and a root that it follows."""
    from pos_core.sync.reference import KINDS
    from pos_core.sync.versions import known_kinds

    for kind in KINDS.values():
        if kind.name in known_kinds(dict.fromkeys(KINDS), 2) or kind.name == "trust_root":
            continue
        blank = {"integer": 1, "json": "{}"}
        row = [None if column.nullable else blank.get(column.type, "x") for column in kind.columns]
        scope = {"chain": "chain", "region": "region:east", "store": "store:S001"}[kind.scope]
        world.put(kind.name, [row], scope=scope)
    if "trust_root" in KINDS:
        from tests.sync.roots import Ceremony

        Ceremony(world, holders=(1, 2, 3), threshold=2).adopt(by=(1, 2))


def _program(tree: Path, target: Path, bodies: dict[str, Any]) -> None:
    with tarfile.open(target, "w:xz", preset=9) as archive:

        def add(name: str, content: bytes) -> None:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))

        add("old_program.py", (HERE / "old_program.py").read_bytes())
        add("recorded/__init__.py", b"")
        add("recorded/bodies.json", json.dumps(bodies, ensure_ascii=False).encode())
        for package in PACKAGES:
            for path in sorted((tree / package).rglob("*")):
                name = path.relative_to(tree).as_posix()
                wanted = path.suffix in (".py", ".sql") and not name.startswith(LEFT_OUT)
                wanted = wanted or name.startswith(PAGES)
                if package == "resources":
                    wanted = name == "resources/__init__.py" or (
                        wanted and name.startswith("resources/replica/")
                    )
                if wanted and path.is_file():
                    add(name, path.read_bytes())


class _Recording:
    """A head office and one workstation, every exchange between them written down."""

    def __init__(self, folder: Path, office_zip: Path, bodies: dict[str, Any]) -> None:
        self.folder = folder
        self.office_zip = office_zip
        self.bodies = bodies
        self.requests: list[dict[str, Any]] = []

    def run(self) -> dict[str, Any]:
        from sync_server.bootstrap import make_server, open_head_office
        from sync_server.http.serving import serving
        from tests.server.support.office import HandClock, found_office
        from tests.server.support.series import START_MS
        from tests.sync.world import Till, World

        clock = HandClock()
        office = found_office(self.folder / "office", clock)
        with serving(make_server(office, tls=False, jobs=False)) as url:
            world = World(office, clock, url, self.folder)
            world.stock_shelves(30)
            world.put("policy", [["receipt_footer", '"谢谢惠顾"']])
            prices = [["PL1", f"A{n}", START_MS, None, 100 + n] for n in range(30)]
            world.publish(prices, kind="base", effective_from_ms=START_MS)
            world.publish([["PL1", "A1", START_MS, None, 70]], kind="delta", effective_from_ms=START_MS + 1)
            _later_kinds(world)
            world.till("recorded").close()
        code = office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
        office.close()
        self._pack_office()
        office = open_head_office(self.folder / "office", clock=clock)
        with serving(make_server(office, tls=False, jobs=False)) as url:
            till = Till.open(self.folder / "recorded", clock, url=url)
            self._record(till)
            self._ask_oddly(till)
            till.close()
        office.close()
        return {"now_ms": START_MS, "code": code, "requests": self.requests}

    def _record(self, till: Any) -> None:
        import httpx

        from pos_client.journal.draft import Draft

        recording = self

        class Recorded(httpx.HTTPTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                answer = super().handle_request(request)
                answer.read_raw = b"".join(answer.stream)  # type: ignore[attr-defined]
                recording.note(request, answer)
                headers = answer.headers
                return httpx.Response(answer.status_code, headers=headers, content=None, stream=_Once(answer))

        self.transport = Recorded()
        till.client._transport = self.transport
        till.client.exchange()
        for kind in sorted(self.bodies):
            till.journal.record([Draft(kind, self.bodies[kind], "2026-11-22", "E1", "SH1")]).result()
        till.sell(5)
        till.client.exchange()

    def _ask_oddly(self, till: Any) -> None:
        """What only goes wrong now and then: an overlap, a gap, a stranger's series and scope."""
        from pos_client.sync.errors import SyncTrouble
        from pos_client.sync.push import push_body
        from pos_core.sync.protocol import ResumePoint

        wire = till.client._exchange._wire
        series = till.journal.series

        def attempt(action: Any) -> None:
            try:
                action()
            except SyncTrouble:
                return

        def pushed(after: int, count: int) -> None:
            batch = till.journal.documents_after(after, limit=count)
            from pos_client.journal.draft import Head

            signed = till.journal.sign_head(Head(series, batch[-1].number, batch[-1].hash))
            body = push_body(series.incarnation, batch, signed.signature)
            wire.post("/v1/documents", body, ResumePoint, zstd=True)

        till.sell(3)
        number = till.journal.head().number
        attempt(lambda: pushed(0, 10))
        attempt(lambda: pushed(number - 1, 1))
        attempt(lambda: pushed(number - 3, 3))
        for target in (
            f"/v1/series/{series.workstation_id}/1",
            f"/v1/series/{series.workstation_id}/2",
            "/v1/series/somebody/1",
            "/v1/feed?scope=store:S002&epoch=x&after=0",
            "/v1/feed?scope=chain&epoch=another&after=0",
            "/v1/snapshot?scope=chain",
            "/v1/blobs/" + "0" * 64,
        ):
            attempt(lambda target=target: wire.get(target, dict))

    def note(self, request: Any, answer: Any) -> None:
        raw = answer.read_raw
        self.requests.append(
            {
                "method": request.method,
                "target": request.url.raw_path.decode(),
                "headers": {
                    name.title(): value
                    for name, value in request.headers.items()
                    if name.startswith("tidemark-")
                    or name in ("content-type", "content-encoding", "accept-encoding", "range")
                },
                "body": base64.b64encode(request.content).decode(),
                "status": answer.status_code,
                "answer_headers": {
                    name: value for name, value in answer.headers.items() if name in KEPT_HEADERS
                },
                "answer": base64.b64encode(_unpacked(raw, answer.headers)).decode(),
            }
        )

    def _pack_office(self) -> None:
        folder = self.folder / "office"
        with zipfile.ZipFile(self.office_zip, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                if path.is_file() and not name.startswith("work/"):
                    entry = zipfile.ZipInfo(name, STAMP)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())


def _unpacked(raw: bytes, headers: Any) -> bytes:
    if headers.get("content-encoding") != "zstd":
        return raw
    import zstandard

    return bytes(zstandard.ZstdDecompressor().decompressobj().decompress(raw))


class _Once:
    """The answer's bytes again, for the program that asked."""

    def __new__(cls, answer: Any) -> Any:
        import httpx

        return httpx.ByteStream(answer.read_raw)


if __name__ == "__main__":
    main()
