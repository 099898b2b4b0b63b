"""Versions of the wire: two back are served; older programs still deliver and are told to renew."""

from __future__ import annotations

import pytest

from pos_core.sync import protocol, versions
from pos_core.sync.reference import KINDS
from sync_server.store import feed
from tests.fakes.reference_rows import member_row
from tests.server.support.office import Chain

pytestmark = pytest.mark.database("sqlite")  # about the edge, which no database sees

DOWN = ["/v1/feed?scope=chain&after=0", "/v1/digest?scope=chain", "/v1/snapshot", "/v1/hints"]
TOO_OLD = {protocol.HEADER_PROTOCOL: "0"}


@pytest.mark.parametrize("target", DOWN)
def test_a_program_that_is_too_old_is_told_nothing(chain: Chain, target: str) -> None:
    status, error = chain.enrol().call("GET", target, headers=TOO_OLD)
    assert (status, error["code"]) == (426, "upgrade_required")
    assert error["facts"] == {
        "oldest_served": versions.OLDEST_SERVED,
        "newest": protocol.PROTOCOL_VERSION,
    }


@pytest.mark.parametrize("said", ["0", "x", "-1", "1.5", "9" * 40, "99", "1", "2", ""])
def test_documents_are_taken_from_every_program(chain: Chain, said: str) -> None:
    till = chain.enrol()
    till.maker.sale()
    headers = {protocol.HEADER_PROTOCOL: said}
    status, point = till.call("POST", "/v1/documents", till.maker.push_body(), headers=headers)
    assert (status, point["acked_number"]) == (200, 1)
    target = f"/v1/series/{till.maker.workstation_id}/1"
    assert till.call("GET", target, headers=headers)[1]["acked_number"] == 1


@pytest.mark.parametrize(
    "said,answered",
    [("1", "1"), ("2", "2"), ("3", "3"), ("99", "3"), ("", "1"), ("x", "1")],
)
def test_the_answer_says_the_version_that_both_speak(chain: Chain, said: str, answered: str) -> None:
    answer = chain.http.get("/v1/health", headers={protocol.HEADER_PROTOCOL: said})
    assert answer.headers[protocol.HEADER_PROTOCOL] == answered


def test_an_old_program_hears_no_digest_of_kinds_it_does_not_know(chain: Chain) -> None:
    till = chain.enrol()

    def fill(txn: object) -> None:
        feed.put_rows(txn, "member", "store:S001", [member_row("m1")])  # type: ignore[arg-type]
        feed.put_rows(txn, "series_point", "store:S001", [["W1", 1, 5]])  # type: ignore[arg-type]

    chain.office.store.write(fill)
    kinds = {}
    for version in ("1", "2"):
        headers = {protocol.HEADER_PROTOCOL: version}
        kinds[version] = till.call("GET", "/v1/digest?scope=store:S001", headers=headers)[1]["kinds"]
    assert set(kinds["1"]) == {"member"} and set(kinds["2"]) == {"member", "series_point"}


def test_what_an_old_version_knows_stays_known() -> None:
    first, second = (set(versions.known_kinds(dict.fromkeys(KINDS, 1), each)) for each in (1, 2))
    assert (len(first), len(second)) == (12, 26) and first < second < set(KINDS)
    assert versions.known_kinds(dict.fromkeys(KINDS, 1), protocol.PROTOCOL_VERSION).keys() == KINDS.keys()
