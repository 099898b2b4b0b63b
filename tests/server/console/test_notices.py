"""The pages of notices: texts, channels with two people, sendings, and the outbox."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from sync_server.services.console.roles import Role
from sync_server.services.notices.webhook import secret_text
from sync_server.store import audit, notice_setup
from tests.server.console.test_campaigns import join, reach, running, shop, work
from tests.server.support.console import code_of, sign_in
from tests.server.support.notices import RULES, channel, deliver, member, outbox, policy, states
from tests.server.support.office import Chain
from tests.server.support.receiver import Receiver, receiving

__all__ = ["shop"]
TEXT = {"body": "{name}，{coupon}，{until}", "state": "on", "provider_code": "SMS_1"}
SENDING = {"title": "周年庆", "channel": "sms", "body_zh": "{name}，来看看", "holdout": "0"}


@pytest.fixture
def receiver(chain: Chain) -> Iterator[Receiver]:
    with receiving() as made:
        (chain.office.folder.root / "notices.json").write_text('{"networks": ["127.0.0.0/8"]}')
        policy(chain, "notices", RULES)
        yield made


def test_an_address_counts_after_a_second_person_and_its_secret_signs(
    chain: Chain, receiver: Receiver
) -> None:
    both = sign_in(chain, Role.ADMINISTRATOR, Role.APPROVER, login="both")
    asked = {"adapter": "webhook", "url": receiver.url}
    assert code_of(both.post("/notice-channels/sms", asked, why="接短信平台")) == ""
    assert code_of(both.post("/notice-channels/sms/approve")) == "own_approval"
    assert code_of(both.post("/notice-channels/sms/test", {"to": "1"})) == "notice_channel_off"
    approver, other = sign_in(chain, Role.APPROVER), {"seen": "https://looked.at.example/"}
    assert f'name="seen" value="{receiver.url}"' in approver.get("/notice-channels").text
    assert code_of(approver.post("/notice-channels/sms/approve", other)) == "notice_address_moved"
    assert code_of(approver.post("/notice-channels/sms/approve", {"seen": receiver.url})) == ""
    page = both.post("/notice-channels/sms/secret").text
    assert secret_text(chain.office.keys.webhook_secret("sms", 1)) in page.replace("&#43;", "+")
    tested = both.post("/notice-channels/sms/test", {"to": "13900000000"})
    assert 'id="tested"' in tested.text and receiver.bodies[0]["test"] is True
    assert receiver.bodies[0]["to"] == {"phone": "13900000000"}
    facts = json.dumps(chain.office.store.read(audit.newest), default=str)
    assert "notice_test_sent" in facts and "13900000000" not in facts and "whsec" not in facts
    changed = both.post("/notice-channels/sms/secret", {"another": "1"}).text
    assert secret_text(chain.office.keys.webhook_secret("sms", 2)) in changed.replace("&#43;", "+")
    both.post("/notice-channels/sms/test", {"to": "13900000000"})
    assert len(receiver.came[-1][1]["webhook-signature"].split(" ")) == 2
    assert code_of(both.post("/notice-channels/sms", {"adapter": "off"})) == ""
    assert code_of(both.post("/notice-channels/sms/secret")) == "notice_channel_off"


@pytest.mark.parametrize(
    "url", ["", "https://", "ftp://x.example/", "https://a:b@x.example/", "javascript:1"]
)
def test_a_wrong_address_is_refused_at_once(chain: Chain, url: str) -> None:
    admin = sign_in(chain, Role.ADMINISTRATOR)
    assert code_of(admin.post("/notice-channels/sms", {"adapter": "webhook", "url": url})) == "notice_bad_url"
    assert code_of(admin.post("/notice-channels/fax", {"adapter": "off"})) == "notice_bad_channel"
    assert code_of(admin.post("/notice-channels/sms", {"adapter": "pigeon"})) == "notice_bad_channel"


def test_a_campaign_tells_whom_it_gives_a_coupon_and_nobody_it_holds_out(
    shop: Chain, receiver: Receiver
) -> None:
    marketer = sign_in(shop, Role.MARKETER)
    assert code_of(marketer.post("/notice-templates/coupon_hand/sms/zh", TEXT)) == ""
    channel(shop, "sms", "webhook", receiver.url)
    join(shop, *["gold,S001,,marketing"] * 20, "gold,S001,,")
    marketer = running(shop, holdout="40", notify="1")
    assert "发券时通知会员" in marketer.get("/campaigns/C-NEW").text
    marketer.post("/campaigns/C-NEW/issue", why="周年庆")
    work(shop)
    told = states(shop)
    assert 5 < len(told) < 20
    deliver(shop)
    arms = reach(shop)
    assert set(told) == {member_id for member_id, _, arm in arms if arm == "issued"}
    assert any(arm == "held_out" for _, _, arm in arms)
    sent = [member_id for member_id, (state, _) in states(shop).items() if state == "sent"]
    assert len(sent) == len(receiver.came) and "m-21" not in sent
    assert all(body["values"]["coupon"] == "新人券" for body in receiver.bodies)


def test_a_campaign_that_tells_nobody_leaves_the_outbox_empty(shop: Chain, receiver: Receiver) -> None:
    sign_in(shop, Role.MARKETER).post("/notice-templates/coupon_hand/sms/zh", TEXT)
    channel(shop, "sms", "webhook", receiver.url)
    join(shop, "gold,S001,,marketing")
    running(shop).post("/campaigns/C-NEW/issue")
    work(shop)
    assert outbox(shop) == {}


def test_a_large_sending_waits_for_somebody_else(chain: Chain, receiver: Receiver) -> None:
    policy(chain, "notices", {**RULES, "second_person_above": 2})
    channel(chain, "sms", "webhook", receiver.url)
    for number in range(1, 4):
        member(chain, number)
    both = sign_in(chain, Role.MARKETER, Role.APPROVER, login="both")
    assert code_of(both.post("/notice-sendings", SENDING, why="店庆")) == ""
    (row,) = chain.office.store.read(lambda txn: notice_setup.sendings(txn, 9))
    assert (row.state, row.rows) == ("waiting", 3) and not chain.office.sendings.run_some(1)
    path = f"/notice-sendings/{row.sending_id}"
    assert code_of(both.post(f"{path}/approve")) == "own_approval"
    assert code_of(sign_in(chain, Role.APPROVER).post(f"{path}/approve")) == ""
    while chain.office.sendings.run_some(1):
        pass
    assert code_of(both.post(f"{path}/stop")) == ""
    deliver(chain)
    assert receiver.came == [] and set(states(chain).values()) == {("cancelled", "stopped")}
    assert code_of(both.post(f"{path}/stop")) == "notice_no_such_sending"


@pytest.mark.parametrize(
    "change,code",
    [
        ({"channel": "fax"}, "bad_form"),
        ({"channel": "email"}, "notice_bad_text"),
        ({"channel": "push"}, "notice_bad_sending"),
        ({"body_zh": ""}, "notice_bad_sending"),
        ({"body_zh": "{phone}"}, "notice_bad_text"),
        ({"title": " "}, "notice_bad_sending"),
        ({"campaign": "nothing"}, "notice_bad_sending"),
        ({"holdout": "51"}, "bad_form"),
    ],
)
def test_a_sending_that_makes_no_sense_is_refused(chain: Chain, change: dict[str, str], code: str) -> None:
    channel(chain, "sms", "file")
    assert code_of(sign_in(chain, Role.MARKETER).post("/notice-sendings", {**SENDING, **change})) == code


def test_dead_letters_are_tried_again_one_or_all_or_cancelled(chain: Chain, receiver: Receiver) -> None:
    channel(chain, "sms", "webhook", receiver.url)
    for number in range(1, 4):
        member(chain, number)
    marketer = sign_in(chain, Role.MARKETER)
    marketer.post("/notice-sendings", SENDING)
    while chain.office.sendings.run_some(1):
        pass
    receiver.answer = 400
    deliver(chain)
    assert set(states(chain).values()) == {("dead", "http:400")}
    first = outbox(chain)["m-1"].notice_id
    text = marketer.get(f"/notices/{first}").text
    assert "http:400" in text and "王小芳" not in text and "1391234" not in text
    assert code_of(marketer.post(f"/notices/{first}/cancel")) == ""
    assert code_of(marketer.post(f"/notices/{first}/retry")) == "notice_not_found"
    receiver.answer = 200
    second = outbox(chain)["m-2"].notice_id
    assert code_of(marketer.post(f"/notices/{second}/retry")) == ""
    deliver(chain)
    assert states(chain)["m-2"] == ("sent", "") and states(chain)["m-3"][0] == "dead"
    assert code_of(marketer.post("/notices/retry-dead", why="平台已恢复")) == ""
    deliver(chain)
    assert states(chain)["m-3"] == ("sent", "") and states(chain)["m-1"] == ("cancelled", "by_hand")
    listed = marketer.get("/notices?state=sent").text
    assert re.search(r"m-2\b", listed) and "m-1<" not in listed
    assert outbox(chain)["m-3"].attempts == 2, "attempts of before stay counted and listed"


def test_texts_are_checked_previewed_and_kept_by_version(chain: Chain) -> None:
    marketer, auditor = sign_in(chain, Role.MARKETER), sign_in(chain, Role.AUDITOR)
    base = "/notice-templates/coupon_birthday/sms/zh"
    assert code_of(marketer.post(base, {**TEXT, "body": "{secret}"})) == "notice_bad_text"
    shown = marketer.post(f"{base}/preview", {"body": "<b>{name}</b> {coupon}"}, why="").text
    assert "&lt;b&gt;王芳&lt;/b&gt; 满50减20" in shown
    assert code_of(marketer.post(base, TEXT)) == "" and code_of(marketer.post(base, TEXT)) == ""
    text = auditor.get(base).text
    assert "{name}，{coupon}，{until}" in text and "第 2 版" in text
    assert code_of(auditor.post(base, TEXT)) == "console_forbidden"
    assert code_of(marketer.post("/notice-templates/nothing/sms/zh", TEXT)) == "notice_no_such_template"


def test_the_page_of_sendings_shows_each_in_every_state(chain: Chain, receiver: Receiver) -> None:
    channel(chain, "sms", "webhook", receiver.url)
    member(chain, 1)
    marketer = sign_in(chain, Role.MARKETER)
    marketer.post("/notice-sendings", SENDING)
    assert "/stop" in marketer.get("/notice-sendings").text
    while chain.office.sendings.run_some(1):
        pass
    assert "/stop" in marketer.get("/notice-sendings").text
    deliver(chain)
    assert "/stop" not in marketer.get("/notice-sendings").text
