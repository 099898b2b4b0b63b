"""What is on its way up: while head office works on one batch, the next one is with it already.

A batch that fills a request is hardly ever the last. So the one behind it is sent before its answer is here,
and head office reads it while it makes the first one durable. Only while answers come quickly: a head office
that is behind would be so twice, and answer nobody in time. So where nobody knows, the first batch of a push
goes alone, and is a small one where many wait behind it: what it tells is known the sooner, and for a minute
the next push knows it too. Whether a batch counts is for the answers to say, which are taken in order: when
the first one's is anything but "all of it", the other's is waited for and forgotten, and the push goes on
from where head office then says that it stands.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import TracebackType

from pos_client.journal.journal import Journal
from pos_client.sync.parcel import Packer, Parcel
from pos_core.sync.document import Series
from pos_core.sync.protocol import ResumePoint

ON_THE_WAY_MAX = 2
"""Head office takes four requests of a workstation at once; a hint's pull goes beside."""
FIRST_DOCUMENTS = 100
"""Of the batch that goes alone before nobody knows how long for, where all do not fit into one request."""
QUICK_S = 1.0
"""An answer that took longer has waited for others: the next batch waits for the next answer."""
KNOWN_FOR_S = 60.0
"""So long the last answer of one push tells the next one how quickly head office answers."""


@dataclass(slots=True)
class Pace:
    """How quickly head office answered last: one a workstation, for every push."""

    took_s: float | None = None
    heard_s: float = 0.0

    def took(self, started_s: float) -> None:
        """An answer came, to what was sent at `started_s`."""
        self.heard_s = time.monotonic()
        self.took_s = self.heard_s - started_s

    def known(self) -> float | None:
        """Seconds; None where nobody knows any more."""
        return self.took_s if time.monotonic() - self.heard_s < KNOWN_FOR_S else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch, and what waits for its answer; that raises SyncTrouble."""

    parcel: Parcel
    answer: Callable[[], ResumePoint]


class Outbox:
    """Sends the documents of one series in order. A context: at its end nothing is on the way any more."""

    def __init__(
        self, journal: Journal, series: Series, post: Callable[[Parcel], ResumePoint], pace: Pace
    ) -> None:
        self._packer = Packer(journal, series)
        self._post = post
        self._threads = ThreadPoolExecutor(ON_THE_WAY_MAX, thread_name_prefix="push")
        self._on_the_way: deque[tuple[Parcel, Future[ResumePoint]]] = deque()
        self._one_at_a_time = False
        self._pace = pace

    def __enter__(self) -> Outbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.forget()
        self._threads.shutdown()
        self._packer.close()

    def send(self, after: int, limit: int) -> Sent | None:
        """Sees that what follows number `after` is on its way, at most `limit` documents of it; None when

        there are none. What fits into one request is sent by this thread, when its answer is asked for.
        """
        if not self._on_the_way:
            first = self._pace.known() is None and self._packer.has_more_than(after, limit)
            parcel = self._packer.next(after, min(limit, FIRST_DOCUMENTS) if first else limit, then=limit)
            if parcel is None:
                return None
            if not self._goes_ahead() or not parcel.is_cut:
                return Sent(parcel, partial(self._timed, parcel))
            self._put(parcel)
        while (
            self._goes_ahead()
            and len(self._on_the_way) < ON_THE_WAY_MAX
            and (last := self._on_the_way[-1][0]).is_cut
        ):
            behind = self._packer.next(last.last_number, limit, then=limit)
            if behind is None:
                break
            self._put(behind)
        parcel, answer = self._on_the_way.popleft()
        return Sent(parcel, answer.result)

    def forget(self) -> None:
        """What is on the way counts no more: its answer is waited for, whatever it is. From now on one

        batch at a time: something is not as it was thought to be.
        """
        while self._on_the_way:
            self._on_the_way.popleft()[1].exception()
            self._one_at_a_time = True

    def _goes_ahead(self) -> bool:
        took_s = self._pace.known()
        return not self._one_at_a_time and took_s is not None and took_s < QUICK_S

    def _put(self, parcel: Parcel) -> None:
        self._on_the_way.append((parcel, self._threads.submit(self._timed, parcel)))

    def _timed(self, parcel: Parcel) -> ResumePoint:
        started_s = time.monotonic()
        try:
            answer = self._post(parcel)
        except BaseException:
            self._pace.took_s = None  # the line, or head office, is not as it was
            raise
        self._pace.took(started_s)
        return answer
