"""How much personal data one user may see before his account is frozen: policy `personal_data`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from pos_core.errors import InvalidInput

BACKUP_KEYS_DAYS_MAX = 365
_MOST = 1_000_000_000
_BOUNDS = {"night_from": (0, 23), "night_to": (0, 23), "backup_keys_days": (1, BACKUP_KEYS_DAYS_MAX)}


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
        raise InvalidInput(
            f"must be an object of {', '.join(sorted(known))}",
            reason="object",
            names=", ".join(sorted(known)),
        )
    for name, each in value.items():
        least, most = _BOUNDS.get(name, (0, _MOST))
        if type(each) is not int or not least <= each <= most:
            said = f"{name} must be a whole number from {least} to {most}"
            raise InvalidInput(said, path=name, reason="whole_within", least=least, most=most)
    return Limits(**value)
