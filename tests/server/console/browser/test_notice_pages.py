"""Notices in a browser, both languages: a channel set up and tried, a text written, a sending, the outbox."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_posters import picture
from tests.server.support.notices import RULES, channel, deliver, member, outbox, policy
from tests.server.support.receiver import receiving


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_from_its_text_to_the_outbox(seat: Seat, language: str) -> None:
    chain, page = seat.chain, seat.page
    policy(chain, "notices", {**RULES, "second_person_above": 2, "order": ["push", "sms"]})
    (chain.office.folder.root / "notices.json").write_text('{"networks": ["127.0.0.0/8"]}')
    for number in range(1, 6):
        member(chain, number, consents="" if number == 4 else "marketing")
    seat.sign_in(*Role)
    seat.speak(language)
    with receiving() as receiver:
        channel(chain, "sms", "webhook", receiver.url)
        channel(chain, "push", "file")
        seat.open("/notice-channels")
        page.locator("tbody tr").first.locator("details.act summary").nth(1).click()
        page.fill("details[open] [name=to]", "13900000000")
        page.fill("details[open] [name=why]", "试一下")
        seat.shot(f"notice-test-{language}")
        page.keyboard.press("Enter")
        expect(page.locator("#tested.good")).to_be_visible()
        seat.shot(f"notice-tested-{language}")
        seat.open("/notice-templates/coupon_birthday/push/zh")
        page.fill("[name=subject]", "生日快乐，{name}")
        page.locator("[name=body]").press_sequentially("{coupon} 已放进卡包，{until} 前有效。", delay=5)
        expect(page.locator("#shown")).to_contain_text("满50减20 已放进卡包")
        page.fill("[name=why]", "生日礼")
        seat.shot(f"notice-template-{language}")
        page.locator("button.main").click()
        expect(page.locator("#notice .good")).to_be_visible()
        seat.shot(f"notice-templates-{language}", "/notice-templates")
        seat.open("/notice-sendings")
        page.fill("[name=title]", "周年庆")
        page.select_option("[name=channel]", "sms")
        page.fill("[name=body_zh]", "{name}，{store} 周年庆，来看看。")
        page.fill("form.stack [name=why]", "店庆")
        seat.shot(f"notice-sending-form-{language}")
        page.locator("form.stack button.main").click()
        expect(page.locator("#notice .good")).to_be_visible()
        seat.sign_in("approver")
        seat.open("/notice-sendings")
        page.locator("details.act.main summary").click()
        page.fill("details[open] [name=why]", "可以发")
        seat.shot(f"notice-sending-approve-{language}")
        page.keyboard.press("Enter")
        expect(page.locator("#notice .good")).to_be_visible()
        while chain.office.sendings.run_some(1):
            pass
        receiver.answer = 400
        deliver(chain)
        seat.sign_in(*Role)
        seat.shot(f"notices-{language}", "/notices")
        seat.shot(f"notice-sendings-{language}", "/notice-sendings")
        seat.open("/notices?state=dead")
        page.locator("tbody a").first.click()
        seat.shot(f"notice-one-{language}")
        page.locator("details.act.main summary").click()
        page.fill("details[open] [name=why]", "平台已恢复")
        receiver.answer = 200
        page.keyboard.press("Enter")
        expect(page.locator("#notice .good")).to_be_visible()
        deliver(chain)
        sent = [row for row in outbox(chain).values() if row.state == "sent"]
        assert len(sent) == 1 and len(receiver.came) == 6
        channel(chain, "sms", "webhook", "https://sms.example.com/tidemark")
        seat.open("/notice-channels")
        page.locator("details.act summary").first.click()
        page.select_option("details[open] [name=adapter]", "webhook")
        page.fill("details[open] [name=url]", "https://new.example.com/in")
        page.fill("details[open] [name=why]", "换平台")
        page.keyboard.press("Enter")
        expect(page.locator("td .notice.caution")).to_be_visible()
        seat.shot(f"notice-channels-{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_poster_is_put_up(seat: Seat, language: str) -> None:
    page = seat.page
    seat.sign_in(*Role)
    seat.speak(language)
    for colour in ("seagreen", "goldenrod"):
        seat.open("/posters")
        data = picture(colour, size=(640, 360))
        page.set_input_files("#add [name=image]", {"name": "p.png", "mimeType": "image/png", "buffer": data})
        page.fill("#add [name=why]", "换季")
        page.locator("#add button").click()
        expect(page.locator("#notice .good")).to_be_visible()
    expect(page.locator("img.poster")).to_have_count(2)
    page.locator("[name^=to_]").first.fill("2020-01-01")
    page.locator("[name^=from_]").last.fill("2099-12-20")
    page.fill("#order [name=why]", "元旦")
    page.locator("#order button").click()
    expect(page.locator("#notice .good")).to_be_visible()
    expect(page.locator("#order .badge")).to_have_count(2)
    seat.shot(f"posters-{language}", "/posters")
