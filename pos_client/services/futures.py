"""Small joints between futures: services hand out one future for a chain of a write and what follows it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


def done(value: T) -> Future[T]:
    """A future that already holds `value`."""
    future: Future[T] = Future()
    future.set_result(value)
    return future


def failed(error: BaseException) -> Future[T]:
    """A future that already failed."""
    future: Future[T] = Future()
    future.set_exception(error)
    return future


def then(
    first: Future[T], follow: Callable[[T], U], *, otherwise: Callable[[], None] = lambda: None
) -> Future[U]:
    """A future with `follow(result)`; `follow` runs on the thread that resolved `first`.

    `otherwise` runs when `first` or `follow` failed, before the returned future fails with the same error.
    """
    second: Future[U] = Future()

    def resolved(future: Future[T]) -> None:
        try:
            value = follow(future.result())
        except BaseException as error:
            otherwise()
            second.set_exception(error)
        else:
            second.set_result(value)

    first.add_done_callback(resolved)
    return second
