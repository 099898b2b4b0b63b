"""Empties the outbox: what is due goes out, what failed waits longer each time, in the end as a dead letter.

A message may go out twice when this process ends between the receiver's answer and the note of it; it has
the same id then, by which receivers drop it.
"""

from __future__ import annotations

import dataclasses
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pos_core.clock import Clock
from sync_server.services.importing.context import DEFAULT_ZONE
from sync_server.services.keys import ChainKeys
from sync_server.services.notices.adapters import Adapter, FileAdapter, Outcome
from sync_server.services.notices.choosing import DAY_MS, Choice, Chooser, Later, Send, Settle
from sync_server.services.notices.kinds import EVENTS, SENDING
from sync_server.services.notices.recipients import recipients
from sync_server.services.notices.rules import Rules, rules_of
from sync_server.services.notices.settings import NoticeSettings, read_settings
from sync_server.services.notices.webhook import WebhookAdapter
from sync_server.store import feed, notice, notice_setup
from sync_server.store.engine import Store, Txn
from sync_server.store.notice import AttemptRow, NoticeRow
from sync_server.store.notice_setup import ChannelRow

BATCH = 200
AT_ONCE = 8
THREADS = 4
FIRST_WAIT_MS = 30_000
WAIT_MAX_MS = 6 * 3_600_000
AWAY_MS = 30_000
BOTH_SECRETS_MS = DAY_MS
_MARKETING = [SENDING.key, *(event.key for event in EVENTS.values() if event.marketing)]
MakeAdapter = Callable[[ChannelRow, NoticeSettings], Adapter]


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt with what came of it; None: it was not made, for the channel is away."""

    row: NoticeRow
    send: Send
    outcome: Outcome | None
    took_ms: int = 0


class Delivery:
    """One at a time: the timer's thread. `make`: replaced by tests."""

    def __init__(
        self, store: Store, keys: ChainKeys, clock: Clock, *, make: MakeAdapter | None = None
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self.make = make or self.adapter

    def adapter(self, row: ChannelRow, settings: NoticeSettings) -> Adapter:
        """What a channel goes out by; not for one that is off."""
        if row.adapter == "file":
            return FileAdapter(settings.folder)
        return WebhookAdapter(row.url, self.secrets(row), settings, self._clock)

    def secrets(self, row: ChannelRow) -> list[bytes]:
        """What signs: the newest, and for a day after a change the one before as well."""
        numbers = [row.secret_number]
        if row.secret_number > 1 and self._clock.now_ms() - row.secret_since_ms < BOTH_SECRETS_MS:
            numbers.append(row.secret_number - 1)
        return [self._keys.webhook_secret(row.channel, number) for number in numbers]

    def settings(self) -> NoticeSettings:
        """As the server's owner wrote them. Raises BadNoticeSettings."""
        return read_settings(self._keys.folder.root)

    def run_some(self) -> bool:
        """One batch; False when nothing was due. Raises BadNoticeSettings."""
        settings = self.settings()
        now = self._clock.now_ms()
        rows, choices, rules, channels = self._store.read(lambda txn: self._look(txn, now))
        if not rows:
            return False
        sends: dict[str, list[tuple[NoticeRow, Send]]] = defaultdict(list)
        for row, choice in zip(rows, choices, strict=True):
            if isinstance(choice, Send):
                sends[choice.message.channel].append((row, choice))
        settled = [pair for pair in zip(rows, choices, strict=True) if not isinstance(pair[1], Send)]
        self._store.write(lambda txn: _settle(txn, settled, now))
        for channel, waiting in sends.items():
            self._go_out(channels[channel], settings, waiting, rules)
        return True

    def _look(self, txn: Txn, now: int) -> tuple[list[NoticeRow], list[Choice], Rules, dict[str, ChannelRow]]:
        rows, rules = notice.due(txn, now, BATCH), rules_of(txn)
        ids = sorted({row.member_id for row in rows})
        chooser = Chooser(
            txn,
            rules=rules,
            zone=ZoneInfo(feed.policy(txn, "time_zone") or DEFAULT_ZONE),
            now_ms=now,
            people=recipients(txn, self._keys, ids),
            told_today=notice.sent_since(txn, ids, now - DAY_MS, _MARKETING),
        )
        return rows, [chooser.choose(row) for row in rows], rules, notice_setup.channels(txn)

    def _go_out(
        self,
        channel: ChannelRow,
        settings: NoticeSettings,
        waiting: Sequence[tuple[NoticeRow, Send]],
        rules: Rules,
    ) -> None:
        """A few at once; what came of them is noted before the next few, so little is ever sent again."""
        adapter = self.make(channel, settings)
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="notices")
        away = False
        try:
            for start in range(0, len(waiting), AT_ONCE):
                part = waiting[start : start + AT_ONCE]
                if away:
                    tried = [Tried(row, send, None) for row, send in part]
                else:
                    tried = list(pool.map(lambda pair: self._one(adapter, *pair), part))
                    away = all(each.outcome is not None and each.outcome.away for each in tried)
                self._keep(tried, rules)
        finally:
            pool.shutdown(wait=True)
            adapter.close()

    def _one(self, adapter: Adapter, row: NoticeRow, send: Send) -> Tried:
        started = self._clock.monotonic_ms()
        outcome = adapter.send(send.message)
        return Tried(row, send, outcome, self._clock.monotonic_ms() - started)

    def _keep(self, tried: Sequence[Tried], rules: Rules) -> None:
        now = self._clock.now_ms()
        waits = [_wait_ms(each.row.attempts % rules.attempts_max) for each in tried]

        def write(txn: Txn) -> None:
            known = notice.get_many(txn, [each.row.notice_id for each in tried])
            for each, wait_ms in zip(tried, waits, strict=True):
                as_is = known.get(each.row.notice_id)
                if as_is is None or as_is.attempts != each.row.attempts:
                    continue
                after = _after(as_is, each, rules, now=now, wait_ms=wait_ms)
                notice.put(txn, after)
                if each.outcome is not None:
                    notice.note_attempts(txn, [_attempt(after, each, now)])

        self._store.write(write)


def _settle(txn: Txn, settled: Sequence[tuple[NoticeRow, Choice]], now: int) -> None:
    known = notice.get_many(txn, [row.notice_id for row, _ in settled])
    for row, choice in settled:
        as_is = known.get(row.notice_id)
        if as_is is None or as_is.state != "waiting":
            continue  # cancelled meanwhile
        if isinstance(choice, Settle):
            after = dataclasses.replace(as_is, state=choice.state, reason=choice.reason, changed_at_ms=now)
        else:
            assert isinstance(choice, Later)
            after = dataclasses.replace(
                as_is, next_at_ms=choice.at_ms, reason=choice.reason, changed_at_ms=now
            )
        notice.put(txn, after)


def _after(as_is: NoticeRow, tried: Tried, rules: Rules, *, now: int, wait_ms: int) -> NoticeRow:
    """The notice after an attempt; one that was cancelled meanwhile and went out all the same is sent."""
    outcome = tried.outcome
    if outcome is None:
        held = dataclasses.replace(as_is, next_at_ms=now + AWAY_MS, reason="channel_away", changed_at_ms=now)
        return held if as_is.state == "waiting" else as_is
    made = dataclasses.replace(
        as_is,
        attempts=as_is.attempts + 1,
        channel=tried.send.message.channel,
        template_version=tried.send.version,
        reason=outcome.detail,
        changed_at_ms=now,
    )
    if outcome.result == "sent":
        return dataclasses.replace(made, state="sent", reason="")
    if as_is.state != "waiting":
        return dataclasses.replace(made, reason=as_is.reason)
    if outcome.result == "refused" or made.attempts % rules.attempts_max == 0:
        return dataclasses.replace(made, state="dead")
    return dataclasses.replace(made, next_at_ms=now + max(wait_ms, outcome.after_ms or 0))


def _attempt(after: NoticeRow, tried: Tried, now: int) -> AttemptRow:
    assert tried.outcome is not None
    return AttemptRow(
        after.notice_id,
        after.attempts,
        now,
        after.channel,
        tried.outcome.result,
        tried.outcome.detail,
        tried.took_ms,
    )


def _wait_ms(attempts: int) -> int:
    """Before the next attempt: four times longer each, up to six hours, spread a little."""
    wait = min(FIRST_WAIT_MS * 4 ** min(attempts, 10), WAIT_MAX_MS)
    return int(wait * random.uniform(0.8, 1.2))  # noqa: S311 - only spreads tries
