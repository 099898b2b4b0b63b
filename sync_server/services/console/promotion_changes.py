"""Drafts of promotions: begun, edited, looked at; deciding on them is `promotion_decisions`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.pricing.codec import decode
from pos_core.pricing.contradictions import contradictions_of
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.local_time import parse_local_second
from pos_core.pricing.rule import Promotion
from pos_core.pricing.validate import Problem, problems_in
from sync_server.services.acts import Act
from sync_server.services.console.chain_facts import ChainFacts
from sync_server.services.console.drafts import Drafts
from sync_server.services.console.goods_kinds import GoodsKinds
from sync_server.services.console.promotion_checks import DANGEROUS, findings_of
from sync_server.services.console.promotion_overlaps import Reach, reach_of
from sync_server.services.console.rule_sets import Rule, RuleSets
from sync_server.services.identity import new_id
from sync_server.services.importing.context import chain_view
from sync_server.store import masters, promotion_change
from sync_server.store.engine import Store, Txn
from sync_server.store.promotion_change import HeadRow, RuleRow

TITLE_CHARS_MAX = 80
ROWS_MAX = 500


class NoSuchDraft(Refusal):
    """No draft of promotions has this id."""

    code = "no_such_promotion_change"


class DraftNotOpen(Refusal):
    """It is not in the state that this needs: another was quicker, or the page is old."""

    code = "promotion_change_not_open"


class BadTitle(Refusal):
    """A draft needs a title; it holds only so many promotions."""

    code = "promotion_change_bad_title"


class NoSuchPromotion(Refusal):
    """No promotion has this id here."""

    code = "no_such_promotion"


class PromotionThere(Refusal):
    """A new promotion, or another name for one, would write over one that has this id."""

    code = "promotion_there"


class PromotionMoved(Refusal):
    """Somebody else has changed it since the form was opened."""

    code = "promotion_moved"


DRAFTS = Drafts(
    "promotion_change",
    promotion_change.get,
    promotion_change.put,
    lambda: NoSuchDraft("no such draft"),
    DraftNotOpen,
)


class PromotionChanges:
    """Everything about drafts of promotions but deciding on them."""

    def __init__(self, store: Store, sets: RuleSets, facts: ChainFacts, clock: Clock) -> None:
        self._store = store
        self._sets = sets
        self._facts = facts
        self._clock = clock

    # --- reading ------------------------------------------------------------------------------------

    def newest(self, *, over: bool) -> list[tuple[HeadRow, int]]:
        """Drafts with the number of their promotions: those under way, or those that are over."""
        states = ("published", "dropped") if over else ("draft", "waiting", "approved")
        return self._store.read(lambda txn: promotion_change.newest(txn, states, 100))

    def get(self, change_id: str) -> tuple[HeadRow, list[RuleRow]]:
        """One draft with its promotions. Raises NoSuchDraft."""

        def read(txn: Txn) -> tuple[HeadRow, list[RuleRow]]:
            return DRAFTS.known(txn, change_id), promotion_change.rows(txn, change_id)

        return self._store.read(read)

    def rule_of(self, change_id: str, promotion_id: str) -> Rule:
        """A promotion as the draft has it, else as the next release would. Raises NoSuchPromotion."""
        _, rows = self.get(change_id)
        for row in rows:
            if row.promotion_id == promotion_id and row.data is not None:
                return dict(json.loads(row.data))
        found = self._sets.prepared().get(promotion_id)
        if found is None:
            raise NoSuchPromotion("no such promotion", promotion=promotion_id)
        return found

    def stamp_of(self, change_id: str, promotion_id: str) -> str:
        """Tells two versions of a promotion apart; "" where none has the id."""
        try:
            return hashlib.sha256(canonical_bytes(self.rule_of(change_id, promotion_id))).hexdigest()
        except NoSuchPromotion:
            return ""

    def with_draft(self, change_id: str) -> dict[str, Rule]:
        """What the next release would carry with this draft, by id."""
        _, rows = self.get(change_id)
        found = self._sets.prepared()
        for row in rows:
            found.pop(row.promotion_id, None)
            if row.data is not None:
                found[row.promotion_id] = json.loads(row.data)
        return found

    def waiting_elsewhere(self, change_id: str | None = None) -> list[str]:
        """Imported promotions that the newest release does not carry so, and that are not in this draft."""
        rows = self.get(change_id)[1] if change_id else []
        return others_waiting(self._sets, rows)

    def reach(self, rules: Sequence[Promotion]) -> Reach:
        """How many goods these promotions mean, and which others they meet."""
        prepared = self._sets.prepared()
        for rule in rules:
            prepared.pop(rule.id, None)
        others = [decode(Promotion, rule) for rule in prepared.values() if not problems_of(rule)]
        return self._reach(rules, others)

    def reach_of_draft(self, change_id: str) -> Reach:
        """The same for all promotions of a draft, which also meet each other."""
        _, rows = self.get(change_id)
        mine = [decode(Promotion, json.loads(row.data)) for row in rows if row.data is not None]
        everything = self.with_draft(change_id).values()
        others = [decode(Promotion, rule) for rule in everything if not problems_of(rule)]
        return self._reach(mine, others)

    def _reach(self, rules: Sequence[Promotion], others: Sequence[Promotion]) -> Reach:
        now = self.now_second()

        def read(txn: Txn) -> Reach:
            return reach_of(rules, others, GoodsKinds(txn, chain_view(txn).departments), now)

        return self._store.read(read)

    def findings(self, change_id: str) -> list[tuple[str, str]]:
        """(promotion id, code) of everything worth a look, dangerous ones first."""
        _, rows = self.get(change_id)
        now = self.now_second()
        found: list[tuple[str, str]] = []
        for row in rows:
            if row.data is None:
                found.append((row.promotion_id, "ends_running"))
                continue
            rule = decode(Promotion, json.loads(row.data))
            codes = findings_of(rule, now_second=now, changes_running=row.base is not None)
            found += [(row.promotion_id, code) for code in codes]
        stacking = {
            each.promotion_id for each in self.reach_of_draft(change_id).overlaps if each.how == "stack"
        }
        found += [(name, "stacks") for name in sorted(stacking)]
        return sorted(found, key=lambda each: (each[1] not in DANGEROUS, each))

    def now_second(self) -> int:
        """Now, as windows of promotions count it in the chain's zone."""
        moment = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).astimezone(self._facts.now().zone)
        return parse_local_second(moment.strftime("%Y-%m-%dT%H:%M:%S"))

    # --- editing ------------------------------------------------------------------------------------

    def begin(self, act: Act, title: str) -> str:
        """A new draft; `act.why` is its reason. Raises BadTitle."""
        if not title.strip():
            raise BadTitle("a title is needed")
        now = self._clock.now_ms()
        row = HeadRow(
            change_id=new_id(self._clock),
            title=title.strip()[:TITLE_CHARS_MAX],
            why=act.why,
            state="draft",
            created_by=act.user_id or "",
            created_login=act.actor,
            editors=json.dumps([act.user_id]),
            created_at_ms=now,
            submitted_by=None,
            decided_by=None,
            decided_login=None,
            decided_why=None,
            changed_at_ms=now,
            version=None,
            findings=None,
        )

        def write(txn: Txn) -> None:
            promotion_change.put(txn, row)
            act.note(txn, now, "promotion_change_begun", row.change_id, title=row.title)

        self._store.write(write)
        return row.change_id

    def put_rule(
        self, act: Act, change_id: str, rule: Any, *, before: str = "", seen: str | None = None
    ) -> str:
        """Sets a promotion of the draft; its id.

        `before` is the id under which it was opened, `seen` the stamp that it had then; "" and None: new, not
        looked at. Raises InvalidPromotions, DraftNotOpen, PromotionThere, PromotionMoved.
        """
        problems = problems_of(rule)
        if problems:
            raise InvalidPromotions(problems)
        promotion_id = str(rule["id"])
        if before and seen is not None and self.stamp_of(change_id, before) != seen:
            raise PromotionMoved("changed since it was opened", promotion=before)
        if promotion_id != before and self.stamp_of(change_id, promotion_id):
            raise PromotionThere("this id is taken", promotion=promotion_id)
        self._edit(act, change_id, [promotion_id], {promotion_id: canonical_bytes(rule).decode()})
        return promotion_id

    def end_rule(self, act: Act, change_id: str, promotion_id: str) -> None:
        """The next release shall carry it no more. Raises NoSuchPromotion, DraftNotOpen."""
        if promotion_id not in self._sets.prepared():
            raise NoSuchPromotion("no such promotion", promotion=promotion_id)
        self._edit(act, change_id, [promotion_id], {})

    def take_waiting(self, act: Act, change_id: str) -> int:
        """Imported promotions that wait come into this draft, so that they are checked with it."""
        names = self.waiting_elsewhere(change_id)
        prepared = self._sets.prepared()
        given = {n: canonical_bytes(prepared[n]).decode() for n in names if n in prepared}
        self._edit(act, change_id, names, given)
        return len(names)

    def take_out(self, act: Act, change_id: str, promotion_id: str) -> None:
        """Out of the draft again. Raises DraftNotOpen."""

        def write(txn: Txn) -> None:
            promotion_change.put(txn, DRAFTS.editable(txn, act, change_id, self._clock.now_ms()))
            promotion_change.drop_row(txn, change_id, promotion_id)
            facts = {"taken_out": promotion_id}
            act.note(txn, self._clock.now_ms(), "promotion_change_edited", change_id, **facts)

        self._store.write(write)

    def _edit(self, act: Act, change_id: str, names: Sequence[str], given: dict[str, str]) -> None:
        """`names` become rows of the draft; what is not in `given` ends."""

        def write(txn: Txn) -> None:
            head = DRAFTS.editable(txn, act, change_id, self._clock.now_ms())
            if len(promotion_change.rows(txn, change_id)) + len(names) > ROWS_MAX:
                raise BadTitle("too many promotions in one draft", rows_max=ROWS_MAX)
            base = masters.promotion_drafts(txn)
            rows = [RuleRow(name, given.get(name), base.get(name)) for name in names]
            promotion_change.put(txn, head)
            promotion_change.put_rows(txn, change_id, rows)
            facts = {"promotions": list(names)[:20], "ended": [n for n in names if n not in given][:20]}
            act.note(txn, self._clock.now_ms(), "promotion_change_edited", change_id, **facts)

        self._store.write(write)


def problems_of(rule: Any) -> list[Problem]:
    """What the schema refuses; where it refuses nothing, what cannot be meant."""
    problems = problems_in(rule, "promotion")
    return problems or list(contradictions_of(decode(Promotion, rule)))


def others_waiting(sets: RuleSets, rows: Sequence[RuleRow]) -> list[str]:
    """Ids of promotions that differ between the newest release and the next one, and are no rows here."""
    newest: dict[str, Any] = sets.newest()
    prepared = {n: r if problems_of(r) else decode(Promotion, r) for n, r in sets.prepared().items()}
    mine = {row.promotion_id for row in rows}
    differ = {name for name in newest.keys() | prepared.keys() if newest.get(name) != prepared.get(name)}
    return sorted(differ - mine)
