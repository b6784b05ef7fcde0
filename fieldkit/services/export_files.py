"""The files of an export: which formats there are, and what each of them puts into the folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fieldkit.core.dataset import Dataset, Row, Table
from fieldkit.core.problem import Problem
from fieldkit.formats.data_package import data_package
from fieldkit.formats.ddi import ddi_codebook
from fieldkit.formats.microdata_csv import ENCODINGS, beyond_gbk, data_file, encoded, header, label_lines, lines
from fieldkit.formats.microdata_jsonl import json_lines
from fieldkit.formats.reading import SCRIPTS, script

BLOCK = 256 * 1024


@dataclass
class Made:
    """Facts about the files as they are written: name -> format, rows, columns, bytes, hash, and what did not fit."""

    files: dict[str, dict[str, object]] = field(default_factory=dict)
    told: dict[str, dict[str, object]] = field(default_factory=dict)
    beyond_gbk: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Part:
    """One file of an export: its bytes come in pieces, and are made only while they are taken."""

    name: str
    pieces: Iterator[bytes]
    format: str = ""
    rows: int | None = None
    columns: int | None = None

    def put(self, made: Made) -> Iterator[bytes]:
        """The pieces; once all are taken, the file is in `made`."""
        digest, length = hashlib.sha256(), 0
        for piece in self.pieces:
            digest.update(piece)
            length += len(piece)
            yield piece
        facts: dict[str, object] = {"name": self.name}
        if self.format:
            facts |= {"format": self.format, "rows": self.rows, "columns": self.columns}
        made.files[self.name] = facts | {"bytes": length, "sha256": digest.hexdigest()}


COST = {"csv": 0.05, "xlsx": 0.7, "sav": 0.2, "dta": 0.2, "parquet": 0.07, "jsonl": 0.02}
LOOK = 256  # rows between two looks at how far the export is


@dataclass
class Pace:
    """How far an export is, told as a share of 0 to 1 every few hundred rows.

    Reading a row counts 1, writing it `COST`, by what each took when it was measured. Whoever is told may raise a
    Problem to stop the work.
    """

    rows: int
    formats: Sequence[str]
    told: Callable[[float], None] = lambda share: None
    _done: float = 0.0
    _since: int = 0
    _now: float = 1.0

    @property
    def whole(self) -> float:
        """All that is to be done, in rows read."""
        return self.rows * (1 + sum(COST.get(name, 0) for name in self.formats))

    def step(self, counts: bool = True) -> None:
        """One more row is read or written; rows of lists and files do not count."""
        self._done += self._now if counts else 0
        self._since += 1
        if self._since >= LOOK:
            self._since = 0
            self.told(min(1.0, self._done / self.whole) if self.whole else 1.0)

    def turn(self, form: str) -> None:
        """From now on rows are written in this format."""
        self._now = COST.get(form, 0)


@dataclass(frozen=True)
class Order:
    """What was asked for, and where to put files on the way."""

    dataset: Dataset
    encoding: str
    folder: Path
    made: Made
    pace: Pace = field(default_factory=lambda: Pace(0, ()))


def _csv(order: Order) -> Iterator[Part]:
    for table in order.dataset.tables:
        pieces = encoded(lines(table), order.encoding, lambda text: order.made.beyond_gbk.update(beyond_gbk(text)))
        yield Part(data_file(table), pieces, "csv", table.count, len(header(table)))
    for name in SCRIPTS:
        yield Part(name, iter([script(name, order.encoding)]))


def _xlsx(order: Order) -> Iterator[Part]:
    from fieldkit.formats.microdata_xlsx import write_xlsx

    first = order.dataset.tables[0]

    def make(path: Path) -> None:
        if cut := write_xlsx(order.dataset, path).texts_cut:
            order.made.told[f"{first.name}.xlsx"] = {"texts_cut": cut}

    pieces = _from_disk(order, make)
    yield Part(f"{first.name}.xlsx", pieces, "xlsx", first.count, len(header(first)))


def _sav(order: Order) -> Iterator[Part]:
    from fieldkit.core.wide import wide
    from fieldkit.formats.statistical.sav import write_sav
    from fieldkit.formats.statistical.syntax import multiple_sets

    for table in order.dataset.tables:
        columns = len(wide(table, order.dataset.reasons).variables)
        yield Part(f"{table.name}.sav", _statistical(order, table, "sav", write_sav), "sav", table.count, columns)
        if commands := multiple_sets(order.dataset, table):
            yield Part(f"{table.name}.sps", iter([commands]))


def _dta(order: Order) -> Iterator[Part]:
    from fieldkit.core.wide import wide
    from fieldkit.formats.statistical.dta import write_dta

    for table in order.dataset.tables:
        columns = len(wide(table, order.dataset.reasons).variables)
        yield Part(f"{table.name}.dta", _statistical(order, table, "dta", write_dta), "dta", table.count, columns)


def _statistical(
    order: Order, table: Table, end: str, write: Callable[[Dataset, Table, Path], object]
) -> Iterator[bytes]:
    from dataclasses import asdict

    def make(path: Path) -> None:
        told = asdict(write(order.dataset, table, path))  # type: ignore[call-overload]
        if any(told.values()):
            order.made.told[f"{table.name}.{end}"] = told

    return _from_disk(order, make)


def _parquet(order: Order) -> Iterator[Part]:
    from fieldkit.formats.microdata_parquet import write_parquet

    for table in order.dataset.tables:
        pieces = _from_disk(order, lambda path, table=table: write_parquet(order.dataset, table, path))  # type: ignore[misc]
        yield Part(f"{table.name}.parquet", pieces, "parquet", table.count, len(header(table)))


def _jsonl(order: Order) -> Iterator[Part]:
    for table in order.dataset.tables:
        yield Part(f"{table.name}.jsonl", json_lines(table), "jsonl", table.count, len(table.variables))


def _ddi(order: Order) -> Iterator[Part]:
    yield Part("ddi.xml", iter([ddi_codebook(order.dataset)]))


def _frictionless(order: Order) -> Iterator[Part]:
    def late() -> Iterator[bytes]:  # once the CSV files are written and their hashes known
        yield data_package(order.dataset, order.encoding, order.made.files)

    yield Part("datapackage.json", late())


FORMATS: Mapping[str, Callable[[Order], Iterator[Part]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "sav": _sav,
    "dta": _dta,
    "parquet": _parquet,
    "jsonl": _jsonl,
    "ddi": _ddi,
    "frictionless": _frictionless,
}
DESCRIBES_CSV = ("ddi", "frictionless")  # they say what stands in the CSV files, so those come along


def chosen(formats: Sequence[str], encoding: str) -> tuple[str, ...]:
    """The formats in our order, each once, with the CSV where another needs it; Problem `export.format`."""
    for name in formats:
        if name not in FORMATS:
            raise Problem("export.format", where=name, format=name, known=", ".join(FORMATS))
    if encoding not in ENCODINGS:
        raise Problem("export.encoding", where=encoding, encoding=encoding, known=", ".join(ENCODINGS))
    wanted = {*formats, *(["csv"] if set(formats) & set(DESCRIBES_CSV) else [])} or {"csv"}
    return tuple(name for name in FORMATS if name in wanted)


def files_of(order: Order, formats: Sequence[str], always: Sequence[Part]) -> Iterator[Part]:
    """All files in order: the data in every format, with `always` behind the first data files."""
    order = replace(order, dataset=_counted(order.dataset, order.pace))
    if "csv" not in formats:
        yield from always
    for name in formats:
        order.pace.turn(name)
        yield from FORMATS[name](order)
        if name == "csv":
            yield from always


def labels(dataset: Dataset, encoding: str) -> Part:
    """What codes and missing reasons mean, as CSV."""
    return Part("labels.csv", encoded(label_lines(dataset), encoding))


def _counted(dataset: Dataset, pace: Pace) -> Dataset:
    """The same tables; whoever reads one to its end and finds another number of rows gets Problem `export.mismatch`."""
    first = dataset.tables[0]

    def checked(table: Table) -> Table:
        counts = table is first

        def rows() -> Iterator[Row]:
            count = 0
            for row in table.rows():
                count += 1
                pace.step(counts)
                yield row
            if count != table.count:
                raise Problem("export.mismatch", where=table.name, written=count, stored=table.count)

        return replace(table, rows=rows)

    return replace(dataset, tables=tuple(checked(table) for table in dataset.tables))


def _from_disk(order: Order, write: Callable[[Path], None]) -> Iterator[bytes]:
    """Let something be written to a file of its own, give its bytes, and take it away again."""
    path = order.folder / "part"
    try:
        write(path)
        with path.open("rb") as file:
            while piece := file.read(BLOCK):
                yield piece
    finally:
        path.unlink(missing_ok=True)


def refuse_what_does_not_fit(tables: Sequence[Table], formats: Sequence[str]) -> None:
    """Problem `export.too_wide` before anything is written."""
    from fieldkit.formats.microdata_xlsx import COLUMNS

    for table in tables:
        if "xlsx" in formats and len(header(table)) > COLUMNS:
            raise Problem("export.too_wide", where=table.name, columns=len(header(table)), limit=COLUMNS)
