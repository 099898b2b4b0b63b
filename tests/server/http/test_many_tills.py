"""A hundred workstations push at once over real HTTP: every answer is linear, no sum loses a part (F-23).

`TIDEMARK_TILLS` sets how many (default 24, ten batches each; the long campaign uses 100 and fifty).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from pos_core.sync.document import document_bytes
from pos_core.sync.folds.points import balance
from pos_core.sync.folds.stock import on_hand
from sync_server.services.refold import Refold
from sync_server.services.verify import Verify
from sync_server.store import document, fold_state
from tests.fakes.facts import points, sale
from tests.server.support.office import Chain, TestWorkstation

TILLS = int(os.environ.get("TIDEMARK_TILLS", "24"))
BATCHES = 10 if TILLS < 100 else 50
EACH = 3
"""Sales a batch, each of one piece and one point of the same member."""


def _push_all(till: TestWorkstation, base_url: str, dice: random.Random) -> list[int]:
    """What the answers said, batch after batch; some batches are sent twice."""
    said = []
    with httpx.Client(base_url=base_url, timeout=60) as http:
        till.http = http
        for batch in range(BATCHES):
            last = (batch + 1) * EACH
            for _ in range(1 + (dice.random() < 0.2)):
                status, point = till.push(batch * EACH + 1, last)
                assert status == 200, point
                said.append(point["acked_number"])
    return said


def test_a_hundred_at_once_and_every_sum_is_whole(chain: Chain) -> None:
    stores = ("S001", "S002")
    tills = [chain.enrol(stores[n % 2], f"t{n}") for n in range(TILLS)]
    for till in tills:
        for _ in range(BATCHES * EACH):
            body: dict[str, Any] = sale(sku="A1", points=(points("M1", 1),))
            till.maker.append(document_bytes(till.maker.header("sale"), body))
    url = str(chain.http.base_url)
    with ThreadPoolExecutor(TILLS) as pool:
        work = [pool.submit(_push_all, till, url, random.Random(n)) for n, till in enumerate(tills)]
        answers = [each.result() for each in work]
    assert all(said == sorted(said) and said[-1] == BATCHES * EACH for said in answers), answers
    every = TILLS * BATCHES * EACH
    office = chain.office
    assert office.store.read(document.count) == every
    keys = [("points", "M1"), *(("stock", f"{store}/A1") for store in stores)]
    states = office.store.read(lambda txn: fold_state.get(txn, keys))
    assert balance(states["points", "M1"]) == every
    moved = Counter(till.maker.store_id for till in tills)
    for store in stores:
        sold = moved[store] * BATCHES * EACH
        assert on_hand(states["stock", f"{store}/A1"]) == -1000 * sold
    assert not office.store.read(lambda txn: list(Refold(txn, office.keys).differences(random.Random(1))))
    assert Verify(office.store, office.blobs, office.keys, states=False).run().ok
