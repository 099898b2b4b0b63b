"""The audit rows as the console shows them."""

from __future__ import annotations

from typing import Any

from sync_server.store import audit
from sync_server.store.engine import Store


class AuditTrail:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self, *, actor: str, action: str, subject: str, before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """See store.audit.page."""
        return self._store.read(
            lambda txn: audit.page(
                txn, actor=actor, action=action, subject=subject, before=before, limit=limit
            )
        )
