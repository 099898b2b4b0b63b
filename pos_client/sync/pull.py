"""Pulling the feed: pages after our cursor until caught up; a whole scope anew when the epoch changed.

Of several pages the next is asked for while the last is written: a new workstation waits half as long.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

from pos_client.replica.apply import BadPage, CursorMismatch
from pos_client.replica.replica import Replica
from pos_client.sync.errors import BrokenAnswer, ServerRefused
from pos_client.sync.wire import Wire
from pos_core.sync.protocol import FeedPage, ScopeDigest
from pos_core.sync.reference import KINDS

PAGES_MAX = 100_000
_BEGIN_ANEW = frozenset({"epoch_changed", "cursor_too_old"})
"""The server was restored, or this workstation was away for longer than the feed remembers deletions."""


class Puller:
    """Used by the sync worker only; its own thread uses the wire while the worker writes, never both."""

    def __init__(self, wire: Wire, replica: Replica) -> None:
        self._wire = wire
        self._replica = replica

    def pull(self, scope: str, epoch: str, *, keep_going: Callable[[], None]) -> int:
        """Bring a scope up to the server's head; returns how many rows and deletions were applied.

        `epoch` is the server's as its last answer said. A cursor of another epoch is not followed: when
        digests are equal the cursor is moved over, else the scope is pulled whole and replaced.
        """
        here, after = self._replica.cursors().get(scope, ("", 0))
        if here and here != epoch:
            return self._over_to(scope, epoch, keep_going)
        applied = 0
        try:
            with closing(self._pages(scope, epoch, after, keep_going)) as pages:
                for page in pages:
                    self._apply(page)
                    applied += _size(page)
        except ServerRefused as error:
            if error.server_code not in _BEGIN_ANEW or not here:
                raise
            return self._over_to(scope, _epoch_in(error), keep_going)
        return applied

    def replace(self, scope: str, epoch: str, *, keep_going: Callable[[], None]) -> int:
        """Pull a scope from 0 and put it in the place of what is here, in one transaction."""
        pages = list(self._pages(scope, epoch, 0, keep_going))
        try:
            self._replica.replace_scope(scope, pages)
        except (BadPage, CursorMismatch) as error:
            raise BrokenAnswer(f"pages that do not fit together: {error.message}", scope=scope) from error
        return sum(map(_size, pages))

    def digest(self, scope: str) -> ScopeDigest:
        """The server's digest of a scope."""
        answer = self._wire.get(f"/v1/digest?scope={quote(scope, safe='')}", ScopeDigest)
        if answer.scope != scope or not answer.epoch:
            raise BrokenAnswer("a digest of another scope", scope=scope)
        return answer

    def _over_to(self, scope: str, epoch: str, keep_going: Callable[[], None]) -> int:
        theirs = self.digest(scope)
        if theirs.epoch == epoch and same_digests(self._replica, theirs):
            self._replica.adopt_cursor(scope, epoch, theirs.sequence)
            return self.pull(scope, epoch, keep_going=keep_going)
        return self.replace(scope, epoch, keep_going=keep_going)

    def _apply(self, page: FeedPage) -> None:
        try:
            self._replica.apply_page(page)
        except (BadPage, CursorMismatch) as error:
            raise BrokenAnswer(f"a page that does not fit: {error.message}", scope=page.scope) from error

    def _pages(
        self, scope: str, epoch: str, after: int, keep_going: Callable[[], None]
    ) -> Generator[FeedPage]:
        """From `after` to the head, in order. Close it before the wire is used again."""
        keep_going()
        page = self._page(scope, epoch, after)
        with ThreadPoolExecutor(1, thread_name_prefix="feed-ahead") as ahead:
            for _ in range(PAGES_MAX):
                if page.to >= page.head:
                    yield page
                    return
                coming = ahead.submit(self._page, scope, epoch, page.to)
                yield page
                keep_going()
                page = coming.result()

    def _page(self, scope: str, epoch: str, after: int) -> FeedPage:
        target = f"/v1/feed?scope={quote(scope, safe='')}&epoch={quote(epoch, safe='')}&after={after}"
        page = self._wire.get(target, FeedPage)
        if page.scope != scope or page.epoch != epoch or page.after != after or page.to < after:
            raise BrokenAnswer("a page of another scope, epoch or place", scope=scope, after=after)
        if page.to == after and page.to < page.head:
            raise BrokenAnswer("a page that leads nowhere", scope=scope, after=after)
        return page


def same_digests(replica: Replica, theirs: ScopeDigest) -> bool:
    """Equal counts and sums for every kind that this program knows; one without rows is as good as none."""
    ours = {kind: list(value) for kind, value in replica.digests(theirs.scope).items()}
    return ours == {
        kind: list(value) for kind, value in theirs.kinds.items() if kind in KINDS and value and value[0]
    }


def _epoch_in(error: ServerRefused) -> str:
    epoch = error.server_facts.get("epoch")
    if not isinstance(epoch, str) or not epoch:
        raise BrokenAnswer("the server changed its epoch and does not say to which") from error
    return epoch


def _size(page: FeedPage) -> int:
    return sum(len(part.rows) + len(part.deleted) for part in page.kinds)
