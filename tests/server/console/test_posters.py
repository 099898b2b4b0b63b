"""Posters on customer displays: what displays would leave out is refused here with a reason."""

from __future__ import annotations

import base64
import random
import re
from io import BytesIO

import pytest
from PIL import Image

from sync_server.services.console.roles import Role
from sync_server.store import feed, policy_change
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.notices import policy
from tests.server.support.office import Chain


def picture(colour: str, *, size: tuple[int, int] = (320, 180), kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def add(visitor: Visitor, data: bytes, seconds: str = "8") -> str:
    return code_of(visitor.post("/posters", {"seconds": seconds}, files={"image": ("p", data)}))


def value(chain: Chain) -> dict[str, list[dict[str, object]]]:
    found = chain.office.store.read(lambda txn: feed.policy(txn, "customer_display"))
    assert isinstance(found, dict)
    return found


def test_posters_are_added_ordered_and_taken_off(chain: Chain) -> None:
    policy(chain, "customer_display", {"welcome": "你好", "receipt_code": False})
    marketer = sign_in(chain, Role.MARKETER)
    pictures = [picture("red"), picture("green", kind="JPEG"), picture("blue")]
    assert [add(marketer, data, str(5 + place)) for place, data in enumerate(pictures)] == ["", "", ""]
    keys = re.findall(r'name="poster" value="([0-9a-f]{16})"', marketer.get("/posters").text)
    assert len(keys) == 3
    form = {"poster": keys, f"place_{keys[0]}": "2", f"place_{keys[1]}": "", f"place_{keys[2]}": "1"}
    assert code_of(marketer.post("/posters/order", form, why="换季")) == ""
    kept = value(chain)
    assert [base64.b64decode(str(row["image"])) for row in kept["posters"]] == [pictures[2], pictures[0]]
    assert [row["seconds"] for row in kept["posters"]] == [7, 5]
    assert kept["welcome"] == "你好" and kept["receipt_code"] is False
    assert code_of(marketer.post("/posters/order", form)) == "poster_unknown", "one is gone meanwhile"
    assert code_of(marketer.post("/posters/words", {"welcome": "x" * 61})) == "poster_bad"
    assert code_of(marketer.post("/posters/words", {"welcome": "欢迎"})) == ""
    assert value(chain)["welcome"] == "欢迎" and len(value(chain)["posters"]) == 2
    assert code_of(sign_in(chain, Role.APPROVER).post("/posters")) == "console_forbidden"


def test_a_poster_has_days_and_they_can_be_moved(chain: Chain) -> None:
    marketer = sign_in(chain, Role.MARKETER)
    said = {"seconds": "8", "from": "2026-12-20", "to": "2027-01-03"}
    assert code_of(marketer.post("/posters", said, files={"image": ("p", picture("red"))})) == ""
    (row,) = value(chain)["posters"]
    assert (row["from"], row["to"]) == ("2026-12-20", "2027-01-03")
    page = marketer.get("/posters").text
    assert "未开始" in page and 'value="2027-01-03"' in page
    (key,) = re.findall(r'name="poster" value="([0-9a-f]{16})"', page)
    form = {"poster": [key], f"place_{key}": "1", f"from_{key}": "", f"to_{key}": "2026-01-03"}
    assert code_of(marketer.post("/posters/order", form)) == ""
    (row,) = value(chain)["posters"]
    assert row.get("from") is None and row["to"] == "2026-01-03"
    assert "已结束" in marketer.get("/posters").text
    for first, last in (("2026-13-01", ""), ("2026-12-02", "2026-12-01")):
        assert (
            code_of(marketer.post("/posters/order", {**form, f"from_{key}": first, f"to_{key}": last}))
            == "poster_bad"
        )


def test_one_picture_may_stand_there_on_two_occasions(chain: Chain) -> None:
    marketer = sign_in(chain, Role.MARKETER)
    assert [add(marketer, picture("red"), "5"), add(marketer, picture("red"), "9")] == ["", ""]
    keys = re.findall(r'name="poster" value="([0-9a-f]{16}(?:-2)?)"', marketer.get("/posters").text)
    assert len(set(keys)) == 2
    form = {"poster": keys, f"place_{keys[0]}": "2", f"place_{keys[1]}": "1", f"to_{keys[1]}": "2027-01-03"}
    assert code_of(marketer.post("/posters/order", form)) == ""
    rows = value(chain)["posters"]
    assert [(row["seconds"], row.get("to")) for row in rows] == [(9, "2027-01-03"), (5, None)]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG nothing", b"<svg/>", picture("red", kind="BMP"), picture("red")[:-20] + b"x" * 600_000,
     picture("red", size=(5000, 10))],
)  # fmt: skip
def test_what_displays_would_leave_out_is_refused(chain: Chain, data: bytes) -> None:
    assert add(sign_in(chain, Role.MARKETER), data) == "poster_bad"


def test_a_large_picture_goes_out_and_its_history_keeps_its_hash_alone(chain: Chain) -> None:
    noise = BytesIO()
    Image.frombytes("RGB", (400, 400), random.Random(1).randbytes(480_000)).save(noise, "PNG")
    assert add(sign_in(chain, Role.MARKETER), noise.getvalue()) == ""
    assert base64.b64decode(str(value(chain)["posters"][0]["image"])) == noise.getvalue()
    (row,) = chain.office.store.read(lambda txn: policy_change.of_key(txn, "customer_display", 9))
    assert "sha256" in row.value and len(row.value) < 200


def test_no_more_than_displays_take(chain: Chain) -> None:
    rows = [{"image": base64.b64encode(picture("red")).decode()}] * 10
    policy(chain, "customer_display", {"posters": rows})
    assert add(sign_in(chain, Role.MARKETER), picture("blue")) == "poster_bad"
    assert add(sign_in(chain, Role.MARKETER), picture("blue"), "2") == "bad_form"
