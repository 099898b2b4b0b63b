"""Where notices go out: each channel's adapter, its secret, a try of it; another address takes two people."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from sync_server.services.acts import Act
from sync_server.services.identity import new_id
from sync_server.services.keys import ChainKeys
from sync_server.services.notices.adapters import Outcome
from sync_server.services.notices.delivery import Delivery
from sync_server.services.notices.kinds import ADAPTERS, ADDRESS, CHANNELS, Message
from sync_server.services.notices.webhook import checked_url, secret_text
from sync_server.store import notice_setup
from sync_server.store.engine import Store, Txn
from sync_server.store.notice_setup import ChannelRow

TO_CHARS_MAX = 120


class BadChannel(InvalidInput):
    """No such channel or adapter; `field` says which."""

    code = "notice_bad_channel"


class AddressMoved(Refusal):
    """Another address waits than the one that was looked at."""

    code = "notice_address_moved"


class ChannelIsOff(Refusal):
    """Nothing to try, sign or approve here."""

    code = "notice_channel_off"


@dataclass(frozen=True, slots=True)
class WantedUrl:
    """An address that waits for a second person."""

    url: str
    by: str
    login: str
    why: str


class Channels:
    """See the module."""

    def __init__(self, store: Store, keys: ChainKeys, delivery: Delivery, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._delivery = delivery
        self._clock = clock

    def listing(self) -> list[tuple[ChannelRow, WantedUrl | None]]:
        """Every channel, those that go nowhere too."""
        known = self._store.read(notice_setup.channels)
        rows = [known.get(channel, ChannelRow(channel)) for channel in CHANNELS]
        return [(row, _wanted(row)) for row in rows]

    def put(self, act: Act, channel: str, adapter: str, url: str) -> None:
        """Off and files count at once; an address waits for `approve`. Raises BadChannel, BadUrl."""
        if channel not in CHANNELS or adapter not in ADAPTERS:
            raise BadChannel("no such channel or adapter", field="channel")
        wanted = None
        if adapter == "webhook":
            said = WantedUrl(checked_url(url), str(act.user_id), act.actor, act.why)
            wanted = json.dumps(dataclasses.asdict(said), ensure_ascii=False)

        def change(row: ChannelRow) -> ChannelRow:
            if wanted is not None:
                return dataclasses.replace(row, wanted=wanted)
            return dataclasses.replace(row, adapter=adapter, url="", wanted=None)

        self._change(act, channel, "notice_channel_set", change, adapter=adapter, url=url if wanted else "")

    def approve(self, act: Act, channel: str, seen: str | None = None) -> None:
        """The address that waits counts from now on; `seen` is the one that the page showed.

        Raises ChannelIsOff, OwnApproval, AddressMoved.
        """
        now = self._clock.now_ms()

        def change(row: ChannelRow) -> ChannelRow:
            waiting = _wanted(row)
            if waiting is None:
                raise ChannelIsOff("no address waits")
            act.refuse_own(waiting.by)
            if seen is not None and seen != waiting.url:
                raise AddressMoved("another address waits")
            if not row.secret_number:
                row = dataclasses.replace(row, secret_number=1, secret_since_ms=now)
            return dataclasses.replace(row, adapter="webhook", url=waiting.url, wanted=None)

        self._change(act, channel, "notice_channel_approved", change)

    def refuse(self, act: Act, channel: str) -> None:
        """The address that waits is forgotten. Raises ChannelIsOff."""

        def change(row: ChannelRow) -> ChannelRow:
            if row.wanted is None:
                raise ChannelIsOff("no address waits")
            return dataclasses.replace(row, wanted=None)

        self._change(act, channel, "notice_channel_refused", change)

    def secret(self, act: Act, channel: str, *, another: bool) -> str:
        """What signatures are checked with; `another`: a new one, beside which the old holds for a day."""
        now = self._clock.now_ms()

        def change(row: ChannelRow) -> ChannelRow:
            if row.adapter != "webhook":
                raise ChannelIsOff("nothing is signed here")
            if not another:
                return row
            return dataclasses.replace(row, secret_number=row.secret_number + 1, secret_since_ms=now)

        row = self._change(act, channel, "notice_secret_shown", change, another=another)
        return secret_text(self._keys.webhook_secret(channel, row.secret_number))

    def test(self, act: Act, channel: str, to: str, text: str) -> Outcome:
        """One message to an address that is typed in and kept nowhere. Raises BadChannel, ChannelIsOff."""
        if channel not in CHANNELS:
            raise BadChannel("no such channel", field="channel")
        if not to.strip() or len(to) > TO_CHARS_MAX or not to.isprintable():
            raise BadChannel("to whom", field="to")
        row = self._store.read(notice_setup.channels).get(channel)
        if row is None or row.adapter == "off":
            raise ChannelIsOff("this channel goes nowhere")
        now = self._clock.now_ms()
        notice_id = new_id(self._clock).replace("-", "")
        whom = {ADDRESS[channel]: to.strip()}
        message = Message(notice_id, "test", channel, "zh", whom, text, text, "", {}, now, test=True)
        adapter = self._delivery.make(row, self._delivery.settings())
        try:
            outcome = adapter.send(message)
        finally:
            adapter.close()
        facts = {"result": outcome.result, "notice": notice_id}
        self._store.write(lambda txn: act.note(txn, now, "notice_test_sent", channel, **facts))
        return outcome

    def _change(
        self, act: Act, channel: str, action: str, change: Callable[[ChannelRow], ChannelRow], **facts: object
    ) -> ChannelRow:
        if channel not in CHANNELS:
            raise BadChannel("no such channel", field="channel")
        now = self._clock.now_ms()

        def write(txn: Txn) -> ChannelRow:
            before = notice_setup.channels(txn).get(channel, ChannelRow(channel))
            after = dataclasses.replace(change(before), changed_login=act.actor, changed_at_ms=now)
            notice_setup.put_channel(txn, after)
            act.note(txn, now, action, channel, **facts)
            return after

        return self._store.write(write)


def _wanted(row: ChannelRow) -> WantedUrl | None:
    return None if row.wanted is None else WantedUrl(**json.loads(row.wanted))
