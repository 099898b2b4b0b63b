from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pos_client.receipts.gb18030 import CHINESE_OFF, CHINESE_ON, MISSING, encode, printable, width
from pos_client.receipts.rows import pair, wrap


def test_yen_sign_is_the_two_byte_one() -> None:
    assert encode("¥5") == CHINESE_ON + b"\xa3\xa4" + CHINESE_OFF + b"5"
    assert "¥".encode("gb18030") not in encode("¥")


def test_chinese_mode_is_on_exactly_around_chinese() -> None:
    assert encode("a中b文") == b"a\x1c\x26\xd6\xd0\x1c\x2eb\x1c\x26\xce\xc4\x1c\x2e"


def test_control_characters_of_a_name_never_reach_the_printer() -> None:
    assert printable("可乐\x1b@\x1dV\x00\r\n") == "可乐@V"


def test_what_the_font_has_not_becomes_a_geta_mark() -> None:
    assert printable("好😀") == "好" + MISSING
    assert width(printable("好😀")) == 4


@given(st.text())
def test_bytes_read_back_and_hold_no_foreign_commands(text: str) -> None:
    data = encode(text)
    plain = data.replace(CHINESE_ON, b"").replace(CHINESE_OFF, b"")
    assert plain.decode("gb18030") == printable(text)
    assert all(byte >= 0x20 for byte in plain)
    assert data.count(CHINESE_ON) == data.count(CHINESE_OFF)


@given(st.text(max_size=200), st.sampled_from([16, 24, 32, 48]))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")


@given(st.text(max_size=80), st.text(max_size=40), st.sampled_from([16, 32, 48]))
def test_a_pair_fits_and_ends_at_the_right_edge(left: str, right: str, columns: int) -> None:
    lines = pair(left, right, columns)
    assert all(width(line) <= columns for line in lines)
    assert len(lines) > 1 or width(lines[0]) == columns
