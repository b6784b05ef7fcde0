"""Everything that is kept, one class per table; rows never leave this package.

What concerns a respondent has no clock time, address or number of arrival: a response is known by a random id, is
kept by wave, county and the order of these ids, and carries a date. Open comments stand apart from the answers
(pitfalls 9).
"""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import JSON as PlainJSON
from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKeyConstraint, MetaData, Text, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# PostgreSQL keeps answers as JSONB, SQLite as text.
JSON = PlainJSON().with_variant(JSONB(), "postgresql")
# On SQLite the table itself is ordered by its key, so that the order of arrival is nowhere.
BY_KEY = {"sqlite_with_rowid": False}


class Kept(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMES))):
    """What all tables share: one catalogue, constraints that have names."""


def of_county() -> ForeignKeyConstraint:
    """The rule that a county belongs to the wave."""
    return ForeignKeyConstraint(["wave", "county"], ["wave_county.wave", "wave_county.county"])


def of_response() -> ForeignKeyConstraint:
    """The rule that this goes when its response goes."""
    return ForeignKeyConstraint(
        ["wave", "county", "response"], ["response.wave", "response.county", "response.id"], ondelete="CASCADE"
    )


class StudyRow(Kept, table=True):
    """A research project."""

    __tablename__ = "study"
    id: str = Field(primary_key=True)
    title: str
    team: str
    email: str
    ethics_number: str
    approval_note: str


class ModuleRow(Kept, table=True):
    """One published version of a module, complete."""

    __tablename__ = "module"
    id: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    hash: str
    content: str = Field(sa_type=Text)


class QuestionnaireRow(Kept, table=True):
    """One published version of a questionnaire with all its items, complete."""

    __tablename__ = "questionnaire"
    id: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    hash: str
    content: str = Field(sa_type=Text)


class DraftRow(Kept, table=True):
    """An instrument that is being written: its text, and how often it was saved."""

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("kind IN ('module', 'questionnaire')", name="kind"),
        CheckConstraint("revision >= 1", name="revision"),
    )
    id: str = Field(primary_key=True)
    kind: str
    instrument: str
    source: str = Field(sa_type=Text)
    revision: int
    based_on: str
    made_by: str
    made_at: datetime.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str
    changed_at: datetime.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    test_wave: str


class RevisionRow(Kept, table=True):
    """A state of a draft that was saved; those of a draft go with it."""

    __tablename__ = "revision"
    __table_args__ = (ForeignKeyConstraint(["draft"], ["draft.id"], ondelete="CASCADE"),)
    draft: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    by: str
    at: datetime.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    source: str = Field(sa_type=Text)


class ReleaseRow(Kept, table=True):
    """Who published a version, when, and what it changed."""

    __tablename__ = "release"
    __table_args__ = (
        CheckConstraint("kind IN ('module', 'questionnaire')", name="kind"),
        CheckConstraint("verdict IN ('first', 'same', 'wording_fix', 'compatible', 'breaking')", name="verdict"),
    )
    kind: str = Field(primary_key=True)
    instrument: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    before: str
    verdict: str
    note: str
    by: str
    at: datetime.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class IdentityRow(Kept, table=True):
    """Whether a reworded item is the same question in two versions that follow each other."""

    __tablename__ = "identity"
    __table_args__ = (CheckConstraint("kind IN ('module', 'questionnaire')", name="kind"),)
    kind: str = Field(primary_key=True)
    instrument: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    from_version: str = Field(primary_key=True)
    to_version: str = Field(primary_key=True)
    same: bool
    by: str
    at: datetime.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class WaveRow(Kept, table=True):
    """One period of fieldwork."""

    __tablename__ = "wave"
    __table_args__ = (
        ForeignKeyConstraint(["questionnaire", "version"], ["questionnaire.id", "questionnaire.version"]),
        CheckConstraint("state IN ('draft', 'open', 'closed')", name="state"),
        CheckConstraint(
            "opens_on <= closes_on AND closes_on <= withdraw_until AND withdraw_until <= keep_until", name="dates"
        ),
        CheckConstraint("n_min >= 10 AND n_min_sensitive >= 20", name="thresholds"),
    )
    id: str = Field(primary_key=True)
    study: str = Field(foreign_key="study.id")
    number: int
    questionnaire: str
    version: str
    opens_on: datetime.date
    closes_on: datetime.date
    withdraw_until: datetime.date
    keep_until: datetime.date
    state: str
    peers: list[str] = Field(sa_type=JSON)
    peer_rule: str
    n_min: int
    n_min_sensitive: int
    simulated: bool
    test: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class WaveCountyRow(Kept, table=True):
    """A county that takes part in a wave."""

    __tablename__ = "wave_county"
    __table_args__ = (
        CheckConstraint("length(county) = 6", name="county"),
        CheckConstraint("invited IS NULL OR invited >= 0", name="invited"),
    )
    wave: str = Field(primary_key=True, foreign_key="wave.id")
    county: str = Field(primary_key=True)
    position: int
    invited: int | None = None


class ResponseRow(Kept, table=True):
    """One person's answers. Nothing here says who, from where, or at what time of day."""

    __tablename__ = "response"
    __table_args__ = (
        of_county(),
        CheckConstraint("length(id) = 32", name="id"),
        CheckConstraint("length(receipt_hash) = 64", name="receipt_hash"),
        CheckConstraint("active_seconds IS NULL OR active_seconds >= 0", name="active_seconds"),
        BY_KEY,
    )
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    questionnaire: str
    version: str
    language: str
    received_on: datetime.date
    active_seconds: int | None = None
    receipt_hash: str = Field(unique=True)
    answers: dict[str, Any] = Field(sa_type=JSON)
    paradata: dict[str, Any] | None = Field(default=None, sa_type=JSON, nullable=True)


class CommentRow(Kept, table=True):
    """What a person wrote in their own words, apart from the answers; `cleared` once a researcher removed names."""

    __tablename__ = "comment"
    __table_args__ = (of_response(), BY_KEY)
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    response: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    text: str = Field(sa_type=Text)
    cleared: bool = False


class VariantRow(Kept, table=True):
    """Other content that came under the id of a stored response; kept for review, never analysed by itself."""

    __tablename__ = "variant"
    __table_args__ = (of_response(), BY_KEY)
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    response: str = Field(primary_key=True)
    content_hash: str = Field(primary_key=True)
    receipt_hash: str = Field(index=True)
    language: str
    received_on: datetime.date
    active_seconds: int | None = None
    answers: dict[str, Any] = Field(sa_type=JSON)
    comments: dict[str, Any] = Field(sa_type=JSON)
    paradata: dict[str, Any] | None = Field(default=None, sa_type=JSON, nullable=True)


class AttachmentRow(Kept, table=True):
    """A photo, recording or file that an answer names, as far as it has come; `sha256` is that of what is kept."""

    __tablename__ = "attachment"
    __table_args__ = (
        of_response(),
        CheckConstraint("state IN ('arriving', 'arrived', 'cleared', 'kept_out')", name="state"),
        CheckConstraint("total > 0 AND received >= 0 AND received <= total", name="received"),
        BY_KEY,
    )
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    response: str = Field(primary_key=True)
    file: str = Field(primary_key=True)
    item: str
    total: int
    received: int
    state: str
    sha256: str
    received_on: datetime.date


class AttachmentPartRow(Kept, table=True):
    """One piece of such a file, by where it begins; goes with the file."""

    __tablename__ = "attachment_part"
    __table_args__ = (
        ForeignKeyConstraint(
            ["wave", "county", "response", "file"],
            ["attachment.wave", "attachment.county", "attachment.response", "attachment.file"],
            name="fk_attachment_part_attachment",
            ondelete="CASCADE",
        ),
        BY_KEY,
    )
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    response: str = Field(primary_key=True)
    file: str = Field(primary_key=True)
    begins: int = Field(primary_key=True)
    body: bytes


class WithdrawnRow(Kept, table=True):
    """A hash of the id of a response that was taken back, so that a phone's late repeat does not bring it back."""

    __tablename__ = "withdrawn"
    __table_args__ = (BY_KEY,)
    id_hash: str = Field(primary_key=True)
    wave: str = Field(foreign_key="wave.id")


class TallyRow(Kept, table=True):
    """How many refused, and how many took their answers back: a number, nothing else."""

    __tablename__ = "tally"
    __table_args__ = (
        of_county(),
        CheckConstraint("kind IN ('refused', 'withdrawn')", name="kind"),
        CheckConstraint("count >= 0", name="count"),
        BY_KEY,
    )
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    count: int


class ResumeRow(Kept, table=True):
    """An unfinished questionnaire on its way to another phone: sealed with a code that the server never gets.

    Nothing ties it to a county or to a response. `found_by` is a hash of what the phone derives from the code.
    """

    __tablename__ = "resume"
    __table_args__ = (
        CheckConstraint("length(found_by) = 64", name="found_by"),
        CheckConstraint("length(sealed) <= 65536", name="sealed"),
        BY_KEY,
    )
    wave: str = Field(primary_key=True, foreign_key="wave.id")
    found_by: str = Field(primary_key=True)
    until: datetime.date
    sealed: bytes


class EditionRow(Kept, table=True):
    """One issue of a county's report, as handed out. `counted` holds salted hashes of the responses it rests on."""

    __tablename__ = "edition"
    __table_args__ = (of_county(), CheckConstraint("number >= 1", name="number"))
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    issued_on: datetime.date
    n_analysed: int
    pdf: bytes
    html: bytes
    csv: bytes
    sha256: str = Field(index=True)
    salt: str
    counted: list[str] = Field(sa_type=JSON)
    snapshot: bytes = Field(default=b"", sa_column_kwargs={"server_default": text("''")})
    snapshot_id: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    versions: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": text("'{}'")}
    )
    correction: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": text("''")})


class EnglishEditionRow(Kept, table=True):
    """An issue in English: what it says, and its PDF once that was asked for."""

    __tablename__ = "edition_english"
    __table_args__ = (
        ForeignKeyConstraint(
            ["wave", "county", "number"], ["edition.wave", "edition.county", "edition.number"], ondelete="CASCADE"
        ),
    )
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    snapshot: bytes
    snapshot_id: str
    pdf: bytes
    sha256: str = Field(index=True)
    versions: dict[str, Any] = Field(sa_type=JSON)


class BatchRow(Kept, table=True):
    """An order for the reports of all counties of a wave."""

    __tablename__ = "batch"
    __table_args__ = (CheckConstraint("state IN ('running', 'cancelled', 'done')", name="state"),)
    id: str = Field(primary_key=True)
    wave: str = Field(foreign_key="wave.id", index=True)
    state: str
    asked_by: str
    asked_at: datetime.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    dated: datetime.date


class BatchPieceRow(Kept, table=True):
    """One county of a batch; taken by one worker until `taken_until`."""

    __tablename__ = "batch_piece"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'working', 'done', 'held', 'failed')", name="state"),
        CheckConstraint("tries >= 0", name="tries"),
    )
    batch: str = Field(primary_key=True, foreign_key="batch.id", ondelete="CASCADE")
    county: str = Field(primary_key=True)
    position: int
    state: str = "waiting"
    tries: int = 0
    taken_until: datetime.datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    edition: int | None = None
    sha256: str = ""
    problem: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class JobRow(Kept, table=True):
    """One file that was ordered; taken by one worker until `taken_until`, kept until `kept_until`."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'working', 'done', 'failed', 'cancelled', 'gone')", name="state"
        ),
        CheckConstraint("kind IN ('responses', 'pooled', 'overview', 'technical', 'weighted')", name="kind"),
        CheckConstraint("tries >= 0", name="tries"),
        CheckConstraint("share >= 0 AND share <= 1", name="share"),
    )
    id: str = Field(primary_key=True)
    wave: str = Field(foreign_key="wave.id", index=True)
    kind: str
    asked: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: str
    asked_by: str
    asked_at: datetime.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    share: float = 0.0
    tries: int = 0
    taken_by: str = ""
    taken_until: datetime.datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    kept_until: datetime.datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    file: str = ""
    bytes: int = Field(default=0, sa_type=BigInteger)
    sha256: str = ""
    problem: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class PooledEditionRow(Kept, table=True):
    """One issue of a report on several counties as one; `counted` by county, as in an edition."""

    __tablename__ = "pooled_edition"
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)
    wave: str = Field(primary_key=True, foreign_key="wave.id")
    pool: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    counties: list[str] = Field(sa_type=JSON)
    issued_on: datetime.date
    n_analysed: int
    pdf: bytes
    pdf_en: bytes
    csv: bytes
    sha256: str = Field(index=True)
    salt: str
    counted: dict[str, Any] = Field(sa_type=JSON)
    sha256_en: str = Field(default="", index=True, sa_column_kwargs={"server_default": text("''")})
    snapshot: bytes = Field(default=b"", sa_column_kwargs={"server_default": text("''")})
    snapshot_en: bytes = Field(default=b"", sa_column_kwargs={"server_default": text("''")})
    snapshot_id: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    versions: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": text("'{}'")}
    )
    correction: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    name: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    members: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class WeightedEditionRow(Kept, table=True):
    """One issue of a wave's weighted results; `counted` by county, as in an edition."""

    __tablename__ = "weighted_edition"
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)
    wave: str = Field(primary_key=True, foreign_key="wave.id")
    number: int = Field(primary_key=True)
    issued_on: datetime.date
    csv: bytes
    sha256: str
    salt: str
    counted: dict[str, Any] = Field(sa_type=JSON)
    division: str
    roster: str
    n_min: int
    n_min_sensitive: int
    correction: str = ""


class PeerSnapshotRow(Kept, table=True):
    """What a county brings to the peer reference, as frozen; `counted` as in an edition."""

    __tablename__ = "peer_snapshot"
    __table_args__ = (of_county(), CheckConstraint("number >= 1", name="number"))
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    number: int
    arrived: int
    n_submitted: int
    salt: str
    counted: list[str] = Field(sa_type=JSON)
    measured: dict[str, Any] = Field(sa_type=JSON)


class RosterRow(Kept, table=True):
    """How many people each cell of a wave has; totals only."""

    __tablename__ = "roster"
    wave: str = Field(primary_key=True, foreign_key="wave.id")
    content: dict[str, Any] = Field(sa_type=JSON)


class EditionNumbersRow(Kept, table=True):
    """What an edition told, as numbers, for the comparison in the report of a later wave."""

    __tablename__ = "edition_numbers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["wave", "county", "number"], ["edition.wave", "edition.county", "edition.number"], ondelete="CASCADE"
        ),
    )
    wave: str = Field(primary_key=True)
    county: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=JSON)


class PooledFiguresRow(Kept, table=True):
    """Sums over all counties of a wave, as frozen, from which the reliability of its scales is computed."""

    __tablename__ = "pooled_figures"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("arrived >= 0 AND n_analysed >= 0", name="counts"),
    )
    wave: str = Field(primary_key=True, foreign_key="wave.id")
    number: int
    arrived: int
    n_analysed: int
    content: dict[str, Any] = Field(sa_type=JSON)


class AccountRow(Kept, table=True):
    """A person at the desk."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("role IN ('researcher', 'county_reader', 'operator')", name="role"),
        CheckConstraint("failures >= 0", name="failures"),
    )
    name: str = Field(primary_key=True)
    role: str
    counties: list[str] = Field(sa_type=JSON)
    password_hash: str
    failures: int = 0
    throttled_until: datetime.datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class AuditRow(Kept, table=True):
    """Who did what at the desk, and when."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    actor: str
    action: str
    facts: dict[str, Any] = Field(sa_type=JSON)
