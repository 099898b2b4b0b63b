"""Stores, their people and the means of payment they take: rows that HQ writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pos_core.catalog.rows import flag, text_list

TenderKind = Literal["cash", "card", "mobile", "stored_value", "voucher", "points", "exchange"]
Role = Literal["cashier", "supervisor", "manager"]


@dataclass(frozen=True, slots=True)
class Store:
    """A store. `price_list_id` names its group's dated prices; coordinates are millionths of a degree."""

    store_id: str
    name: str
    region: str
    address: str
    latitude_e6: int | None
    longitude_e6: int | None
    time_zone: str
    price_list_id: str
    store_groups: tuple[str, ...]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Store:
        """From values in the order of the reference columns; `store_groups` as JSON text or a list."""
        values: tuple[Any, ...] = (*row[:8], text_list(row[8]))
        return cls(*values)


@dataclass(frozen=True, slots=True)
class TenderType:
    """A means of payment. Only one that `gives_change` may be handed over above what is due."""

    tender_code: str
    tender_kind: TenderKind
    name: str
    name_en: str
    opens_drawer: bool
    gives_change: bool
    position: int

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> TenderType:
        """From values in the order of the reference columns."""
        values: tuple[Any, ...] = (*row[:4], flag(row[4]), flag(row[5]), row[6])
        return cls(*values)


@dataclass(frozen=True, slots=True)
class Employee:
    """Who may sign on at a store; `pin_verifier` is an argon2id PHC string, never a PIN."""

    employee_id: str
    operator_number: str
    name: str
    role: Role
    pin_verifier: str
    active: bool

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Employee:
        """From values in the order of the reference columns."""
        values: tuple[Any, ...] = (*row[:5], flag(row[5]))
        return cls(*values)
