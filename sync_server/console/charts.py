"""What `charts.js` draws: figures of a page as data in an attribute, for a policy without inline scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """One colour. `links`: the page behind each value."""

    name: str
    values: Sequence[int | float | None]
    kind: str = "bar"
    links: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """Names along one side and series over them. `across`: bars lie; `stack`: series stand on each other."""

    names: Sequence[str]
    series: Sequence[Series]
    stack: bool = False
    across: bool = False
    unit: str = ""

    @property
    def data(self) -> str:
        """JSON for `data-chart`; the template escapes it."""
        value = {
            "x": list(self.names),
            "stack": self.stack,
            "across": self.across,
            "unit": self.unit,
            "kind": "bar",
            "series": [
                {"name": each.name, "values": list(each.values), "kind": each.kind, "links": list(each.links)}
                for each in self.series
            ],
        }
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Points:
    """Places on a map-like view: name, longitude, latitude, value, state (`out` or ""), page behind."""

    places: Sequence[tuple[str, float, float, float, str, str]]

    @property
    def data(self) -> str:
        """JSON for `data-chart`."""
        value = {"kind": "map", "places": [list(each) for each in self.places]}
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
