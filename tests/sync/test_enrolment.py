"""Enrolment over real TLS: the CA is known by the code's fingerprint before the secret is sent."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from pos_client.keys.key_store import FileKeyStore
from pos_client.sync.enrolment import BadServerAddress, enrol
from pos_client.sync.errors import NotEnrolled, ServerAway, ServerRefused, WrongFingerprint
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.errors import Advice
from pos_core.sync.enrolment_code import NotAnEnrolmentCode, fingerprint_of, format_code, parse_code
from sync_server.bootstrap import make_server
from sync_server.http.serving import serving
from sync_server.services.certificates import ca_fingerprint, server_files
from tests.sync.world import APP_VERSION, Till, World


def enrol_at(world: World, url: str, code: str, name: str = "t") -> WorkstationFile:
    folder = world.folder / name
    folder.mkdir(exist_ok=True)
    return enrol(
        url, code, name=name, keys=FileKeyStore(folder / "keys"), folder=folder, app_version=APP_VERSION
    )


def new_code(world: World, fingerprint: bytes | None = None) -> str:
    return world.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=fingerprint).code


def test_a_workstation_enrols_and_syncs_over_tls(world: World) -> None:
    folder = world.office.folder
    with serving(make_server(world.office, tls=True, jobs=False), tls=server_files(folder)) as url:
        made = enrol_at(world, url, new_code(world, ca_fingerprint(folder)))
        assert "BEGIN CERTIFICATE" in made.ca_certificate and made.store_id == "S001"
        till = Till.open(world.folder / "t", world.clock)
        try:
            till.sell(2)
            till.client.exchange()
            assert world.has_all_of(till)
        finally:
            till.close()  # before the server, which would wait for its open connection


def test_the_secret_is_not_sent_to_another_ca(world: World) -> None:
    folder = world.office.folder
    code = new_code(world, fingerprint_of(b"another certificate"))
    with serving(make_server(world.office, tls=True, jobs=False), tls=server_files(folder)) as url:
        with pytest.raises(WrongFingerprint):
            enrol_at(world, url, code)
        good = format_code(parse_code(code).secret, ca_fingerprint(folder))
        assert enrol_at(world, url, good).workstation_id  # the secret is still unused


def test_a_code_works_once(world: World) -> None:
    code = new_code(world)
    enrol_at(world, world.url, code, "first")
    with pytest.raises(ServerRefused) as refused:
        enrol_at(world, world.url, code, "second")
    assert refused.value.server_code == "code_refused"
    assert refused.value.advice is Advice.ASK_A_PERSON, "waiting does not make a used code good"
    with pytest.raises(NotEnrolled):
        WorkstationFile.load(world.folder / "second")


@pytest.mark.parametrize("url", ["http://192.0.2.1:8470", "ftp://127.0.0.1", "127.0.0.1:8470", ""])
def test_addresses_that_are_not_ours_are_refused(world: World, url: str) -> None:
    with pytest.raises(BadServerAddress):
        enrol_at(world, url, new_code(world))


def test_tls_without_a_fingerprint_is_refused(world: World) -> None:
    with pytest.raises(BadServerAddress):
        enrol_at(world, "https://127.0.0.1:1", new_code(world))


def test_something_typed_wrong_is_said_before_anything_is_sent(world: World) -> None:
    with pytest.raises(NotAnEnrolmentCode):
        enrol_at(world, world.url, "ABC")


def test_a_server_away_leaves_the_code_usable(world: World) -> None:
    code = new_code(world)
    with pytest.raises(ServerAway):
        enrol_at(world, "http://127.0.0.1:9", code)
    assert enrol_at(world, world.url, code).store_id == "S001"


def test_a_portal_is_no_enrolment(tmp_path: Path) -> None:
    portal = httpx.MockTransport(lambda request: httpx.Response(403, html="<html>Wi-Fi</html>"))
    with pytest.raises(ServerAway):
        enrol(
            "http://127.0.0.1:1",
            "ABCDE-FGHJK-MNP",
            name="t",
            keys=FileKeyStore(tmp_path / "keys"),
            folder=tmp_path,
            app_version=APP_VERSION,
            transport=portal,
        )


def test_nothing_secret_stands_in_the_workstation_file(world: World) -> None:
    enrol_at(world, world.url, new_code(world))
    text = (world.folder / "t" / "workstation.json").read_text()
    keys = FileKeyStore(world.folder / "t" / "keys")
    for name in ("signing_key", "sealing_key", "blind_index_key", "pin_pepper"):
        secret = keys.get(name)
        assert secret is not None and len(secret) == 32
        import base64

        assert base64.b64encode(secret).decode() not in text and secret.hex() not in text


@pytest.mark.parametrize(
    "content", [b'{"workstation_id": 7}', b'{"workstation_id": "\xed\xa0\x80"}', b"\xff"]
)
def test_a_damaged_workstation_file_is_not_enrolled(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "workstation.json").write_bytes(content)
    with pytest.raises(NotEnrolled):
        WorkstationFile.load(tmp_path)
