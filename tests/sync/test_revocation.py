"""A revoked workstation destroys what others must not read, by head office's own order and by no other."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.__main__ import main as pos_client
from pos_client.bootstrap import Options, open_workstation
from pos_client.replica.replica import Replica
from pos_client.storage.errors import StorageTrouble
from pos_client.storage.places import Places
from pos_client.sync import revocation
from pos_client.sync.errors import NotOurServer, RevokedHere, ServerAway, ServerRefused
from pos_client.sync.sync_client import SyncClient
from pos_core.sync import protocol
from pos_core.sync.revocation import LAST_DELIVERY, RevocationOrder
from sync_server.services.acts import Act
from sync_server.services.keys import RECOVERY_FILE
from sync_server.services.verify import Verify
from tests.sync.test_members import join
from tests.sync.world import APP_VERSION, Till, World

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def till(world: World) -> Till:
    """With members and prices here, one member known to head office and one not yet."""
    world.stock_shelves()
    till = world.till()
    till.sell(2)
    join(till, "m-sent")
    till.client.exchange()
    join(till, "m-late")
    till.sell(3)
    return till


def member_keys(till: Till) -> list[str]:
    rows = till.journal.read(
        lambda c: c.execute("SELECT member_id FROM member_key WHERE key IS NOT NULL").fetchall()
    )
    return sorted(row[0] for row in rows)


def revoke(world: World, till: Till) -> None:
    world.office.workstations.revoke(till.identity.workstation_id)


def places(till: Till) -> Places:
    return Places(till.folder, till.folder / "elsewhere" / "witness", till.folder / "keys")


def is_whole(till: Till) -> bool:
    """Nothing was wiped: every key is there, and the program opens."""
    names = ("replica_key", "journal_key", "signing_key", "pin_pepper", "blind_index_key")
    there = all(till.keys.get(name) for name in names) and not (till.folder / revocation.FILE_NAME).exists()
    return there and till.client.state.last_error != "revoked_here" and "m-sent" in member_keys(till)


def assert_wiped(till: Till) -> None:
    for name in (
        "replica_key",
        "replica_key_next",
        "journal_key",
        "signing_key",
        "pin_pepper",
        "blind_index_key",
    ):
        assert till.keys.get(name) is None, name
    assert not (till.folder / "replica.key.sealed").exists()


def start(till: Till) -> RevokedHere:
    with pytest.raises(RevokedHere) as caught:
        open_workstation(Options(places(till), printer="none", timers=False), clock=till.clock)
    return caught.value


def test_the_order_destroys_replica_and_members_keys_and_the_journal_is_rescued(
    world: World, till: Till, tmp_path: Path
) -> None:
    seen: list[tuple[str | None, bool]] = []
    till.client.on_change(lambda s: seen.append((s.last_error, till.keys.get("replica_key") is not None)))
    revoke(world, till)
    with pytest.raises(RevokedHere):
        till.client.exchange()
    assert next(each for each in seen if each[0] == "revoked_here") == ("revoked_here", True)  # stops first
    assert till.client.state.last_error == "revoked_here" and member_keys(till) == ["m-late"]
    assert_wiped(till)
    till.close()
    world.tills.remove(till)
    with pytest.raises(StorageTrouble):
        Replica.open(till.folder / "replica.db", till.keys, store_id="S001", recovery_public_key=None)
    moment = start(till).facts["revoked_at_ms"]
    assert moment == world.clock.now_ms() and not list(till.folder.glob("replica.db*"))
    start(till)
    key, out = world.office.folder.root / RECOVERY_FILE, tmp_path / "rescued.jsonl"
    before = world.documents()
    words = ["rescue", "--data", str(till.folder), "--recovery-key", str(key), "--out", str(out), "--json"]
    assert pos_client(words) == 0
    lines = out.read_text("utf-8").splitlines()
    done = world.office.rescue.hand_in(lines, by="E7", witness="E8", act=Act("command line", "stolen"))
    assert (
        done.stopped == [] and done.member_keys == 1 and world.documents() == before + done.documents > before
    )
    assert Verify(world.office.store, world.office.blobs, world.office.keys).run().ok


def test_the_worker_stops_asking(world: World, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.client.start(timers=False)
    revoke(world, till)
    assert till.client.request_now().result(30).last_error == "revoked_here"
    assert_wiped(till)
    monkeypatch.setattr(revocation, "proven", lambda *_: pytest.fail("asked again"))
    till.client.nudge()
    assert till.client.request_now().result(30).last_error == "revoked_here"


@pytest.mark.parametrize("cut", ["kept", "members", "replica"])
def test_killed_between_order_and_wipe_the_next_start_finishes(
    world: World, till: Till, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    revoke(world, till)
    with monkeypatch.context() as patch:
        if cut == "kept":
            patch.setattr(revocation.Revocation, "_wipe", die)
        elif cut == "members":
            patch.setattr(revocation, "destroy_keys", die)
        else:
            delete = type(till.keys).delete

            def first_only(self: Any, name: str) -> None:
                if name != "replica_key":
                    raise Killed
                delete(self, name)

            patch.setattr(type(till.keys), "delete", first_only)
        with pytest.raises(Killed):
            till.client.exchange()
    assert till.keys.get("journal_key") is not None
    till.close()
    world.tills.remove(till)
    start(till)
    assert_wiped(till)


def order_for(world: World, till: Till, *, key: bytes | None = None, **other: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "workstation_id": till.identity.workstation_id,
        "incarnation": 1,
        "revoked_at_ms": 5,
    } | other
    signer = Ed25519PrivateKey.from_private_bytes(key or world.office.keys.server_signing)
    return facts | {"signature": base64.b64encode(signer.sign(RevocationOrder(**facts).statement)).decode()}


def answering(till: Till, answer: Answer) -> SyncClient:
    """The till behind somebody who answers in head office's place."""
    till.client.close()
    till.client = SyncClient(
        identity=till.identity,
        keys=till.keys,
        journal=till.journal,
        replica=till.replica,
        clock=till.clock,
        app_version=APP_VERSION,
        transport=httpx.MockTransport(answer),
        dice=lambda: 0.5,
    )
    return till.client


def refusing(world: World, order: Any, *, signed: bool = True) -> Answer:
    """403 with an order; `signed` as only head office could, to see the order itself judged."""
    body = json.dumps({"code": "workstation_revoked", "message": "", "facts": order}).encode()

    def answer(request: httpx.Request) -> httpx.Response:
        statement = protocol.response_statement(
            nonce=request.headers[protocol.HEADER_NONCE], status=403, body=body
        )
        signer = Ed25519PrivateKey.from_private_bytes(world.office.keys.server_signing)
        signature = base64.b64encode(signer.sign(statement)).decode() if signed else ""
        return httpx.Response(
            403, stream=httpx.ByteStream(body), headers={protocol.HEADER_SERVER_SIGNATURE: signature}
        )

    return answer


def test_a_good_order_in_the_same_harness_wipes(world: World, till: Till) -> None:
    """So that the attacks below fail for what is wrong with them, not for how they are sent."""
    with pytest.raises(RevokedHere):
        answering(till, refusing(world, order_for(world, till))).exchange()
    assert_wiped(till)


def test_a_forged_order_wipes_nothing(world: World, till: Till) -> None:
    good = order_for(world, till)
    forged: list[Any] = [
        order_for(world, till, key=bytes(32)),
        good | {"revoked_at_ms": 6},
        good | {"signature": ""},
        good | {"signature": 7},
        {},
    ]
    for order in forged:
        with pytest.raises(ServerRefused):
            answering(till, refusing(world, order)).exchange()
        assert is_whole(till), order


def test_the_order_for_another_workstation_wipes_nothing(world: World, till: Till) -> None:
    other = world.till("other")
    for order in (
        order_for(world, other),
        order_for(world, till) | {"workstation_id": other.identity.workstation_id},
    ):
        with pytest.raises(ServerRefused):
            answering(till, refusing(world, order)).exchange()
        assert is_whole(till)


def test_the_order_for_an_older_series_wipes_nothing(world: World, till: Till) -> None:
    till.journal.open_new_incarnation("forked", incarnation=2).result()
    till.client.exchange()
    with pytest.raises(ServerRefused):
        answering(till, refusing(world, order_for(world, till))).exchange()
    assert is_whole(till)
    with pytest.raises(RevokedHere):
        answering(till, refusing(world, order_for(world, till, incarnation=2))).exchange()


def test_an_answer_that_nobody_signed_or_that_was_recorded_wipes_nothing(world: World, till: Till) -> None:
    """A captive portal's page; head office's own refusal of another request, word for word."""
    recorded: list[httpx.Response] = []

    def replay(request: httpx.Request) -> httpx.Response:
        if not recorded:
            recorded.append(refusing(world, order_for(world, till))(request))
            return httpx.Response(503, stream=httpx.ByteStream(b""))
        return httpx.Response(403, stream=httpx.ByteStream(recorded[0].read()), headers=recorded[0].headers)

    portal = answering(
        till, lambda _: httpx.Response(403, stream=httpx.ByteStream(b"<html>workstation_revoked</html>"))
    )
    unsigned = refusing(world, order_for(world, till), signed=False)
    with pytest.raises(NotOurServer):
        portal.exchange()
    with pytest.raises(NotOurServer):
        answering(till, unsigned).exchange()
    client = answering(till, replay)
    with pytest.raises(Exception, match="gateway"):
        client.exchange()
    with pytest.raises(NotOurServer):
        client.exchange()
    assert is_whole(till)


def test_an_order_put_into_the_folder_by_somebody_else_wipes_nothing(world: World, till: Till) -> None:
    other = world.till("other")
    till.close()
    world.tills.remove(till)
    file = till.folder / revocation.FILE_NAME
    for text in (b"", b"{", b"[]", json.dumps(order_for(world, other)).encode()):
        file.write_bytes(text)
        open_workstation(Options(places(till), printer="none", timers=False), clock=till.clock).close()
        assert till.keys.get("replica_key") is not None


def test_where_nothing_was_sealed_the_journals_key_stays_and_every_members_goes(
    world: World, till: Till
) -> None:
    (till.folder / "journal.key.sealed").unlink()
    revoke(world, till)
    with pytest.raises(RevokedHere):
        till.client.exchange()
    assert till.keys.get("journal_key") is not None and till.keys.get("replica_key") is None
    assert member_keys(till) == []


HOUR_MS = 3_600_000


def grace(world: World, hours: Any) -> None:
    world.put("policy", [["revoked_grace", json.dumps(hours)]])


def test_within_the_chains_grace_the_last_sales_are_handed_in_before_the_wipe(
    world: World, till: Till
) -> None:
    grace(world, 24)
    revoke(world, till)
    world.clock.advance(23 * HOUR_MS)
    with pytest.raises(RevokedHere):
        till.client.exchange()
    assert world.has_all_of(till) and member_keys(till) == []
    assert_wiped(till)
    assert till.client.state.last_error == "revoked_here"
    assert Verify(world.office.store, world.office.blobs, world.office.keys).run().ok


@pytest.mark.parametrize("hours,later_h", [(24, 24), (0, 0), (None, 0), ("24", 0), (1000, 0), (True, 0)])
def test_past_it_or_without_it_nothing_is_taken(world: World, till: Till, hours: Any, later_h: int) -> None:
    grace(world, hours)
    before = world.documents()
    revoke(world, till)
    world.clock.advance(later_h * HOUR_MS)
    with pytest.raises(RevokedHere):
        till.client.exchange()
    assert world.documents() == before and not world.has_all_of(till)
    assert_wiped(till)


def test_grace_opens_nothing_but_the_delivery(world: World, till: Till) -> None:
    """Members, prices and everything else stay shut from the first moment."""
    grace(world, 24)
    wire = till.client._exchange._wire
    revoke(world, till)
    for target in (
        "/v1/feed?scope=chain&epoch=e&after=0",
        "/v1/digest?scope=chain",
        "/v1/snapshot?scope=chain",
    ):
        with pytest.raises(ServerRefused) as refused:
            wire.get(target, dict)
        assert refused.value.server_code == "workstation_revoked"
        assert refused.value.server_facts["deliver_until_ms"] == world.clock.now_ms() + 24 * HOUR_MS
    for target in ("/v1/status", "/v1/erasures", "/v1/allowances", "/v1/stock"):
        with pytest.raises(ServerRefused, match="revoked"):
            wire.post(target, b"{}", dict)
    series = f"/v1/series/{till.identity.workstation_id}/1"
    with pytest.raises(ServerRefused, match="revoked"):
        wire.get(series, dict)  # a till that does not know yet hears of it at its very next push
    assert wire.get(series + LAST_DELIVERY, dict)["acked_number"] > 0


def till_refusal(till: Till) -> ServerRefused:
    with pytest.raises(ServerRefused) as refused:
        till.client._exchange._wire.get("/v1/digest?scope=chain", dict)
    return refused.value


def test_a_delivery_that_fails_delays_the_wipe_and_prevents_nothing(
    world: World, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace(world, 24)
    revoke(world, till)

    def refuse(**_: Any) -> int:
        raise till_refusal(till)

    def away(*_: Any, **__: Any) -> None:
        assert (
            till.folder / revocation.FILE_NAME
        ).exists()  # whoever pulls the plug here wipes at the next start
        raise ServerAway("cut")

    monkeypatch.setattr(till.client._exchange, "_push_all", away)
    monkeypatch.setattr(till.client._exchange._eraser, "run", refuse)
    with pytest.raises(RevokedHere):
        till.client.exchange()
    assert_wiped(till)
    assert member_keys(till) == ["m-late"]  # for the rescue
