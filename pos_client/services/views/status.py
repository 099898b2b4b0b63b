"""How the workstation stands: the status bar, sync, the store's other workstations, head office's rulings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from pos_client.services.views.till import ShiftState

FactValue = str | int | bool | None
NetworkState = Literal["online", "offline", "offline_by_choice", "never"]

_NO_FACTS: Mapping[str, FactValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Notice:
    """A standing remark for the status bar; `code` is translated with `facts`, like an error's."""

    code: str
    severity: Literal["info", "warning", "trouble"]
    facts: Mapping[str, FactValue] = field(default_factory=lambda: _NO_FACTS)


@dataclass(frozen=True, slots=True)
class PeerView:
    """A workstation of this store. `silent_ms`, `certificate_ends_ms`: None: not heard since the start."""

    workstation_id: str
    name: str
    is_there: bool
    silent_ms: int | None
    certificate_ends_ms: int | None
    held_count: int


@dataclass(frozen=True, slots=True)
class PeersView:
    """The store's other workstations. `own_certificate_ends_ms`: None: nothing to show them yet."""

    own_certificate_ends_ms: int | None
    peers: tuple[PeerView, ...]


@dataclass(frozen=True, slots=True)
class RulingView:
    """A ruling of head office. `ruling` as docs/rulings.md says; `superseded_by` None while it stands."""

    ruling_id: str
    ruling: Mapping[str, Any]
    superseded_by: str | None
    made_at_ms: int


@dataclass(frozen=True, slots=True)
class SyncView:
    """How sync is: `busy` while an exchange runs; `last_error` a stable code or None."""

    network: NetworkState
    busy: bool
    last_contact_ms: int | None
    last_error: str | None
    documents_waiting: int


@dataclass(frozen=True, slots=True)
class SeriesView:
    """The end of this workstation's document chain. `documents_waiting`: not acknowledged by the server."""

    workstation_id: str
    incarnation: int
    number: int
    head_hash: str
    documents_waiting: int


@dataclass(frozen=True, slots=True)
class StatusView:
    """The status bar. `peers`: names of the store's other workstations that the local network shows now.

    `other_day`: the open shift's business day where it is not the date of today (past midnight, or before
    the store's day starts).
    """

    store_name: str
    workstation_name: str
    operator_name: str | None
    operator_role: str | None
    shift_state: ShiftState
    shift_opened_at_ms: int | None
    network: NetworkState
    documents_waiting: int
    release_version: int | None
    release_confirmed_at_ms: int | None
    last_contact_ms: int | None
    held_count: int
    training: bool
    notices: tuple[Notice, ...] = ()
    store_id: str = ""
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    exponent: int = 2
    peers: tuple[str, ...] = ()
    other_day: str | None = None
