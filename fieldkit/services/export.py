"""Handing a wave's answers to the research team: rows, comments, codebook, manifest. The one door for single answers.

Every profile combination that fewer than three people of a county share is coarsened first; what people wrote in
their own words leaves only after a researcher has cleared it of names, and apart from the rows; the rows are counted
against the database, and the export goes into the audit log.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO, Protocol

from fieldkit.core.access import Actor, require
from fieldkit.core.instrument import Questionnaire
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.formats.microdata_csv import ABOUT, Columns, codebook, encoded, guarded
from fieldkit.services.gazetteer import places
from fieldkit.services.review import named
from fieldkit.stats.coarsen import LEAST, PROFILE, coarsen
from fieldkit.store import audit, instruments, responses, review, waves
from fieldkit.store.engine import Session, utc_now, writing
from fieldkit.store.snapshot import snapshot
from fieldkit.translations import say

FLAGS = ("attention_fail", "speeder", "straightline", "not_independent", "duplicate", "quality_exclude")
NOTES = ("missing", "profile", "texts", "formula", "simulated")


@dataclass
class Count:
    """What went into the file, counted on the way."""

    rows: Counter[str] = field(default_factory=Counter)
    blanked: Counter[str] = field(default_factory=Counter)
    coarsened: int = 0
    excluded: int = 0
    comments: Counter[str] = field(default_factory=Counter)


class Folder(Protocol):
    """Where the files go: a folder on disk or a ZIP."""

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """A new file to write into."""


def write_responses(session: Session, actor: Actor | None, wave_id: str, target: Path) -> dict[str, object]:
    """Write responses.csv, comments.csv, codebook.csv and manifest.json into a folder, or into one file ending in .zip.

    Gives the manifest. Problems `access.denied`, `wave.unknown`, `export.mismatch`. Memory is that of the largest
    county, whatever the size of the wave.
    """
    require(actor, "export.responses")
    if target.suffix.lower() == ".zip":
        with target.open("wb") as file:
            return write_responses_zip(session, actor, wave_id, file)
    target.mkdir(parents=True, exist_ok=True)
    return _write(session, actor, wave_id, _OnDisk(target))


def write_responses_zip(session: Session, actor: Actor | None, wave_id: str, file: IO[bytes]) -> dict[str, object]:
    """The same files as one ZIP, written to an open file."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        return _write(session, actor, wave_id, _InZip(archive))


def _write(session: Session, actor: Actor | None, wave_id: str, folder: Folder) -> dict[str, object]:
    who = require(actor, "export.responses")
    # Read in a session of its own: phones go on handing in meanwhile, and only the line in the log is a write.
    with snapshot(session) as reading:
        wave = waves.get(reading, wave_id)
        questionnaire = instruments.get(reading, wave.questionnaire, wave.version)
        modules = {
            item: module
            for module, version in questionnaire.modules.items()
            for item in instruments.module(reading, module, version).items
        }
        count = Count()
        columns = Columns.of(questionnaire, FLAGS)
        rows = _rows(reading, wave, questionnaire, columns, count)
        files = [_put(folder, "responses.csv", encoded(rows))]
        files.append(_put(folder, "comments.csv", encoded(_comments(reading, wave, count))))
        kept = responses.count_by_county(reading, wave_id)
        if dict(count.rows) != kept:
            raise Problem(
                "export.mismatch", where=wave_id, written=count.rows.total(), stored=sum(kept.values())
            )
        withdrawn = sum(responses.tally(reading, wave_id, "withdrawn").values())
    profile = [item for item in PROFILE if item in questionnaire.items]
    book = codebook(questionnaire, columns, about=_about(), coarsened=profile, module_of=modules)
    files.append(_put(folder, "codebook.csv", [book]))
    manifest = _manifest(wave, questionnaire, columns, count, withdrawn, files, who)
    _put(folder, "manifest.json", [json.dumps(manifest, ensure_ascii=False, indent=1).encode()])
    counted = {"rows": count.rows.total(), "comments": count.comments["rows"]}
    facts = {"wave": wave_id, **counted, "sha256": files[0]["sha256"]}
    audit.write(writing(session), who, "export.responses", facts)
    return manifest


def _rows(
    session: Session, wave: Wave, questionnaire: Questionnaire, columns: Columns, count: Count
) -> Iterator[list[str]]:
    """The header, then all responses county by county, within a county in the order of their random ids."""
    from fieldkit.stats.frame import frame

    yield columns.header
    for county, found in groupby(responses.iterate(session, wave), key=lambda response: response.county):
        people = list(found)
        name = places()[county].name if county in places() else ""
        quality = frame(people, questionnaire).quality
        assert quality is not None
        signs = [getattr(quality, flag).tolist() for flag in FLAGS]
        out = quality.excluded.tolist()
        at = {response_id: place for place, response_id in enumerate(quality.ids)}
        for response, blanked in zip(people, coarsen(people), strict=True):
            place = at[response.id]
            count.rows[county] += 1
            count.coarsened += bool(blanked)
            count.blanked.update(blanked)
            count.excluded += out[place]
            flags = [sign[place] for sign in signs]
            yield columns.row(response, county_name=name, flags=flags, blanked=blanked)


def _comments(session: Session, wave: Wave, count: Count) -> Iterator[list[str]]:
    """What people wrote, as far as a researcher has cleared it: no name of a row, and an order that means nothing.

    The county stands beside a text only if ten texts come from there.
    """
    yield ["wave", "county", "text"]
    found = review.comments(session, wave.id)
    cleared = [one for one in found if one.cleared and one.text]
    told = named(Counter(one.county for one in cleared))
    for one in cleared:
        yield [wave.id, one.county if one.county in told else "", guarded(one.text)]
    count.comments["rows"] = len(cleared)
    count.comments["waiting"] = sum(not one.cleared for one in found)
    count.comments["kept_out"] = len(found) - count.comments.total()


def _put(folder: Folder, name: str, pieces: Iterable[bytes]) -> dict[str, object]:
    """Write one file and say how long it is and what its hash is."""
    digest, length = hashlib.sha256(), 0
    with folder.open(name) as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            length += len(piece)
    return {"name": name, "bytes": length, "sha256": digest.hexdigest()}


def _manifest(
    wave: Wave,
    questionnaire: Questionnaire,
    columns: Columns,
    count: Count,
    withdrawn: int,
    files: list[dict[str, object]],
    who: Actor,
) -> dict[str, object]:
    """What the files are, in a form that programs read and people understand."""
    notes = [note for note in NOTES if note != "simulated" or wave.simulated]
    return {
        "what": "fieldkit responses",
        "format": 1,
        "study": wave.study.title,
        "wave": wave.id,
        "number": wave.number,
        "simulated": wave.simulated,
        "questionnaire": questionnaire.id,
        "questionnaire_version": questionnaire.version,
        "modules": dict(questionnaire.modules),
        "made_on": utc_now().date().isoformat(),
        "made_by": who.name,
        "rows": count.rows.total(),
        "columns": len(columns.header),
        "rows_by_county": dict(sorted(count.rows.items())),
        "rows_flagged_out": count.excluded,
        "withdrawn_before": withdrawn,
        "profile": {
            "shared_by_at_least": LEAST,
            "rows_coarsened": count.coarsened,
            "cells_blanked": dict(sorted(count.blanked.items())),
        },
        "comments": {what: count.comments[what] for what in ("rows", "waiting", "kept_out")},
        "left_out": [item.id for item in columns.left_out],
        "files": files,
        "notes": {language: [say(f"desk.export_note_{note}", language) for note in notes] for language in ("zh", "en")},
    }


def _about() -> dict[str, tuple[str, str]]:
    """The words of the codebook for columns that are not items, in Chinese and English."""
    names = (*ABOUT, *FLAGS, "module", "missing", "left_out")
    return {name: (say(f"desk.column_{name}", "zh"), say(f"desk.column_{name}", "en")) for name in names}


@dataclass(frozen=True, slots=True)
class _OnDisk:
    path: Path

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        return (self.path / name).open("wb")


@dataclass(frozen=True, slots=True)
class _InZip:
    archive: zipfile.ZipFile

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))  # the same data, the same bytes
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self.archive.open(info, "w", force_zip64=True) as file:
            yield file
