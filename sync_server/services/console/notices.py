"""The outbox and the templates as the console shows and changes them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.acts import Act
from sync_server.services.importing.context import DEFAULT_ZONE
from sync_server.services.notices.choosing import written_facts
from sync_server.services.notices.kinds import CHANNELS, EVENTS, LANGUAGES, event_of, words_of
from sync_server.services.notices.rules import Rules, rules_of
from sync_server.services.notices.texts import BadText, checked_text, filled
from sync_server.store import feed, notice, notice_setup
from sync_server.store.engine import Store, Txn
from sync_server.store.notice import AttemptRow, NoticeRow
from sync_server.store.notice_setup import TemplateRow

SHOWN = 100
RETRIED_AT_ONCE = 500
STATES = ("waiting", "sent", "dead", "cancelled", "withheld")
_EXAMPLE = {
    "zh": {"name": "王芳", "store": "人民路店", "tier": "gold", "coupon": "满50减20"},
    "en": {"name": "Wang Fang", "store": "Renmin Road", "tier": "gold", "coupon": "20 off 50"},
}
_EXAMPLE_DAYS = 7


class NoSuchNotice(Refusal):
    """No notice of this id, or not in a state in which this can be done."""

    code = "notice_not_found"


class NoSuchTemplate(Refusal):
    """No such event, channel or language."""

    code = "notice_no_such_template"


@dataclass(frozen=True, slots=True)
class OneNotice:
    """A notice with its attempts; `about`: what its text may say, written out, without the member."""

    row: NoticeRow
    attempts: Sequence[AttemptRow]
    about: Mapping[str, str]


class Notices:
    """See the module."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # --- the outbox ---------------------------------------------------------------------------------

    def listing(self, *, state: str, event: str, reference: str, before: str) -> list[NoticeRow]:
        """The newest first, `SHOWN` at once."""
        return self._store.read(
            lambda txn: notice.listing(
                txn, state=state, event=event, reference=reference, before=before, limit=SHOWN
            )
        )

    def counts(self) -> dict[str, int]:
        """How many of each state."""
        found = self._store.read(notice.counts)
        return {state: found.get(state, 0) for state in STATES}

    def one(self, notice_id: str, language: str) -> OneNotice:
        """One of them. Raises NoSuchNotice."""

        def read(txn: Txn) -> OneNotice | None:
            row = notice.get(txn, notice_id)
            if row is None:
                return None
            about = written_facts(json.loads(row.facts), language, _zone(txn))
            return OneNotice(row, notice.attempts(txn, notice_id), about)

        found = self._store.read(read)
        if found is None:
            raise NoSuchNotice("no such notice")
        return found

    def retry(self, act: Act, notice_id: str) -> None:
        """A dead letter waits again, one that waits is tried now. Raises NoSuchNotice."""
        now = self._clock.now_ms()

        def write(txn: Txn) -> None:
            row = notice.get(txn, notice_id)
            if row is None or row.state not in ("dead", "waiting"):
                raise NoSuchNotice("nothing to try again")
            notice.put(txn, _again(row, now))
            act.note(txn, now, "notice_retried", notice_id)

        self._store.write(write)

    def retry_dead(self, act: Act) -> int:
        """Every dead letter, some hundred at once; returns how many those are now."""
        now = self._clock.now_ms()

        def write(txn: Txn) -> int:
            rows = notice.dead(txn, RETRIED_AT_ONCE)
            for row in rows:
                notice.put(txn, _again(row, now))
            act.note(txn, now, "notices_retried", "dead", rows=len(rows))
            return len(rows)

        return self._store.write(write)

    def cancel(self, act: Act, notice_id: str) -> None:
        """One that waits does not go out. Raises NoSuchNotice."""
        now = self._clock.now_ms()

        def write(txn: Txn) -> None:
            row = notice.get(txn, notice_id)
            if row is None or row.state not in ("waiting", "dead"):
                raise NoSuchNotice("it does not wait")
            after = dataclasses.replace(row, state="cancelled", reason="by_hand", changed_at_ms=now)
            notice.put(txn, after)
            act.note(txn, now, "notice_cancelled", notice_id)

        self._store.write(write)

    # --- templates ----------------------------------------------------------------------------------

    def rules(self) -> Rules:
        """The chain's."""
        return self._store.read(rules_of)

    def templates(self) -> dict[tuple[str, str, str], TemplateRow]:
        """Every text that was ever written, by event, channel and language."""
        return self._store.read(notice_setup.templates)

    def template(self, event: str, channel: str, language: str) -> TemplateRow:
        """One, empty before it is written. Raises NoSuchTemplate."""
        if event not in EVENTS or channel not in CHANNELS or language not in LANGUAGES:
            raise NoSuchTemplate("no such event, channel or language")
        empty = TemplateRow(event, channel, language, 0, "off", "", "", "", "", 0)
        return self.templates().get((event, channel, language), empty)

    def put_template(self, act: Act, row: TemplateRow) -> None:
        """Another version of a text, or switched on or off. Raises NoSuchTemplate, BadText."""
        before = self.template(row.event, row.channel, row.language)
        if row.state not in ("on", "off"):
            raise BadText("on or off", field="state", word="")
        checked_text(
            event_of(row.event), row.channel, subject=row.subject, body=row.body, code=row.provider_code
        )
        now = self._clock.now_ms()
        after = dataclasses.replace(
            row, version=before.version + 1, changed_login=act.actor, changed_at_ms=now
        )

        def write(txn: Txn) -> None:
            notice_setup.put_template(txn, after)
            subject = f"{row.event}/{row.channel}/{row.language}"
            act.note(txn, now, "notice_template_set", subject, version=after.version, state=row.state)

        self._store.write(write)

    def preview(self, event: str, channel: str, language: str, *, subject: str, body: str) -> tuple[str, str]:
        """Filled in with an example. Raises BadText."""
        checked_text(event_of(event), channel, subject=subject or "-", body=body, code="")
        zone = self._store.read(_zone)
        until = self._clock.now_ms() + _EXAMPLE_DAYS * 86_400_000
        values = {**_EXAMPLE[language], **written_facts({"until": until}, language, zone)}
        return filled(subject, values), filled(body, values)


def placeholders(event: str) -> tuple[str, ...]:
    """What a text of this event may hold."""
    return words_of(event_of(event))


def _again(row: NoticeRow, now: int) -> NoticeRow:
    return dataclasses.replace(row, state="waiting", reason="", next_at_ms=now, changed_at_ms=now)


def _zone(txn: Txn) -> ZoneInfo:
    return ZoneInfo(feed.policy(txn, "time_zone") or DEFAULT_ZONE)
