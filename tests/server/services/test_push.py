"""The push service in-process: poison at any place, forks, broken chains; nothing lost, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_core.canonical import canonical_bytes
from pos_core.sync.document import document_bytes
from sync_server.head_office import HeadOffice
from sync_server.services import push as push_service
from sync_server.services.errors import BadHeadSignature, ChainBroken, Fork, MalformedRequest, NotYours
from sync_server.services.verify import Verify
from sync_server.store import document, quarantine, workstation
from sync_server.store.quarantine import QuarantineRow
from sync_server.store.schema.tables import projected
from sync_server.store.workstation import WorkstationRow
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import SeriesMaker, sale_body


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeadOffice]:
    """One head office for many tests; whatever they pushed, its ledger verifies when they are done."""
    made = found_office(tmp_path_factory.mktemp("chain") / "data", HandClock())
    yield made
    report = Verify(made.store, made.blobs, made.keys).run()
    made.close()
    assert report.problems == []
    assert report.documents + report.quarantined > 0


_count = iter(range(1, 10_000))


def enrolled(office: HeadOffice, store_id: str = "S001") -> tuple[SeriesMaker, WorkstationRow]:
    maker = SeriesMaker(f"w-{next(_count)}", store_id=store_id)
    row = WorkstationRow(
        maker.workstation_id, store_id, "t", "active", maker.public_key, maker.sealing_key, 1, "", 0, None, 0
    )
    office.store.write(lambda txn: workstation.add(txn, row))
    return maker, row


def kept(office: HeadOffice, maker: SeriesMaker) -> dict[int, bytes]:
    """Bytes by number that stand in the chain, applied or in quarantine."""

    def read(txn: Any) -> dict[int, bytes]:
        own = (maker.workstation_id, maker.incarnation)
        found = {
            one[document.NUMBER]: one[document.DATA]
            for one in document.stored(txn, *own, after=0, limit=10_000)
        }
        for number in quarantine.in_chain(txn, *own, 1, 10_000):
            row = quarantine.place(txn, *own, number)
            assert row is not None and number not in found
            found[number] = row.data
        return found

    return office.store.read(read)


def aside(office: HeadOffice, maker: SeriesMaker) -> list[QuarantineRow]:
    rows = office.store.read(lambda txn: quarantine.listing(txn, limit=100_000))
    return [row for row in rows if row.workstation_id == maker.workstation_id]


def poison_not_a_document(maker: SeriesMaker) -> bytes:
    return b'{"v":1}'


def poison_other_version(maker: SeriesMaker) -> bytes:
    value = json.loads(document_bytes(maker.header("no_sale"), {"reason": "x"}))
    return canonical_bytes({**value, "v": 99})


def poison_unknown_type(maker: SeriesMaker) -> bytes:
    return document_bytes(maker.header("teleported"), {})


def poison_unbalanced(maker: SeriesMaker) -> bytes:
    scratch = SeriesMaker("scratch", dice=maker.dice)
    body = json.loads(scratch.sale())["body"]
    body["total_minor"] += 1
    return document_bytes(maker.header("sale"), body)


def poison_not_canonical(maker: SeriesMaker) -> bytes:
    return json.dumps(json.loads(document_bytes(maker.header("no_sale"), {"reason": "x"}))).encode()


def poison_huge_integer(maker: SeriesMaker) -> bytes:
    good = document_bytes(maker.header("no_sale"), {"n": 7, "reason": "x"})
    return good.replace(b'"n":7', b'"n":99999999999999999')


def poison_float(maker: SeriesMaker) -> bytes:
    good = document_bytes(maker.header("no_sale"), {"n": 7, "reason": "x"})
    return good.replace(b'"n":7', b'"n":7.5')


def poison_doubled_key(maker: SeriesMaker) -> bytes:
    good = document_bytes(maker.header("no_sale"), {"reason": "x"})
    return good.replace(b'"reason":"x"', b'"reason":"x","reason":"x"')


def poison_wrong_store(maker: SeriesMaker) -> bytes:
    return document_bytes(maker.header("no_sale", store_id="S002"), {"reason": "x"})


def poison_wrong_number(maker: SeriesMaker) -> bytes:
    return document_bytes(maker.header("no_sale", number=maker.number + 5), {"reason": "x"})


def poison_body_is_a_list(maker: SeriesMaker) -> bytes:
    value = json.loads(document_bytes(maker.header("no_sale"), {"reason": "x"}))
    return canonical_bytes({**value, "body": []})


def poison_nul_in_the_header(maker: SeriesMaker) -> bytes:
    return document_bytes(maker.header("no_sale", operator_id="E\0"), {"reason": "x"})


def poison_nul_in_a_row(maker: SeriesMaker) -> bytes:
    body = sale_body(maker.dice, 1)
    body["lines"][0]["name"] = "a\0b"
    return document_bytes(maker.header("sale"), body)


POISONS: list[Callable[[SeriesMaker], bytes]] = [
    poison_not_a_document,
    poison_other_version,
    poison_unknown_type,
    poison_unbalanced,
    poison_not_canonical,
    poison_huge_integer,
    poison_float,
    poison_doubled_key,
    poison_wrong_store,
    poison_wrong_number,
    poison_body_is_a_list,
    poison_nul_in_the_header,
    poison_nul_in_a_row,
]


@pytest.mark.parametrize("poison", POISONS)
def test_poison_goes_to_quarantine_with_its_bytes_and_the_rest_goes_on(
    office: HeadOffice, poison: Callable[[SeriesMaker], bytes]
) -> None:
    maker, row = enrolled(office)
    maker.sale()
    bad = maker.append(poison(maker))
    maker.sale()
    point = office.push.push(row, maker.push_body())
    assert (point.acked_number, point.head_hash, point.quarantined) == (3, maker.head, [2])
    assert kept(office, maker) == dict(enumerate(maker.documents, 1))
    (found,) = aside(office, maker)
    assert (found.number, found.data, found.in_chain) == (2, bad, 1)
    assert office.push.push(row, maker.push_body()).acked_number == 3, "and again changes nothing"
    assert len(aside(office, maker)) == 1


def test_a_nul_in_a_text_that_has_no_row_of_its_own_is_kept_as_it_is(office: HeadOffice) -> None:
    """PostgreSQL has no text with such a character; the bytes of a document are none."""
    maker, row = enrolled(office)
    for _ in range(2):
        maker.append(document_bytes(maker.header("no_sale"), {"reason": "a\0b"}))
    assert office.push.push(row, maker.push_body()).quarantined == []
    assert kept(office, maker) == dict(enumerate(maker.documents, 1))


def test_a_push_of_no_documents_is_told_where_the_series_stands(office: HeadOffice) -> None:
    maker, row = enrolled(office)
    assert office.push.push(row, maker.push_body()).acked_number == 0
    for _ in range(2):
        maker.sale()
    office.push.push(row, maker.push_body())
    assert office.push.push(row, maker.push_body(3, 2)).acked_number == 2


def test_poison_at_every_place_of_a_batch(office: HeadOffice) -> None:
    """200 batches of 200: the poison at each place in turn."""
    template, _ = enrolled(office)
    size = 200
    for place in range(1, size + 1):
        maker, row = enrolled(office)
        for number in range(1, size + 1):
            if number == place:
                maker.append(POISONS[place % len(POISONS)](maker))
            else:
                maker.no_sale()
        point = office.push.push(row, maker.push_body())
        assert (point.acked_number, point.quarantined) == (size, [place])
    assert template.number == 0


def test_rows_that_the_database_refuses_cost_only_their_own_document(
    office: HeadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, row = enrolled(office)
    for _ in range(6):
        maker.sale()
    from sync_server.services import applicability as module

    real = module.rows_of

    def doubled(one: Any, own: Any, store_id: str) -> Any:
        rows = real(one, own, store_id)
        if one.number == 4:
            rows["line"] = [*rows["line"], rows["line"][0]]
        return rows

    monkeypatch.setattr(module, "rows_of", doubled)
    point = office.push.push(row, maker.push_body())
    assert (point.acked_number, point.quarantined) == (6, [4])
    assert aside(office, maker)[0].detail == "IntegrityError"


def test_a_crash_of_a_check_is_that_documents_own_trouble(
    office: HeadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, row = enrolled(office)
    for _ in range(3):
        maker.sale()
    from sync_server.services import applicability

    real = applicability.project

    def crashes(value: Any, body: Any) -> Any:
        if value["number"] == 2:
            raise ZeroDivisionError
        return real(value, body)

    monkeypatch.setattr(applicability, "project", crashes)
    assert office.push.push(row, maker.push_body()).quarantined == [2]


def test_trouble_of_the_database_is_nobodys_poison(
    office: HeadOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must not send good sales to quarantine."""
    import sqlcipher3.dbapi2 as dbapi

    maker, row = enrolled(office)
    maker.sale()

    def full(*_: Any, **__: Any) -> None:
        raise dbapi.OperationalError("database or disk is full")

    monkeypatch.setattr(document, "insert", full)
    with pytest.raises(dbapi.OperationalError):
        office.push.push(row, maker.push_body())
    monkeypatch.undo()
    assert kept(office, maker) == {}
    assert office.push.push(row, maker.push_body()).acked_number == 1


def test_a_fork_keeps_both_sides(office: HeadOffice) -> None:
    maker, row = enrolled(office)
    for _ in range(3):
        maker.sale()
    office.push.push(row, maker.push_body())
    clone = SeriesMaker(maker.workstation_id, signing=maker.signing, sealing=maker.sealing)
    for data in maker.documents[:2]:
        clone.append(data)
    clone.sale(lines=5)
    clone.sale(lines=2)
    with pytest.raises(Fork) as refused:
        office.push.push(row, clone.push_body())
    assert refused.value.facts["number"] == 3 and refused.value.facts["acked_number"] == 3
    beside = {one.number: one.data for one in aside(office, maker) if not one.in_chain}
    assert beside == {3: clone.documents[2], 4: clone.documents[3]}
    assert kept(office, maker)[3] == maker.documents[2]
    with pytest.raises(Fork):
        office.push.push(row, clone.push_body(4, 4))
    assert len(aside(office, maker)) == 2
    clone.incarnation = 2
    fresh = SeriesMaker(maker.workstation_id, incarnation=2, signing=maker.signing, sealing=maker.sealing)
    fresh.sale()
    assert office.push.push(row, fresh.push_body()).acked_number == 1


def test_a_broken_chain_is_kept_beside_and_named(office: HeadOffice) -> None:
    maker, row = enrolled(office)
    maker.sale()
    maker.sale(prev_hash="ab" * 32)
    maker.sale()
    with pytest.raises(ChainBroken) as refused:
        office.push.push(row, maker.push_body())
    assert refused.value.facts["number"] == 2
    assert kept(office, maker) == {}
    assert sorted(one.number for one in aside(office, maker)) == [2, 3]
    assert office.push.push(row, maker.push_body(1, 1)).acked_number == 1


def test_a_signature_by_another_key_keeps_nothing(office: HeadOffice) -> None:
    maker, row = enrolled(office)
    other, _ = enrolled(office)
    maker.sale()
    maker.signing = other.signing
    with pytest.raises(BadHeadSignature):
        office.push.push(row, maker.push_body())
    assert kept(office, maker) == {} and aside(office, maker) == []


def test_another_workstations_series_is_refused(office: HeadOffice) -> None:
    maker, _ = enrolled(office)
    _, stranger = enrolled(office)
    with pytest.raises(NotYours):
        office.push.resume_point(stranger, maker.workstation_id, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"incarnation":1,"first_number":0,"documents":[],"head_hash":"","signature":""}',
        b'{"incarnation":0,"first_number":1,"documents":[],"head_hash":"","signature":""}',
        b'{"incarnation":1,"first_number":9007199254740991,"documents":[],"head_hash":"","signature":""}',
        b'{"incarnation":1,"first_number":1,"documents":['
        + b"1," * 3000
        + b'1],"head_hash":"","signature":""}',
        b'{"incarnation":1,"first_number":1,"documents":' + b"[" * 20000,
        b'{"incarnation":1,"first_number":1,"documents":[],"head_hash":"\xed\xa0\x80","signature":""}',
    ],
)
def test_a_malformed_push_is_refused(office: HeadOffice, body: bytes) -> None:
    _, row = enrolled(office)
    with pytest.raises(MalformedRequest):
        office.push.push(row, body)


def test_documents_that_are_no_objects_do_not_stop_the_series(office: HeadOffice) -> None:
    maker, row = enrolled(office)
    for data in (b"1", b'"text"', b"null", b"[]", b"{}", b"-0", b'"\xf0\x9f\x98\x80"'):
        maker.append(data)
    maker.append(document_bytes(maker.header("no_sale"), {"reason": "x"}))
    point = office.push.push(row, maker.push_body())
    assert (point.acked_number, point.quarantined) == (8, [1, 2, 3, 4, 5, 6, 7])


def test_two_threads_pushing_one_series_store_each_document_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    office = found_office(tmp_path / "data", HandClock())
    try:
        maker, row = enrolled(office)
        for _ in range(60):
            maker.sale()
        bodies = [maker.push_body(1, last) for last in range(5, 61, 5)] * 2
        with ThreadPoolExecutor(4) as pool:
            points = list(pool.map(lambda body: office.push.push(row, body), bodies))
        assert max(point.acked_number for point in points) == 60
        assert len(kept(office, maker)) == 60
        lines = office.store.read(lambda txn: txn.execute(projected["line"].select()).fetchall())
        assert len(lines) == 180
    finally:
        office.close()


def test_text_that_only_one_database_could_hold_is_set_aside_on_both(office: HeadOffice) -> None:
    maker, row = enrolled(office)
    maker.sale()
    body = sale_body(maker.dice, 1)
    body["lines"][0]["name"] = "a\0b"
    maker.append(document_bytes(maker.header("sale"), body))
    maker.sale()
    point = office.push.push(row, maker.push_body())
    assert (point.acked_number, point.quarantined) == (3, [2])
    assert aside(office, maker)[0].reason == "not_applicable"


@pytest.mark.parametrize("waited_ms,late", [(0, False), (1000, False), (1001, True), (-5000, True)])
def test_a_batch_is_received_when_its_turn_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited_ms: int, late: bool
) -> None:
    """However long those before it took: whoever asks by time of receipt reckons with a minute at most."""
    clock = HandClock()
    office = found_office(tmp_path / "data", clock)
    maker, row = enrolled(office)
    maker.sale()
    maker.no_sale()
    read = push_service._read

    def slowly(*given: Any) -> Any:
        try:
            return read(*given)
        finally:
            clock.wall_ms += waited_ms

    monkeypatch.setattr(push_service, "_read", slowly)
    arrived = clock.now_ms()
    office.push.push(row, maker.push_body())
    stored = office.store.read(lambda txn: document.stored(txn, maker.workstation_id, 1, after=0, limit=10))
    assert {one[document.RECEIVED_AT] for one in stored} == {arrived + (waited_ms if late else 0)}
    report = Verify(office.store, office.blobs, office.keys).run()
    office.close()
    assert report.problems == [] and len(stored) == 2
