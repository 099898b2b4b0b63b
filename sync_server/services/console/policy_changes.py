"""A policy is changed by one person, and where it moves money, limits or personal data by two."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from pos_core.canonical import NotCanonical, parse_strict
from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from sync_server.services.acts import Act
from sync_server.services.identity import new_id
from sync_server.services.importing.context import ImportTarget, chain_view
from sync_server.services.importing.one_row import check_row, put_row
from sync_server.services.importing.policies import policy_fault
from sync_server.services.keys import ChainKeys
from sync_server.store import feed, policy_change
from sync_server.store.engine import Store, Txn
from sync_server.store.policy_change import PolicyChangeRow

DANGEROUS = frozenset(
    {
        "allowances", "cash", "change_max_minor", "member_scope", "personal_data", "price_change_checks",
        "price_offers", "revoked_grace", "role_limits", "rollout_guards", "rulings", "snapshot_urls",
        "stored_value", "tender_rules", "zero_price_allowed",
    }
)  # fmt: skip
"""What opens a limit, gives money away, shows personal data or loosens a check."""
SHOWN = 30
KEPT_CHARS_MAX = 64 * 1024


class PolicyWaits(Refusal):
    """Another value of this policy waits for a second person: decide on that one first."""

    code = "policy_waits"


class NoSuchPolicyChange(Refusal):
    """No change of this id waits."""

    code = "policy_no_such_change"


class PolicyMoved(Refusal):
    """The policy was changed since this value was asked for: ask again."""

    code = "policy_moved"


class BadPolicyValue(InvalidInput):
    """A value that its policy cannot have: `path` and `fault` (its reason's code), with what that names."""

    code = "policy_bad_value"


class PolicyChanges:
    """See the module. Values are JSON text, "" the documented default."""

    def __init__(self, store: Store, keys: ChainKeys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    def history(self, policy_key: str) -> list[PolicyChangeRow]:
        """The newest first."""
        return self._store.read(lambda txn: policy_change.of_key(txn, policy_key, SHOWN))

    def waiting(self) -> list[PolicyChangeRow]:
        """Of every policy."""
        return self._store.read(policy_change.waiting)

    def ask(self, act: Act, policy_key: str, text: str) -> PolicyChangeRow:
        """Checked as an import's row; a dangerous one waits. Raises BadPolicyValue, PolicyWaits."""
        target = ImportTarget(self._store, self._keys, self._clock.now_ms())
        if text:
            _check(policy_key, text, self._store.read(chain_view).exponent)
        cells = _cells(policy_key, text)
        check_row(target, "policies", cells)
        needs_two = policy_key in DANGEROUS
        before = self._store.read(lambda txn: _now(txn, policy_key))
        row = PolicyChangeRow(
            new_id(self._clock),
            policy_key,
            text if needs_two else _noted(text),
            before if needs_two else _noted(before),
            "waiting" if needs_two else "done",
            act.why,
            str(act.user_id),
            act.actor,
            target.now_ms,
        )

        def keep(txn: Txn) -> None:
            if any(each.policy_key == policy_key for each in policy_change.waiting(txn)):
                raise PolicyWaits("another value waits", policy_key=policy_key)
            policy_change.put(txn, row)

        def wait(txn: Txn) -> None:
            keep(txn)
            act.note(txn, target.now_ms, "policy_change_asked", policy_key, change=row.change_id)

        if needs_two:
            self._store.write(wait)
        else:
            put_row(target, "policies", cells, act, also=keep)
        return row

    def approve(self, act: Act, change_id: str) -> PolicyChangeRow:
        """By another person; it goes out. Raises NoSuchPolicyChange, OwnApproval, PolicyMoved, RowRefused."""
        row = self._required(change_id)
        act.refuse_own(row.created_by)
        target = ImportTarget(self._store, self._keys, self._clock.now_ms())

        def keep(txn: Txn) -> None:
            as_is = policy_change.get(txn, change_id)
            if as_is is None or as_is.state != "waiting":
                raise NoSuchPolicyChange("it is decided on already")
            if _now(txn, row.policy_key) != row.before:
                raise PolicyMoved("the policy was changed meanwhile", policy_key=row.policy_key)
            policy_change.put(txn, _decided(as_is, act, "done", target.now_ms))
            act.note(txn, target.now_ms, "policy_change_approved", row.policy_key, change=change_id)

        put_row(target, "policies", _cells(row.policy_key, row.value), act, also=keep)
        return row

    def refuse(self, act: Act, change_id: str) -> PolicyChangeRow:
        """It stays as it was; also by whoever asked. Raises NoSuchPolicyChange."""
        row, now = self._required(change_id), self._clock.now_ms()

        def keep(txn: Txn) -> None:
            as_is = policy_change.get(txn, change_id)
            if as_is is None or as_is.state != "waiting":
                raise NoSuchPolicyChange("it is decided on already")
            policy_change.put(txn, _decided(as_is, act, "refused", now))
            act.note(txn, now, "policy_change_refused", row.policy_key, change=change_id)

        self._store.write(keep)
        return row

    def _required(self, change_id: str) -> PolicyChangeRow:
        row = self._store.read(lambda txn: policy_change.get(txn, change_id))
        if row is None or row.state != "waiting":
            raise NoSuchPolicyChange("no such change waits")
        return row


def _check(policy_key: str, text: str, exponent: int) -> None:
    """Raises BadPolicyValue."""
    try:
        value = parse_strict(text)
    except NotCanonical as error:
        raise _not_json(policy_key, text, error) from None
    fault = policy_fault(policy_key, value, exponent)
    if fault is not None:
        raise BadPolicyValue(fault.message, **{**fault.facts, "path": fault.path, "fault": fault.reason})


def _not_json(policy_key: str, text: str, error: NotCanonical) -> BadPolicyValue:
    try:
        json.loads(text)
    except json.JSONDecodeError as wrong:
        return BadPolicyValue(
            error.message, path=policy_key, fault="json", line=wrong.lineno, column_number=wrong.colno
        )
    except (ValueError, RecursionError):
        pass
    return BadPolicyValue(error.message, path=policy_key, fault="json_strict")


def _cells(policy_key: str, text: str) -> dict[str, str]:
    if text:
        return {"policy_key": policy_key, "value": text}
    return {"policy_key": policy_key, "delete": "1"}


def _now(txn: Txn, policy_key: str) -> str:
    value = feed.policy(txn, policy_key)
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _noted(text: str) -> str:
    """What the history keeps of a value that holds already: of one with pictures in it only its hash."""
    if len(text) <= KEPT_CHARS_MAX:
        return text
    return json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest(), "characters": len(text)})


def _decided(row: PolicyChangeRow, act: Act, state: str, now: int) -> PolicyChangeRow:
    return dataclasses.replace(
        row,
        state=state,
        decided_by=act.user_id,
        decided_login=act.actor,
        decided_why=act.why,
        decided_at_ms=now,
    )
