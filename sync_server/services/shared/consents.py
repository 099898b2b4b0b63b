"""A member's consents: what his row at head office says, under what the fold of his profile says."""

from __future__ import annotations

import json

from pos_core.sync.folds import State
from pos_core.sync.folds.member_profile import consent


def standing(said: str, profile: State | None) -> dict[str, bool | None]:
    """Purpose → given; None: nobody was asked. `said`: the row's, as JSON.

    The restrictive answer wins: a refusal that was brought from elsewhere ends by head office's word alone.
    """
    found: dict[str, bool | None] = json.loads(said)
    for purpose, entry in (profile["consents"] if profile else {}).items():
        told = consent(profile, purpose) if profile else None
        if not (told and found.get(purpose) is False and entry["reconsented"] is None):
            found[purpose] = told
    return found
