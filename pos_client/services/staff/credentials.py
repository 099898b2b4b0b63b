"""What holds of each employee's sign-on: head office's state with our own and the peers' changes on top."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pos_client.journal.credentials import credential_documents
from pos_client.replica import staff
from pos_client.services.counter import Counter
from pos_core.catalog.credential import Credential, credential_of
from pos_core.sync.folds import FOLDS, State, facts_of
from pos_core.sync.folds.facts import CredentialChanged


def credential_now(counter: Counter, employee_id: str) -> Credential:
    """Of one employee, as it is known here."""
    known: State | None = counter.replica.read(lambda c: staff.credential_state(c, employee_id))
    mine = (fact for fact in _own(counter) if fact.employee_id == employee_id)
    return credential_of(_with(known, mine))


def credentials_now(counter: Counter) -> dict[str, Credential]:
    """Of everybody of whom anything was ever said."""
    states: dict[str, State] = dict(counter.replica.read(staff.credential_states))
    for fact in _own(counter):
        states[fact.employee_id] = FOLDS["credential"].apply(states.get(fact.employee_id), fact)
    return {employee_id: credential_of(state) for employee_id, state in states.items()}


def _with(state: State | None, facts: Iterable[CredentialChanged]) -> State | None:
    for fact in facts:
        state = FOLDS["credential"].apply(state, fact)
    return state


def _own(counter: Counter) -> list[CredentialChanged]:
    found: list[CredentialChanged] = []
    for data in counter.journal.read(credential_documents):
        document = json.loads(data)
        facts = facts_of(document, document["body"], lean=True)
        found += [fact for fact in facts if isinstance(fact, CredentialChanged)]
    return found + [
        fact for fact in counter.shared.credentials_there() if isinstance(fact, CredentialChanged)
    ]
