"""Handing the answers of one or several waves to the research team. The one door for single answers.

Rows, comments, codebook, labels, manifest, in the formats that were asked for. Every profile combination that fewer
than three people of a county share is coarsened first; what people wrote in their own words leaves only after a
researcher has cleared it of names, and apart from the rows. Photos, recordings and files leave only once they are
cleared, each in a folder named like its row. Cases without consent for their material stay. The rows are counted
against the database, and the export goes into the audit log before the first byte is handed over.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO, cast

from fieldkit.core.access import Actor, require
from fieldkit.core.attachment import announced
from fieldkit.core.columns import (
    ABOUT,
    ATTACHMENTS,
    FILES,
    RESPONSES,
    Columns,
    file_word,
    places_asked,
    response_key,
    score,
)
from fieldkit.core.dataset import REASONS, Dataset, Row, Table, Value
from fieldkit.core.instrument import Questionnaire, version_key
from fieldkit.core.lineage import Key, key_of
from fieldkit.core.problem import Problem
from fieldkit.core.response import Response
from fieldkit.core.spreadsheet import guarded
from fieldkit.core.text import Text
from fieldkit.core.wave import Wave
from fieldkit.formats.microdata_csv import codebook, encoded, header
from fieldkit.formats.row_file import RowFile
from fieldkit.services.export_files import Made, Order, Pace, Part, chosen, files_of, labels, refuse_what_does_not_fit
from fieldkit.services.gazetteer import places
from fieldkit.services.publish import same_questions
from fieldkit.services.review import named
from fieldkit.stats.cases import MATERIAL, consented
from fieldkit.stats.coarsen import LEAST, PROFILE, coarsen, hide_places
from fieldkit.store import attachments, audit, instruments, responses, review, waves
from fieldkit.store.engine import Session, utc_now, writing
from fieldkit.store.snapshot import snapshot
from fieldkit.translations import say

FLAGS = ("attention_fail", "speeder", "straightline", "not_independent", "duplicate", "quality_exclude")
WAITING = "fieldkit-export-"  # folders with rows on the way, in the system's temporary folder
LEFT_BEHIND = 24 * 3600  # seconds: a folder that old belongs to a process that was killed
LARGE = 50_000_000  # cells: beyond this a file in the ZIP might take more than 4 GB
NOTES = (
    "missing", "versions", "scores", "profile", "places", "texts", "files", "consent", "formula", "sheets", "simulated",
)  # fmt: skip
SENT = ("cleared", "waiting", "kept_out", "not_arrived")  # what became of a file that an answer names


@dataclass
class Count:
    """What went into the file, counted on the way. `held_back` are the responses that may not leave, with county."""

    rows: Counter[str] = field(default_factory=Counter)
    blanked: Counter[str] = field(default_factory=Counter)
    coarsened: int = 0
    excluded: int = 0
    comments: Counter[str] = field(default_factory=Counter)
    attachments: Counter[str] = field(default_factory=Counter)
    held_back: set[tuple[str, str]] = field(default_factory=set)

    @property
    def stored(self) -> dict[str, int]:
        """How many responses of each county were seen."""
        return dict(self.rows + Counter(county for county, _ in self.held_back))

    def add(self, other: Count) -> None:
        """Count what another wave gave as well."""
        self.rows.update(other.rows)
        self.blanked.update(other.blanked)
        self.coarsened += other.coarsened
        self.excluded += other.excluded
        self.comments.update(other.comments)
        self.attachments.update(other.attachments)
        self.held_back |= other.held_back


def write_responses(
    session: Session,
    actor: Actor | None,
    wave_ids: str | Sequence[str],
    target: Path,
    formats: Sequence[str] = ("csv",),
    encoding: str = "utf-8",
) -> dict[str, object]:
    """Write responses, comments, codebook, labels and manifest into a folder, or into one file if `target` ends in
    .zip.

    Every list of rows that people fill is a table rows_<list> beside them; where people may send files, the table
    attachments lists them, and the folder attachments has those that were cleared. Several waves stand in one table,
    one below the other, also when they asked different versions of a questionnaire. `formats` are names of
    export_files.FORMATS, `encoding` is that of the CSV files. Gives the manifest. Problems `access.denied`,
    `wave.unknown`, `wave.test`, `export.mismatch`, `export.format`, `export.encoding`, `export.too_wide`. Memory is
    that of the largest county, whatever the size of the waves.
    """
    require(actor, "export.responses")
    if target.suffix.lower() == ".zip":
        with target.open("wb") as file:
            return write_responses_zip(session, actor, wave_ids, file, formats, encoding)
    with gathered(session, actor, wave_ids, formats, encoding) as found:
        target.mkdir(parents=True, exist_ok=True)
        for part in found.parts():
            (target / part.name).parent.mkdir(parents=True, exist_ok=True)
            with (target / part.name).open("wb") as file:
                for piece in part.put(found.made):
                    file.write(piece)
        return found.manifest()


def write_responses_zip(
    session: Session,
    actor: Actor | None,
    wave_ids: str | Sequence[str],
    file: IO[bytes],
    formats: Sequence[str] = ("csv",),
    encoding: str = "utf-8",
) -> dict[str, object]:
    """The same files as one ZIP, written to an open file."""
    with gathered(session, actor, wave_ids, formats, encoding) as found:
        for piece in found.zipped():
            file.write(piece)
        return found.manifest()


def _listed(wave_ids: str | Sequence[str]) -> list[str]:
    return [wave_ids] if isinstance(wave_ids, str) else list(dict.fromkeys(wave_ids))


@dataclass
class Gathered:
    """An export that is read and counted, and whose files are still to be written."""

    order: Order
    formats: tuple[str, ...]
    always: list[Part]  # comments, codebook, labels, cleared files
    facts: dict[str, object]  # what the manifest says beside the files

    @property
    def made(self) -> Made:
        """What has been written so far."""
        return self.order.made

    def parts(self) -> Iterator[Part]:
        """All files, the manifest last; take each one's pieces before the next."""
        yield from files_of(self.order, self.formats, self.always)
        yield Part("manifest.json", iter([json.dumps(self.manifest(), ensure_ascii=False, indent=1).encode()]))

    def zipped(self) -> Iterator[bytes]:
        """The ZIP as it comes about: whoever takes it may stop at any time. Its parts have no date and no order of
        arrival: the same data, the same bytes.
        """
        pipe = _Pipe()
        rows = sum(table.count * len(table.variables) for table in self.order.dataset.tables)
        with zipfile.ZipFile(cast(IO[bytes], pipe), "w", zipfile.ZIP_DEFLATED) as archive:
            for part in self.parts():
                info = zipfile.ZipInfo(part.name, (2000, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                with archive.open(info, "w", force_zip64=rows > LARGE) as file:
                    for piece in part.put(self.made):
                        file.write(piece)
                        yield from pipe.taken()
                yield from pipe.taken()
        yield from pipe.taken()

    def manifest(self) -> dict[str, object]:
        """What the files are, in a form that programs read and people understand."""
        told = {"did_not_fit": self.made.told} if self.made.told else {}
        beyond = {"beyond_gbk": "".join(sorted(self.made.beyond_gbk))} if self.made.beyond_gbk else {}
        listed = [facts for name, facts in self.made.files.items() if name != "manifest.json"]
        return {**self.facts, **beyond, **told, "files": listed}


class _Pipe:
    """What a ZIP is written into, to be taken out again piece by piece."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, piece: bytes) -> int:
        """Take it in."""
        self.waiting.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> Iterator[bytes]:
        """All that waits, once there is anything."""
        if self.waiting:
            piece = b"".join(self.waiting)
            self.waiting.clear()
            yield piece


@contextmanager
def gathered(
    session: Session,
    actor: Actor | None,
    wave_ids: str | Sequence[str],
    formats: Sequence[str] = ("csv",),
    encoding: str = "utf-8",
    *,
    inside: Path | None = None,
    told: Callable[[float], None] = lambda share: None,
) -> Iterator[Gathered]:
    """Read, coarsen and count everything once; inside the `with` the files can be made from it.

    The line in the audit log is written, and stands once the session is committed. Rows on the way lie in the folder
    `inside`, or in the system's temporary folder; `told` hears every few hundred rows how far it is (0 to 1), now and
    while the files are made, and may stop it by raising a Problem.
    """
    who = require(actor, "export.responses")
    wanted = chosen(formats, encoding)
    asked_for = _listed(wave_ids)
    _sweep()
    with tempfile.TemporaryDirectory(prefix=WAITING, dir=inside) as name:
        folder = Path(name)
        # Read in a session of its own: phones go on handing in meanwhile, and only the line in the log is a write.
        with snapshot(session) as reading:
            picked = [waves.counted(reading, wave_id) for wave_id in asked_for]
            asked = {wave.id: instruments.get(reading, wave.questionnaire, wave.version) for wave in picked}
            versions = list({key_of(q): q for q in asked.values()}.values())
            versions.sort(key=lambda q: (q.id, version_key(q.version)))
            home = {
                item: module
                for questionnaire in versions
                for module, version in questionnaire.modules.items()
                for item in instruments.module(reading, module, version).items
            }
            columns = Columns.of(versions, FLAGS, said=_Recorded(reading), home=home)
            counts = {wave.id: Count() for wave in picked}
            there = sum(sum(responses.count_by_county(reading, wave.id).values()) for wave in picked)
            pace = Pace(there, wanted, told)
            profile = [item for item in PROFILE if any(item in q.items for q in versions)]
            profile += dict.fromkeys(place.id for q in versions for place in places_asked(q))
            about = _about()
            files = [RowFile(folder / "rows", RESPONSES, columns.variables(about, coarsened=profile, module_of=home))]
            files += [
                RowFile(folder / f"rows{place}", table.table, columns.row_variables(table, about, home))
                for place, table in enumerate(columns.rows)
            ]
            sent = RowFile(folder / "sent", ATTACHMENTS, columns.file_variables(about))
            with ExitStack() as opened:
                first, *lists = [opened.enter_context(file) for file in files]
                for wave in picked:
                    for row in _rows(reading, wave, asked[wave.id], columns, counts[wave.id]):
                        first.add(row)
                        pace.step()
                    if lists:
                        for response in _leaving(reading, wave, counts[wave.id]):
                            pace.step(False)
                            for table, file in zip(columns.rows, lists, strict=True):
                                for row in table.lines(response):
                                    file.add(row)
            cleared: list[Part] = []
            if columns.files:
                files.append(sent)
                with sent:
                    for wave in picked:
                        cleared += _attachments(reading, wave, asked[wave.id], counts[wave.id], sent, folder)
            comments = folder / "comments"
            with comments.open("wb") as written:
                written.writelines(encoded(_comments(reading, picked, counts), encoding))
            said = []
            for wave in picked:
                count = counts[wave.id]
                kept = responses.count_by_county(reading, wave.id)
                if count.stored != kept:
                    written_down = sum(count.stored.values())
                    raise Problem("export.mismatch", where=wave.id, written=written_down, stored=sum(kept.values()))
                withdrawn = sum(responses.tally(reading, wave.id, "withdrawn").values())
                said.append(_wave_line(wave, asked[wave.id], count, withdrawn))
        total = Count()
        for count in counts.values():
            total.add(count)
        tables = tuple(file.table() for file in files)
        refuse_what_does_not_fit(tables, wanted)
        facts = _manifest(picked, said, columns, total, tables, wanted, who)
        facts |= {"formats": list(wanted), "encoding": encoding, "rows_sha256": files[0].sha256}
        dataset = _dataset(picked, versions, tables, facts)
        book = codebook(columns, about=about, coarsened=profile, module_of=home, tables=tables, encoding=encoding)
        always = [
            Part("comments.csv", _read(comments), "csv", total.comments["rows"], 3),
            Part("codebook.csv", iter([book])),
            labels(dataset, encoding),
            *cleared,
        ]
        logged: dict[str, object] = {"wave": asked_for[0]} if len(asked_for) == 1 else {"waves": asked_for}
        logged |= {"rows": total.rows.total(), "comments": total.comments["rows"], "formats": list(wanted)}
        audit.write(writing(session), who, "export.responses", logged | {"sha256": files[0].sha256})
        yield Gathered(Order(dataset, encoding, folder, Made(), pace), wanted, always, facts)


def _sweep() -> None:
    """Remove what an export that was killed left behind: it holds single answers."""
    for folder in Path(tempfile.gettempdir()).glob(f"{WAITING}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > LEFT_BEHIND:
                shutil.rmtree(folder)


def _read(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()


def _both(key: str, **more: object) -> Text:
    """A sentence of the interface in both languages."""
    return Text(zh=say(key, "zh", **more), en=say(key, "en", **more))


def _dataset(
    picked: Sequence[Wave], versions: Sequence[Questionnaire], tables: tuple[Table, ...], facts: Mapping[str, object]
) -> Dataset:
    """The tables with the words that every format may need."""
    studies = list(dict.fromkeys(wave.study.title for wave in picked))
    made_on = str(facts["made_on"])
    asked = tuple(f"{q.id} {q.version}" for q in versions)
    lines = {
        "study": "；".join(studies),
        "wave": "、".join(wave.id for wave in picked),
        "questionnaire": "; ".join(asked),
        "collected": f"{min(w.opens_on for w in picked)} – {max(w.closes_on for w in picked)}",
        "made_on": made_on,
        "rows": str(facts["rows"]),
        "rows_sha256": str(facts["rows_sha256"]),
    }
    notes = facts["notes"]
    assert isinstance(notes, dict)
    return Dataset(
        name=re.sub(r"[^a-z0-9._-]+", "-", "-".join(["fieldkit", *(wave.id for wave in picked)]).lower())[:100],
        title=_both("export.title", study="；".join(studies), wave="、".join(wave.id for wave in picked)),
        tables=tables,
        reasons={reason: _both(f"export.reason_{reason}") for reason in REASONS},
        facts=tuple((_both(f"export.fact_{name}"), value) for name, value in lines.items()),
        notes=tuple(Text(zh=zh, en=en) for zh, en in zip(notes["zh"], notes["en"], strict=True)),
        made_on=made_on,
        producer="；".join(dict.fromkeys(wave.study.team for wave in picked)),
        collected=(str(min(w.opens_on for w in picked)), str(max(w.closes_on for w in picked))),
        versions=asked,
        simulated=bool(facts["simulated"]),
    )


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


def _leaving(session: Session, wave: Wave, count: Count) -> Iterator[Response]:
    """The responses of a wave that may leave, once `_rows` has found out which may not."""
    return (r for r in responses.iterate(session, wave) if (r.county, r.id) not in count.held_back)


def _rows(session: Session, wave: Wave, questionnaire: Questionnaire, columns: Columns, count: Count) -> Iterator[Row]:
    """All responses of a wave county by county, within a county in the order of their random ids.

    Cases whose material may not be used are held back, and noted in `count`.
    """
    from fieldkit.stats.frame import frame
    from fieldkit.stats.indicators import compute

    for county, found in groupby(responses.iterate(session, wave), key=lambda response: response.county):
        everyone = list(found)
        people = [r for r in everyone if MATERIAL not in questionnaire.items or consented(r)]
        count.held_back |= {(r.county, r.id) for r in everyone} - {(r.county, r.id) for r in people}
        if not people:
            continue
        name = places()[county].name if county in places() else ""
        whole = frame(people, questionnaire, excluded=True)
        quality = whole.quality
        assert quality is not None
        computed = compute(whole, questionnaire.indicators).columns
        values = {i: list(c.sets) if c.sets is not None else c.numbers.tolist() for i, c in computed.items()}
        signs = [getattr(quality, flag).tolist() for flag in FLAGS]
        out = quality.excluded.tolist()
        at = {response_id: place for place, response_id in enumerate(quality.ids)}
        hidden = hide_places(people, [item.id for item in places_asked(questionnaire)], coarsen(people))
        for response, blanked in zip(people, hidden, strict=True):
            place = at[response.id]
            count.rows[county] += 1
            count.coarsened += bool(blanked)
            count.blanked.update(blanked)
            count.excluded += out[place]
            flags = [sign[place] for sign in signs]
            scores = {indicator: score(column[place]) for indicator, column in values.items()}
            yield columns.row(response, county_name=name, flags=flags, scores=scores, blanked=blanked)


def _attachments(
    session: Session, wave: Wave, questionnaire: Questionnaire, count: Count, table: RowFile, folder: Path
) -> Iterator[Part]:
    """Photos, recordings and files as far as a researcher has cleared them; `table` gets a row for all the others too.

    A folder for each response, named as its row is. What was announced and never came is `not_arrived`. The files wait
    in `folder`, so that whatever is taken back during the download, list and files are of one moment.
    """
    came = {(held.file.at.response, held.file.at.name): held.file for held in attachments.listed(session, wave.id)}
    for response in _leaving(session, wave, count):
        key = response_key(response.id)
        for name, item in sorted(announced(response.answers, questionnaire.items).items()):
            file = came.get((response.id, name))
            state = "not_arrived" if file is None else "waiting" if file.state == "arrived" else file.state
            count.attachments[state] += 1
            told: list[Value] = [None, None, None]
            if file is not None and state == "cleared":
                content = attachments.content(session, file.at)
                path, waits = f"attachments/{key}/{name}", folder / f"{key}-{name}"
                waits.write_bytes(content)
                told = [path, len(content), hashlib.sha256(content).hexdigest()]
                yield Part(path, _read(waits))
            table.add(([key, wave.id, item, state, *told], [""] * len(FILES)))


def _comments(session: Session, chosen: Sequence[Wave], counts: Mapping[str, Count]) -> Iterator[list[str]]:
    """What people wrote, as far as a researcher has cleared it: no name of a row, and an order that means nothing.

    The county stands beside a text only if ten texts of its wave come from there.
    """
    yield ["wave", "county", "text"]
    for wave in chosen:
        held_back = counts[wave.id].held_back
        found = [one for one in review.comments(session, wave.id) if (one.county, one.response) not in held_back]
        cleared = [one for one in found if one.cleared and one.text]
        told = named(Counter(one.county for one in cleared))
        for one in cleared:
            yield [wave.id, one.county if one.county in told else "", guarded(one.text)]
        comments = counts[wave.id].comments
        comments["rows"] = len(cleared)
        comments["waiting"] = sum(not one.cleared for one in found)
        comments["kept_out"] = len(found) - comments.total()


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
        **_withheld([questionnaire], count),
    }


def _withheld(questionnaires: Collection[Questionnaire], count: Count) -> dict[str, object]:
    """How many cases stayed for want of consent, where a questionnaire asks for it."""
    asks = any(MATERIAL in questionnaire.items for questionnaire in questionnaires)
    return {"withheld_without_consent": len(count.held_back)} if asks else {}


def _manifest(
    chosen: Sequence[Wave],
    lines: Sequence[dict[str, object]],
    columns: Columns,
    total: Count,
    tables: Sequence[Table],
    formats: Sequence[str],
    who: Actor,
) -> dict[str, object]:
    """What the manifest says beside the files."""
    from fieldkit.formats.microdata_xlsx import ROWS

    simulated = any(wave.simulated for wave in chosen)
    withheld = _withheld(columns.versions.values(), total)
    left = {
        "places": any(places_asked(q) for q in columns.versions.values()),
        "files": columns.files,
        "consent": bool(withheld),
        "sheets": "xlsx" in formats and any(table.count >= ROWS for table in tables),
        "simulated": simulated,
        "versions": len(columns.versions) > 1,
        "scores": bool(columns.scores),
    }
    notes = [note for note in NOTES if left.get(note, True)]
    split = [c.name for c in (*columns.items, *columns.scores) if re.search(r"__v[0-9]+\Z", c.name)]
    facts = {"rows": f"{ROWS - 1:,}"}  # what a sheet holds beside its header
    said = {lang: [say(f"desk.export_note_{note}", lang, **facts) for note in notes] for lang in ("zh", "en")}
    return {
        "what": "fieldkit responses",
        "format": 3,
        **(lines[0] if len(lines) == 1 else {"waves": list(lines)}),
        "simulated": simulated,
        "made_on": utc_now().date().isoformat(),
        "made_by": who.name,
        "rows": total.rows.total(),
        "columns": len(header(tables[0])),
        "rows_by_county": dict(sorted(total.rows.items())),
        "profile": {
            "shared_by_at_least": LEAST,
            "rows_coarsened": total.coarsened,
            "cells_blanked": dict(sorted(total.blanked.items())),
        },
        "comments": {what: total.comments[what] for what in ("rows", "waiting", "kept_out")},
        **({"attachments": {state: total.attachments[state] for state in SENT}} if columns.files else {}),
        **withheld,
        "left_out": [item.id for item in columns.left_out],
        "not_comparable": split,
        "notes": said,
    }


def _about() -> dict[str, Text]:
    """The words of the columns that are neither items nor scores."""
    files = (file_word(name) for name in FILES if name not in ABOUT)
    left_out = ("left_out", "left_out_file", "left_out_place")
    names = (*ABOUT, *FLAGS, "module", "seconds", "missing", *left_out, "row", *files)
    return {name: _both(f"desk.column_{name}") for name in names}
