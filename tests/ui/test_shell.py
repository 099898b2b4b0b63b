"""What stands around the sale: start-up trouble, the status bar, futures from other threads."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QThread
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pos_client.services.views.status import Notice
from pos_client.storage import errors as storage
from pos_client.ui.shell import status_bar
from pos_client.ui.shell.big_entry import SOFT_LEAST, BigEntryView
from pos_client.ui.shell.future_bridge import FutureBridge
from pos_client.ui.shell.key_card import KeyCard
from pos_client.ui.shell.theme import Theme
from pos_client.ui.shell.trouble_screen import TroubleScreen
from pos_client.ui.text.catalogue import Texts
from pos_client.ui.text.formats import age_words, format_amount, format_time
from pos_core.errors import TidemarkError
from tests.fakes.services import NOW_MS
from tests.ui.conftest import COLA, Till, settle

START_UP = [
    storage.SqliteTooOld, storage.WrongKey, storage.DamagedFile, storage.HalfBuiltFile, storage.SchemaTooNew,
    storage.SecondInstance, storage.ReadOnlyFolder, storage.DiskFull, storage.LostTail,
]  # fmt: skip


@pytest.mark.parametrize("error", START_UP, ids=lambda error: error.code)
def test_start_up_trouble_says_what_is_wrong_and_the_way_out_in_both_languages(
    qtbot: QtBot, error: type[TidemarkError]
) -> None:
    texts = Texts("zh")
    screen = TroubleScreen(error("detail"), texts, Theme())
    qtbot.addWidget(screen)
    for _ in range(2):
        shown = [label.text() for label in (screen._what, screen._way_out, screen._detail)]
        assert shown[0] == texts.code(error.code, {})
        assert texts.way_out(error.code) in shown[1]
        assert error.code in shown[2]
        texts.switch()


def test_start_up_trouble_is_answered_by_keys(qtbot: QtBot) -> None:
    screen = TroubleScreen(storage.SecondInstance("busy"), Texts("en"), Theme())
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.retry):
        qtbot.keyClick(screen, Qt.Key.Key_Return)
    with qtbot.waitSignal(screen.quit_asked):
        qtbot.keyClick(screen, Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("network", "words"),
    [("online", "在线"), ("offline", "离线"), ("offline_by_choice", "已主动离线"), ("never", "从未联网")],
)
def test_every_network_state_has_its_words(till: Till, network: str, words: str) -> None:
    till.fake.shop.network = network
    till.window.status.refresh()
    settle()
    assert till.window.desk.texts.say(f"network.{network}") == words


def test_the_status_bar_names_store_workstation_operator_shift_waiting_release_and_age(till: Till) -> None:
    bar, view = till.window.status, till.window.desk.workstation.status.view()
    assert bar.left_words(view) == ["潮汐超市人民路店", "收银 1", "收银员 李小梅", "17:30 开班", "挂单 0"]
    assert bar.left_words(replace(view, other_day="2026-11-21"))[4] == "营业日 11-21"
    assert bar.right_words(view) == ["待上传 3", "版本 12 · 25 分钟前", "19:30"]


def test_a_till_with_a_short_name_hides_nothing_that_stands_behind_it(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = till.window.status
    view = replace(till.window.desk.workstation.status.view(), workstation_name="T1")
    painted: list[str] = []
    monkeypatch.setattr(status_bar, "put", lambda _painter, _box, text, *_: painted.append(text))
    monkeypatch.setattr(bar, "_view", view)
    bar.grab()
    assert [text for text in painted if text in bar.left_words(view)] == bar.left_words(view)


def test_the_worst_notice_is_shown(till: Till) -> None:
    notices = (
        Notice("never_synced", "info"),
        Notice("disk_full", "trouble"),
        Notice("release_stale", "warning"),
    )
    view = replace(till.window.desk.workstation.status.view(), notices=notices)
    worst = till.window.status.worst_notice(view)
    assert worst is not None and worst.code == "disk_full"


def test_a_status_change_from_another_thread_refreshes_the_bar(till: Till, qtbot: QtBot) -> None:
    till.fake.shop.network = "offline"
    thread = threading.Thread(target=lambda: [listener() for listener in till.fake.shop.listeners])
    thread.start()
    thread.join()
    qtbot.waitUntil(
        lambda: till.window.status._view is not None and till.window.status._view.network == "offline"
    )


def test_a_future_resolved_on_another_thread_calls_back_on_the_windows_thread(qtbot: QtBot) -> None:
    bridge, future = FutureBridge(), Future[int]()
    seen: list[tuple[int, QThread]] = []
    bridge.watch(future, lambda value: seen.append((value, QThread.currentThread())), lambda error: None)
    thread = threading.Thread(target=lambda: future.set_result(7))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(seen))
    application = QApplication.instance()
    assert application is not None
    assert seen == [(7, application.thread())]


def test_a_future_that_is_done_already_calls_back_later_not_inside_the_call(qtbot: QtBot) -> None:
    bridge, future, seen = FutureBridge(), Future[int](), []
    future.set_exception(storage.DiskFull("full"))
    bridge.watch(future, lambda value: None, seen.append)
    assert seen == []
    qtbot.waitUntil(lambda: bool(seen))
    assert isinstance(seen[0], storage.DiskFull)


def test_a_future_resolved_after_the_window_closed_is_told_to_nobody(qtbot: QtBot) -> None:
    bridge, early, late = FutureBridge(), Future[int](), Future[int]()
    seen: list[int] = []
    bridge.watch(early, seen.append, lambda error: None)
    bridge.watch(late, seen.append, lambda error: None)
    early.set_result(1)  # on its way when the window closes
    bridge.close()
    late.set_result(2)
    settle()
    assert seen == []


def test_a_closed_window_is_told_nothing_any_more(till: Till) -> None:
    future, seen = Future[int](), list[int]()
    till.window.desk.futures.watch(future, seen.append, lambda error: None)
    till.window.close()
    future.set_result(1)
    settle()
    assert seen == []


def test_amounts_and_times_as_people_read_them() -> None:
    assert format_amount(-123456, "CNY", 2) == "\N{MINUS SIGN}¥1,234.56"
    assert format_amount(1234, "JPY", 0) == "¥1,234"
    assert format_amount(1234, "KWD", 3) == "KWD 1.234"
    assert format_time(NOW_MS, "Asia/Shanghai", "yyyy-MM-dd HH:mm") == "2026-11-22 19:30"
    assert format_time(NOW_MS, "Nowhere/None") == "11:30"


@pytest.mark.parametrize(
    ("age_ms", "words"),
    [
        (0, ("age.now", 0)),
        (60_000, ("age.minutes", 1)),
        (3_600_000, ("age.hours", 1)),
        (200_000_000, ("age.days", 2)),
    ],
)
def test_ages(age_ms: int, words: tuple[str, int]) -> None:
    assert age_words(age_ms) == words


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1024, 768), (1024, 700)])
def test_every_word_of_the_key_card_stands_on_its_line(
    till: Till, language: str, size: tuple[int, int]
) -> None:
    till.window.desk.texts.switch(language)
    till.window.resize(*size)
    till.press("<F1>")
    QApplication.processEvents()
    card = till.window.findChild(KeyCard)
    assert isinstance(card, KeyCard) and card.isVisible()
    assert not till.window.checkout.total.isVisible()
    smallest = QFontMetrics(till.window.desk.theme.font(12))
    rows, room = card.rows(), card.words_room()
    assert len(rows) > 20
    assert [words for _, words in rows if smallest.horizontalAdvance(words) > room] == []
    till.press("<F1>")
    assert till.window.checkout.total.isVisible()


def test_in_a_small_window_the_goods_have_more_room_than_the_total(till: Till) -> None:
    till.window.resize(1024, 768)
    till.press(f"{COLA}\n")
    QApplication.processEvents()
    lines, total = till.window.checkout.lines, till.window.checkout.total
    assert lines.width() > 2 * total.width() and lines.columnWidth(1) >= 200
    assert total.width() >= 288


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", ["<F9>", "<Ctrl+N>", "<F4>"])
def test_no_sentence_of_a_big_entry_is_cut_in_the_smallest_window(
    till: Till, language: str, key: str
) -> None:
    till.window.desk.texts.switch(language)
    till.window.resize(1024, 700)
    till.press(f"{COLA}\n", key)
    QApplication.processEvents()
    view = next(each for each in till.window.findChildren(BigEntryView) if each.isVisible())
    mode, room = till.window.checkout.stack.top, view._paper.words_room()
    smallest = QFontMetrics(till.window.desk.theme.font(SOFT_LEAST))
    said = [mode.words.caption, mode.words.below]  # type: ignore[attr-defined]
    assert any(said) and [text for text in said if smallest.horizontalAdvance(text) > room] == []
