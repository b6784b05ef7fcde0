"""Whether a report layout with its words and colours can be used: every mistake with file, line, what and remedy."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from types import MappingProxyType

import yaml

from fieldkit.core.problem import Problem
from fieldkit.formats.report_spec import Mistake, read_layout, read_wording
from fieldkit.stats.county import ids_of
from fieldkit.stats.layout import Findings as FindingsBlock
from fieldkit.stats.layout import FixedList, FixedPanel, Layout, Sentences
from fieldkit.stats.wording import Wording

LAYOUT, STYLE, WORDINGS = "layout.yaml", "paper.yaml", {"zh": "wording.zh.yaml", "en": "wording.en.yaml"}
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")
PLACE = re.compile(r"\{([a-z_0-9]+)\}")
LEAST_CONTRAST = 4.5  # WCAG 2.1, 1.4.3: text of ordinary size
TERMS = ("definitions.", "papers.", "models.", "levels.", "languages.")  # words for what a module may name
FREE = ("fixed.", "modules.", *TERMS)  # words for what a team adds itself
READ_ON = ("paper", "panel")
READ = ("ink", "second", "accent", "peer")


def lint_layout(path: Path, known: Collection[str], ours: Path) -> list[Mistake]:
    """Everything that is wrong with a layout, or with the folder of one.

    `path` is the folder of a layout of one's own, or one of its files; `known` are all items and indicators that
    there are; `ours` is the folder of the layouts that come with the program.
    """
    files = [path] if path.is_file() else sorted(path.glob("*.yaml"))
    if not files:
        return [Mistake("no_files", path.name, 1)]
    found: list[Mistake] = []
    for file in files:
        nodes, broken = _composed(file)
        found += broken
        if nodes is None:
            continue
        keys = {key.value for key, _ in nodes.value} if isinstance(nodes, yaml.MappingNode) else set()
        if "sections" in keys:
            found += _lint_layout(file, nodes, known, ours)
        elif "colours" in keys:
            found += _lint_style(file, nodes, ours)
        else:
            found += _lint_wording(file, nodes, ours)
    return sorted(found, key=lambda m: (m.file, m.line))


def _composed(file: Path) -> tuple[yaml.Node | None, list[Mistake]]:
    try:
        nodes = yaml.compose(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", "") or type(error).__name__)
        facts = MappingProxyType({"reason": reason})
        return None, [Mistake("not_yaml", file.name, mark.line + 1 if mark else 1, facts)]
    return nodes, [] if nodes is not None else [Mistake("empty", file.name, 1)]


def _mistake(code: str, file: Path, line: int, **facts: object) -> Mistake:
    return Mistake(code, file.name, line, MappingProxyType(facts))


def _leaves(node: yaml.Node, path: str = "") -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Every text in a file with its keys joined by dots, and where it stands."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _leaves(value, f"{path}.{key.value}" if path else str(key.value))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _leaves(value, path)
    elif isinstance(node, yaml.ScalarNode):
        yield path, node


def _line_of(nodes: yaml.Node, text: str) -> int:
    return next((leaf.start_mark.line + 1 for _, leaf in _leaves(nodes) if leaf.value == text), 1)


# ------------------------------------------------------------------------------------------------ the layout


def _lint_layout(file: Path, nodes: yaml.Node, known: Collection[str], ours: Path) -> list[Mistake]:
    try:
        layout = read_layout(file, ours / "chapters")
    except Problem as problem:
        return list(problem.findings)  # type: ignore[arg-type]
    base = ours / "layouts" / f"{layout.id}.yaml"
    if not base.is_file():
        kinds = "、".join(sorted(p.stem for p in base.parent.glob("*.yaml")))
        return [_mistake("unknown_report", file, _line_of(nodes, layout.id), name=layout.id, known=kinds)]
    found = [
        _mistake("unknown_indicator", file, _line_of(nodes, name), name=name)
        for name in dict.fromkeys(named(layout))
        if name.partition("/")[0] not in known  # 'id/categories' is the distribution beside the number
    ]
    words = {language: _words_beside(file, layout.id, language, ours) for language in WORDINGS}
    for name in dict.fromkeys(fixed_texts(layout)):
        for language, wording in words.items():
            if wording is not None and not wording.has(f"fixed.{name}"):
                found.append(_mistake("no_fixed", file, _line_of(nodes, name), name=name, language=language))
    keys: set[str] = set()
    for section in layout.sections:
        if section.key in keys:
            found.append(_mistake("section_twice", file, _line_of(nodes, section.key), name=section.key))
        keys.add(section.key)
    theirs = [_composed(one)[0] for one in (base, *sorted((ours / "chapters").glob("*.yaml")))]
    said_before = {leaf.value for one in theirs if one for _, leaf in _leaves(one)}  # the instrument's own words
    for _, leaf in _leaves(nodes):
        for wording in words.values() if leaf.value not in said_before else ():
            hit = wording.forbidden.search(leaf.value) if wording is not None and wording.forbidden.pattern else None
            if hit:
                line = leaf.start_mark.line + 1
                found.append(_mistake("forbidden_word", file, line, word=hit.group(), text=leaf.value))
    return found


def _words_beside(file: Path, kind: str, language: str, ours: Path) -> Wording | None:
    """The words that go with a layout: those beside it, else ours; None where they cannot be read."""
    own = file.with_name(WORDINGS[language])
    try:
        return read_wording(own if own.is_file() else ours / "wording" / f"{kind}.{language}.yaml", ours / "wording")
    except Problem:
        return None  # named when that file is looked at


def named(layout: Layout) -> Iterator[str]:
    """Every item and indicator that a layout names."""
    yield from ids_of(layout)
    for section in layout.sections:
        yield from section.needs
        yield from section.leave_out
        for block in section.blocks:
            yield from getattr(block, "leave_out", ())


def fixed_texts(layout: Layout) -> Iterator[str]:
    """Every fixed text that a layout prints."""
    for section in layout.sections:
        for block in section.blocks:
            if isinstance(block, FixedList | FixedPanel):
                yield block.text
            elif isinstance(block, Sentences | FindingsBlock):
                yield from (say.of[0] for say in block.say if say.what == "fixed" and say.of)


# ------------------------------------------------------------------------------------------------ the words


def _lint_wording(file: Path, nodes: yaml.Node, ours: Path) -> list[Mistake]:
    layout = file.with_name(LAYOUT)
    kind = "county"
    if layout.is_file():
        try:
            kind = read_layout(layout, ours / "chapters").id
        except Problem:
            return []  # the layout is mended first
    elif file.parent == ours / "wording":
        kind = file.name.split(".")[0]
    try:
        wording = read_wording(file, ours / "wording")
    except Problem as problem:
        return list(problem.findings)  # type: ignore[arg-type]
    base_file = ours / "wording" / f"{kind}.{wording.language}.yaml"
    if not base_file.is_file():
        return [_mistake("unknown_language", file, 1, name=wording.language)]
    base = read_wording(base_file, ours / "wording")
    found = [
        _mistake("missing_words", file, 1, name=key, text=str(text)[:40])
        for key, text in base.words.items()
        if key not in wording.words and not key.startswith(TERMS)
    ]
    lines = {path: leaf.start_mark.line + 1 for path, leaf in _leaves(nodes)}
    for key, text in wording.words.items():
        line = lines.get(key, 1)
        ours_text = base.words.get(key)
        if ours_text is None:
            if not key.startswith(FREE) and key != "extends":
                found.append(_mistake("unknown_words", file, line, name=key))
            continue
        for place in sorted(_places(text) - _places(ours_text)):
            may = "、".join(f"{{{p}}}" for p in sorted(_places(ours_text)))
            found.append(_mistake("unknown_place", file, line, name=key, place=f"{{{place}}}", known=may or "—"))
        if key.startswith("sentences.") and base.forbidden.pattern:
            hit = base.forbidden.search(PLACE.sub("", str(text)))
            if hit:
                found.append(_mistake("forbidden_word", file, line, word=hit.group(), text=str(text)))
    for part in ("words", "patterns"):
        lost = set(base.words[f"forbidden.{part}"]) - set(wording.words[f"forbidden.{part}"])  # type: ignore[call-overload]
        if lost:
            line = lines.get(f"forbidden.{part}", 1)
            found.append(_mistake("forbidden_dropped", file, line, words="、".join(sorted(lost))))
    return found


def _places(text: object) -> set[str]:
    lines = text if isinstance(text, tuple) else (text,)
    return {place for line in lines for place in PLACE.findall(str(line))}


# ------------------------------------------------------------------------------------------------ the colours


def _lint_style(file: Path, nodes: yaml.Node, ours: Path) -> list[Mistake]:
    base = yaml.compose((ours / "style" / STYLE).read_text("utf-8"), Loader=yaml.CSafeLoader)
    found: list[Mistake] = []
    assert base is not None
    here = dict(_leaves(nodes))
    for path, _ in _leaves(base):
        if path not in here and not path.startswith(("scales", "light_on", "language", "texts_in")):
            found.append(_mistake("missing_key", file, 1, name=path))
    names = {path.removeprefix("colours."): leaf for path, leaf in here.items() if path.startswith("colours.")}
    for path, leaf in _leaves(nodes):
        part = path.rsplit(".", 1)[-1]
        if path.startswith("colours.") or path in ("steps", "light_on"):
            if not COLOUR.match(leaf.value):
                found.append(_mistake("bad_colour", file, leaf.start_mark.line + 1, name=path, value=leaf.value))
        elif part in ("colour", "fill", "stroke") and not COLOUR.match(leaf.value) and leaf.value not in names:
            found.append(
                _mistake("unknown_colour", file, leaf.start_mark.line + 1, value=leaf.value, known="、".join(names))
            )
    for name in READ:
        for ground in READ_ON:
            both = names.get(name), names.get(ground)
            if any(leaf is None or not COLOUR.match(leaf.value) for leaf in both):
                continue
            ratio = contrast(both[0].value, both[1].value)  # type: ignore[union-attr]
            if ratio < LEAST_CONTRAST:
                line = both[0].start_mark.line + 1  # type: ignore[union-attr]
                facts = {"name": name, "ground": ground, "ratio": f"{ratio:.1f}", "least": LEAST_CONTRAST}
                found.append(_mistake("low_contrast", file, line, **facts))
    return found


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.1, relative luminance).

    >>> round(contrast("#000000", "#FFFFFF"), 1), round(contrast("#777777", "#FFFFFF"), 2)
    (21.0, 4.48)
    """

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
