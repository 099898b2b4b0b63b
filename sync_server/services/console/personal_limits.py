"""How much personal data one user may see before his account is frozen: policy `personal_data`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from pos_core.errors import InvalidInput

BACKUP_KEYS_DAYS_MAX = 365


@dataclass(frozen=True, slots=True)
class Limits:
    """Policy `personal_data`; a part of it may be given.

    Attributes:
        unmask_per_hour: members whom one user may see in clear in an hour.
        opened_per_hour: masked dossiers and search results that one user may open in an hour.
        night_from, night_to: hours of the chain's zone between which more than `night_max` members in
            clear, exports among them, freeze the account.
        export_rows_max: of one export. second_person_above: an export of more rows needs another person.
        exports_per_day: of one user.
        backup_keys_days: so long a keys' file opens a backup's members; an erasure reaches it by then.
    """

    unmask_per_hour: int = 20
    opened_per_hour: int = 200
    night_from: int = 22
    night_to: int = 6
    night_max: int = 5
    export_rows_max: int = 50_000
    second_person_above: int = 100
    exports_per_day: int = 5
    backup_keys_days: int = 30


def checked_personal_limits(value: Any) -> Limits:
    """The policy's value. Raises InvalidInput."""
    known = {field.name for field in fields(Limits)}
    if not isinstance(value, dict) or not value.keys() <= known:
        raise InvalidInput(f"must be an object of {', '.join(sorted(known))}")
    if not all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in value.values()):
        raise InvalidInput("must be whole numbers, zero or more")
    made = Limits(**value)
    if made.night_from > 23 or made.night_to > 23:
        raise InvalidInput("hours are from 0 to 23")
    if not 1 <= made.backup_keys_days <= BACKUP_KEYS_DAYS_MAX:
        raise InvalidInput(f"backup_keys_days is from 1 to {BACKUP_KEYS_DAYS_MAX}")
    return made
