"""Studies and their waves."""

from __future__ import annotations

from itertools import starmap

from sqlmodel import Session, col, select

from fieldkit.core.problem import Problem
from fieldkit.core.wave import Study, Wave, WaveCounty
from fieldkit.store.tables import StudyRow, WaveCountyRow, WaveRow

STUDY = tuple(Study.__dataclass_fields__)
PLAIN = tuple(name for name in Wave.__dataclass_fields__ if name not in ("study", "counties", "peers"))


def save(session: Session, wave: Wave) -> None:
    """Keep a new wave with its counties and its study; Problem `wave.exists`."""
    if session.get(WaveRow, wave.id) is not None:
        raise Problem("wave.exists", where=wave.id, wave=wave.id)
    session.merge(StudyRow(**{name: getattr(wave.study, name) for name in STUDY}))
    session.flush()
    plain = {name: getattr(wave, name) for name in PLAIN}
    session.add(WaveRow(**plain, study=wave.study.id, peers=list(wave.peers)))
    session.flush()
    session.add_all(
        WaveCountyRow(wave=wave.id, county=county.code, position=position, invited=county.invited)
        for position, county in enumerate(wave.counties)
    )
    session.flush()


def get(session: Session, wave_id: str) -> Wave:
    """One wave with its counties; Problem `wave.unknown`."""
    row = session.get(WaveRow, wave_id)
    if row is None:
        raise Problem("wave.unknown", where=wave_id, wave=wave_id)
    return _wave(session, row)


def hold(session: Session, wave_id: str) -> None:
    """Let one after the other do what must not be done twice at once for a wave; answers still come in meanwhile.

    Until the transaction ends. On SQLite whoever writes is alone anyway.
    """
    session.connection().execute(select(WaveRow.id).where(WaveRow.id == wave_id).with_for_update(key_share=True))


def exists(session: Session, wave_id: str) -> bool:
    """Whether a wave has this id."""
    return session.get(WaveRow, wave_id) is not None


def counted(session: Session, wave_id: str) -> Wave:
    """One wave whose answers count; Problem `wave.test` if a draft is only tried out in it, `wave.unknown`."""
    wave = get(session, wave_id)
    if wave.test:
        raise Problem("wave.test", where=wave_id, wave=wave_id)
    return wave


def listed(session: Session, *, tests: bool = False) -> list[Wave]:
    """All waves whose answers count, the latest fieldwork first; with `tests` those, too, that try out a draft."""
    chosen = select(WaveRow).order_by(col(WaveRow.opens_on).desc(), col(WaveRow.id))
    rows = session.exec(chosen if tests else chosen.where(~col(WaveRow.test)))
    return [_wave(session, row) for row in rows.all()]


def others_of_study(session: Session, wave: Wave, county: str) -> list[Wave]:
    """The other waves of a wave's study in which this county takes part and answers count."""
    here = select(WaveCountyRow.wave).where(WaveCountyRow.county == county)
    chosen = select(WaveRow).where(
        WaveRow.study == wave.study.id, WaveRow.id != wave.id, ~col(WaveRow.test), col(WaveRow.id).in_(here)
    )
    return [_wave(session, row) for row in session.exec(chosen.order_by(col(WaveRow.opens_on))).all()]


def set_state(session: Session, wave_id: str, state: str) -> None:
    """Make a wave draft, open or closed; Problem `wave.unknown`."""
    row = session.get(WaveRow, wave_id)
    if row is None:
        raise Problem("wave.unknown", where=wave_id, wave=wave_id)
    row.state = state
    session.add(row)
    session.flush()


def _wave(session: Session, row: WaveRow) -> Wave:
    study = session.get_one(StudyRow, row.study)
    # two columns, no objects and no session between: a wave may have all 2,844 counties
    counties = session.connection().execute(
        select(WaveCountyRow.county, WaveCountyRow.invited)
        .where(WaveCountyRow.wave == row.id)
        .order_by(col(WaveCountyRow.position))
    )
    return Wave(
        **{name: getattr(row, name) for name in PLAIN},
        study=Study(**{name: getattr(study, name) for name in STUDY}),
        counties=tuple(starmap(WaveCounty, counties.all())),
        peers=tuple(row.peers),
    )
