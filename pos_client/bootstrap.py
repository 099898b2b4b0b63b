"""Builds a workstation out of its parts: the only module that knows them all."""

from __future__ import annotations

import base64
import contextlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.devices.configure import printer_from
from pos_client.devices.lines import terminal_from
from pos_client.devices.printer import ReceiptPrinter
from pos_client.journal.journal import Journal
from pos_client.journal.time_guard import TimeGuard
from pos_client.keys.key_store import (
    FileKeyStore,
    KeyStore,
    choose_key_store,
    get_or_make,
    needed,
)
from pos_client.log import configure_logging
from pos_client.peers.store import PeerStore, open_peers
from pos_client.receipts.model import Language
from pos_client.replica.replica import Replica
from pos_client.services.assembly.assemble import assemble
from pos_client.services.assembly.parts import Parts
from pos_client.services.counter import Identity
from pos_client.services.guarded_time import GuardedTime
from pos_client.services.system_clock import SystemClock
from pos_client.services.training import SUFFIX
from pos_client.services.workstation import Workstation
from pos_client.settings_file import device_lines, keep_setting, read_settings
from pos_client.storage.errors import sort_os_error, sort_sqlite_error
from pos_client.storage.places import Places
from pos_client.sync.peers.neighbours import Neighbours
from pos_client.sync.revocation import finish as finish_revocation
from pos_client.sync.sync_client import REVOKED, SyncClient
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.clock import Clock
from pos_core.errors import Trouble
from pos_core.sync.document import Series

if TYPE_CHECKING:
    from pos_client.sync.peers.caller import Dial
    from pos_client.sync.wire import Transport

APP_VERSION = "0.1.0"
_SERVER_TIME = "server_time_heard_ms"
_NEWEST = "SELECT occurred_at_ms FROM document ORDER BY document_key DESC LIMIT 1"


class EnrolmentIncomplete(Trouble):
    """Enrolled, but the first download did not finish; the next start goes on with it."""

    code = "replica_incomplete"


@dataclass(frozen=True, slots=True)
class Options:
    """How to open a workstation.

    Attributes:
        printer: a line for `pos_client.devices.configure`; None: what `settings.json` says, else screen.
        timers: False in tests and drivers that run exchanges themselves.
        peers_host: the address to listen on for the store's other workstations, "" for every network; None:
            what `settings.json` says under `peers_host`.
        live: False leaves `Workstation.go_live` to the front end: a window is on the screen first.
    """

    places: Places
    printer: str | None = None
    language: Language = "zh"
    timers: bool = True
    live: bool = True
    peers_host: str | None = None


def open_workstation(
    options: Options,
    *,
    clock: Clock | None = None,
    transport: Transport | None = None,
    dial: Dial | None = None,
) -> Workstation:
    """Everything open and checked, sync running (but see `Options.live`). Close it with `Workstation.close`.

    `transport`, `dial`: other ways to the server and to the store's other workstations than the network.

    Raises NotEnrolled, SecondInstance, WrongKey, DamagedFile, HalfBuiltFile, LostTail, ReadOnlyFolder and the
    other storage troubles, each with its way out; nothing is left open then.
    """
    clock = clock or SystemClock()
    answer_keys_first()
    printer = _printer(options)
    closing = contextlib.ExitStack()
    with contextlib.ExitStack() as undo:
        files = _open_files(options.places, clock, undo, transport)
        identity, keys = files.identity, files.keys
        time = _guarded_time(files.journal, files.replica, clock)
        _pass_on_server_time(files.sync, files.replica, time)
        neighbours = _neighbours(options, files, clock, dial)
        undo.callback(neighbours.close)

        def go_live() -> None:
            files.sync.start(timers=options.timers)
            if options.timers or dial is not None:
                neighbours.start()

        workstation = assemble(
            Parts(
                identity=Identity(
                    identity.workstation_id,
                    identity.workstation_name,
                    identity.store_id,
                    identity.chain_id,
                ),
                journal=files.journal,
                replica=files.replica,
                time=time,
                sync=files.sync,
                printer=printer,
                pin_pepper=lambda: needed(keys, "pin_pepper"),
                blind_index_key=lambda: needed(keys, "blind_index_key"),
                sealing_public_key=base64.b64decode(identity.sealing_public_key),
                receipt_language=options.language,
                reports_folder=options.places.data / "reports",
                device_lines=_device_lines(options),
                keep_device_line=lambda kind, line: keep_setting(options.places.data, kind, line),
                make_terminal=lambda line: terminal_from(line, options.places.data / "terminal.jsonl"),
                open_training_journal=lambda: _training_journal(options.places, identity, clock),
                peers=neighbours,
                on_live=go_live,
                on_close=closing.close,
            )
        )
        closing.callback(undo.pop_all().close)
    if options.live:
        workstation.go_live()
    return workstation


def enrol_workstation(places: Places, server_url: str, code: str, name: str) -> WorkstationFile:
    """Enrol with a one-time code and fetch everything. Raises what `pos_client.sync.enrolment.enrol` raises,

    and EnrolmentIncomplete.
    """
    from pos_client.sync.enrolment import enrol

    try:
        places.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise sort_os_error(error, places.data) from error
    configure_logging(places.data)
    keys = choose_key_store(places.data, places.key_folder)
    made = enrol(server_url, code, name=name, keys=keys, folder=places.data, app_version=APP_VERSION)
    first_exchange(places)
    return made


def first_exchange(places: Places) -> None:
    """After enrolment: fetch everything, so that the first start can sell. Raises what goes wrong.

    EnrolmentIncomplete: the server answered and something is still missing.
    """
    with contextlib.ExitStack() as undo:
        files = _open_files(places, SystemClock(), undo)
        files.sync.exchange()
        if not files.replica.is_complete():
            raise EnrolmentIncomplete("enrolled, but the first download is not complete; start again")


@dataclass(frozen=True, slots=True)
class _Files:
    identity: WorkstationFile
    keys: KeyStore
    journal: Journal
    replica: Replica
    sync: SyncClient
    peers: PeerStore | None


def _open_files(
    places: Places, clock: Clock, undo: contextlib.ExitStack, transport: Transport | None = None
) -> _Files:
    """Journal, replica and the engine between them and the server; `undo` closes them again."""
    identity = WorkstationFile.load(places.data)
    keys = choose_key_store(places.data, places.key_folder)
    finish_revocation(places.data, places.replica, places.journal, keys)
    recovery_key = identity.recovery_key_bytes()
    try:
        journal = Journal.open(
            places.journal,
            keys=keys,
            witness_path=places.witness,
            series=Series(identity.workstation_id, identity.incarnation),
            store_id=identity.store_id,
            clock=clock,
            recovery_public_key=recovery_key,
            app_version=APP_VERSION,
        )
    except sqlcipher.Error as error:  # a damaged page can show at any read
        raise sort_sqlite_error(error, places.journal, key_is_right=True) or error from error
    undo.callback(journal.close)
    replica = Replica.open(places.replica, keys, store_id=identity.store_id, recovery_public_key=recovery_key)
    undo.callback(replica.close)
    peers = open_peers(places.data, keys, recovery_key)
    if peers is not None:
        undo.callback(peers.close)
    sync = SyncClient(
        identity=identity,
        keys=keys,
        journal=journal,
        replica=replica,
        clock=clock,
        app_version=APP_VERSION,
        transport=transport,
        erase_elsewhere=peers.erase_member if peers else lambda member_id: None,
    )
    undo.callback(sync.close)
    return _Files(identity, keys, journal, replica, sync, peers)


def _neighbours(options: Options, files: _Files, clock: Clock, dial: Dial | None) -> Neighbours:
    said = str(read_settings(options.places.data).get("peers_host", ""))
    return Neighbours(
        files.identity,
        files.keys,
        files.journal,
        files.replica,
        files.peers,
        clock=clock,
        host=said if options.peers_host is None else options.peers_host,
        is_revoked=lambda: files.sync.state.last_error == REVOKED,
        dial=dial,
    )


def answer_keys_first() -> None:
    """Give a waiting thread the interpreter after half a millisecond instead of five.

    The journal's, sync's and printer's threads work beside the scans; with Python's default a scan could
    wait five milliseconds for each of them.
    """
    sys.setswitchinterval(0.0005)


def _training_journal(
    places: Places, identity: WorkstationFile, clock: Clock
) -> tuple[Journal, Callable[[], None]]:
    """A fresh journal in a folder of its own with its own keys; the second value throws all of it away."""
    folder = places.data / "training"
    shutil.rmtree(folder, ignore_errors=True)  # what a crash left
    folder.mkdir(parents=True)
    keys = FileKeyStore(folder / "keys")
    get_or_make(keys, "signing_key")
    journal = Journal.open(
        folder / "journal.db",
        keys=keys,
        witness_path=folder / "witness" / "w",
        series=Series(identity.workstation_id + SUFFIX, 1),
        store_id=identity.store_id,
        clock=clock,
        ballast_bytes=0,
    )

    def discard() -> None:
        journal.close()
        shutil.rmtree(folder, ignore_errors=True)

    return journal, discard


def _device_lines(options: Options) -> dict[str, str]:
    found = device_lines(options.places.data)
    if options.printer is not None:
        found["printer"] = options.printer
    return found


def _printer(options: Options) -> ReceiptPrinter:
    line = options.printer or read_settings(options.places.data).get("printer")
    return printer_from(line if isinstance(line, str) else "screen")


def _guarded_time(journal: Journal, replica: Replica, clock: Clock) -> GuardedTime:
    row = journal.read(lambda c: c.execute(_NEWEST).fetchone())
    newest_ms = 0 if row is None else int(row[0])
    guard = journal.read(lambda c: TimeGuard.load(clock, c, newest_document_ms=newest_ms))
    return GuardedTime(clock, guard, not_before_ms=replica.not_before_ms)


def _pass_on_server_time(sync: SyncClient, replica: Replica, time: GuardedTime) -> None:
    """The time guard hears of each new time that the server said."""
    last = [replica.setting(_SERVER_TIME)]

    def listen(_: object) -> None:
        said = replica.setting(_SERVER_TIME)
        if said is not None and said != last[0]:
            last[0] = said
            time.heard(int(said))

    sync.on_change(listen)
