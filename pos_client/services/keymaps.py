"""Keymaps that head office publishes: policy `keymaps`, `{"default": NAME, "profiles": {NAME: keymap}}`."""

from __future__ import annotations

import json

from pos_client.services.counter import Counter


class Keymaps:
    """Texts of keymap files; the window checks them before it uses one."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def published(self) -> dict[str, str]:
        """Name → file text; {} where the policy is not set or is no object."""
        profiles = self._policy().get("profiles")
        if not isinstance(profiles, dict):
            return {}
        return {str(name): json.dumps(value, ensure_ascii=False) for name, value in profiles.items()}

    @property
    def default(self) -> str | None:
        """The profile that head office wants where a workstation says nothing of its own."""
        name = self._policy().get("default")
        return name if isinstance(name, str) else None

    def _policy(self) -> dict[str, object]:
        value = self._counter.replica.policy("keymaps")
        return value if isinstance(value, dict) else {}
