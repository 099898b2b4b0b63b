"""Notices that a person sends to a segment: with a reason, by two people above a number, resumable."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from sync_server.services.acts import Act
from sync_server.services.campaigns.audience import PAGE, agrees
from sync_server.services.campaigns.plan import HOLDOUT_PPM_MAX, is_held_out
from sync_server.services.deciding import decided
from sync_server.services.identity import new_id
from sync_server.services.importing.context import chain_view
from sync_server.services.notices.kinds import CHANNELS, LANGUAGES, PURPOSE, SENDING
from sync_server.services.notices.outbox import Wanted, queue
from sync_server.services.notices.rules import rules_of
from sync_server.services.notices.texts import checked_text
from sync_server.store import campaign, erasure, fold_state, notice, notice_setup, personal
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import MemberRow
from sync_server.store.notice_setup import SendingRow

SHOWN = 100
TITLE_CHARS_MAX = 80
GOOD_MS = 3 * 86_400_000
"""What has not gone out three days after it was approved says nothing new any more."""


class BadSending(InvalidInput):
    """A sending that cannot be: no text, a channel that is off, a campaign that is not there; `field`."""

    code = "notice_bad_sending"


class NoSuchSending(Refusal):
    """No sending of this id, or not in a state in which this can be done."""

    code = "notice_no_such_sending"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said in one language."""

    subject: str
    body: str
    code: str


@dataclass(frozen=True, slots=True)
class Question:
    """Whom and what a sending means; empty tiers or regions: all. Who has not agreed to marketing gets none.

    `campaign_id`: whom this campaign holds out gets no message either. `holdout_ppm`: a share of its own.
    """

    channel: str
    texts: Mapping[str, Letter]
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    campaign_id: str = ""
    holdout_ppm: int = 0


class Sendings:
    """See the module."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def listing(self) -> list[tuple[SendingRow, dict[str, int]]]:
        """The newest first, with how many of its notices are in which state."""

        def read(txn: Txn) -> list[tuple[SendingRow, dict[str, int]]]:
            rows = notice_setup.sendings(txn, SHOWN)
            return [(row, notice.counts(txn, reference=row.sending_id)) for row in rows]

        return self._store.read(read)

    def ask(self, act: Act, title: str, question: Question) -> SendingRow:
        """A small one is approved by that, a larger one waits. Raises BadSending, BadText."""
        now = self._clock.now_ms()
        _check(title, question)

        def write(txn: Txn) -> SendingRow:
            row = notice_setup.channels(txn).get(question.channel)
            if row is None or row.adapter == "off":
                raise BadSending("this channel goes nowhere", field="channel")
            if question.campaign_id and campaign.get(txn, question.campaign_id) is None:
                raise BadSending("no such campaign", field="campaign")
            rows = sum(len(meant) for _, meant in _pages(txn, question, ""))
            state = "waiting" if rows > rules_of(txn).second_person_above else "approved"
            made = SendingRow(
                new_id(self._clock),
                title.strip(),
                json.dumps(dataclasses.asdict(question), ensure_ascii=False),
                state,
                rows,
                "",
                0,
                0,
                act.why,
                str(act.user_id),
                act.actor,
                now,
                changed_at_ms=now,
            )
            notice_setup.put_sending(txn, made)
            act.note(txn, now, "notice_sending_asked", made.sending_id, rows=rows, channel=question.channel)
            return made

        return self._store.write(write)

    def approve(self, act: Act, sending_id: str) -> None:
        """By another than who asked. Raises NoSuchSending, OwnApproval."""
        self._decide(act, sending_id, "approved", ("waiting",))

    def refuse(self, act: Act, sending_id: str) -> None:
        """Nothing goes out. Raises NoSuchSending."""
        self._decide(act, sending_id, "refused", ("waiting",))

    def stop(self, act: Act, sending_id: str) -> None:
        """No further one; those that wait in the outbox stay there. Raises NoSuchSending."""
        self._decide(act, sending_id, "stopped", ("approved", "done"))

    def _decide(self, act: Act, sending_id: str, state: str, before: tuple[str, ...]) -> None:
        now = self._clock.now_ms()

        def write(txn: Txn) -> None:
            row = notice_setup.sending(txn, sending_id)
            after = decided(act, row, state, before, NoSuchSending)
            notice_setup.put_sending(txn, dataclasses.replace(after, changed_at_ms=now))
            left = notice.cancel_waiting(txn, sending_id, now, "stopped") if state == "stopped" else 0
            act.note(txn, now, f"notice_sending_{state}", sending_id, cancelled=left)

        self._store.write(write)

    def run_some(self, pages: int) -> bool:
        """Goes on with the oldest approved one; False: there is none."""
        return all(self._store.write(self._page) for _ in range(pages))

    def _page(self, txn: Txn) -> bool:
        """One page into the outbox, in one transaction with how far it is."""
        row = notice_setup.oldest_approved(txn)
        if row is None:
            return False
        now, question = self._clock.now_ms(), question_of(row)
        cursor, meant = next(_pages(txn, question, row.cursor), ("", []))
        out = [each for each in meant if _is_out(row.sending_id, question, each)]
        queue(
            txn,
            [
                Wanted(
                    SENDING.key,
                    member_id,
                    row.sending_id,
                    question.campaign_id,
                    not_after_ms=now + GOOD_MS,
                    withheld="held_out" if member_id in out else "",
                )
                for member_id in meant
            ],
            now,
        )
        after = dataclasses.replace(
            row,
            cursor=cursor,
            state="approved" if cursor else "done",
            queued=row.queued + len(meant) - len(out),
            held_out=row.held_out + len(out),
            changed_at_ms=now,
        )
        notice_setup.put_sending(txn, after)
        return True


def question_of(row: SendingRow) -> Question:
    """As it was asked."""
    said = json.loads(row.question)
    texts = {language: Letter(**letter) for language, letter in said["texts"].items()}
    return Question(
        **{**said, "texts": texts, "tiers": tuple(said["tiers"]), "regions": tuple(said["regions"])}
    )


def _check(title: str, question: Question) -> None:
    if not title.strip() or len(title) > TITLE_CHARS_MAX:
        raise BadSending("a title, not too long", field="title")
    if question.channel not in CHANNELS:
        raise BadSending("no such channel", field="channel")
    if not question.texts or not question.texts.keys() <= set(LANGUAGES):
        raise BadSending("no text", field="body")
    if not 0 <= question.holdout_ppm <= HOLDOUT_PPM_MAX:
        raise BadSending("too large a share", field="holdout")
    for letter in question.texts.values():
        checked_text(SENDING, question.channel, subject=letter.subject, body=letter.body, code=letter.code)


def _is_out(sending_id: str, question: Question, member_id: str) -> bool:
    """By lot; of a campaign's own hold-out `choosing` decides with what the campaign says then."""
    return is_held_out(sending_id, member_id, question.holdout_ppm)


def _pages(txn: Txn, question: Question, after: str) -> Iterator[tuple[str, list[str]]]:
    """Members whom a question means, page by page, with the cursor behind each; "": that was the last."""
    stores: list[str] = []
    if question.regions:
        known = chain_view(txn).stores
        stores = [s for s, row in known.items() if row["region"] in question.regions] or ["\x00"]
    while True:
        rows = personal.members_of(txn, after, PAGE, tiers=question.tiers, stores=stores)
        last = len(rows) < PAGE
        after = rows[-1].member_id if rows else ""
        yield "" if last else after, _willing(txn, rows)
        if last:
            return


def _willing(txn: Txn, rows: list[MemberRow]) -> list[str]:
    states = fold_state.get(txn, [("member_profile", row.member_id) for row in rows])
    gone = erasure.erased_among(txn, [row.member_id for row in rows])
    return [
        row.member_id
        for row in rows
        if row.member_id not in gone and agrees(row, states.get(("member_profile", row.member_id)), PURPOSE)
    ]
