"""Documents are opened in words (tests/architecture/test_document_words.py: every field has its name)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from pos_core.canonical import canonical_bytes
from sync_server.console.document_words import in_words
from sync_server.console.words import LANGUAGES, Words
from sync_server.services.console.chain_facts import Facts
from sync_server.services.console.opened_document import opened
from tests.core.sync.test_envelope import EXAMPLES

FACTS = Facts("晨光", "CNY", 2, ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_example_shows_the_name_of_a_field(language: str) -> None:
    words = Words(language, FACTS)
    for kind, body in EXAMPLES.items():
        lines = opened(canonical_bytes({"type": kind, "body": body}))
        for part in in_words(words, lines).parts:
            assert not any("_" in text for text in (part.name, *(name for name, _ in part.rows))), (
                kind,
                part,
            )


def test_figures_are_written_as_people_do_and_codes_are_left_alone() -> None:
    body = {
        "exponent": 3, "channel": "web",
        "lines": [{"sku": "00120", "net_minor": 12500, "quantity_milli": 1500}],
        "until_ms": 1_780_000_000_000, "tax_rate_ppm": 130_000, "offline": True, "unheard_of": 5,
    }  # fmt: skip
    document = {"type": "sale", "body": body, "hlc": "x", "number": 7}
    found = in_words(Words("zh", FACTS), opened(canonical_bytes(document)))
    own, line = found.parts
    assert line.name == "明细 1"
    assert dict(line.rows) == {"商品编码": "00120", "实付": "12.500", "数量": "1.5"}
    assert dict(own.rows) == {
        "单据类型": "销售", "单号": "7", "渠道": "网店", "保留到": "2026-05-29 04:26:40", "税率": "13 %",
        "离线": "是", "unheard_of": "5",
    }  # fmt: skip
    assert [path for path, _ in found.technical] == ["body.exponent", "hlc"]
