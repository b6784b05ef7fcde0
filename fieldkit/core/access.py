"""Who may do what: the whole policy, in one function that every service asks first."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.core.problem import Problem

ROLES = ("researcher", "county_reader", "operator")

# What each role may do; 'account.own' is one's own password. A county reader gets the aggregates of its own counties
# and nothing else; row-level data is for researchers only, and every such export is written to the audit log.
MAY = {
    "researcher": {
        "account.own",
        "wave.list",
        "wave.open",
        "wave.close",
        "wave.quality",
        "wave.roster",
        "report.county",
        "report.filter",
        "report.batch",
        "report.correct",
        "report.team",
        "report.instrument",
        "export.responses",
        "variant.review",
        "comment.review",
        "response.rescue",
        "draft.edit",
        "instrument.publish",
        "instrument.design",
    },
    "county_reader": {"account.own", "report.county"},
    "operator": {"account.own", "account.manage", "log.read", "wave.list", "instrument.load"},
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at the desk, or the machine's owner at the command line (role 'operator' with `local`)."""

    name: str
    role: str
    counties: frozenset[str] = frozenset()
    local: bool = False


def may(actor: Actor | None, action: str, *, county: str = "") -> bool:
    """Whether this actor may do this; a county reader only for its own counties (and its own account)."""
    if actor is None:
        return False
    if actor.local:
        return True
    if action not in MAY.get(actor.role, ()):
        return False
    return action == "account.own" or actor.role != "county_reader" or county in actor.counties


def require(actor: Actor | None, action: str, *, county: str = "") -> Actor:
    """The actor, if it may; else Problem `login.needed` or `access.denied`."""
    if actor is None:
        raise Problem("login.needed", where=action)
    if not may(actor, action, county=county):
        raise Problem("access.denied", where=action)
    return actor


LOCAL = Actor(name="local", role="operator", local=True)
