"""What notices there are, by which channels they go out, and what their texts may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CHANNELS = ("sms", "push", "wechat", "email")
LANGUAGES = ("zh", "en")
ADAPTERS = ("off", "file", "webhook")
PURPOSE = "marketing"
"""The consent that a notice needs which the member has not caused himself."""

ADDRESS = {"sms": "phone", "push": "member", "wechat": "member", "email": "email"}
"""Channel → what its receiver is told of the member: a number, a mail address, or our id of him.

Apps and WeChat know a member by the id that the chain's own app was given: no token of a device is kept here.
"""


@dataclass(frozen=True, slots=True)
class Event:
    """What a notice is about. `words`: placeholders of its texts beside those of the member."""

    key: str
    words: tuple[str, ...] = ()
    marketing: bool = True


_COUPON = ("coupon", "until")
EVENTS: Mapping[str, Event] = {
    event.key: event
    for event in (
        Event("coupon_hand", _COUPON),
        Event("coupon_registration", _COUPON),
        Event("coupon_birthday", _COUPON),
        Event("coupon_dormant", _COUPON),
        Event("coupon_unpaid", _COUPON),
        Event("coupon_ending", _COUPON),
        Event("order_ready", ("order", "goods", "place", "until"), marketing=False),
    )
}
ORDER_READY = "order_ready"
"""Goods for a member lie ready where he fetches them; he asked for it himself, so no consent is needed."""
SENDING = Event("sending")
"""What a person sends to a segment; its texts are its own."""

MEMBER_WORDS = ("name", "store", "tier")
"""Placeholders of every text, looked up when the notice goes out and kept nowhere."""


def event_of(key: str) -> Event:
    """An event by its key; whatever is no longer known counts as marketing."""
    return SENDING if key == SENDING.key else EVENTS.get(key, Event(key))


def words_of(event: Event) -> tuple[str, ...]:
    """Every placeholder that a text of this event may hold."""
    return (*event.words, *MEMBER_WORDS)


@dataclass(frozen=True, slots=True)
class Message:
    """What an adapter sends: one notice to one member, written out.

    Attributes:
        notice_id: the same at every attempt: receivers drop what they have had.
        to: one entry, of `ADDRESS`.
        template: the text's id at the provider (SMS and WeChat ask for one); "".
        values: the placeholders that the text holds, written out, for providers that fill in themselves.
        test: a try by somebody at head office.
    """

    notice_id: str
    event: str
    channel: str
    language: str
    to: Mapping[str, str]
    subject: str
    body: str
    template: str
    values: Mapping[str, str]
    created_at_ms: int
    test: bool = False

    def as_value(self) -> dict[str, Any]:
        """As receivers get it (docs/notices.md)."""
        return {
            "id": self.notice_id,
            "event": self.event,
            "channel": self.channel,
            "language": self.language,
            "to": dict(self.to),
            "subject": self.subject,
            "body": self.body,
            "template": self.template,
            "values": dict(self.values),
            "created_at_ms": self.created_at_ms,
            "test": self.test,
        }
