"""What the journal found at its start, or sync in it, that the people here must know."""

from __future__ import annotations

from pos_client.journal.draft import Recorded
from pos_client.services.ports import JournalPort
from pos_client.services.views.status import Notice
from pos_core.canonical import parse_strict

NEW_SERIES_SHOWN_MS = 24 * 60 * 60 * 1000
"""For so long the status bar says that a copied or put back workstation goes on under new numbers."""
_WITH_RECEIPT = ("sale", "return")
_BEGUN_ANEW = ("forked", "pruned_beyond")


class JournalNotices:
    """Asked at each refresh of the status bar: everything costly is kept."""

    def __init__(self, journal: JournalPort) -> None:
        self._journal = journal
        self._not_printed = [one for one in journal.unwitnessed if one.type in _WITH_RECEIPT]
        self._first_of_series: Recorded | None = None
        self._forked = False

    def now(self, instant_ms: int) -> list[Notice]:
        """The notices that stand at an instant."""
        notices = []
        if self._journal.witness_state in ("missing", "unreadable"):
            notices.append(Notice("witness_begun_anew", "warning", {"state": self._journal.witness_state}))
        opened = self._opened()
        if self._forked and opened is not None and instant_ms - opened.occurred_at_ms < NEW_SERIES_SHOWN_MS:
            facts = {"incarnation": opened.series.incarnation}
            notices.append(Notice("series_begun_anew", "warning", facts))
        if self._not_printed and not self._sold_since():
            last = self._not_printed[-1]
            facts = {"number": last.number, "count": len(self._not_printed)}
            notices.append(Notice("completed_not_printed", "warning", facts))
        return notices

    def _opened(self) -> Recorded | None:
        """The first document of the present series; sync may have begun another one meanwhile."""
        first = self._first_of_series
        if first is None or first.series != self._journal.series:
            found = self._journal.documents_after(0, limit=1)
            first = self._first_of_series = found[0] if found else None
            self._forked = first is not None and _reason(first) in _BEGUN_ANEW
        return first

    def _sold_since(self) -> bool:
        """The next sale takes the remark away: the cashier has had it before the eyes until then."""
        last = self._not_printed[-1]
        newest = self._journal.last_of_type("sale")
        place = (last.series.incarnation, last.number)
        if newest is not None and (newest.series.incarnation, newest.number) > place:
            self._not_printed = []
        return not self._not_printed


def _reason(first: Recorded) -> str | None:
    document = parse_strict(first.data)
    body = document.get("body") if isinstance(document, dict) else None
    reason = body.get("reason") if isinstance(body, dict) else None
    return reason if isinstance(reason, str) else None
