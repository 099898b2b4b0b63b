"""Every look at personal data is noted before anything is shown; unusual ones freeze the account."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from sync_server.services.acts import Act
from sync_server.services.console.personal_limits import Limits, checked_personal_limits
from sync_server.services.identity import new_id
from sync_server.services.importing.context import DEFAULT_ZONE
from sync_server.store import console_user, feed, personal
from sync_server.store.engine import Store, Txn
from sync_server.store.personal import AccessRow

HOUR_MS = 3_600_000
NIGHT_MS = 8 * HOUR_MS
_IN_CLEAR = ("unmasked", "exported")
_OPENED = ("found", "opened")


class AccountFrozen(Refusal):
    """So much at once, or at this hour, is unusual: the account is frozen until an administrator looks."""

    code = "personal_account_frozen"


def limits_of(txn: Txn) -> Limits:
    """The chain's; the defaults where the policy is none or no good."""
    value = feed.policy(txn, "personal_data")
    try:
        return Limits() if value is None else checked_personal_limits(value)
    except InvalidInput:
        return Limits()


class PersonalWatch:
    """See the module."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def take(self, act: Act, action: str, subject: str, rows: int) -> None:
        """Notes a look at so many members, before it. Raises AccountFrozen; the note stays."""
        now = self._clock.now_ms()

        def write(txn: Txn) -> str:
            user_id = str(act.user_id)
            reason = _unusual(txn, limits_of(txn), user_id, action=action, rows=rows, now_ms=now)
            row = AccessRow(
                new_id(self._clock),
                now,
                user_id,
                act.actor,
                action,
                subject,
                rows,
                act.why,
                int(bool(reason)),
            )
            personal.note(txn, row)
            if action in _IN_CLEAR or action == "corrected":
                act.note(txn, now, f"personal_data_{action}", subject, rows=rows)
            if reason:
                self._freeze(txn, act, reason, rows)
            return reason

        reason = self._store.write(write)
        if reason:
            raise AccountFrozen("unusual access to personal data", reason=reason)

    def _freeze(self, txn: Txn, act: Act, reason: str, rows: int) -> None:
        user = console_user.by_id(txn, str(act.user_id))
        if user is not None:
            now = self._clock.now_ms()
            console_user.put(txn, dataclasses.replace(user, state="frozen", changed_at_ms=now))
            console_user.drop_sessions_of(txn, user.user_id)
            act.note(txn, now, "console_user_frozen_by_alarm", user.login, reason=reason, rows=rows)

    def looks(self, *, subject: str = "", login: str = "", limit: int = 300) -> list[AccessRow]:
        """The access log, newest first."""
        return self._store.read(lambda txn: personal.looks(txn, subject=subject, login=login, limit=limit))

    def frozen_users(self) -> list[str]:
        """Logins of frozen accounts: somebody has to look at them."""
        users = self._store.read(console_user.everybody)
        return [user.login for user in users if user.state == "frozen"]


def _unusual(txn: Txn, limits: Limits, user_id: str, *, action: str, rows: int, now_ms: int) -> str:
    """Why this look is one too many; "" when it is none."""

    def seen(length_ms: int, actions: tuple[str, ...]) -> int:
        return personal.rows_since(txn, user_id, now_ms - length_ms, actions) + rows

    if action == "unmasked" and seen(HOUR_MS, ("unmasked",)) > limits.unmask_per_hour:
        return "unmask_volume"
    if action in _OPENED and seen(HOUR_MS, _OPENED) > limits.opened_per_hour:
        return "open_volume"
    if (
        action in _IN_CLEAR
        and _is_night(txn, limits, now_ms)
        and seen(NIGHT_MS, _IN_CLEAR) > limits.night_max
    ):
        return "night"
    return ""


def _is_night(txn: Txn, limits: Limits, now_ms: int) -> bool:
    zone = ZoneInfo(feed.policy(txn, "time_zone") or DEFAULT_ZONE)
    hour = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).hour
    if limits.night_from > limits.night_to:
        return hour >= limits.night_from or hour < limits.night_to
    return limits.night_from <= hour < limits.night_to
