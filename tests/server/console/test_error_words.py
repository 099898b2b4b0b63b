"""What a refusal says: fields as their forms call them, reasons in the reader's language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sync_server.services.importing
from sync_server.console.error_words import FIELDS
from sync_server.console.words import sentences
from sync_server.services.console.roles import Role
from tests.server.console.test_prices import begin
from tests.server.support.console import Visitor, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import stock

STORE = {"store_id": "S009", "name": "新店", "region": "east", "price_list_id": "PL1"}
PERSON = {"operator_number": "9001", "name": "新人", "role": "cashier", "store_ids": "S001", "pin": "739182"}


def said(visitor: Visitor, path: str, form: dict[str, object], **files: object) -> str:
    answer = visitor.post(path, form, files=files or None)
    found = re.search(r'data-code="\w+">([^<]*)<', answer.text)
    assert found, answer.text
    return found[1]


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/stores", STORE | {"time_zone": "Mars/Base"}, "时区：不是时区；例如 Asia/Shanghai"),
        ("/stores", STORE | {"price_list_id": "NOPE"}, "价目表：没有这个编码"),
        ("/stores", STORE | {"latitude": "999"}, "纬度：不是坐标：纬度 -90 到 90，经度 -180 到 180"),
        ("/employees", PERSON | {"store_ids": "S999"}, "门店（用分号分开，* 为全部）：没有这个编码"),
        ("/employees", PERSON | {"pin": ""}, "PIN（6–12 位数字）：必填"),
        ("/password", {"old": "x", "new": "a b c d e f", "again": "a"}, "有一项没有填对：再输入一次"),
        (
            "/policies/personal_data",
            {"form": "fields", "unmask_per_hour": "many"},
            "请检查：每小时明文",
        ),
    ],
)
def test_a_chinese_page_refuses_in_chinese(
    chain: Chain, path: str, form: dict[str, object], words: str
) -> None:
    assert said(sign_in(chain, *Role), path, form) == words


def test_a_file_without_its_columns_is_told_which(chain: Chain) -> None:
    stock(chain)
    author = sign_in(chain, Role.MERCHANDISER)
    path = f"/price-changes/{begin(author)}/file"
    told = said(author, path, {}, file=("a.csv", "编码,价格\nA000001,1.00\n".encode(), "text/csv"))
    assert told.startswith("文件里没有这些列的表头：") and "价目表 (price_list_id)" in told
    assert "no column" not in told


def test_every_field_and_every_reason_of_a_row_has_words() -> None:
    zh = sentences("zh")
    assert not {key for key in FIELDS.values() if key not in zh}
    codes: set[str] = set()
    for path in Path(sync_server.services.importing.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            first = node.args[0] if isinstance(node, ast.Call) and node.args else None
            if isinstance(first, ast.Constant) and getattr(node.func, "id", "") == "CellError":  # type: ignore[attr-defined]
                codes.add(str(first.value))
            named = node.value if isinstance(node, ast.Yield) else None
            if (
                isinstance(named, ast.Tuple)
                and len(named.elts) == 4
                and isinstance(named.elts[2], ast.Constant)
            ):
                codes.add(str(named.elts[2].value))
    assert len(codes) > 20 and not {code for code in codes if f"row_reason.{code}" not in zh}
