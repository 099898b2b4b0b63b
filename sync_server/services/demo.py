"""Builds the demo chain through the same imports and the same publishing that a real chain uses."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pos_core.clock import Clock
from sync_server.demo import chain
from sync_server.demo.catalog import Row, demo_catalog
from sync_server.demo.promotions import demo_promotions
from sync_server.demo.words import DEPARTMENTS
from sync_server.services.acts import Act
from sync_server.services.console.passwords import new_password
from sync_server.services.console.users import Users
from sync_server.services.importing import ImportOptions, ImportReport, ImportTarget, import_file
from sync_server.services.keys import ChainKeys
from sync_server.services.publish import Publisher
from sync_server.services.releases import Releases
from sync_server.store.engine import Store

Progress = Callable[[str], None]


@dataclass(slots=True)
class DemoChain:
    """What was made, and what a person needs to try it: demo operators and their PINs."""

    release_version: int
    rows: dict[str, int] = field(default_factory=dict)
    operators: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The `--json` form; `operators` by store id: number, pin, role, name."""
        return {"release_version": self.release_version, "rows": self.rows, "operators": self.operators}


def build_demo(
    store: Store, keys: ChainKeys, releases: Releases, clock: Clock, progress: Progress = lambda text: None
) -> DemoChain:
    """Fills a founded, empty chain and publishes its first release. Takes some seconds.

    The same every time but for dated prices, which follow the clock's day.
    """
    target = ImportTarget(store, keys, clock.now_ms())
    made = DemoChain(0)
    with tempfile.TemporaryDirectory(prefix="tidemark-demo-") as folder:
        for kind, path in _files(Path(folder), clock.now_ms()):
            progress(kind)
            report = import_file(target, kind, path, ImportOptions(all_or_nothing=True, actor="demo"))
            _check(report)
            made.rows[kind] = report.created
    progress("release")
    made.release_version = (
        Publisher(store, releases, clock).publish(note="demo", actor="demo").release.version
    )
    for row in chain.employees():
        operator = {name: row[name] for name in ("number", "pin", "role", "name")}
        made.operators.setdefault(row["stores"], []).append(operator)
    return made


def demo_console_users(users: Users) -> list[dict[str, str]]:
    """Two people at head office, for one approves what the other asks for."""
    made = []
    for login, name, roles in chain.CONSOLE_USERS:
        password = new_password(login)
        users.add(Act("demo"), login=login, name=name, roles=roles, password=password)
        made.append({"login": login, "password": password, "roles": " ".join(roles)})
    return made


def _files(folder: Path, now_ms: int) -> Iterable[tuple[str, Path]]:
    catalog = demo_catalog()
    departments = [
        {"department_code": code, "parent_code": parent or "", "name": name, "name_en": name_en}
        for code, parent, name, name_en in DEPARTMENTS
    ]
    yield "policies", _json(folder / "policies.json", chain.policies())
    for kind, rows in (
        ("tax-classes", chain.TAX_CLASSES),
        ("departments", departments),
        ("items", catalog.items),
        ("gtins", catalog.gtins),
        ("plus", catalog.plus),
        ("price-lists", chain.PRICE_LISTS),
        ("stores", chain.STORES),
        ("prices", [*catalog.prices, *chain.dated_prices(catalog, now_ms)]),
        ("tender-types", chain.TENDER_TYPES),
        ("employees", chain.employees()),
        ("members", chain.members()),
    ):
        yield kind, _csv(folder / f"{kind}.csv", rows)
    yield "promotions", _json(folder / "promotions.json", {"promotions": demo_promotions()})


def _csv(path: Path, rows: Sequence[Row]) -> Path:
    headings = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def _check(report: ImportReport) -> None:
    """The demo's own data has no faulty row: one would be our bug."""
    assert report.rejected == 0, report.problems[:3]
