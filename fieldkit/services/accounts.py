"""Accounts of the desk: making and ending them, signing in. Passwords are argon2 hashes; nothing says from where."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine

from fieldkit.core.access import ROLES, Actor, require
from fieldkit.core.account import Account
from fieldkit.core.problem import Problem
from fieldkit.core.submission import ALPHABET
from fieldkit.services.gazetteer import places
from fieldkit.store import accounts as kept
from fieldkit.store import audit
from fieldkit.store.engine import Session, utc_now, writing

FIRST_NAME = "researcher"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}\Z")
FAILURES = 5  # wrong passwords in a row ...
PAUSE = datetime.timedelta(minutes=15)  # ... after which the account rests
SHORTEST, LONGEST = 12, 200  # characters of a password that somebody chose
HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Visit:
    """A successful sign-in. `stamp` changes with the password, so that a new password ends old sessions."""

    actor: Actor
    stamp: str


def create_account(
    session: Session, actor: Actor | None, name: str, role: str, counties: frozenset[str] = frozenset()
) -> str:
    """Add an account and give its generated password, which is kept nowhere and cannot be shown again.

    A county reader needs at least one county; for the other roles counties mean nothing. Problems
    `account.broken_name`, `account.exists`, `account.no_county`, `place.unknown`.
    """
    who = require(actor, "account.manage")
    name = normal_name(name)
    if not NAME.match(name):
        raise Problem("account.broken_name", where=name, name=name)
    if role not in ROLES:
        raise ValueError(f"role {role!r} is not one of {ROLES}")
    counties = counties if role == "county_reader" else frozenset()
    if role == "county_reader" and not counties:
        raise Problem("account.no_county", where=name, name=name)
    for county in sorted(counties):
        places().find(county)
    password = new_password()
    if not kept.add(session, Account(name, role, HASHER.hash(password), counties)):
        raise Problem("account.exists", where=name, name=name)
    audit.write(session, who, "account.create", {"name": name, "role": role, "counties": sorted(counties)})
    return password


def listed_accounts(session: Session, actor: Actor | None) -> list[Account]:
    """All accounts by name, for whoever manages them."""
    require(actor, "account.manage")
    return kept.listed(session)


def renew_password(session: Session, actor: Actor | None, name: str) -> str:
    """Give an account another generated password, which cannot be shown again, and end its pause and its sessions.

    For people who forgot theirs. Problem `account.unknown`.
    """
    who = require(actor, "account.manage")
    name = normal_name(name)
    if kept.by_name(session, name) is None:
        raise Problem("account.unknown", where=name, name=name)
    password = new_password()
    kept.set_password(session, name, HASHER.hash(password))
    audit.write(session, who, "account.renew", {"name": name})
    return password


def remove_account(session: Session, actor: Actor | None, name: str) -> None:
    """End an account and its sessions; what it did stays in the log. Problems `account.unknown`, `account.yourself`."""
    who = require(actor, "account.manage")
    name = normal_name(name)
    if name == who.name and not who.local:
        raise Problem("account.yourself", where=name)
    if not kept.remove(session, name):
        raise Problem("account.unknown", where=name, name=name)
    audit.write(session, who, "account.remove", {"name": name})


def choose_password(engine: Engine, actor: Actor | None, old: str, new: str, again: str) -> Visit:
    """Replace one's own password by one that was typed twice; ends all other sessions of the account. Commits.

    The old one is asked for, and a wrong one counts like a failed sign-in, so that a desk left open gives nobody the
    account. Problems `account.wrong_password`, `login.throttled`, `account.short_password` (fewer than SHORTEST
    characters), `account.long_password`, `account.same_password`, `account.passwords_differ`.
    """
    who = require(actor, "account.own")
    new, again = (unicodedata.normalize("NFKC", typed) for typed in (new, again))
    if new != again:
        raise Problem("account.passwords_differ", where="again")
    if len(new) < SHORTEST:
        raise Problem("account.short_password", where="new", least=SHORTEST)
    if len(new) > LONGEST:
        raise Problem("account.long_password", where="new", most=LONGEST)
    try:
        sign_in(engine, who.name, old)
    except Problem as problem:
        if problem.code != "login.failed":
            raise
        raise Problem("account.wrong_password", where="old") from None
    if new == unicodedata.normalize("NFKC", old):
        raise Problem("account.same_password", where="new")
    hashed = HASHER.hash(new)
    with Session(engine) as session:
        kept.set_password(writing(session), who.name, hashed)
        audit.write(session, who, "account.choose_password", {"name": who.name})
        session.commit()
    return Visit(who, stamp_of(hashed))


def first_account(session: Session, actor: Actor | None, folder: Path) -> str:
    """The password of the first researcher, who is added when there is none yet; '' when it is no longer known.

    It is made once and kept in `folder`/first-password.txt, readable by the owner only, until somebody deletes the
    file, so that a second start can show it again.
    """
    path = folder / "first-password.txt"
    found = kept.by_name(session, FIRST_NAME)
    if found is None:
        password = create_account(session, actor, FIRST_NAME, "researcher")
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(password + "\n")
        return password
    password = path.read_text("utf-8").strip() if path.is_file() else ""
    return password if password and matches(found.password_hash, password) else ""


def sign_in(engine: Engine, name: str, password: str, *, now: Callable[[], datetime.datetime] = utc_now) -> Visit:
    """Who this is, if the password is right. Commits by itself, because a failed attempt is counted too.

    The same Problem `login.failed` for an unknown name and a wrong password, after the same work. After FAILURES wrong
    passwords in a row the account rests for PAUSE: Problem `login.throttled`, whatever the password.
    """
    name = normal_name(name)
    with Session(engine) as session:
        found = kept.by_name(session, name)
    if found and found.throttled_until and now() < found.throttled_until:
        raise Problem("login.throttled", where="/login", minutes=int(PAUSE.total_seconds() // 60))
    # No transaction is open while the hash is computed: nobody should wait for it.
    right = matches(found.password_hash if found else nobody(), password)
    if found is None:
        raise Problem("login.failed", where="/login")
    if right and not found.failures and not found.throttled_until:
        return Visit(found.actor, stamp_of(found.password_hash))
    with Session(engine) as session:
        before = kept.by_name(writing(session), name)
        failures = 0 if right or before is None else before.failures + 1
        resting = failures >= FAILURES
        kept.set_failures(session, name, 0 if resting else failures, now() + PAUSE if resting else None)
        session.commit()
    if not right:
        raise Problem("login.failed", where="/login")
    return Visit(found.actor, stamp_of(found.password_hash))


def still_valid(session: Session, name: str, stamp: str) -> Actor | None:
    """The account as it is now, if it exists and its password is still the one that was used to sign in."""
    found = kept.by_name(session, name)
    same = found is not None and secrets.compare_digest(stamp_of(found.password_hash), stamp)
    return found.actor if found and same else None


def matches(password_hash: str, password: str) -> bool:
    """Whether this is the password behind the hash."""
    try:
        return HASHER.verify(password_hash, unicodedata.normalize("NFKC", password))
    except (VerificationError, InvalidHashError):
        return False


def normal_name(name: str) -> str:
    """A name as typed, in its stored form: small letters, half width.

    >>> normal_name(' Ｌin.Zhi ')
    'lin.zhi'
    """
    return unicodedata.normalize("NFKC", name).strip().lower()


def new_password() -> str:
    """Sixteen letters and digits that cannot be mistaken for each other, in groups of four (78 bits)."""
    return "-".join("".join(secrets.choice(ALPHABET.lower()) for _ in range(4)) for _ in range(4))


def stamp_of(password_hash: str) -> str:
    """Sixteen characters that tell whether a password has been changed since."""
    return hashlib.sha256(b"fieldkit session " + password_hash.encode()).hexdigest()[:16]


@cache
def nobody() -> str:
    """A hash that no password fits, so that an unknown name takes as long as a known one."""
    return HASHER.hash(secrets.token_hex(16))
