"""A backup names nobody; with its keys' file it restores whole, without it everything but who is who."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Update, func, select, update

from pos_core.sync.rulings import Ruling
from sync_server.bootstrap import make_server, open_head_office
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services import backup, restore
from sync_server.services.acts import Act
from sync_server.services.backup import make_backup
from sync_server.services.backup_expiry import BackupExpiry
from sync_server.services.backup_keys import DAY_MS, KEYS_NAME, BadKeysFile, read_keys
from sync_server.services.data_folder import DataFolder
from sync_server.services.personal_data import blind_index as head_office_index
from sync_server.services.restore import (
    NO_KEYS,
    KeysFileExpired,
    Restored,
    restore_backup,
)
from sync_server.store import erasure, feed, fold_state, masters, member_seal, ruling
from sync_server.store.errors import SchemaTooNew
from sync_server.store.schema.member_seal import sealed_row
from sync_server.store.schema.tables import feed_head, feed_row
from tests.server.support import databases
from tests.sync.backup_members import (
    EVERYBODY,
    IMPORTED,
    JOINED,
    NAMED,
    PHONES,
    SECOND,
    TWIN,
    assert_whole,
    balances,
    fill,
    kept,
    pages_of,
    profile,
    slices,
    traces,
    traces_in,
)
from tests.sync.test_members import found, join, points
from tests.sync.world import Till, World, running_world


def standing(office: HeadOffice) -> set[Ruling]:
    return {row.ruling for row in office.store.read(ruling.listing)}


@pytest.fixture(params=databases.kinds())
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Head office on either database; a backup is the same form from both."""
    with databases.using(request.param), running_world(tmp_path) as world:
        yield world


@pytest.fixture
def tills(chain: World) -> list[Till]:
    return fill(chain)


GOLD = ("gold", "S002", 7)


def back_up(world: World, name: str = "b1") -> Path:
    office = world.office
    place = office.folder.root / "backups" / name
    return make_backup(office.store, office.folder, place, world.clock).folder


def back_up_with(world: World, change: Update) -> Path:
    """While rows are as they are for a moment only."""
    world.office.store.write(lambda txn: txn.execute(change))
    return back_up(world)


def restore_elsewhere(world: World, source: Path, **more: Path) -> tuple[HeadOffice, Restored]:
    """Onto another machine: the keys and the backup, and nothing else of the one that is gone."""
    place = world.folder / f"other-{len(list(world.folder.iterdir()))}"
    for name in ("keys", "certificates"):
        shutil.copytree(world.office.folder.root / name, place / name)
    done = restore_backup(DataFolder(place), source, world.clock, **more)
    return open_head_office(place, clock=world.clock), done


def test_no_byte_of_a_backup_leads_to_a_member(chain: World, tills: list[Till]) -> None:
    office, key = chain.office, chain.office.keys.database
    wanted = traces(office, tills)
    assert len(wanted) > 25
    if office.database_url is None:
        live = traces_in(pages_of(office.folder.root, key), wanted)
        assert {name for name in wanted if "phone" not in name and "digits" not in name} - set(live) <= {
            f"{TWIN} name",  # sealed in a document and at head office, nowhere in clear
            f"{JOINED} name",
            f"{JOINED} index of S002",  # not a member of that store's slice
            f"{TWIN} index of S001",
            f"{IMPORTED} index of S002",
            f"{NAMED} index of S001",
        }, "what the search finds in a live database"
    place = back_up(chain)
    assert traces_in(pages_of(place, key), wanted) == []
    seals = office.store.read(lambda txn: member_seal.of_members(txn, EVERYBODY))
    assert set(seals) == set(EVERYBODY)
    (place / KEYS_NAME).unlink()
    left = pages_of(place, key)
    assert [who for who, seal in seals.items() if seal in left] == [], "seals are in the keys' file alone"
    assert b"hq:" not in left, "no index of any number"


def test_with_its_keys_a_backup_restores_to_the_very_same_rows(chain: World, tills: list[Till]) -> None:
    office = chain.office
    before, told = kept(office.store), slices(office.store)
    made = back_up(chain)
    again, done = restore_elsewhere(chain, made)
    try:
        assert (done.unreadable, done.erased, done.warnings) == (0, 0, ())
        assert kept(again.store) == before and slices(again.store) == told
        assert again.store.read(lambda txn: masters.count_rows(txn, sealed_row)) == 0
        assert_whole(again)
        second = make_backup(again.store, again.folder, again.folder.root / "backups" / "b2", chain.clock)
        third, whole = restore_elsewhere(chain, second.folder, member_keys=made / KEYS_NAME)
        third.close()
        assert whole.unreadable == 0, "a member keeps his seal: any later or earlier keys' file opens him"
    finally:
        again.close()


@pytest.mark.skipif("postgresql" not in databases.kinds(), reason="no PostgreSQL asked for")
def test_members_go_back_into_postgresql_as_they_were(chain: World, tills: list[Till]) -> None:
    office = chain.office
    before, told = kept(office.store), slices(office.store)
    made = back_up(chain)
    place, url = chain.folder / "other", databases.fresh_postgresql()
    for name in ("keys", "certificates"):
        shutil.copytree(office.folder.root / name, place / name)
    done = restore_backup(DataFolder(place), made, chain.clock, database_url=url)
    again = open_head_office(place, database_url=url, clock=chain.clock)
    try:
        assert (done.unreadable, done.erased, done.aside) == (0, 0, None)
        assert kept(again.store) == before and slices(again.store) == told
        assert set(again.store.read(lambda txn: member_seal.of_members(txn, EVERYBODY))) == set(EVERYBODY)
        assert not list((place / "work").glob("restored.db*")), "nothing of it stays in clear beside it"
        assert_whole(again)
    finally:
        again.close()


def test_a_restore_that_fails_leaves_no_database_that_opens_members(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    made = back_up(world)

    def refuse(_: object) -> None:
        raise SchemaTooNew("of a newer program", found="9999")

    monkeypatch.setattr(restore, "check", refuse)
    with pytest.raises(SchemaTooNew):
        restore_elsewhere(world, made)
    left = [path.name for path in world.folder.glob("other-*/**/*.db*")]
    assert left == []


def test_without_keys_everything_but_who_is_who_is_whole(chain: World, tills: list[Till]) -> None:
    office = chain.office
    sums = balances(office)
    made = back_up(chain)
    (made / KEYS_NAME).unlink()
    wanted = traces(office, tills)
    again, done = restore_elsewhere(chain, made)
    try:
        assert done.keys is None and done.warnings == (NO_KEYS,) and done.unreadable == 5
        assert_whole(again)
        assert balances(again) == sums and len(sums) >= 3
        assert traces_in(pages_of(again.folder.root, again.keys.database), wanted) == []
        rows = again.store.read(lambda txn: masters.members(txn, EVERYBODY))
        assert (rows[IMPORTED].tier, rows[NAMED].home_store_id, rows[NAMED].points_balance) == GOLD
        assert profile(again, NAMED)["fields"]["status"][1] == "frozen", "a lock outlives the name"
        with serving(make_server(again, tls=False, jobs=False)) as url:
            for till in tills:
                till.reconnect(url)
                till.client.exchange()
            assert found(tills[0]) is not None, "workstations bring the keys of who joined at them"
            assert found(tills[0], PHONES[IMPORTED]) is None, "nobody has those of who was imported"
            known = again.store.read(lambda txn: masters.members(txn, [JOINED, TWIN]))
            assert all(row.personal and row.phone_index for row in known.values())
            assert_whole(again)
    finally:
        again.close()


def test_who_was_erased_since_stays_erased_after_the_restore(chain: World, tills: list[Till]) -> None:
    office = chain.office
    of_one = traces(office, tills, IMPORTED)
    made = back_up(chain)
    old = chain.folder / "old_keys.db"
    shutil.copyfile(made / KEYS_NAME, old)
    office.erasures.erase(Act("command line", "asked for it"), IMPORTED)
    renewed = BackupExpiry(office.store, office.folder, chain.clock).run().renewed
    assert renewed is not None and renewed.path == made / KEYS_NAME and renewed.members == 4
    again, done = restore_elsewhere(chain, made)
    try:
        assert (done.unreadable, done.erased) == (0, 1)
        assert traces_in(pages_of(again.folder.root, again.keys.database), of_one) == []
        told = again.store.read(lambda txn: erasure.of_member(txn, IMPORTED))
        mine = office.store.read(lambda txn: erasure.of_member(txn, IMPORTED))
        assert told is not None and mine is not None and told.signature == mine.signature
        assert again.store.read(lambda txn: masters.members(txn, [IMPORTED])) == {}
        assert_whole(again)
    finally:
        again.close()
    if office.database_url is None:  # an older keys' file opens him, but the replaced database knows better
        office.store.close()
        done = restore_backup(office.folder, made, chain.clock, member_keys=old)
        assert done.erased == 1 and done.aside is not None
        (done.aside).unlink()
        assert traces_in(pages_of(office.folder.root, office.keys.database), of_one) == []


@pytest.mark.parametrize("who", [SECOND, NAMED])
def test_an_erasure_reaches_what_head_office_itself_said(chain: World, tills: list[Till], who: str) -> None:
    """A claim by an import is a fact of head office's own, and names the number by its index."""
    office = chain.office
    index = "hq:" + head_office_index(office.keys.member_index, PHONES[JOINED])

    def claims() -> list[str]:
        rows = office.store.read(lambda txn: list(fold_state.hq_facts(txn)))
        found = [json.loads(text) for _, kind, text in rows if kind == "ProfileEdited"]
        return [each["member_id"] for each in found if each["phone_index"] == index]

    assert claims() == [SECOND]
    office.erasures.erase(Act("command line", "asked for it"), who)
    assert claims() == ([] if who == SECOND else [SECOND])
    assert_whole(office)
    for each in (JOINED, TWIN, SECOND):
        office.erasures.erase(Act("command line", "asked for it"), each)
    assert_whole(office)
    if office.database_url is None:
        assert index.encode() not in pages_of(office.folder.root, office.keys.database)


def test_both_of_one_number_and_the_ruling_about_it(chain: World, tills: list[Till]) -> None:
    """A ruling is about two members: with one seal of two it stays closed, and the other stands alone.

    What stands then is what stands where nothing was ever restored: the other's number, what he is short of.
    """
    office = chain.office
    office.member_links.say(Act("command line", "he said so"), JOINED, TWIN, "confirmed")
    points(tills[0], JOINED, -130, "spent")
    tills[0].client.exchange()
    assert not [each for each in standing(office) if each.rule == "points_overdrawn"], "40 of the other id"
    made = back_up(chain)
    office.erasures.erase(Act("command line", "asked for it"), JOINED)
    BackupExpiry(office.store, office.folder, chain.clock).run()
    after = slices(office.store)
    again, done = restore_elsewhere(chain, made)
    try:
        assert (done.unreadable, done.erased) == (0, 1)
        assert standing(again) == standing(office)
        assert {each.points for each in standing(again) if each.rule == "points_overdrawn"} == {30}
        told = slices(again.store)
        mine = [
            key for key in after if key[1] in ("member", "member_detail", "member_pricing") and after[key]
        ]
        assert {key: told.get(key) for key in mine} == {key: after[key] for key in mine}
        assert_whole(again)
    finally:
        again.close()
    (made / KEYS_NAME).unlink()
    again, done = restore_elsewhere(chain, made)
    try:
        assert {each.points for each in standing(again) if each.rule == "points_overdrawn"} == {30}
        assert_whole(again)
    finally:
        again.close()


def test_a_keys_file_that_expired_opens_nothing_and_is_deleted(chain: World, tills: list[Till]) -> None:
    made, office = back_up(chain), chain.office
    aside = office.folder.root / f"head_office.db.before-restore-{chain.clock.now_ms()}"
    aside.write_bytes(b"a database that a restore put aside")
    chain.clock.advance(30 * DAY_MS - 1)
    expiry = BackupExpiry(office.store, office.folder, chain.clock)
    again, done = restore_elsewhere(chain, made)
    again.close()
    assert done.unreadable == 0
    chain.clock.advance(1)
    again, done = restore_elsewhere(chain, made)
    again.close()
    assert done.unreadable == 5 and done.warnings == (NO_KEYS,)
    with pytest.raises(KeysFileExpired):
        restore_elsewhere(chain, made, member_keys=made / KEYS_NAME)
    second = back_up(chain, "b2")
    again, done = restore_elsewhere(chain, made)
    again.close()
    assert done.unreadable == 0 and done.keys is not None and done.keys.path == second / KEYS_NAME
    assert set(expiry.run().deleted) == {made / KEYS_NAME, aside}
    assert read_keys(second / KEYS_NAME, office.keys.database).members == 5, "the newest always has one"
    chain.clock.advance(90 * DAY_MS)
    renewed = expiry.run()
    assert renewed.deleted == () and renewed.renewed is not None
    assert renewed.renewed.expires_at_ms == chain.clock.now_ms() + 30 * DAY_MS


def test_a_shorter_policy_reaches_files_that_were_written_before(chain: World, tills: list[Till]) -> None:
    made, office = back_up(chain), chain.office
    back_up(chain, "b2")
    chain.put("policy", [["personal_data", '{"backup_keys_days":3}']])
    chain.clock.advance(3 * DAY_MS - 1)
    expiry = BackupExpiry(office.store, office.folder, chain.clock)
    assert expiry.run().deleted == ()
    chain.clock.advance(1)
    assert expiry.run().deleted == (made / KEYS_NAME,)


def test_who_comes_while_it_copies_is_in_it_and_keeps_his_seal(
    chain: World, tills: list[Till], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_seal_everybody", lambda store: None)  # nobody had one when it began
    before = kept(chain.office.store)
    first = back_up(chain)
    (first / KEYS_NAME).unlink()
    join(tills[0], "m-new", phone="+8613500135000", name="钱多多")
    tills[0].client.exchange()
    second = back_up(chain, "b2")
    again, done = restore_elsewhere(chain, first)
    try:
        assert done.unreadable == 0 and kept(again.store) == before
    finally:
        again.close()
    again, done = restore_elsewhere(chain, second)
    try:
        assert done.unreadable == 0 and kept(again.store) == kept(chain.office.store)
    finally:
        again.close()


def test_rows_that_wait_for_their_sequence_get_it_when_they_are_put_back(
    chain: World, tills: list[Till]
) -> None:
    """On PostgreSQL a row has a ticket below 0 for a moment; the embedded database shows no page of those."""
    office = chain.office
    mine = (feed_row.c.kind == "member") & (feed_row.c.scope == "store:S001")
    tickets = update(feed_row).where(mine).values(sequence=-feed_row.c.sequence)
    made = back_up_with(chain, tickets)
    again, _ = restore_elsewhere(chain, made)
    try:
        low = select(func.min(feed_row.c.sequence))
        assert again.store.read(lambda txn: txn.execute(low).scalar_one()) > 0
        highest = select(func.max(feed_row.c.sequence)).where(mine)
        head = again.store.read(lambda txn: feed.scope_head(txn, "store:S001"))
        assert again.store.read(lambda txn: txn.execute(highest).scalar_one()) == head
        assert again.store.read(lambda txn: txn.execute(select(feed_head.c.sequence)).scalar_one()) >= head
        assert slices(again.store) == slices(office.store)
    finally:
        again.close()


@pytest.mark.parametrize("damage", ["cut", "flip", "another chain's", "no database"])
def test_a_keys_file_that_is_none_is_passed_by_or_refused(world: World, damage: str) -> None:
    fill(world)
    made = back_up(world)
    path = made / KEYS_NAME
    data = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(data[:-4096])
    elif damage == "flip":
        data[-2000] ^= 1
        path.write_bytes(data)
    elif damage == "no database":
        path.write_bytes(b"keys")
    else:
        with running_world(world.folder / "stranger") as stranger:
            fill(stranger)
            shutil.copyfile(back_up(stranger) / KEYS_NAME, path)
    again, done = restore_elsewhere(world, made)
    again.close()
    assert done.keys is None and done.unreadable == 5
    with pytest.raises(BadKeysFile):
        restore_elsewhere(world, made, member_keys=path)
    assert not any(world.folder.glob("other-*/work/restored.db")), "refused before anything was copied"
