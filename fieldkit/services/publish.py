"""Publishing: what is asked is fixed, for ever, under an id and a version.

The gate: a draft is read and linted, compared with the last published version, and let through only when every
reworded item was judged (same question or not), no other question hides under an old id, the version number says
what the change is, and whoever publishes has typed the instrument's name.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from fieldkit.core.access import Actor, require
from fieldkit.core.change import Change, compare, decided, identity_over, with_history
from fieldkit.core.content import sealed
from fieldkit.core.draft import Draft, Identity, Release
from fieldkit.core.instrument import Library, Module, Questionnaire, version_key
from fieldkit.core.mending import renumbered, taken_back
from fieldkit.core.problem import Problem
from fieldkit.core.wave import TEST, Study, Wave, WaveCounty
from fieldkit.formats.instrument_yaml import dump_module, dump_questionnaire, load_module, load_questionnaire
from fieldkit.services import drafts
from fieldkit.services.gazetteer import places
from fieldkit.store import audit, instruments, releases, responses, waves
from fieldkit.store import drafts as kept
from fieldkit.store.engine import Session, utc_now, writing
from fieldkit.translations import say

Instrument = Module | Questionnaire
NOBODY_SAID: Mapping[str, bool] = MappingProxyType({})
TRIAL_DAYS = 30  # after that nobody can answer any more, and the answers are deleted


@dataclass(frozen=True, slots=True)
class Review:
    """A draft beside the last published version. `before` and `change` are None for the first version.

    `published` is the publication of `before`, None for one that came with the program before there was a record.
    """

    draft: Draft
    instrument: Instrument
    before: Instrument | None
    change: Change | None
    published: Release | None
    releases: tuple[Release, ...]  # newest first
    own: frozenset[str]  # items that stand in the draft itself

    @property
    def proposed_version(self) -> str:
        """The version number that the draft may be published under: this one or a higher."""
        return self.change.proposed_version if self.change else self.instrument.version


def publish_library(session: Session, actor: Actor, library: Library) -> list[str]:
    """Publish every module and questionnaire of a folder; what was new, as 'id version'. Safe to repeat.

    Problem `instrument.published_changed` if the content of a published version differs from what was published:
    give it a new version.
    """
    require(actor, "instrument.load")
    writing(session)
    new: list[str] = []
    shelves: tuple[Mapping[tuple[str, str], Instrument], ...] = (library.modules, library.questionnaires)
    for shelf in shelves:
        for instrument in sorted(shelf.values(), key=lambda each: version_key(each.version)):
            before = _earlier(session, instrument)
            if instruments.save(session, instrument):
                verdict = compare(before[-1], instrument).verdict if before else "first"
                releases.add(session, _release(actor, instrument, before, verdict, ""))
                new.append(f"{instrument.id} {instrument.version}")
    if new:
        audit.write(session, actor, "instrument.load", {"new": new})
    return new


def read_source(session: Session, kind: str, source: str) -> Instrument:
    """The instrument that a text describes, with items from published modules; Problem `instrument.broken`."""
    library = instruments.library(session)
    if kind == "questionnaire":
        return load_questionnaire(source, library)
    module = load_module(source)
    known = {i for other in library.modules.values() if other.id != module.id for i in other.items}
    return load_module(source, known)


def review(session: Session, actor: Actor | None, draft_id: str) -> Review:
    """A draft beside the last published version, for whoever decides; Problems `draft.unknown`, `instrument.broken`."""
    require(actor, "draft.edit")
    draft = kept.get(session, draft_id)
    instrument = read_source(session, draft.kind, draft.source)
    before, change = against_published(session, instrument)
    records = releases.listed(session, draft.kind, instrument.id)
    published = next((r for r in records if before and r.version == before.version), None)
    return Review(draft, instrument, before, change, published, tuple(records), own_items(session, instrument))


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft being tried out: the wave in which it is filled in, its saved state, how many answered so far."""

    wave: Wave
    revision: int
    received: int


def trial_of(session: Session, actor: Actor | None, draft_id: str) -> Trial | None:
    """How the draft is being tried out at present, if it is."""
    require(actor, "draft.edit")
    draft = kept.get(session, draft_id)
    if not draft.test_wave:
        return None
    wave = waves.get(session, draft.test_wave)
    revision = wave.id.removeprefix(f"{TEST}{draft.id}-").partition("-")[0]
    return Trial(wave, int(revision), sum(responses.count_by_county(session, wave.id).values()))


def against_published(session: Session, instrument: Instrument) -> tuple[Instrument | None, Change | None]:
    """The last published version of this instrument, and what changed since; None and None if there is none.

    What was said about the items of a module when it was published holds for the questionnaires that pin it.
    """
    earlier = _all(session, instrument)
    if not earlier:
        return None, None
    change = with_history(compare(earlier[-1], instrument), instrument, earlier[:-1])
    return earlier[-1], decided(change, _said_of_modules(session, earlier[-1], instrument))


def _said_of_modules(session: Session, before: Instrument, after: Instrument) -> dict[str, bool]:
    said: dict[str, bool] = {}
    if isinstance(before, Questionnaire) and isinstance(after, Questionnaire):
        for module, version in after.modules.items():
            if before.modules.get(module, version) != version:
                said |= same_questions(session, "module", module, before.modules[module], version)
    return said


def publish(
    session: Session,
    actor: Actor | None,
    instrument: Instrument,
    *,
    word: str,
    version: str,
    same: Mapping[str, bool] = NOBODY_SAID,
    note: str = "",
) -> Release:
    """Publish an instrument that was read without a mistake.

    `word` is the instrument's id as typed by whoever publishes; `same` says of every reworded item whether it is
    still the same question. Problems `publish.not_confirmed`, `publish.nothing_new`, `publish.identity_missing`,
    `publish.needs_new_id`, `publish.version_too_low`.
    """
    who = require(actor, "instrument.publish")
    if word.strip() != instrument.id:
        raise Problem("publish.not_confirmed", where=instrument.id, instrument=instrument.id)
    writing(session)
    earlier = _all(session, instrument)
    _, change = against_published(session, instrument)
    verdict = "first"
    if change:
        change = decided(change, same)
        verdict = change.verdict
        _let_through(change, version)
    try:
        version_key(version)
    except ValueError:
        raise Problem("publish.version_too_low", where=version, version=version, least=instrument.version) from None
    instrument = sealed(replace(instrument, version=version))  # type: ignore[type-var]  # one of the two
    instruments.save(session, instrument)
    release = _release(who, instrument, earlier, verdict, note.strip())
    releases.add(session, release)
    for item in change.items if change else ():
        if item.asks_identity and item.same is not None:
            releases.add_identity(
                session,
                Identity(release.kind, instrument.id, item.item, release.before, version, item.same, who.name,
                         release.at),
            )  # fmt: skip
    audit.write(
        session,
        who,
        "instrument.publish",
        {"kind": release.kind, "instrument": instrument.id, "version": version, "verdict": verdict,
         "hash": instrument.hash},
    )  # fmt: skip
    return release


def publish_draft(
    session: Session,
    actor: Actor | None,
    draft_id: str,
    *,
    revision: int,
    word: str,
    version: str,
    same: Mapping[str, bool] = NOBODY_SAID,
    note: str = "",
) -> Release:
    """Publish a draft as it was shown (`revision`), and end it; its trial ends with it.

    Problems as for `publish`, and `draft.stale` when somebody saved it after it was shown, `instrument.broken` while
    it has mistakes.
    """
    require(actor, "instrument.publish")
    draft = kept.locked(writing(session), draft_id)
    if draft.revision != revision:
        raise drafts.stale(draft)
    instrument = read_source(session, draft.kind, draft.source)
    release = publish(session, actor, instrument, word=word, version=version, same=same, note=note)
    drafts.end_trial(session, draft)
    if not kept.delete(session, draft_id, revision):
        raise drafts.stale(kept.get(session, draft_id))
    return release


def open_trial(
    session: Session, actor: Actor | None, draft_id: str, today: datetime.date, counties: Sequence[str] = ()
) -> Wave:
    """Open a wave in which the draft can be filled in as it is now; its answers are kept apart and never counted.

    An earlier trial of the same draft is closed and its answers deleted. Without `counties`, one stands for all.
    Problems `draft.unknown`, `draft.not_testable` (a module has no pages of its own), `instrument.broken`.
    """
    who = require(actor, "draft.edit")
    draft = kept.locked(writing(session), draft_id)
    asked = read_source(session, draft.kind, draft.source)
    if not isinstance(asked, Questionnaire):
        raise Problem("draft.not_testable", where=draft_id, instrument=draft.instrument)
    drafts.end_trial(session, draft)
    name = f"{TEST}{draft.id}-{draft.revision}"
    while waves.exists(session, name):  # the same revision once more
        name += "-a"
    instruments.save(session, sealed(replace(asked, id=name)))
    last = today + datetime.timedelta(days=TRIAL_DAYS)
    words = {field: say(f"change.trial_{field}", "zh") for field in ("team", "email", "ethics_number", "approval_note")}
    wave = Wave(
        id=name,
        study=Study(id=name, title=asked.title.say("zh"), **words),
        number=1,
        questionnaire=name,
        version=asked.version,
        counties=tuple(WaveCounty(code) for code in counties or [places().counties()[0].code]),
        opens_on=today,
        closes_on=last,
        withdraw_until=last,
        keep_until=last,
        state="open",
        test=True,
    )
    waves.save(session, wave)
    kept.set_test_wave(session, draft.id, wave.id)
    audit.write(session, who, "draft.try", {"draft": draft.id, "wave": wave.id})
    return wave


def own_items(session: Session, instrument: Instrument) -> frozenset[str]:
    """The items that stand in the instrument itself, and not in a module that it pins."""
    if isinstance(instrument, Module):
        return frozenset(instrument.items)
    banked = (instruments.module(session, *pin).items for pin in instrument.modules.items())
    return frozenset(instrument.items).difference(*banked)


def take_back(
    session: Session, actor: Actor | None, draft_id: str, items: Collection[str], revision: int, part: str = ""
) -> Draft:
    """Put one part of these items of a draft back to how it was published; without `part`, all that is refused.

    The text is written anew, without its comments. Problems `draft.stale`, `draft.unknown`, `instrument.broken`.
    Items of pinned modules stay as they are: pin another version.
    """
    require(actor, "draft.edit")
    draft = kept.locked(writing(session), draft_id)
    now = read_source(session, draft.kind, draft.source)
    before, change = against_published(session, now)
    own = own_items(session, now)
    for each in change.items if change else ():
        if before is not None and each.item in items and each.item in own and each.before:
            for d in each.differences:
                if part == d.part or (not part and d.needs_new_id):
                    now = taken_back(before, now, each.item, d.part)  # type: ignore[type-var]
    return drafts.save(session, actor, draft_id, _written(session, now), revision)


def give_new_id(
    session: Session, actor: Actor | None, draft_id: str, items: Collection[str], revision: int, part: str = ""
) -> Draft:
    """Let these items of a draft be questions of their own, under new ids, whatever `part` of them changed.

    The text is written anew, without its comments. Problems as for `take_back`.
    """
    require(actor, "draft.edit")
    draft = kept.locked(writing(session), draft_id)
    now = read_source(session, draft.kind, draft.source)
    used = {i for each in _all(session, now) for i in each.items}
    own = own_items(session, now)
    for item in items:
        if item in own:
            now, _ = renumbered(now, item, used)  # type: ignore[type-var]
    return drafts.save(session, actor, draft_id, _written(session, now), revision)


def _written(session: Session, instrument: Instrument) -> str:
    if isinstance(instrument, Module):
        return dump_module(instrument)
    return dump_questionnaire(instrument, instruments.library(session))


def list_releases(session: Session, actor: Actor | None, kind: str, instrument: str) -> list[Release]:
    """What was published of an instrument, newest version first: who, when, verdict, note."""
    require(actor, "draft.edit")
    return releases.listed(session, kind, instrument)


def identities(session: Session, kind: str, instrument: str) -> list[Identity]:
    """What researchers said about reworded items of an instrument, from the oldest version on."""
    return releases.identities(session, kind, instrument)


def same_questions(session: Session, kind: str, instrument: str, one: str, other: str) -> dict[str, bool]:
    """Between two versions, in either order: the reworded items with whether they are the same question throughout."""
    first, last = sorted((one, other), key=version_key)
    steps: dict[str, dict[str, bool]] = {}
    for each in releases.identities(session, kind, instrument):
        if version_key(first) <= version_key(each.from_version) and version_key(each.to_version) <= version_key(last):
            steps.setdefault(each.to_version, {})[each.item] = each.same
    return identity_over(list(steps.values()))


def _let_through(change: Change, version: str) -> None:
    """Return if a change may be published under this version; else say what stands against it."""
    if change.verdict == "same":
        raise Problem("publish.nothing_new", where=change.instrument, version=change.old_version)
    if change.refused:
        names = ", ".join(i.item for i in change.refused)
        raise Problem("publish.needs_new_id", where=change.refused[0].item, items=names)
    if change.open_questions:
        names = ", ".join(i.item for i in change.open_questions)
        raise Problem("publish.identity_missing", where=change.open_questions[0].item, items=names)
    least = change.proposed_version
    try:
        enough = version_key(version) >= version_key(least)
    except ValueError:
        enough = False
    if not enough:
        raise Problem("publish.version_too_low", where=version, version=version, least=least)


def _all(session: Session, instrument: Instrument) -> list[Instrument]:
    """All published versions of this instrument, from old to new."""
    kind = _kind(instrument)
    return [
        instruments.one(session, kind, instrument.id, version)
        for version in instruments.versions(session, kind, instrument.id)
    ]


def _earlier(session: Session, instrument: Instrument) -> list[Instrument]:
    """The published versions below this one."""
    return [each for each in _all(session, instrument) if version_key(each.version) < version_key(instrument.version)]


def _release(
    actor: Actor, instrument: Instrument, earlier: Sequence[Instrument], verdict: str, note: str
) -> Release:
    before = earlier[-1].version if earlier else ""
    return Release(
        _kind(instrument), instrument.id, instrument.version, before, verdict, note, actor.name, utc_now()
    )


def _kind(instrument: Instrument) -> str:
    return "module" if isinstance(instrument, Module) else "questionnaire"
