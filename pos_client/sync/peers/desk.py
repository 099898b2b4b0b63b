"""What this workstation says to a peer that asks, and what it makes of a peer's answer.

It answers from the journal alone, with its own documents and nothing that it heard from others: each says
what it did itself. What it hears goes to the peers' file, never into its own series.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.journal import baskets
from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.draft import Head, Recorded
from pos_client.journal.handed_over import handed_over
from pos_client.journal.journal import Journal
from pos_client.journal.member_keys import is_erased, kept_orders, living_keys
from pos_client.peers import taking
from pos_client.peers.schema import SeriesKey
from pos_client.peers.store import PeerStore
from pos_client.peers.taking import NotItsOwn
from pos_client.replica import store_day
from pos_client.replica.replica import Replica
from pos_client.replica.series_points import all_folded
from pos_client.storage.connection import Connection
from pos_client.sync.erasure_order import carry_out
from pos_client.sync.errors import PeerRefused
from pos_client.sync.peers.healing import Healing
from pos_client.sync.peers.passing import Passing
from pos_client.sync.peers.witnessing import Witnessing
from pos_core.clock import Clock, parse_hybrid_time
from pos_core.sync.allowance_policy import allowance_policy
from pos_core.sync.peer_messages import (
    BATCH_BYTES,
    BATCH_DOCUMENTS_MAX,
    MEMBERS_MAX,
    PEER_PROTOCOL,
    TOO_OLD,
    HeldOffer,
    PeerAnswer,
    PeerBatch,
    PeerHead,
    PeerQuestion,
    peers_speak,
)
from pos_core.sync.protocol import Erasure

NOTHING_OF_IT = (1 << 53) - 1
COUPONS_KEPT_MS = 90 * 24 * 3_600_000
"""How long coupons that peers took are remembered: as long as our own are, in the journal."""
KEPT_FOR_DAYS_MAX = 5000
"""So many documents of a series wait at most to be in head office's figures of a day: more than a day's."""
CLOCK_AHEAD_MAX_MS = 5 * 60_000
"""A peer's clock further ahead than this is not merged into ours: head office would not believe it either."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end, proven by its certificate."""

    workstation_id: str
    public_key: bytes
    certificate_ends_ms: int = 0


class Desk:
    """Any thread; one question at a time for each peer."""

    def __init__(
        self,
        journal: Journal,
        replica: Replica,
        store: PeerStore,
        clock: Clock,
        *,
        name: str,
        server_public_key: bytes,
    ) -> None:
        self._journal = journal
        self.replica = replica
        self._store = store
        self._clock = clock
        self._name = name
        self._server_key = Ed25519PublicKey.from_public_bytes(server_public_key)
        self._two_ways: set[SeriesKey] = set()
        self._folded_before: dict[SeriesKey, int] = {}
        rules = lambda: allowance_policy(replica.policy("allowances")).rules  # noqa: E731
        self.passing = Passing(journal, clock, AllowanceBook(journal, clock, rules))
        self.healing = Healing(journal)
        self._witnessing = Witnessing(store, replica)
        self._seen: dict[str, PeerHead | None] = {}
        self.on_healed: Callable[[], object] = lambda: None
        self._to_tell: dict[str, list[Erasure]] = {}

    # What we say ------------------------------------------------------------------------------------------

    def answer(self, peer: Peer, question: PeerQuestion) -> PeerAnswer:
        """Raises NotItsOwn for a head that the peer did not sign, and storage troubles."""
        witnessed, returned, newest = self._witnessing.told(peer.workstation_id, question.head)
        if question.head is not None:
            self._witnessing.note(peer.workstation_id, peer.public_key, question.head, question.seen)
        for order in question.erasures:
            self.erase(order)
        self.passing.acknowledged(question.taken, peer.workstation_id)
        erasures = self._erasures_of(question.members)
        version = peers_speak(question.version)
        if version is None:
            return PeerAnswer(PEER_PROTOCOL, refused=TOO_OLD, name=self._name, erasures=erasures)
        if question.take:
            self.passing.give(question.take, peer.workstation_id)
        if question.coupon and question.head is not None:
            self.passing.give_coupon(question.coupon, peer.workstation_id, question.head.incarnation)
        if question.short and question.head is not None:
            self.passing.give_units(question.short, peer.workstation_id, question.head.incarnation)
        batches, more, documents = self._batches(question.want)
        return PeerAnswer(
            version=version,
            name=self._name,
            head=self._signed(self._journal.head()),
            batches=batches,
            more=more,
            member_keys=self._keys_of(documents),
            erasures=erasures,
            held=[_offer(each) for each in self._journal.read(baskets.held_baskets)],
            passed=self.passing.outgoing(peer.workstation_id),
            slices=self.passing.outgoing_slices(peer.workstation_id),
            witnessed=witnessed,
            returned=returned,
            newest_incarnation=newest,
            aside={str(inc): number for inc, number in self._journal.read(handed_over).items()},
        )

    def _batches(self, want: dict[str, int]) -> tuple[list[PeerBatch], bool, list[Recorded]]:
        """Our documents that are wanted, of the oldest series first; whether there are more."""
        aside = self._journal.read(handed_over)
        for status in self._journal.series_status():
            after = max(want.get(str(status.incarnation), 0), aside.get(status.incarnation, 0))
            found = self._journal.documents_after(
                max(after, status.pruned_number),
                limit=BATCH_DOCUMENTS_MAX,
                bytes_max=BATCH_BYTES,
                incarnation=status.incarnation,
            )
            if found:
                last = found[-1]
                signed = self._signed(Head(last.series, last.number, last.hash))
                texts = [each.data.decode() for each in found]
                batch = PeerBatch(status.incarnation, found[0].number, texts, signed.signature)
                return [batch], True, found
        return [], False, []

    def _signed(self, head: Head) -> PeerHead:
        signature = base64.b64encode(self._journal.sign_head(head).signature).decode()
        return PeerHead(head.series.incarnation, head.number, head.hash, signature)

    def _keys_of(self, documents: list[Recorded]) -> dict[str, str]:
        """Of the members who joined in these documents and were not erased."""
        joined = [json.loads(each.data)["body"] for each in documents if each.type == "member_joined"]
        members = [body["member_id"] for body in joined]
        keys = self._journal.read(lambda c: living_keys(c, members)) if members else {}
        return {member_id: base64.b64encode(key).decode() for member_id, key in keys.items()}

    def _erasures_of(self, members: list[str]) -> list[Erasure]:
        asked = set(members[:MEMBERS_MAX])
        if not asked:
            return []
        return [each for each in self._journal.read(kept_orders) if each.member_id in asked]

    # What we hear -----------------------------------------------------------------------------------------

    def question(
        self,
        workstation_id: str,
        *,
        take: str = "",
        coupon: tuple[str, str] | None = None,
        short: dict[str, int] | None = None,
    ) -> PeerQuestion:
        """What this workstation lacks of a peer; `take`, `coupon`, `short`: what it wants to have."""
        points = self.replica.read(all_folded)
        return PeerQuestion(
            version=PEER_PROTOCOL,
            name=self._name,
            head=self._signed(self._journal.head()),
            seen=self._seen.get(workstation_id),
            want=self._store.read(lambda c: self._want(c, workstation_id, points)),
            members=self._store.read(taking.held_members)[:MEMBERS_MAX],
            erasures=self._to_tell.pop(workstation_id, []),
            take=take,
            coupon=list(coupon or ()),
            short=short or {},
            taken=self.passing.to_acknowledge(workstation_id),
        )

    def _want(
        self, connection: Connection, workstation_id: str, points: dict[SeriesKey, int]
    ) -> dict[str, int]:
        """Nothing of a series that goes on otherwise than our copy: it would bar all that comes after it."""
        want = taking.wanted(connection, workstation_id, points)
        for series in self._two_ways:
            held = taking.held_of(connection, series) if series[0] == workstation_id else None
            if held is not None and want.get(str(series[1])) == held.last:
                want[str(series[1])] = NOTHING_OF_IT
        return want

    def take(self, peer: Peer, answer: PeerAnswer) -> int:
        """Keeps what is new; returns how many documents.

        Raises PeerRefused where one of both programs is too old for the other, NotItsOwn, BrokenAnswer,
        storage troubles.
        """
        if answer.refused or peers_speak(answer.version) is None:
            for order in answer.erasures:
                self.erase(order)
            raise PeerRefused("one program is too old for the other", reason=answer.refused or TOO_OLD)
        if answer.witnessed is not None:
            if self.healing.heal(answer.witnessed, answer):
                self.on_healed()
            self._seen[peer.workstation_id] = self.healing.held(answer.witnessed)
        self._set_aside(peer, answer.aside)
        keys = self._still_wanted(peer, answer.member_keys)
        taken = 0
        for batch in answer.batches:

            def keep(connection: Connection, batch: PeerBatch = batch) -> int:
                new = taking.take_batch(connection, peer.workstation_id, peer.public_key, batch)
                taking.keep_member_keys(connection, keys)
                self._leave_other_sides(connection, peer.workstation_id, batch.incarnation)
                return new

            try:
                taken += self._store.change(keep).result()
            except NotItsOwn as error:
                if error.facts.get("reason") == "forked":
                    self._two_ways.add((peer.workstation_id, batch.incarnation))
                raise
            self._hear(batch)
            self.passing.heard(batch.documents, peer.workstation_id)
        if answer.head is not None:  # its documents are here now
            self._witnessing.note(peer.workstation_id, peer.public_key, answer.head, None)
        for order in answer.erasures:
            self.erase(order)
        self.passing.take(answer.passed, peer.workstation_id)
        self.passing.take_slices(answer.slices, peer.workstation_id)
        return taken

    def _leave_other_sides(self, connection: Connection, workstation_id: str, incarnation: int) -> None:
        """It began a newer series: it stands by its side of the older one, not by our copy of the other."""
        left = {each for each in self._two_ways if each[0] == workstation_id and each[1] < incarnation}
        for series in left:
            taking.drop_series(connection, series)
        self._two_ways -= left

    def _set_aside(self, peer: Peer, aside: dict[str, int]) -> None:
        """Lets go of a side of a fork that head office keeps beside its chain: it must not count here."""
        places = {(peer.workstation_id, int(inc)): last for inc, last in aside.items() if inc.isdecimal()}
        due = self._store.read(lambda c: taking.stale(c, places))
        if due:

            def drop(connection: Connection) -> None:
                for series, number in due.items():
                    taking.drop_series(connection, series, number)

            self._store.change(drop).result()

    def _still_wanted(self, peer: Peer, member_keys: dict[str, str]) -> dict[str, str]:
        """Without members who were erased here: our next question tells the peer of head office's order."""
        erased = self._journal.read(lambda c: {each for each in member_keys if is_erased(c, each)})
        if erased:
            orders = [each for each in self._journal.read(kept_orders) if each.member_id in erased]
            self._to_tell[peer.workstation_id] = orders
        return {member_id: key for member_id, key in member_keys.items() if member_id not in erased}

    def erase(self, order: Erasure) -> None:
        """Carries out head office's order that a peer passed on. Raises BrokenAnswer, storage troubles."""
        carry_out(order, self._server_key, self.replica, self._journal, self._store.erase_member)

    def tidy(self) -> None:
        """Lets go of documents that head office has folded and added up; a look later, so that no reading

        misses any.
        """
        points, before = self.replica.read(_let_go_up_to), self._folded_before
        self._folded_before = points
        due = {key: min(number, points.get(key, 0)) for key, number in before.items()}
        stale = self._store.read(lambda c: taking.stale(c, due))
        if stale:
            before_ms = self._clock.now_ms() - COUPONS_KEPT_MS

            def let_go(connection: Connection) -> None:
                taking.let_go(connection, stale)
                taking.forget_coupons(connection, before_ms)

            self._store.change(let_go).result()

    def _hear(self, batch: PeerBatch) -> None:
        """Documents written here from now on come after what was heard."""
        time = parse_hybrid_time(json.loads(batch.documents[-1])["hlc"])
        if time.physical_ms <= self._clock.now_ms() + CLOCK_AHEAD_MAX_MS:
            self._journal.hear(time)


def _offer(held: baskets.HeldBasket) -> HeldOffer:
    data = json.loads(held.data)
    return HeldOffer(
        held_id=held.held_id,
        label=held.label,
        operator_id=held.operator_id,
        held_at_ms=held.held_at_ms,
        line_count=len(data["basket"]["lines"]),
        piece_count=data["pieces"],
        total_minor=data["total_minor"],
        has_member=data["basket"].get("member_id") is not None,
    )


def _let_go_up_to(connection: Connection) -> dict[SeriesKey, int]:
    """What head office has folded, and in its figures of the store's days too: they are worked out later.

    A head office that works out no days, or has fallen behind with them, does not fill the file.
    """
    folded, in_days = all_folded(connection), store_day.in_days(connection)
    if in_days is None:
        return folded
    return {
        series: max(min(number, in_days.get(series, 0)), number - KEPT_FOR_DAYS_MAX)
        for series, number in folded.items()
    }
