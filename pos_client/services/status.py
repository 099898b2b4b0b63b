"""The status bar's facts."""

from __future__ import annotations

from collections.abc import Callable

from pos_client.replica import receipt_returns
from pos_client.services.chain_rules import Rules
from pos_client.services.counter import Counter
from pos_client.services.devices import Devices
from pos_client.services.journal_notices import JournalNotices
from pos_client.services.own_state import held_count
from pos_client.services.payment.card_terminal import Terminal
from pos_client.services.ports import PeersPort, SyncPort
from pos_client.services.refusals.workstation import ReplicaIncomplete
from pos_client.services.views.devices import DeviceView
from pos_client.services.views.status import Notice, PeersView, PeerView, SeriesView, StatusView
from pos_client.services.views.till import ShiftView
from pos_core.cash.shift import business_day_of

DAY_MS = 24 * 60 * 60 * 1000


class Status:
    """One view of where this workstation stands."""

    def __init__(
        self, counter: Counter, sync: SyncPort, devices: Devices, terminal: Terminal, peers: PeersPort
    ) -> None:
        self._counter = counter
        self._peers = peers
        self._sync = sync
        self._devices = devices
        self._terminal = terminal
        self._journal_notices = JournalNotices(counter.journal)
        sync.on_change(lambda _: counter.changed())
        peers.on_change(counter.changed)

    def view(self) -> StatusView:
        """Cheap: a few indexed reads."""
        counter = self._counter
        rules = self._rules()
        operator, shift, sync = counter.operator, counter.shift, self._sync.state
        instant_ms = counter.time.instant_ms()
        release = counter.replica.release_status(instant_ms)
        return StatusView(
            store_name=rules.store.name if rules else counter.identity.store_id,
            workstation_name=counter.identity.workstation_name,
            operator_name=operator.name if operator else None,
            operator_role=operator.role if operator else None,
            shift_state="open" if shift else "closed",
            shift_opened_at_ms=shift.opened_at_ms if shift else None,
            network=sync.network,
            documents_waiting=counter.journal.documents_waiting(),
            release_version=release.ref.version if release else None,
            release_confirmed_at_ms=sync.last_contact_ms,
            last_contact_ms=sync.last_contact_ms,
            held_count=held_count(counter.journal),
            training=counter.is_training,
            notices=tuple(self._notices(rules, release is None, release is not None and release.stale)),
            store_id=counter.identity.store_id,
            time_zone=rules.store.time_zone if rules else "Asia/Shanghai",
            currency=rules.currency if rules else "CNY",
            exponent=rules.exponent if rules else 2,
            peers=tuple(each.name or each.workstation_id for each in self._peers.seen()),
            other_day=_other_day(rules, shift, instant_ms),
        )

    def peers(self) -> PeersView:
        """The store's other workstations that head office named, and any other that was heard here."""
        own, store_id = self._counter.identity.workstation_id, self._counter.identity.store_id
        known = self._counter.replica.read(lambda c: receipt_returns.of_store(c, store_id))
        names = {each.workstation_id: each.name for each in known if each.workstation_id != own}
        heard = {each.workstation_id: each for each in self._peers.heard()}
        found = []
        for workstation_id in {*names, *heard}:
            there = heard.get(workstation_id)
            found.append(
                PeerView(
                    workstation_id,
                    (there.name if there else "") or names.get(workstation_id, "") or workstation_id[:8],
                    there is not None and there.is_there,
                    there.silent_ms if there else None,
                    there.certificate_ends_ms if there else None,
                    there.held_count if there else 0,
                )
            )
        found.sort(key=lambda each: (not each.is_there, each.name, each.workstation_id))
        return PeersView(self._peers.own_certificate_ends_ms(), tuple(found))

    def series(self) -> SeriesView:
        """Where this workstation's chain stands and what the server has of it."""
        head = self._counter.journal.head()
        return SeriesView(
            workstation_id=head.series.workstation_id,
            incarnation=head.series.incarnation,
            number=head.number,
            head_hash=head.hash,
            documents_waiting=self._counter.journal.documents_waiting(),
        )

    def on_change(self, callback: Callable[[], None]) -> None:
        """Called from any thread when something in the view may have changed."""
        self._counter.on_change(callback)

    def _rules(self) -> Rules | None:
        try:
            return self._counter.rules
        except ReplicaIncomplete:
            return None

    def _notices(self, rules: Rules | None, no_release: bool, stale: bool) -> list[Notice]:
        counter, sync = self._counter, self._sync.state
        notices = []
        if rules is None:
            notices.append(Notice("replica_incomplete", "trouble"))
        elif no_release:
            notices.append(Notice("no_release_yet", "trouble"))
        if stale:
            since_ms = counter.time.instant_ms() - (sync.last_contact_ms or 0)
            days = since_ms // DAY_MS if sync.last_contact_ms else None
            notices.append(Notice("release_stale", "warning", {"days": days}))
        refused = counter.replica.refused_releases()
        if refused:  # what was applied before keeps selling; head office must look at it
            version, code = refused[-1]
            notices.append(Notice("release_not_taken", "warning", {"version": version, "code": code}))
        if counter.replica.setting("root_refused"):
            notices.append(Notice("root_not_taken", "warning"))
        if counter.clock_jump is not None:
            jump = {"jump_ms": counter.clock_jump.jump_ms}
            notices.append(Notice("clock_needs_manager", "warning", jump))
        charged = self._terminal.open_charges() if self._terminal.is_configured else []
        unknown = [each for each in charged if each.outcome == "unknown"]
        if unknown:
            amount_minor = sum(each.amount_minor for each in unknown)
            facts = {"count": len(unknown), "amount_minor": amount_minor}
            notices.append(Notice("charge_unresolved", "warning", facts))
        notices += [_device_notice(each) for each in self._devices.in_trouble()]
        notices += self._journal_notices.now(counter.time.instant_ms())
        if counter.basket_restored and not counter.basket.is_empty:
            notices.append(Notice("basket_restored", "info"))
        return notices


def _other_day(rules: Rules | None, shift: ShiftView | None, instant_ms: int) -> str | None:
    if rules is None or shift is None:
        return None
    today = business_day_of(instant_ms, utc_offset_minutes=rules.utc_offset_minutes(instant_ms))
    return None if shift.business_day == today else shift.business_day


def _device_notice(view: DeviceView) -> Notice:
    if view.kind == "printer":
        return Notice("printer_trouble", "warning", {"state": view.state})
    return Notice("device_trouble", "warning", {"device": view.kind, "state": view.state})
