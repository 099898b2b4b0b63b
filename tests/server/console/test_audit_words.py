"""Everything that head office writes into its audit rows has words in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from sync_server.console.words import sentences
from sync_server.services.console.order_desk import MARKS
from sync_server.services.console.personal_jobs import CODE_RESET, ERASE
from sync_server.services.console.roles import Role
from sync_server.services.errors import ChainBroken, Fork
from sync_server.services.shared.credentials import Verdict as OfCredentials
from sync_server.services.shared.links import Verdict as OfLinks
from tests.server.support.console import sign_in
from tests.server.support.office import Chain

SERVER = Path(__file__).resolve().parents[3] / "sync_server"
WRITERS = ("note", "audit", "_audit", "_put", "_ask")
PLACE = {"_ask": 3}
"""Where the name of the act stands among the arguments; third elsewhere."""
MADE = {
    *(f"credential_{verdict}" for verdict in get_args(OfCredentials)),
    *(f"members_{verdict}" for verdict in get_args(OfLinks)),
    *(f"order_{mark}" for mark in MARKS),
    *(f"series_{error.code}" for error in (ChainBroken, Fork)),
    *(f"personal_{kind}_{state}" for kind in ("export", ERASE, CODE_RESET)
      for state in ("approved", "refused")),
    *(f"personal_data_{what}" for what in ("unmasked", "exported", "corrected")),
    *(f"notice_sending_{state}" for state in ("approved", "refused", "stopped")),
    *(f"transfer_suggestion_{state}" for state in ("approved", "refused")),
    *(f"{doing}_begun" for doing in ("backup", "drill")),
    *(f"{kind}_{done}" for kind in ("price_change", "promotion_change", "campaign")
      for done in ("approved", "sent_back", "dropped")),
    "campaign_stopped",
    *(f"exception_{act}" for act in ("accept", "charge", "contacted", "block_coupon", "merge", "split")),
}  # fmt: skip
"""Acts whose names are put together."""


def written() -> Iterator[str]:
    """Names of acts that stand whole in the code of head office."""
    for path in SERVER.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func).rpartition(".")[2]
            given = [k.value for k in call.keywords if k.arg == "action"]
            place = PLACE.get(name, 2)
            if name in WRITERS and len(call.args) > place:
                given.append(call.args[place])
            for value in given:
                whole = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                yield from (
                    v.value for v in whole if isinstance(v, ast.Constant) and isinstance(v.value, str)
                )


def test_every_act_has_words_and_there_are_no_others() -> None:
    acts = set(written())
    assert {"workstation_revoked", "member_unfrozen", "rollout_paused", "member_erasure_asked"} <= acts
    worded = {key.removeprefix("audit.act.") for key in sentences("zh") if key.startswith("audit.act.")}
    assert worded == acts | MADE


def test_the_page_says_who_did_what_in_words(chain: Chain) -> None:
    auditor = sign_in(chain, Role.AUDITOR)
    text = auditor.get("/audit").text
    assert "登录" in text and "console_signed_in" in text and "命令行" in text
    found = auditor.get("/audit?action=chain_founded").text
    assert "建立连锁" in found and ">登录 <" not in found
