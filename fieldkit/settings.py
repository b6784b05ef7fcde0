"""What an operator can set, by environment variables that begin with FIELDKIT_, and where our own files lie."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fieldkit.core.problem import Problem

PACKAGE = Path(__file__).resolve().parent
OURS = ("fieldkit.sqlite", "secret.key", "receipt.key", "first-password.txt", "files")  # what lies in the data folder
RESOURCES = ("instruments", "reports", "migrations")


def resource(name: str) -> Path:
    """The folder of instruments, reports or migrations: beside the package in a checkout, inside it in a wheel."""
    if name not in RESOURCES:
        raise KeyError(name)
    inside = PACKAGE / "resources" / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def data_folder(folder: Path) -> Path:
    """The data folder, made if need be, closed to every other account of the machine.

    A folder that was there before is closed only if all that lies in it is ours: it might be somebody's own folder.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(PermissionError):  # it belongs to somebody else, who let us in
        if all(path.name.startswith(OURS) for path in folder.iterdir()):
            folder.chmod(0o700)
    return folder


@dataclass(frozen=True)
class Settings:
    """One reading of the environment. Every field has its variable FIELDKIT_<NAME> and a line in docs/operator.md.

    `language` is that of the command line ('zh' or 'en'). `data_dir` holds the database (unless `database_url`
    names another), the secret key and the desk's first password. `body_limit` is the largest submission in bytes.
    `reports` is a folder of report layouts of one's own ('' for none).
    `n_min` and `n_min_sensitive` are the publishing thresholds; they can be raised, never lowered below 10 and 20.
    `draft_days` is how long a questionnaire begun on a phone waits there to be finished, at most 60.
    """

    data_dir: Path = Path("instance")
    database_url: str = ""
    port: int = 8000
    host: str = "127.0.0.1"
    base_url: str = ""
    timezone: str = "Asia/Shanghai"
    language: str = "zh"
    threads: int = 8
    body_limit: int = 256 * 1024
    n_min: int = 10
    n_min_sensitive: int = 20
    reports: str = ""
    draft_days: int = 14

    def __post_init__(self) -> None:
        for name, floor in (("n_min", 10), ("n_min_sensitive", 20)):
            value = getattr(self, name)
            if value < floor:
                raise Problem("setting.too_low", where=f"FIELDKIT_{name.upper()}", value=value, least=floor)
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise Problem("setting.wrong", where="FIELDKIT_BASE_URL", value=self.base_url)
        if not 1 <= self.draft_days <= 60:
            raise Problem("setting.wrong", where="FIELDKIT_DRAFT_DAYS", value=self.draft_days)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of this process; Problem `setting.wrong` or `setting.too_low` names the variable at fault."""
        given: dict[str, object] = {}
        for name, field in cls.__dataclass_fields__.items():
            variable = f"FIELDKIT_{name.upper()}"
            text = environment.get(variable, environment.get("PORT", "") if name == "port" else "")
            if not text:
                continue
            if name == "base_url":
                text = text.rstrip("/")
            try:
                given[name] = {"Path": Path, "int": int, "str": str}[str(field.type)](text)
            except ValueError:
                raise Problem("setting.wrong", where=variable, value=text) from None
        return cls(**given)  # type: ignore[arg-type]

    def environment(self) -> dict[str, str]:
        """These settings as variables, for a process started beside this one."""
        return {f"FIELDKIT_{name.upper()}": str(getattr(self, name)) for name in self.__dataclass_fields__}

    @property
    def files(self) -> Path:
        """Where files that take long to make wait to be taken home, each for a day at most."""
        return self.data_dir / "files"

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database: PostgreSQL through psycopg, or SQLite in the data folder."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'fieldkit.sqlite').resolve()}"
        for prefix in ("postgresql://", "postgres://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url
