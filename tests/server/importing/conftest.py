"""A founded chain on an encrypted file in a temporary folder, and files to import into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync_server.services.chain import found_chain, open_chain
from sync_server.services.data_folder import DataFolder
from sync_server.services.importing import ImportOptions, ImportReport, ImportTarget, import_file

NOW_MS = 1_790_000_000_000


class FixedClock:
    """Stands still."""

    def now_ms(self) -> int:
        return NOW_MS

    def monotonic_ms(self) -> int:
        return 0


@contextmanager
def founded(folder: Path) -> Iterator[ImportTarget]:
    """A new chain, open as long as the block."""
    data = DataFolder(folder)
    found_chain(data, chain_name="测试", currency="CNY", clock=FixedClock(), hosts=["localhost"])
    store, keys = open_chain(data)
    yield ImportTarget(store, keys, NOW_MS)
    store.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ImportTarget]:
    with founded(tmp_path / "hq") as made:
        yield made


Importer = Callable[..., ImportReport]


def importing(office: ImportTarget, folder: Path) -> Importer:
    """`run(kind, content, suffix=".csv", **options)`: writes the file and imports it."""

    def importer(kind: str, content: str | bytes, *, suffix: str = ".csv", **options: object) -> ImportReport:
        path = folder / f"{kind}{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_file(office, kind, path, ImportOptions(**options))  # type: ignore[arg-type]

    return importer


@pytest.fixture
def run(office: ImportTarget, tmp_path: Path) -> Importer:
    return importing(office, tmp_path)


def imported(office: ImportTarget, folder: Path) -> Importer:
    """A small chain already imported: two regions, two price lists, three items."""
    run = importing(office, folder)
    for kind, text in {
        "tax-classes": "tax_class_code,name,rate\nV13,标准,13%\nV9,农产品,9%\nV0,免税,0%\n",
        "departments": "部门编码,上级编码,名称\nD1,,食品\nD11,D1,饮料\n",
        "price-lists": "price_list_id,name\nP1,标准价\nP2,机场价\n",
        "stores": "store_id,name,region,price_list_id,纬度,经度,门店组\n"
        "S001,湖畔店,east,P1,30.25,120.16,A;B\nS002,江边店,east,P1,30.3,120.2,A\nS003,山城店,west,P2,29.56,106.55,\n",
        "items": "sku,name,tax_class_code,department,cost,floor_price,sale_kind\n"
        "A1,可口云可乐330ml,V13,D11,1.20,1.50,\nA2,苹果,V9,,3,,称重\nA3,矿泉水,V13,D11,0.5,,计件\n",
    }.items():
        report = run(kind, text)
        assert report.rejected == 0, report.problems
    return run


@pytest.fixture
def shop(office: ImportTarget, tmp_path: Path) -> Importer:
    return imported(office, tmp_path)
