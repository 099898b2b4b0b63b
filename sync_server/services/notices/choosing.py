"""Of a notice that is due: does it go out now, by which channel and with which text, or why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync_server.services import shopper_orders
from sync_server.services.campaigns.plan import Plan, plan_from
from sync_server.services.campaigns.store_holdout import arm_of
from sync_server.services.notices.kinds import LANGUAGES, ORDER_READY, SENDING, Message, event_of
from sync_server.services.notices.recipients import Recipient
from sync_server.services.notices.rules import Rules, loud_from
from sync_server.services.notices.texts import filled, places
from sync_server.store import campaign, coupon, notice_setup
from sync_server.store.engine import Txn
from sync_server.store.notice import NoticeRow
from sync_server.store.notice_setup import ChannelRow, TemplateRow

LATER_MS = 6 * 3_600_000
DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Send:
    """It goes out now."""

    message: Message
    version: int | None


@dataclass(frozen=True, slots=True)
class Settle:
    """It does not go out: `cancelled` when there is nothing left to say, `withheld` when it may not."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now."""

    at_ms: int
    reason: str


Choice = Send | Settle | Later


@dataclass(frozen=True, slots=True)
class Text:
    """A text to fill in, of a template or of a sending."""

    language: str
    subject: str
    body: str
    code: str
    version: int | None


class Chooser:
    """Looks once at what a whole batch has in common."""

    def __init__(
        self,
        txn: Txn,
        *,
        rules: Rules,
        zone: ZoneInfo,
        now_ms: int,
        people: Mapping[str, Recipient],
        told_today: Mapping[str, int],
    ) -> None:
        self._txn = txn
        self._rules = rules
        self._zone = zone
        self._now_ms = now_ms
        self._people = people
        self._told_today = dict(told_today)
        self._channels = notice_setup.channels(txn)
        self._templates = notice_setup.templates(txn)
        self._sendings: dict[str, dict[str, Any] | None] = {}
        self._plans: dict[str, Plan | None] = {}

    def choose(self, row: NoticeRow) -> Choice:
        """See the module."""
        member = self._people[row.member_id]
        why_not = self._why_not(row, member)
        if why_not is not None:
            return why_not
        loud = loud_from(self._rules, self._now_ms, self._zone)
        if loud is not None:
            return Later(loud, "quiet_hours")
        limit = self._rules.per_member_per_day
        marketing = event_of(row.event).marketing
        if marketing and limit and self._told_today.get(row.member_id, 0) >= limit:
            return Later(self._now_ms + LATER_MS, "enough_today")
        choice = self._by_channel(row, member)
        if isinstance(choice, Send) and marketing:
            self._told_today[row.member_id] = self._told_today.get(row.member_id, 0) + 1
        return choice

    def _why_not(self, row: NoticeRow, member: Recipient) -> Settle | None:
        if row.not_after_ms is not None and self._now_ms >= row.not_after_ms:
            return Settle("cancelled", "too_late")
        if member.gone:
            return Settle("cancelled", member.gone)
        if event_of(row.event).marketing and not member.agrees:
            return Settle("withheld", "no_consent")
        plan = self._plan(row.campaign_id)
        if plan is not None and arm_of(row.campaign_id, plan, row.member_id, member.store_id):
            return Settle("withheld", "held_out")
        over = self._over(row)
        return None if not over else Settle("cancelled", over)

    def _over(self, row: NoticeRow) -> str:
        """Why what it tells of is no more; "" when it is."""
        if row.event.startswith("coupon_"):
            known = coupon.get_many(self._txn, [row.reference]).get(row.reference)
            return "" if known is not None and known.state == "issued" else "coupon_over"
        if row.event == ORDER_READY:
            waits = shopper_orders.is_waiting(self._txn, row.reference, self._now_ms)
            return "" if waits else "order_over"
        return ""

    def _plan(self, campaign_id: str) -> Plan | None:
        if campaign_id not in self._plans:
            found = campaign.get(self._txn, campaign_id) if campaign_id else None
            self._plans[campaign_id] = None if found is None else plan_from(found.plan)
        return self._plans[campaign_id]

    def _by_channel(self, row: NoticeRow, member: Recipient) -> Choice:
        """The first channel that has an adapter, a text and an address, and that he has not refused."""
        reason = "no_channel"
        for channel in self._order(row):
            if self._channels.get(channel, ChannelRow(channel)).adapter == "off":
                continue
            text = self._text(row, channel, self._rules.language_in(member.region))
            if text is None:
                reason = "no_text"
            elif channel in member.refused:
                reason = "no_consent"
            elif not member.address(channel):
                reason = "no_address"
            else:
                return Send(self._written(row, channel, text, member), text.version)
        return Settle("withheld", reason)

    def _order(self, row: NoticeRow) -> tuple[str, ...]:
        if row.event != SENDING.key:
            return self._rules.order
        said = self._sending(row.reference)
        return () if said is None else (str(said["channel"]),)

    def _text(self, row: NoticeRow, channel: str, language: str) -> Text | None:
        """In the member's language, else in the chain's, else in any."""
        for wanted in dict.fromkeys((language, self._rules.language, *LANGUAGES)):
            if row.event == SENDING.key:
                said = (self._sending(row.reference) or {"texts": {}})["texts"].get(wanted)
                if said is not None:
                    return Text(wanted, said["subject"], said["body"], said["code"], None)
                continue
            found: TemplateRow | None = self._templates.get((row.event, channel, wanted))
            if found is not None and found.state == "on":
                return Text(wanted, found.subject, found.body, found.provider_code, found.version)
        return None

    def _sending(self, sending_id: str) -> dict[str, Any] | None:
        if sending_id not in self._sendings:
            found = notice_setup.sending(self._txn, sending_id)
            self._sendings[sending_id] = None if found is None else json.loads(found.question)
        return self._sendings[sending_id]

    def _written(self, row: NoticeRow, channel: str, text: Text, member: Recipient) -> Message:
        facts = written_facts(json.loads(row.facts), text.language, self._zone)
        values = {**facts, **(member.words or {})}
        used = dict.fromkeys(places(text.subject) + places(text.body))
        return Message(
            row.notice_id,
            row.event,
            channel,
            text.language,
            member.address(channel),
            filled(text.subject, values),
            filled(text.body, values),
            text.code,
            {word: values.get(word, "") for word in used},
            row.created_at_ms,
        )


def written_facts(facts: Mapping[str, Any], language: str, zone: ZoneInfo) -> dict[str, str]:
    """As text: a moment as its day and minute, a text for each language as the one of `language`."""
    found = {}
    for name, value in facts.items():
        if isinstance(value, dict):
            found[name] = str(value.get(language) or next(iter(value.values()), ""))
        elif isinstance(value, int):
            moment = datetime.fromtimestamp(value / 1000, UTC).astimezone(zone)
            found[name] = moment.strftime("%Y-%m-%d %H:%M")
        else:
            found[name] = str(value)
    return found
