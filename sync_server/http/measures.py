"""Counters for `/metrics` in Prometheus' text form; labels never hold ids of people or machines."""

from __future__ import annotations

import threading
from collections import Counter

BUCKETS_MS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000)


class Measures:
    """Requests by route and status, their times, errors by code, documents taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._errors: Counter[str] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._sums: Counter[str] = Counter()

    def request(self, route: str, status: int, took_ms: int) -> None:
        """Counts one answered request."""
        with self._lock:
            self._requests[route, status] += 1
            self._sums[route] += took_ms
            for bound in BUCKETS_MS:
                if took_ms <= bound:
                    self._buckets[route, bound] += 1

    def error(self, code: str) -> None:
        """Counts one answer that was no success."""
        with self._lock:
            self._errors[code] += 1

    def text(self, gauges: dict[str, float]) -> str:
        """Everything, with `gauges` read from the store by the caller."""
        lines: list[str] = []
        with self._lock:
            lines += _family("tidemark_requests_total", "counter", "Requests answered.")
            lines += [
                f'tidemark_requests_total{{route="{route}",status="{status}"}} {count}'
                for (route, status), count in sorted(self._requests.items())
            ]
            lines += _family("tidemark_errors_total", "counter", "Answers that were no success, by code.")
            lines += [
                f'tidemark_errors_total{{code="{code}"}} {count}'
                for code, count in sorted(self._errors.items())
            ]
            lines += self._histogram()
        for name, value in sorted(gauges.items()):
            lines += _family(f"tidemark_{name}", "gauge", name.replace("_", " ").capitalize() + ".")
            lines.append(f"tidemark_{name} {value:g}")
        return "\n".join(lines) + "\n"

    def _histogram(self) -> list[str]:
        name = "tidemark_request_duration_ms"
        lines = _family(name, "histogram", "Time from the first byte to the answer.")
        totals: Counter[str] = Counter()
        for (route, _), count in self._requests.items():
            totals[route] += count
        for route in sorted(totals):
            lines += [
                f'{name}_bucket{{route="{route}",le="{bound}"}} {self._buckets[route, bound]}'
                for bound in BUCKETS_MS
            ]
            lines.append(f'{name}_bucket{{route="{route}",le="+Inf"}} {totals[route]}')
            lines.append(f'{name}_sum{{route="{route}"}} {self._sums[route]}')
            lines.append(f'{name}_count{{route="{route}"}} {totals[route]}')
        return lines


def _family(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
