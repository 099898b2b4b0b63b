"""Pushing over real loopback HTTP: in order, once each, gaps, forks, poison."""

from __future__ import annotations

from tests.server.support.office import Chain


def test_documents_are_taken_once_whatever_is_repeated(chain: Chain) -> None:
    till = chain.enrol()
    for _ in range(5):
        till.maker.sale()
    status, point = till.push()
    assert status == 200, point
    assert (point["acked_number"], point["head_hash"]) == (5, till.maker.head)
    till.maker.sale()
    for first in (1, 3, 6, 1):
        status, point = till.push(first)
        assert (status, point["acked_number"], point["head_hash"]) == (200, 6, till.maker.head)
    assert till.resume()["acked_number"] == 6
    counts = chain.office.store.read(
        lambda txn: txn.connection.exec_driver_sql("SELECT count(*) FROM line").scalar()
    )
    assert counts == 18


def test_a_gap_is_answered_with_the_resume_point(chain: Chain) -> None:
    till = chain.enrol()
    for _ in range(4):
        till.maker.sale()
    till.push(1, 2)
    status, error = till.push(4)
    assert (status, error["code"], error["facts"]["acked_number"]) == (409, "gap", 2)
    assert till.push(3)[1]["acked_number"] == 4
