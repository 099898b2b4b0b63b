"""Policies as the console shows them: what is set, and what could be."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sync_server.services.importing.context import chain_view
from sync_server.services.importing.policies import known_policies
from sync_server.store.engine import Store


@dataclass(frozen=True, slots=True)
class PolicyView:
    """`value` is JSON text, "" when head office has none and the documented default holds."""

    key: str
    value: str
    checked: bool


class Policies:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def every(self) -> list[PolicyView]:
        """Those that are set and those whose shape is known."""
        values = self._store.read(chain_view).policies
        known = set(known_policies())
        texts = {key: json.dumps(value, ensure_ascii=False, indent=2) for key, value in values.items()}
        return [PolicyView(key, texts.get(key, ""), key in known) for key in sorted(known | values.keys())]

    def one(self, key: str) -> PolicyView:
        """One; an unknown key is empty and unchecked."""
        return next((each for each in self.every() if each.key == key), PolicyView(key, "", False))
