"""What an exchange is made of, wired at its first use."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.journal import Journal
from pos_client.journal.refused import Refused
from pos_client.keys.key_store import KeyStore
from pos_client.replica.replica import Replica
from pos_client.sync.allowance_ask import AllowanceAsker
from pos_client.sync.erasures import Eraser
from pos_client.sync.exchange import Exchange
from pos_client.sync.member_keys import MemberKeySender
from pos_client.sync.peer_renewal import PeerRenewal
from pos_client.sync.release_fetch import ReleaseFetcher
from pos_client.sync.revocation import Revocation
from pos_client.sync.root_follow import RootFollower
from pos_client.sync.server_clock import ServerClock
from pos_client.sync.snapshot_fetch import SnapshotFetcher
from pos_client.sync.wire import Credentials, Wire
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.clock import Clock


def make_exchange(
    *,
    http: httpx.Client,
    identity: WorkstationFile,
    keys: KeyStore,
    signing_key: Ed25519PrivateKey,
    server_clock: ServerClock,
    clock: Clock,
    journal: Journal,
    replica: Replica,
    book: AllowanceBook,
    app_version: str,
    instant_ms: Callable[[], int],
    stop_selling: Callable[[], None],
    erase_elsewhere: Callable[[str], Any] = lambda member_id: None,
) -> Exchange:
    """One for the life of a sync worker."""
    server_key = identity.server_key_bytes()
    credentials = Credentials(identity.workstation_id, signing_key, server_key)
    wire = Wire(http, identity.server_url, credentials, server_clock)
    refused = Refused(journal, server_clock.now_ms)
    roots = RootFollower(identity, journal.path.parent, replica, app_version, refused.note)
    return Exchange(
        wire=wire,
        journal=journal,
        replica=replica,
        releases=ReleaseFetcher(wire, replica, roots.trust, refused.note),
        roots=roots,
        snapshots=SnapshotFetcher(
            wire,
            replica,
            roots.trust_with,
            keys,
            server_public_key=server_key,
            recovery_public_key=identity.recovery_key_bytes(),
        ),
        allowances=AllowanceAsker(wire, journal, replica, book),
        member_keys=MemberKeySender(wire, journal, clock, base64.b64decode(identity.sealing_public_key)),
        eraser=Eraser(wire, journal, replica, server_key, erase_elsewhere),
        peer_renewal=PeerRenewal(
            wire,
            replica,
            identity,
            public_key=signing_key.public_key().public_bytes_raw(),
            folder=journal.path.parent,
            clock=clock,
            note=refused.note,
        ),
        refused=refused,
        revocation=Revocation(identity, keys, journal, replica.path, stop_selling),
        app_version=app_version,
        instant_ms=instant_ms,
    )
