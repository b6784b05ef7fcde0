"""Handing the answers of one or several waves to the research team. The one door for single answers.

Rows, comments, codebook, manifest. Every profile combination that fewer than three people of a county share is
coarsened first; what people wrote in their own words leaves only after a researcher has cleared it of names, and apart
from the rows. Photos, recordings and files leave only once they are cleared, each in a folder named like its row. The
rows are counted against the database, and the export goes into the audit log.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO, Protocol

from fieldkit.core.access import Actor, require
from fieldkit.core.attachment import announced
from fieldkit.core.instrument import Questionnaire, version_key
from fieldkit.core.lineage import Key, key_of
from fieldkit.core.problem import Problem
from fieldkit.core.wave import Wave
from fieldkit.formats.microdata_csv import (
    ABOUT,
    FILES,
    Columns,
    RowTable,
    codebook,
    encoded,
    guarded,
    response_key,
    score_cell,
)
from fieldkit.services.gazetteer import places
from fieldkit.services.publish import same_questions
from fieldkit.services.review import named
from fieldkit.stats.coarsen import LEAST, PROFILE, coarsen, hide_places
from fieldkit.store import attachments, audit, instruments, responses, review, waves
from fieldkit.store.engine import Session, utc_now, writing
from fieldkit.store.snapshot import snapshot
from fieldkit.translations import say

FLAGS = ("attention_fail", "speeder", "straightline", "not_independent", "duplicate", "quality_exclude")
NOTES = ("missing", "versions", "scores", "profile", "places", "texts", "files", "formula", "simulated")

SENT = ("cleared", "waiting", "kept_out", "not_arrived")  # what became of a file that an answer names


@dataclass
class Count:
    """What went into the file, counted on the way."""

    rows: Counter[str] = field(default_factory=Counter)
    blanked: Counter[str] = field(default_factory=Counter)
    coarsened: int = 0
    excluded: int = 0
    comments: Counter[str] = field(default_factory=Counter)
    attachments: Counter[str] = field(default_factory=Counter)

    def add(self, other: Count) -> None:
        """Count what another wave gave as well."""
        self.rows.update(other.rows)
        self.blanked.update(other.blanked)
        self.coarsened += other.coarsened
        self.excluded += other.excluded
        self.comments.update(other.comments)
        self.attachments.update(other.attachments)


class Folder(Protocol):
    """Where the files go: a folder on disk or a ZIP."""

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """A new file to write into."""


def study_waves(session: Session, actor: Actor | None, study: str) -> list[str]:
    """The waves of a study that have been in the field, the first one first; Problem `wave.unknown` if none has."""
    require(actor, "export.responses")
    found = [w for w in waves.listed(session) if w.study.id == study and w.state != "draft"]
    if not found:
        raise Problem("wave.unknown", where=study, wave=study)
    return [w.id for w in sorted(found, key=lambda w: (w.opens_on, w.id))]


def write_responses(
    session: Session, actor: Actor | None, wave_ids: str | Sequence[str], target: Path
) -> dict[str, object]:
    """Write responses, comments, codebook and manifest into a folder, or into one file if `target` ends in .zip.

    Every list of rows that people fill is a file rows_<list>.csv beside them.
    Several waves stand in one file, one below the other, also when they asked different versions of a questionnaire.
    Gives the manifest. Problems `access.denied`, `wave.unknown`, `wave.test`, `export.mismatch`. Memory is that of the
    largest county, whatever the size of the waves.
    """
    require(actor, "export.responses")
    if target.suffix.lower() == ".zip":
        with target.open("wb") as file:
            return write_responses_zip(session, actor, wave_ids, file)
    target.mkdir(parents=True, exist_ok=True)
    return _write(session, actor, _listed(wave_ids), _OnDisk(target))


def write_responses_zip(
    session: Session, actor: Actor | None, wave_ids: str | Sequence[str], file: IO[bytes]
) -> dict[str, object]:
    """The same files as one ZIP, written to an open file."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        return _write(session, actor, _listed(wave_ids), _InZip(archive))


def _listed(wave_ids: str | Sequence[str]) -> list[str]:
    return [wave_ids] if isinstance(wave_ids, str) else list(dict.fromkeys(wave_ids))


def _write(session: Session, actor: Actor | None, wave_ids: Sequence[str], folder: Folder) -> dict[str, object]:
    who = require(actor, "export.responses")
    # Read in a session of its own: phones go on handing in meanwhile, and only the line in the log is a write.
    with snapshot(session) as reading:
        chosen = [waves.counted(reading, wave_id) for wave_id in wave_ids]
        asked = {wave.id: instruments.get(reading, wave.questionnaire, wave.version) for wave in chosen}
        versions = list({key_of(q): q for q in asked.values()}.values())
        versions.sort(key=lambda q: (q.id, version_key(q.version)))
        home = {
            item: module
            for questionnaire in versions
            for module, version in questionnaire.modules.items()
            for item in instruments.module(reading, module, version).items
        }
        columns = Columns.of(versions, FLAGS, said=_Recorded(reading), home=home)
        counts = {wave.id: Count() for wave in chosen}

        def rows() -> Iterator[list[str]]:
            yield columns.header
            for wave in chosen:
                yield from _rows(reading, wave, asked[wave.id], columns, counts[wave.id])

        def lines_of(table: RowTable) -> Iterator[list[str]]:
            yield table.header
            for wave in chosen:
                for response in responses.iterate(reading, wave):
                    yield from table.lines(response)

        files = [_put(folder, "responses.csv", encoded(rows()))]
        files.append(_put(folder, "comments.csv", encoded(_comments(reading, chosen, counts))))
        if columns.files:
            files += _attachments(folder, reading, chosen, asked, counts)
        files += [_put(folder, table.file, encoded(lines_of(table))) for table in columns.rows]
        lines = []
        for wave in chosen:
            count = counts[wave.id]
            kept = responses.count_by_county(reading, wave.id)
            if dict(count.rows) != kept:
                raise Problem(
                    "export.mismatch", where=wave.id, written=count.rows.total(), stored=sum(kept.values())
                )
            withdrawn = sum(responses.tally(reading, wave.id, "withdrawn").values())
            lines.append(_wave_line(wave, asked[wave.id], count, withdrawn))
    profile = [item for item in PROFILE if any(item in q.items for q in versions)]
    profile += dict.fromkeys(place for q in versions for place in places_asked(q))
    book = codebook(columns, about=_about(), coarsened=profile, module_of=home)
    files.append(_put(folder, "codebook.csv", [book]))
    total = Count()
    for count in counts.values():
        total.add(count)
    manifest = _manifest(chosen, lines, columns, total, files, who)
    _put(folder, "manifest.json", [json.dumps(manifest, ensure_ascii=False, indent=1).encode()])
    asked_for: dict[str, object] = {"wave": wave_ids[0]} if len(wave_ids) == 1 else {"waves": list(wave_ids)}
    counted = {"rows": total.rows.total(), "comments": total.comments["rows"]}
    facts = {**asked_for, **counted, "sha256": files[0]["sha256"]}
    audit.write(writing(session), who, "export.responses", facts)
    return manifest


class _Recorded:
    """What researchers said about reworded items between two questionnaires: whether they are the same question."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known: dict[tuple[Key, Key], dict[str, bool]] = {}

    def __call__(self, one: Questionnaire, other: Questionnaire) -> dict[str, bool]:
        pair = key_of(one), key_of(other)
        if pair not in self.known:
            found: dict[str, bool] = {}
            for module, version in one.modules.items():
                if other.modules.get(module, version) != version:
                    found |= same_questions(self.session, "module", module, version, other.modules[module])
            if one.id == other.id and one.version != other.version:
                found |= same_questions(self.session, "questionnaire", one.id, one.version, other.version)
            self.known[pair] = found
        return self.known[pair]


def _rows(
    session: Session, wave: Wave, questionnaire: Questionnaire, columns: Columns, count: Count
) -> Iterator[list[str]]:
    """All responses of a wave county by county, within a county in the order of their random ids."""
    from fieldkit.stats.frame import frame
    from fieldkit.stats.indicators import compute

    for county, found in groupby(responses.iterate(session, wave), key=lambda response: response.county):
        people = list(found)
        name = places()[county].name if county in places() else ""
        whole = frame(people, questionnaire, excluded=True)
        quality = whole.quality
        assert quality is not None
        computed = compute(whole, questionnaire.indicators).columns
        values = {i: list(c.sets) if c.sets is not None else c.numbers.tolist() for i, c in computed.items()}
        signs = [getattr(quality, flag).tolist() for flag in FLAGS]
        out = quality.excluded.tolist()
        at = {response_id: place for place, response_id in enumerate(quality.ids)}
        hidden = hide_places(people, places_asked(questionnaire), coarsen(people))
        for response, blanked in zip(people, hidden, strict=True):
            place = at[response.id]
            count.rows[county] += 1
            count.coarsened += bool(blanked)
            count.blanked.update(blanked)
            count.excluded += out[place]
            flags = [sign[place] for sign in signs]
            scores = {indicator: score_cell(column[place]) for indicator, column in values.items()}
            yield columns.row(response, county_name=name, flags=flags, scores=scores, blanked=blanked)


def places_asked(questionnaire: Questionnaire) -> list[str]:
    """The items that ask cadres where they are. What researchers note of cases promises nobody to stay unknown."""
    return [item.id for item in questionnaire if item.kind.value == "point" and questionnaire.audience == "cadre"]


def _attachments(
    folder: Folder,
    session: Session,
    chosen: Sequence[Wave],
    asked: Mapping[str, Questionnaire],
    counts: Mapping[str, Count],
) -> list[dict[str, object]]:
    """Photos, recordings and files as far as a researcher has cleared them, and a list that names all the others too.

    A folder for each response, named as its row is. What was announced and never came is `not_arrived`.
    """
    written: list[dict[str, object]] = []
    lines: list[list[str]] = []
    for wave in chosen:
        came = {(held.file.at.response, held.file.at.name): held.file for held in attachments.listed(session, wave.id)}
        items = asked[wave.id].items
        for response in responses.iterate(session, wave):
            key = response_key(response.id)
            for name, item in sorted(announced(response.answers, items).items()):
                file = came.get((response.id, name))
                state = "not_arrived" if file is None else "waiting" if file.state == "arrived" else file.state
                counts[wave.id].attachments[state] += 1
                cells = ["", "", ""]
                if file is not None and state == "cleared":
                    path = f"attachments/{key}/{name}"
                    told = _put(folder, path, [attachments.content(session, file.at)])
                    written.append(told)
                    cells = [path, str(told["bytes"]), str(told["sha256"])]
                lines.append([key, wave.id, item, state, *cells])
    return [_put(folder, "attachments.csv", encoded([list(FILES), *lines])), *written]


def _comments(session: Session, chosen: Sequence[Wave], counts: Mapping[str, Count]) -> Iterator[list[str]]:
    """What people wrote, as far as a researcher has cleared it: no name of a row, and an order that means nothing.

    The county stands beside a text only if ten texts of its wave come from there.
    """
    yield ["wave", "county", "text"]
    for wave in chosen:
        found = review.comments(session, wave.id)
        cleared = [one for one in found if one.cleared and one.text]
        told = named(Counter(one.county for one in cleared))
        for one in cleared:
            yield [wave.id, one.county if one.county in told else "", guarded(one.text)]
        comments = counts[wave.id].comments
        comments["rows"] = len(cleared)
        comments["waiting"] = sum(not one.cleared for one in found)
        comments["kept_out"] = len(found) - comments.total()


def _put(folder: Folder, name: str, pieces: Iterable[bytes]) -> dict[str, object]:
    """Write one file and say how long it is and what its hash is."""
    digest, length = hashlib.sha256(), 0
    with folder.open(name) as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            length += len(piece)
    return {"name": name, "bytes": length, "sha256": digest.hexdigest()}


def _wave_line(wave: Wave, questionnaire: Questionnaire, count: Count, withdrawn: int) -> dict[str, object]:
    """What the manifest says of one wave."""
    return {
        "study": wave.study.title,
        "wave": wave.id,
        "number": wave.number,
        "simulated": wave.simulated,
        "questionnaire": questionnaire.id,
        "questionnaire_version": questionnaire.version,
        "modules": dict(questionnaire.modules),
        "rows": count.rows.total(),
        "rows_by_county": dict(sorted(count.rows.items())),
        "rows_flagged_out": count.excluded,
        "withdrawn_before": withdrawn,
    }


def _manifest(
    chosen: Sequence[Wave],
    lines: Sequence[dict[str, object]],
    columns: Columns,
    total: Count,
    files: list[dict[str, object]],
    who: Actor,
) -> dict[str, object]:
    """What the files are, in a form that programs read and people understand."""
    simulated = any(wave.simulated for wave in chosen)
    asks_places = any(places_asked(q) for q in columns.versions.values())
    left = {
        "places": asks_places,
        "files": columns.files,
        "simulated": simulated,
        "versions": len(columns.versions) > 1,
        "scores": bool(columns.scores),
    }
    notes = [note for note in NOTES if left.get(note, True)]
    split = [c.name for c in (*columns.items, *columns.scores) if re.search(r"__v[0-9]+\Z", c.name)]
    return {
        "what": "fieldkit responses",
        "format": 2,
        **(lines[0] if len(lines) == 1 else {"waves": list(lines)}),
        "simulated": simulated,
        "made_on": utc_now().date().isoformat(),
        "made_by": who.name,
        "rows": total.rows.total(),
        "columns": len(columns.header),
        "rows_by_county": dict(sorted(total.rows.items())),
        "profile": {
            "shared_by_at_least": LEAST,
            "rows_coarsened": total.coarsened,
            "cells_blanked": dict(sorted(total.blanked.items())),
        },
        "comments": {what: total.comments[what] for what in ("rows", "waiting", "kept_out")},
        **({"attachments": {state: total.attachments[state] for state in SENT}} if columns.files else {}),
        "left_out": [item.id for item in columns.left_out],
        "not_comparable": split,
        "files": files,
        "notes": {language: [say(f"desk.export_note_{note}", language) for note in notes] for language in ("zh", "en")},
    }


def _about() -> dict[str, tuple[str, str]]:
    """The words of the codebook for columns that are not items, in Chinese and English."""
    files = (f"attachment_{name}" for name in FILES if name not in ABOUT)
    names = (*ABOUT, *FLAGS, "module", "seconds", "missing", "left_out", "left_out_file", "row", *files)
    return {name: (say(f"desk.column_{name}", "zh"), say(f"desk.column_{name}", "en")) for name in names}


@dataclass(frozen=True, slots=True)
class _OnDisk:
    path: Path

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
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
