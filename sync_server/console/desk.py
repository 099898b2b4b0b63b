"""The services that pages may ask, wired once by `sync_server.bootstrap`."""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.clock import Clock
from sync_server.services.console.audit_trail import AuditTrail
from sync_server.services.console.chain_facts import ChainFacts
from sync_server.services.console.sessions import Sessions
from sync_server.services.console.users import Users


@dataclass(frozen=True, slots=True)
class Desk:
    """A field for each service; pages know nothing else."""

    clock: Clock
    facts: ChainFacts
    users: Users
    sessions: Sessions
    audit: AuditTrail
