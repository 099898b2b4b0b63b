"""Two stores in two regions: no route shows or changes anything of the other."""

from __future__ import annotations

import json

from sync_server.store import feed
from tests.server.support.office import Chain, TestWorkstation

EMPLOYEE = ["E{0}", "10{0}", "name {0}", "cashier", "$argon2id$…", 1]


def fill(chain: Chain) -> None:
    """An employee and a file for each store alone."""

    def write(txn: object) -> None:
        for place, store_id in enumerate(("S001", "S002"), 1):
            row = [part.format(place) if isinstance(part, str) else part for part in EMPLOYEE]
            feed.put_rows(txn, "employee", f"store:{store_id}", [row])  # type: ignore[arg-type]

    chain.office.store.write(write)


def own_scopes(till: TestWorkstation) -> set[str]:
    region = {"S001": "east", "S002": "west"}[till.maker.store_id]
    return {"chain", f"region:{region}", f"store:{till.maker.store_id}"}


def test_the_matrix_of_workstations_and_scopes(chain: Chain) -> None:
    fill(chain)
    tills = [chain.enrol("S001"), chain.enrol("S002")]
    scopes = [
        "chain", "region:east", "region:west", "store:S001", "store:S002",
        "", "store:", "region:", "store:S003", "chain ", "CHAIN", "store:S001,store:S002", "*",
    ]  # fmt: skip
    for till in tills:
        for scope in scopes:
            wanted = 200 if scope in own_scopes(till) else 403
            for target in (
                f"/v1/feed?scope={scope}&epoch={till.enrolled.epoch}&after=0",
                f"/v1/digest?scope={scope}",
            ):
                status, answer = till.call("GET", target.replace(" ", "%20"))
                assert status == wanted, (till.maker.store_id, target, answer)
                if wanted == 403:
                    assert answer["code"] == "not_yours"
            snapshot, _ = till.call("GET", f"/v1/snapshot?scope={scope}".replace(" ", "%20"))
            assert snapshot in ((200, 404) if wanted == 200 else (403,))


def test_a_stores_rows_reach_its_own_workstations_only(chain: Chain) -> None:
    fill(chain)
    till = chain.enrol("S001")
    page = till.feed("store:S001")[1]
    assert [row[0] for kind in page["kinds"] for row in kind["rows"]] == ["E1"]
    everything = "".join(json.dumps(till.feed(scope)[1]) for scope in sorted(own_scopes(till)))
    assert "E2" not in everything


def test_a_file_of_another_store_is_not_even_there(chain: Chain) -> None:
    tills = {store_id: chain.enrol(store_id) for store_id in ("S001", "S002")}
    refs = {
        scope: chain.office.store.write(
            lambda txn, scope=scope: chain.office.blobs.put(txn, scope.encode() * 100, scope=scope)
        )
        for scope in ("chain", "store:S001", "store:S002", "region:west")
    }
    for till in tills.values():
        for scope, ref in refs.items():
            target = f"/v1/blobs/{ref.sha256}"
            answer = chain.http.get(target, headers=till.headers("GET", target, b""))
            assert answer.status_code == (200 if scope in own_scopes(till) else 404)
            assert (answer.content == scope.encode() * 100) == (scope in own_scopes(till))


def test_series_of_others_are_neither_read_nor_written(chain: Chain) -> None:
    ours, theirs = chain.enrol("S001"), chain.enrol("S001")
    ours.maker.sale()
    ours.push()
    status, error = theirs.call("GET", f"/v1/series/{ours.maker.workstation_id}/1")
    assert (status, error["code"]) == (403, "not_yours")
    theirs.maker.documents = list(ours.maker.documents)
    status, answer = theirs.call("POST", "/v1/documents", theirs.maker.push_body())
    assert status == 409, answer
    assert ours.resume()["acked_number"] == 1 and theirs.resume()["acked_number"] == 0


def test_a_document_for_another_store_is_quarantined(chain: Chain) -> None:
    till = chain.enrol("S001")
    till.maker.sale(store_id="S002")
    assert till.push()[1]["quarantined"] == [1]
    totals = chain.office.store.read(
        lambda txn: txn.connection.exec_driver_sql("SELECT count(*) FROM transaction_total").scalar()
    )
    assert totals == 0
