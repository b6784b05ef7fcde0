"""Report layouts: those that come with the program, and those that a team has made of them.

A layout of one's own is a folder in FIELDKIT_REPORTS: layout.yaml, wording.zh.yaml, wording.en.yaml, paper.yaml. One
with the name of a report that comes with the program takes its place.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.core.problem import Problem
from fieldkit.core.wave import SLUG
from fieldkit.settings import Settings, resource

if TYPE_CHECKING:
    from fieldkit.formats.report_spec import Mistake
    from fieldkit.stats.layout import Layout
    from fieldkit.stats.wording import Wording


@dataclass(frozen=True)
class Laid:
    """A layout ready to use. `folder` is where its colours and fonts lie."""

    name: str
    layout: Layout
    folder: Path
    words: Path | None  # the folder of its own words; None for ours
    file: Path

    @property
    def read_from(self) -> tuple[str, int]:
        """What names this state of the layout's file: its path and when it was changed."""
        return str(self.file), self.file.stat().st_mtime_ns

    def made_with(self, language: str = "zh") -> dict[str, str]:
        """The first 16 digits of the SHA-256 of layout, words and style as they are now."""
        from fieldkit.render.style import paper

        ours = resource("reports") / "wording"
        words = [ours / f"{self.layout.id}.{language}.yaml"]
        own = self.words / f"wording.{language}.yaml" if self.words else None
        words += [own] if own and own.is_file() else []
        chapters = sorted((resource("reports") / "chapters").glob("*.yaml"))
        files = {"layout": [self.file, *chapters], "wording": words, "style": [paper(self.folder)]}
        found = {
            name: hashlib.sha256(b"".join(file.read_bytes() for file in listed)).hexdigest()[:16]
            for name, listed in files.items()
        }
        return found | ({"own_layout": self.name} if self.words else {})

    def wording(self, language: str) -> Wording:
        """Its words in one language; Chinese where there is no such language."""
        ours = resource("reports") / "wording"
        language = "en" if language.startswith("en") else "zh"
        own = self.words / f"wording.{language}.yaml" if self.words else None
        file = own if own and own.is_file() else ours / f"{self.layout.id}.{language}.yaml"
        return _words(file, ours, file.stat().st_mtime_ns)


def ours() -> list[str]:
    """The reports that come with the program."""
    return sorted(path.stem for path in (resource("reports") / "layouts").glob("*.yaml"))


def own_folder() -> Path | None:
    """Where layouts of one's own lie, if that is set."""
    given = Settings.read().reports
    return Path(given) if given else None


def known() -> list[str]:
    """Every layout there is, by name."""
    folder = own_folder()
    mine = sorted(p.parent.name for p in folder.glob("*/layout.yaml")) if folder and folder.is_dir() else []
    return sorted({*ours(), *mine})


def find(name: str, kind: str = "") -> Laid:
    """One layout by name; Problem `report.layout_unknown` (also where it is for another report than `kind`)."""
    folder = own_folder()
    mine = folder / name if folder and SLUG.match(name) else None
    if mine is not None and (mine / "layout.yaml").is_file():
        file = mine / "layout.yaml"
        found = Laid(name, _layout(file), mine if (mine / "paper.yaml").is_file() else resource("reports"), mine, file)
    elif name in ours():
        file = resource("reports") / "layouts" / f"{name}.yaml"
        found = Laid(name, _layout(file), resource("reports"), None, file)
    else:
        raise Problem("report.layout_unknown", where=name, name=name, known="、".join(known()))
    if kind and found.layout.id != kind:
        raise Problem("report.layout_unknown", where=name, name=name, known=kind)
    return found


def copy(name: str, new: str) -> Path:
    """Copy a layout with its words and colours into the team's own folder; returns the new folder.

    Problems `report.no_folder`, `report.layout_unknown`, `report.layout_name`, `report.layout_exists`.
    """
    from fieldkit.formats.report_spec import written_out

    folder = own_folder()
    if folder is None:
        raise Problem("report.no_folder")
    if not SLUG.match(new):
        raise Problem("report.layout_name", where=new, name=new)
    laid = find(name)
    target = folder / new
    if target.exists():
        raise Problem("report.layout_exists", where=new, name=new, folder=str(target))
    target.mkdir(parents=True)
    reports = resource("reports")
    layout = laid.words / "layout.yaml" if laid.words else reports / "layouts" / f"{name}.yaml"
    (target / "layout.yaml").write_text(written_out(layout, reports / "chapters"), "utf-8")
    for language in ("zh", "en"):
        own = laid.words / f"wording.{language}.yaml" if laid.words else None
        words = own if own and own.is_file() else reports / "wording" / f"{laid.layout.id}.{language}.yaml"
        shutil.copyfile(words, target / f"wording.{language}.yaml")
    style = laid.folder / "paper.yaml"
    shutil.copyfile(style if style.is_file() else reports / "style" / "paper.yaml", target / "paper.yaml")
    return target


def located(name: str) -> Path:
    """Where one's own layout of this name lies, or the file or folder of this path; Problem `report.layout_unknown`."""
    folder = own_folder()
    for path in (folder / name if folder and SLUG.match(name) else None, Path(name)):
        if path is not None and path.exists():
            return path
    raise Problem("report.layout_unknown", where=name, name=name, known="、".join(known()))


def lint(path: Path, instruments: Path | None = None) -> list[Mistake]:
    """What is wrong with a layout (its folder, or one of its files)."""
    from fieldkit.formats.instrument_yaml import load_library
    from fieldkit.formats.report_lint import lint_layout
    from fieldkit.stats.results import also

    library = load_library(instruments or resource("instruments"))
    indicators = [i for q in library.questionnaires.values() for i in q.indicators]
    indicators += [i for m in library.modules.values() for i in m.indicators]
    names = {name for i in indicators for name in (i.id, *(f"{i.id}/{statistic}" for statistic in also(i)))}
    names |= {i for q in library.questionnaires.values() for i in q.items}
    names |= {i for m in library.modules.values() for i in m.items}
    return lint_layout(path, names, resource("reports"))


@lru_cache(maxsize=32)
def _words(path: Path, ours: Path, changed: int) -> Wording:
    from fieldkit.formats.report_spec import read_wording

    return read_wording(path, ours)


@lru_cache(maxsize=32)
def _read(path: Path, changed: int) -> Layout:
    from fieldkit.formats.report_spec import read_layout

    return read_layout(path, resource("reports") / "chapters")


def _layout(path: Path) -> Layout:
    return _read(path, path.stat().st_mtime_ns)
