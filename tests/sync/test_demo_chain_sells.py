"""The demo chain on a real workstation: everything a till meets can be rung up, found and paid."""

from __future__ import annotations

import pytest

from pos_client.bootstrap import Options, open_workstation
from pos_client.keys.key_store import FileKeyStore
from pos_client.storage.places import Places
from pos_client.sync.enrolment import enrol
from pos_core.catalog.gtin import with_check_digit
from sync_server.bootstrap import make_server, open_head_office
from sync_server.demo import chain
from sync_server.demo.catalog import demo_catalog
from sync_server.http.serving import serving
from sync_server.services.chain import found_chain
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder
from sync_server.services.demo import build_demo


@pytest.fixture(scope="module")
def catalog():
    return demo_catalog()


@pytest.fixture(scope="module")
def till(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    data = DataFolder(folder / "hq")
    found_chain(data, chain_name=chain.CHAIN_NAME, currency="CNY", clock=SystemClock(), hosts=["localhost"])
    office = open_head_office(data.root)
    made = build_demo(office.store, office.keys, office.releases, office.clock)
    with serving(make_server(office, tls=False, jobs=False)) as url:
        code = office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
        where = folder / "till"
        where.mkdir()
        enrol(url, code, name="T1", keys=FileKeyStore(where / "keys"), folder=where, app_version="0.1.0")
        places = Places(where, folder / "witness", where / "keys")
        workstation = open_workstation(Options(places=places, printer="none", timers=False))
        workstation.sync.now().result(timeout=60)
        operator = made.operators["S001"][0]
        workstation.session.sign_on(operator["number"], operator["pin"]).result(timeout=30)
        workstation.shift.open_shift(20_000).result(timeout=30)
        yield workstation
        workstation.close()
    office.close()


@pytest.fixture
def empty(till):
    yield till
    if till.ring_up.basket().lines:
        till.ring_up.clear().result(timeout=30)


def gtin_of(catalog, **wanted):
    """A piece's barcode and SKU of the first branded item that fits."""
    fitting = (row for row in catalog.items if "brand" in row)
    sku = next(row["sku"] for row in fitting if all(row.get(k) == v for k, v in wanted.items()))
    pieces = {row["sku"]: row["gtin"] for row in catalog.gtins if row["pack_quantity"] == "1"}
    return pieces[sku], sku


def test_a_scanned_item_has_its_price_and_its_name(empty, catalog):
    gtin, sku = gtin_of(catalog, active="1", department_code="D703")
    empty.ring_up.enter(gtin)
    (line,) = empty.ring_up.basket().lines
    assert (line.sku, line.quantity_milli) == (sku, 1000)
    assert line.unit_price_minor > 0


def test_a_case_code_sells_the_case(empty, catalog):
    case = next(row for row in catalog.gtins if row["pack_quantity"] == "24")
    empty.ring_up.enter(case["gtin"])
    assert empty.ring_up.basket().lines[0].quantity_milli == 24_000


def test_a_scale_label_sells_produce_at_its_printed_price(empty):
    label = with_check_digit("21" + "01001" + "01280")
    empty.ring_up.enter(label)
    (line,) = empty.ring_up.basket().lines
    assert (line.sku, line.list_minor) == ("200000", 1280)
    assert line.weighed


@pytest.mark.parametrize("text", ["红富士", "hongfushi", "hfs"])
def test_produce_is_found_by_name_pinyin_and_initials(till, text):
    assert "200000" in [found.sku for found in till.find_item.search(text)]


def test_a_sale_is_paid_with_rounded_cash(empty, catalog):
    gtin, _ = gtin_of(catalog, active="1", department_code="D802")
    empty.ring_up.enter(gtin)
    payment = empty.payment.begin()
    empty.payment.add("cash", payment.total_minor + 500)
    sale = empty.payment.finish().result(timeout=30)
    assert sale.total_minor % 10 == 0
    assert sale.change_minor >= 500
