"""Accounts: made by an operator, entered with a password, resting after too many wrong ones."""

from __future__ import annotations

import datetime
import stat

import pytest

from fieldkit.core.access import LOCAL, Actor
from fieldkit.core.problem import Problem
from fieldkit.services import accounts
from fieldkit.services.accounts import (
    FAILURES,
    PAUSE,
    choose_password,
    create_account,
    first_account,
    listed_accounts,
    remove_account,
    renew_password,
    sign_in,
    still_valid,
)
from fieldkit.services.read_log import last_deeds
from fieldkit.store import accounts as kept
from fieldkit.store import audit
from fieldkit.store.engine import Session

NOON = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def engine(database):
    return database


@pytest.fixture
def password(engine):
    with Session(engine) as session:
        password = create_account(session, LOCAL, "lin.zhi", "researcher")
        session.commit()
    return password


def refused(engine, name, password, at=NOON):
    with pytest.raises(Problem) as caught:
        sign_in(engine, name, password, now=lambda: at)
    return caught.value.code


def test_a_password_is_generated_and_kept_only_as_a_hash(engine, password):
    with Session(engine) as session:
        account = kept.by_name(session, "lin.zhi")
        lines = audit.listed(session)
    assert len(password.replace("-", "")) == 16
    assert account.password_hash.startswith("$argon2id$")
    assert password not in account.password_hash
    assert [line.action for line in lines] == ["account.create"]
    assert password not in str(lines)


def test_the_right_password_signs_in_however_the_name_is_typed(engine, password):
    for name in ("lin.zhi", " Lin.Zhi ", "ｌｉｎ．ｚｈｉ"):
        assert sign_in(engine, name, password).actor == Actor("lin.zhi", "researcher")


def test_a_wrong_password_and_an_unknown_name_sound_the_same(engine, password):
    assert refused(engine, "lin.zhi", "wrong") == refused(engine, "nobody", "wrong") == "login.failed"


def test_after_five_wrong_passwords_even_the_right_one_waits_a_quarter_of_an_hour(engine, password):
    for _ in range(FAILURES):
        assert refused(engine, "lin.zhi", "wrong") == "login.failed"
    assert refused(engine, "lin.zhi", password) == "login.throttled"
    assert refused(engine, "lin.zhi", password, NOON + PAUSE - datetime.timedelta(seconds=1)) == "login.throttled"
    assert sign_in(engine, "lin.zhi", password, now=lambda: NOON + PAUSE).actor.name == "lin.zhi"


def test_the_pause_ends_with_a_fresh_count(engine, password):
    for _ in range(FAILURES):
        refused(engine, "lin.zhi", "wrong")
    assert refused(engine, "lin.zhi", "wrong", NOON + PAUSE) == "login.failed"
    assert sign_in(engine, "lin.zhi", password, now=lambda: NOON + PAUSE).actor.name == "lin.zhi"


def test_the_right_password_forgets_earlier_slips(engine, password):
    for _ in range(2):
        for _ in range(FAILURES - 1):
            refused(engine, "lin.zhi", "wrong")
        sign_in(engine, "lin.zhi", password)


def test_one_resting_account_does_not_keep_others_out(engine, password):
    with Session(engine) as session:
        other = create_account(session, LOCAL, "other", "operator")
        session.commit()
    for _ in range(FAILURES):
        refused(engine, "lin.zhi", "wrong")
    assert sign_in(engine, "other", other).actor.role == "operator"


def test_a_new_password_ends_old_sessions(engine, password):
    visit = sign_in(engine, "lin.zhi", password)
    with Session(engine) as session:
        assert still_valid(session, "lin.zhi", visit.stamp) == visit.actor
        kept.set_password(session, "lin.zhi", accounts.HASHER.hash("another"))
        assert still_valid(session, "lin.zhi", visit.stamp) is None
        kept.remove(session, "lin.zhi")
        assert still_valid(session, "lin.zhi", visit.stamp) is None


@pytest.mark.parametrize(
    ("name", "role", "counties", "code"),
    [
        ("lin zhi", "researcher", (), "account.broken_name"),
        ("-x", "researcher", (), "account.broken_name"),
        ("林志", "researcher", (), "account.broken_name"),
        ("reader", "county_reader", (), "account.no_county"),
        ("LIN.ZHI", "researcher", (), "account.exists"),
    ],
)
def test_an_account_that_cannot_be_is_refused(engine, password, name, role, counties, code):
    with Session(engine) as session, pytest.raises(Problem) as caught:
        create_account(session, LOCAL, name, role, frozenset(counties))
    assert caught.value.code == code


@pytest.mark.parametrize("role", ["researcher", "county_reader"])
def test_only_operators_make_accounts(engine, role):
    with Session(engine) as session, pytest.raises(Problem) as caught:
        create_account(session, Actor("x", role, frozenset({"330523"})), "new", "researcher")
    assert caught.value.code == "access.denied"


def test_a_second_start_shows_the_first_password_again(engine, tmp_path):
    def start():
        with Session(engine) as session:
            password = first_account(session, LOCAL, tmp_path)
            session.commit()
        return password

    password = start()
    assert sign_in(engine, accounts.FIRST_NAME, password).actor.role == "researcher"
    assert start() == password
    file = tmp_path / "first-password.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    assert start() == ""


def test_a_password_file_of_another_database_is_not_shown(engine, tmp_path):
    with Session(engine) as session:
        create_account(session, LOCAL, accounts.FIRST_NAME, "researcher")
        session.commit()
    (tmp_path / "first-password.txt").write_text("from-elsewhere\n")
    with Session(engine) as session:
        assert first_account(session, LOCAL, tmp_path) == ""


def test_who_forgot_the_password_gets_a_new_one_and_need_not_wait(engine, password):
    visit = sign_in(engine, "lin.zhi", password)
    for _ in range(FAILURES):
        refused(engine, "lin.zhi", "wrong")
    with Session(engine) as session:
        new = renew_password(session, LOCAL, " Lin.Zhi ")
        session.commit()
    assert sign_in(engine, "lin.zhi", new, now=lambda: NOON).actor.name == "lin.zhi"
    assert refused(engine, "lin.zhi", password) == "login.failed"
    with Session(engine) as session:
        assert still_valid(session, "lin.zhi", visit.stamp) is None
        assert new not in str(audit.listed(session))


def test_an_account_that_was_ended_is_gone_and_its_deeds_are_not(engine, password):
    with Session(engine) as session:
        assert [one.name for one in listed_accounts(session, LOCAL)] == ["lin.zhi"]
        remove_account(session, LOCAL, "lin.zhi")
        session.commit()
    assert refused(engine, "lin.zhi", password) == "login.failed"
    with Session(engine) as session:
        assert listed_accounts(session, LOCAL) == []
        told = [(line.action, line.facts["name"]) for line in last_deeds(session, LOCAL, 10)]
    assert told == [("account.create", "lin.zhi"), ("account.remove", "lin.zhi")]


def test_nobody_ends_the_account_in_use_at_the_desk(engine, password):
    with Session(engine) as session, pytest.raises(Problem) as caught:
        remove_account(session, Actor("lin.zhi", "operator"), "lin.zhi")
    assert caught.value.code == "account.yourself"


@pytest.mark.parametrize("deed", [renew_password, remove_account])
def test_nothing_can_be_done_with_an_account_that_is_not_there(engine, deed):
    with Session(engine) as session, pytest.raises(Problem) as caught:
        deed(session, LOCAL, "nobody")
    assert caught.value.code == "account.unknown"


@pytest.mark.parametrize("role", ["researcher", "county_reader"])
def test_only_operators_manage_accounts_and_read_the_log(engine, password, role):
    somebody = Actor("x", role, frozenset({"330523"}))
    for deed in (
        lambda session: renew_password(session, somebody, "lin.zhi"),
        lambda session: remove_account(session, somebody, "lin.zhi"),
        lambda session: listed_accounts(session, somebody),
        lambda session: last_deeds(session, somebody, 10),
    ):
        with Session(engine) as session, pytest.raises(Problem) as caught:
            deed(session)
        assert caught.value.code == "access.denied"


def test_a_password_of_ones_own_ends_the_other_sessions(engine, password):
    elsewhere = sign_in(engine, "lin.zhi", password)
    words = "梯田 水车 四十二 书签 灯塔"
    visit = choose_password(engine, elsewhere.actor, password, words, words)
    with Session(engine) as session:
        assert still_valid(session, "lin.zhi", visit.stamp) == elsewhere.actor
        assert still_valid(session, "lin.zhi", elsewhere.stamp) is None
    assert sign_in(engine, "lin.zhi", words).actor == elsewhere.actor
    assert refused(engine, "lin.zhi", password) == "login.failed"


@pytest.mark.parametrize(
    ("old", "new", "again", "code"),
    [
        ("wrong", "longer than that", "longer than that", "account.wrong_password"),
        (None, "too short", "too short", "account.short_password"),
        (None, "x" * 201, "x" * 201, "account.long_password"),
        (None, "longer than that", "longer than thas", "account.passwords_differ"),
        (None, None, None, "account.same_password"),
    ],
)
def test_a_password_that_cannot_be_is_refused_and_the_old_one_stays(engine, password, old, new, again, code):
    actor = Actor("lin.zhi", "researcher")
    with pytest.raises(Problem) as caught:
        choose_password(engine, actor, old or password, new or password, again or password)
    assert caught.value.code == code
    assert sign_in(engine, "lin.zhi", password).actor == actor


def test_guessing_the_old_password_at_an_open_desk_is_stopped_like_guessing_at_the_door(engine, password):
    actor = Actor("lin.zhi", "researcher")
    for _ in range(FAILURES):
        with pytest.raises(Problem) as caught:
            choose_password(engine, actor, "wrong", "longer than that", "longer than that")
        assert caught.value.code == "account.wrong_password"
    with pytest.raises(Problem) as caught:
        choose_password(engine, actor, password, "longer than that", "longer than that")
    assert caught.value.code == "login.throttled"
