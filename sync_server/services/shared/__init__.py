"""Shared state at head office: documents folded, contradictions ruled on, the outcome sent to the stores.

Runs in the transaction that takes the documents, so a state, its rulings, its rows in the feed and the
acknowledged number are one thing: all there, or none.
"""

from sync_server.services.shared.folding import Folding, HqFact

__all__ = ["Folding", "HqFact"]
