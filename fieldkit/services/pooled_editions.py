"""Pooled reports (合并县域报告): several counties of a wave as one, issued and corrected like a county's own report.

They rest on what the counties' own reports rest on. A county that may have a report gets its edition first, and a
pooled number never counts an answer that the edition does not, so that subtracting one from the other leaves nobody.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from fieldkit.core.access import Actor, require
from fieldkit.core.edition import Issue, PooledEdition, changes_enough, pool_of, salted
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.services import layouts
from fieldkit.services.again import drawn, made_with, pooled_layout
from fieldkit.services.gazetteer import places
from fieldkit.services.issued import issue, issued_county
from fieldkit.services.pooled import pooled_scales
from fieldkit.services.report import noted, raised
from fieldkit.store import audit, instruments, pools, responses, waves
from fieldkit.store.engine import Session, writing
from fieldkit.store.snapshot import snapshot

if TYPE_CHECKING:
    from fieldkit.stats.pooled import County
    from fieldkit.stats.sensitive import SensitiveLine


@dataclass(frozen=True, slots=True)
class Shelf:
    """One pool of a wave: the codes of its counties, and its issues, the newest first."""

    pool: str
    counties: tuple[str, ...]
    issues: tuple[Issue, ...]


def shelves(session: Session, actor: Actor | None, wave_id: str) -> list[Shelf]:
    """Every pooled report of a wave with all its editions; Problems `access.denied`, `wave.unknown`."""
    require(actor, "report.team")
    waves.counted(session, wave_id)
    found = pools.of_wave(session, wave_id)
    return [Shelf(pool, codes, tuple(pools.issued(session, wave_id, pool))) for pool, codes in found.items()]


def pool_named(session: Session, wave_id: str, county: str = "") -> str:
    """The pool in which this county stands, or the only one of the wave.

    Problem `edition.which_pool` when there is none, or when there are several and no county was named.
    """
    found = {pool: codes for pool, codes in pools.of_wave(session, wave_id).items() if not county or county in codes}
    if len(found) != 1:
        raise Problem("edition.which_pool", where=f"{wave_id}/{county}".rstrip("/"), wave=wave_id, count=len(found))
    return next(iter(found))


def pooled_file(
    session: Session,
    actor: Actor | None,
    wave_id: str,
    *,
    counties: Collection[str] = (),
    dated: datetime.date,
    layout: str = "",
    told: Callable[[float], None] = lambda share: None,
) -> PooledEdition:
    """The report on these counties as one (all of the wave where none is named), in Chinese and English.

    It stays the same until enough is new. `layout` is that of the edition before where none is named, else `pooled`.
    `told` hears how far it is (0 to 1).

    A county stands in at most one pool of a wave, or pools could be subtracted. Counties without a report of their own
    are counted in when fieldwork is over. What was issued is served only while so many of its answers are there as
    the thresholds of that day ask for; once raw records have expired, the number that it counted decides. Problems
    `access.denied`, `wave.unknown`, `wave.county_outside`, `report.no_answers`, `report.pooled_none`,
    `report.pooled_overlap`, `report.layout_unknown`.
    """
    who = require(actor, "report.team")
    if layout:
        layouts.find(layout, "pooled")
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        codes = _chosen(wave, counties)
        pool = pool_of(codes)
        there = responses.count_by_county(reading, wave_id)
        _alone(reading, wave_id, pool, codes)
        last = pools.latest(reading, wave_id, pool)
    if not any(there.get(code) for code in codes):
        if last:
            return _served(last, wave, last.n_analysed if dated > wave.keep_until else 0)
        raise Problem("report.no_answers", where=wave_id, wave=wave_id)
    work = _Work(session, actor, wave, codes, dated, last, told)
    if last and not changes_enough(last.counted, work.counted):
        return _served(last, wave, work.present)
    laid = layouts.find(layout, "pooled") if layout else pooled_layout(last.versions if last else {})
    made = work.issue(laid)
    try:
        return _keep(session, who, made)
    except IntegrityError:  # somebody else issued it while we were drawing
        theirs = pools.latest(session, wave_id, pool)
        assert theirs is not None
        return theirs


def correct_pooled(
    session: Session, actor: Actor | None, wave_id: str, pool: str, note: str, *, dated: datetime.date
) -> PooledEdition:
    """Issue a pooled report anew, with a note that says what was wrong in the edition before (更正说明).

    It rests on the very answers of that edition, in the layout of that edition as it is now. Problems
    `edition.pool_unknown`, `edition.expired` once raw records were deleted on their day, `edition.pool_due` when the
    counties' reports have moved on so far that the next regular edition is due (it then carries what was changed),
    `edition.pool_moved` when an answer that it counted was taken back or a county stands otherwise than then,
    `edition.no_note`, `edition.long_note`, `report.forbidden_words`, `edition.overtaken`.
    """
    who = require(actor, "report.correct")
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        last = pools.latest(reading, wave_id, pool)
        there = responses.count_by_county(reading, wave_id)
    if last is None:
        raise Problem("edition.pool_unknown", where=f"{wave_id}/{pool}", edition=1)
    if dated > wave.keep_until and not there:
        raise Problem("edition.expired", where=wave_id, until=wave.keep_until.isoformat())
    laid = pooled_layout(last.versions)
    note = noted(note, laid)
    work = _Work(session, actor, wave, last.counties, dated, last)
    if work.counted != last.counted:
        due = changes_enough(last.counted, work.counted)
        raise Problem("edition.pool_due" if due else "edition.pool_moved", where=wave_id, edition=last.number)
    made = work.issue(laid, note)
    try:
        return _keep(session, who, made)
    except IntegrityError:
        raise Problem("edition.overtaken", where=f"{wave_id}/{pool}", county=last.name) from None


def issued_pool(
    session: Session, actor: Actor | None, wave_id: str, pool: str, number: int, *, dated: datetime.date
) -> PooledEdition:
    """One edition as it was handed out, if it may still be; Problems `edition.pool_unknown`, `report.pooled_none`."""
    require(actor, "report.team")
    with snapshot(session) as reading:
        wave = raised(waves.counted(reading, wave_id))
        kept = pools.numbered(reading, wave_id, pool, number)
        present = _present(reading, wave, kept) if dated <= wave.keep_until else kept.n_analysed
    return _served(kept, wave, present)


def _present(reading: Session, wave: Wave, edition: PooledEdition) -> int:
    """How many of the answers that an edition counted are there today."""
    was = frozenset().union(*edition.counted.values())
    there = (one.id for code in edition.counties for one in responses.iterate(reading, wave, code))
    return sum(salted(edition.salt, one) in was for one in there)


def _served(edition: PooledEdition, wave: Wave, present: int) -> PooledEdition:
    """An issued edition, if it may still be handed out; `present` are those of its answers that are there."""
    if min(edition.n_analysed, present) < wave.n_min:
        raise Problem("report.pooled_none", where=wave.id, wave=wave.id, n_min=wave.n_min)
    return edition


def _chosen(wave: Wave, counties: Collection[str]) -> tuple[str, ...]:
    """These counties of the wave in the order of their codes; all of them where none is named."""
    for code in counties:
        if code not in wave.county:
            raise Problem("wave.county_outside", where=code, county=code, wave=wave.id)
    return tuple(sorted(counties or wave.county))


def _alone(reading: Session, wave_id: str, pool: str, codes: Collection[str]) -> None:
    """Return if none of these counties stands in another pool of the wave."""
    for other, theirs in pools.of_wave(reading, wave_id).items():
        common = sorted(set(theirs) & set(codes)) if other != pool else ()
        if common:
            names = "、".join(places().find(code).name for code in common[:5])
            raise Problem("report.pooled_overlap", where=wave_id, counties=names)


class _Work:
    """What a pooled report rests on today: the counties' issued answers, and those of the edition before."""

    def __init__(
        self,
        session: Session,
        actor: Actor | None,
        wave: Wave,
        codes: Sequence[str],
        dated: datetime.date,
        last: PooledEdition | None,
        told: Callable[[float], None] = lambda share: None,
    ) -> None:
        self.wave, self.codes, self.dated, self.last = wave, tuple(codes), dated, last
        with snapshot(session) as reading:
            there = responses.count_by_county(reading, wave.id)
        reported = issue(session, actor, wave.id, [c for c in codes if there.get(c)], dated, told)
        with snapshot(session) as reading:
            questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
            self.questionnaire = questionnaire
            self.modules = [instruments.module(reading, n, version) for n, version in questionnaire.modules.items()]
            self.found = [issued_county(reading, wave, questionnaire, code, reported) for code in codes]
            self.over = wave.state == "closed" or dated > wave.closes_on
            self.protected = _protected(reading, wave, questionnaire, [c for c in self.found if c.reported])
            self.salt = last.salt if last else secrets.token_hex(16)
            self.counted = _counted(self.found, self.salt, self.over, wave.n_min)
            self.present = _present(reading, wave, last) if last else 0
        self.scales = pooled_scales(session, wave, questionnaire, freeze=True)

    def issue(self, laid: layouts.Laid, note: str = "") -> PooledEdition:
        """The next edition, not yet kept."""
        from fieldkit.formats.report_json import dump_report, snapshot_id
        from fieldkit.formats.table_csv import county_csv
        from fieldkit.stats.correction import corrected
        from fieldkit.stats.pooled_report import pooled_plan, pooled_report

        number = self.last.number + 1 if self.last else 1
        county = layouts.find("county", "county").layout
        plan = pooled_plan(laid.layout, county, self.questionnaire, self.modules)
        name = "" if set(self.codes) == set(self.wave.county) else _name(self.codes)
        spoken = []
        for wording in (laid.wording("zh"), laid.wording("en")):
            report = pooled_report(
                plan=plan,
                wording=wording,
                wave=self.wave,
                counties=self.found,
                dated=self.dated,
                edition=number,
                name=name,
                merge_small=self.over,
                protected=self.protected,
                scales=self.scales,
            )
            spoken.append(corrected(report, wording, note, number - 1) if note else report)
        report, english = spoken
        facts = dict(report.facts)
        pdf, pdf_en = drawn(report, laid), drawn(english, laid)
        kept = dump_report(report)
        return PooledEdition(
            wave=self.wave.id,
            pool=pool_of(self.codes),
            number=number,
            counties=self.codes,
            issued_on=self.dated,
            n_analysed=int(facts["n_analysed"]),
            pdf=pdf,
            pdf_en=pdf_en,
            csv=county_csv(report),
            sha256=hashlib.sha256(pdf).hexdigest(),
            salt=self.salt,
            counted=self.counted,
            sha256_en=hashlib.sha256(pdf_en).hexdigest(),
            snapshot=kept,
            snapshot_en=dump_report(english),
            snapshot_id=snapshot_id(kept),
            versions=made_with(self.questionnaire, laid),
            correction=note,
            name=name,
            members=int(facts["members"]),
        )


def _keep(session: Session, who: Actor, made: PooledEdition) -> PooledEdition:
    writing(session)
    waves.hold(session, made.wave)
    _alone(session, made.wave, made.pool, made.counties)  # somebody may have pooled one of them in the meantime
    with session.begin_nested():
        pools.save(session, made)
    action = "report.pooled_correct" if made.correction else "report.pooled"
    facts = {"wave": made.wave, "counties": len(made.counties), "edition": made.number, "sha256": made.sha256}
    audit.write(session, who, action, {**facts, "sha256_en": made.sha256_en})
    return made


def _name(codes: Collection[str]) -> str:
    """What a pool is called: its prefecture or province where all lie in one, else by how many they are."""
    for digits in (4, 2):
        heads = {code[:digits] for code in codes}
        if len(heads) == 1:
            place = places().get(heads.pop().ljust(6, "0"))
            if place is not None:
                return place.name
    return ""


def _counted(found: Sequence[County], salt: str, over: bool, n_min: int) -> dict[str, frozenset[str]]:
    """Salted hashes of the answers by county; those of counties without a report together under '', if they join."""
    from fieldkit.stats.pooled import joined_in

    groups: dict[str, set[str]] = {}
    small = joined_in(found, n_min) if over else []
    for county in (c for c in found if c.reported or c in small):
        ids = {salted(salt, one) for one in county.frame.ids}
        if ids:
            groups.setdefault(county.place.code if county.reported else "", set()).update(ids)
    return {name: frozenset(ids) for name, ids in groups.items()}


def _protected(
    reading: Session, wave: Wave, questionnaire: Questionnaire, counties: Iterable[County]
) -> tuple[SensitiveLine, ...]:
    """The estimates of protected questions from the answers that these counties' reports count."""
    from fieldkit.stats.sensitive import pooled_sensitive

    if not any(i.type in ("list_experiment", "randomised_response") for i in questionnaire):
        return ()
    wanted = {one for county in counties for one in county.frame.ids}
    return pooled_sensitive(questionnaire, (r for r in responses.iterate(reading, wave) if r.id in wanted))
