"""Sentences of the report, chosen by class and filled with numbers that are already disclosed (report.md 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fieldkit.stats.book import Book
from fieldkit.stats.disclose import Disclosed, Part, of_part
from fieldkit.stats.indicators.negotiation import NO_GAP, OK, SLACK
from fieldkit.stats.layout import HeadlineTable, Say
from fieldkit.stats.over_waves import change_sentence, waves_intro
from fieldkit.stats.wording import shown

UNSAID: Mapping[str, str] = {
    "suppressed_unanimous": "unanimous",
    "suppressed_complement": "unanimous",
    "suppressed_refused": "refused",
}


def number(book: Book, names: Sequence[str]) -> str:
    """The sentence that states one indicator, by its statistic."""
    one = book.number(names[0])
    facts: dict[str, object] = {"name": book.name(names[0]), "n": one.n, "n_min": one.n_min}
    say = book.wording.sentence
    if one.status == "suppressed_n":
        return say("few", **facts)
    if one.status in UNSAID:
        return say(UNSAID[one.status], **facts)
    if one.statistic not in STATEMENTS:
        return ""
    text = STATEMENTS[one.statistic](book, names[0], one, facts)
    indicator = book.indicators[names[0]]
    if indicator.sensitive and not indicator.print_name and text:
        text += say("sensitive_caveat")
    return text


def _mean(book: Book, name: str, one: Disclosed, facts: dict[str, object]) -> str:
    indicator, say = book.indicators[name], book.wording.sentence
    if indicator.sensitive and indicator.print_name:
        if one.status == "masked_tail":
            return say("sensitive_tail", bound=book.value(one), **facts)
        return say("sensitive", mean=book.value(one), **facts)
    if indicator.sensitive or indicator.low is None or indicator.high is None or not indicator.high_means:
        return _open_mean(book, name, one, facts)
    signed = indicator.low < 0
    key = "mean_signed" if signed else "mean"
    return say(
        key if one.n is not None else f"{key}_no_n",
        mean=book.value(one),
        lo=_at(book, one, one.lo),
        hi=_at(book, one, one.hi),
        low=shown(indicator.low, 0),
        high=shown(indicator.high, 0),
        high_means=indicator.high_means.say(book.language),
        **facts,
    )


def _open_mean(book: Book, name: str, one: Disclosed, facts: dict[str, object]) -> str:
    """A mean of which less is known, or less may be said: its range, and what a high value stands for."""
    indicator, words = book.indicators[name], book.wording.say
    high_means = indicator.high_means.say(book.language)
    scale, unit = "", book.unit(name)
    if indicator.low is not None and indicator.high is not None:
        ends = {"low": shown(indicator.low, 0), "high": shown(indicator.high, 0)}
        key = "signed" if indicator.low < 0 else "range"
        scale = words(f"scales.{key}_means" if high_means else f"scales.{key}", **ends, high_means=high_means)
        unit = unit or words("scales.points")
    facts |= {"scale": scale, "unit": unit}
    if one.status == "masked_tail":
        return book.wording.sentence("mean_tail", bound=book.value(one), **facts)
    if indicator.sensitive:
        return book.wording.sentence("sensitive_mean", mean=book.value(one), **facts)
    key = "mean_open" if one.n is not None else "mean_open_no_n"
    ends = {"lo": _at(book, one, one.lo), "hi": _at(book, one, one.hi)}
    return book.wording.sentence(key, mean=book.value(one), **ends, **facts)


def _at(book: Book, one: Disclosed, value: float | None) -> str:
    return "" if value is None else book.wording.number(value, book.decimals(one))


def _median(book: Book, name: str, one: Disclosed, facts: dict[str, object]) -> str:
    return book.wording.sentence(
        "median" if one.n is not None else "median_no_n",
        median=book.value(one),
        q1=_at(book, one, one.q1),
        q3=_at(book, one, one.q3),
        unit=book.unit(name),
        **facts,
    )


def _share(book: Book, name: str, one: Disclosed, facts: dict[str, object]) -> str:
    say = book.wording.sentence
    facts["statement"] = book.indicators[name].statement.say(book.language) or book.name(name)
    if one.bound:
        return say("share_masked", bound=book.value(one), **facts)
    assert one.value is not None
    percent = book.wording.percent(one.value)
    if one.coarse:
        return say("share_about", percent=percent, **facts)
    return say("share", percent=percent, lo=_at(book, one, one.lo), hi=_at(book, one, one.hi), **facts)


def _ratio(book: Book, name: str, one: Disclosed, facts: dict[str, object]) -> str:
    assert one.value is not None
    percent = book.wording.percent(one.value)
    if one.coarse:
        return book.wording.sentence("ratio_about", percent=percent, **facts)
    return book.wording.sentence(
        "ratio", percent=percent, lo=_at(book, one, one.lo), hi=_at(book, one, one.hi), **facts
    )


STATEMENTS: Mapping[str, Callable[[Book, str, Disclosed, dict[str, object]], str]] = {
    "mean": _mean,
    "median": _median,
    "share": _share,
    "ratio": _ratio,
}


def compare(book: Book, names: Sequence[str]) -> str:
    """How the county stands beside its peers; nothing where there is no reference."""
    one = book.number(names[0])
    if one.peer is None or not one.peer.wording:
        return ""
    name, wording = book.name(names[0]), one.peer.wording
    if one.statistic == "median":
        key = wording if wording.startswith("median_") else f"median_{wording}"
        return book.wording.sentence(key, name=name)
    peer = one.peer
    assert peer.diff is not None
    assert peer.diff_lo is not None
    assert peer.diff_hi is not None
    low, high = peer.diff_lo, peer.diff_hi
    if wording == "lower":
        low, high = -high, -low  # said as how much lower
    return book.wording.sentence(
        f"share_{wording}" if one.statistic == "share" else wording,
        name=name,
        d=_at(book, one, peer.diff),
        absd=_at(book, one, abs(peer.diff)),
        lo=_at(book, one, low),
        hi=_at(book, one, high),
    )


def components(book: Book, names: Sequence[str]) -> str:
    """The parts of a sum as medians, which do not add up; nothing unless all of them may be printed."""
    parts = {name: book.number(name) for name in names}
    if not all(p.shown for p in parts.values()):
        return ""
    return book.wording.sentence("components", **{name: book.value(p) for name, p in parts.items()})


def _part(one: Disclosed, code: int) -> Part | None:
    """A class that is printed by itself."""
    return next((p for p in one.parts if p.codes == (code,)), None) if one.shown else None


def room(book: Book, names: Sequence[str]) -> str:
    """How many tasks had a target above the feasible level, and how much of the gap was adjusted (2.5)."""
    statuses, index = book.number(names[0]), book.number(names[1])
    ok = _part(statuses, OK)
    facts: dict[str, object] = {}
    if ok is not None:
        facts |= {"n_task": statuses.n, "ok": book.wording.percent(ok.percent)}
    if index.shown:
        facts |= {"room": book.value(index), "lo": _at(book, index, index.lo), "hi": _at(book, index, index.hi)}
    about = "_about" if statuses.n is None else ""
    if ok is not None and index.shown:
        return book.wording.sentence(f"room{about}", **facts)
    if ok is not None:
        return book.wording.sentence(f"room_status_only{about}", **facts) + number(book, names[1:])
    if index.shown:
        return book.wording.sentence("room_mean_only", **facts)
    return number(book, names[1:])


def room_rest(book: Book, names: Sequence[str]) -> str:
    """The tasks without a gap and with slack, where they and those with a gap are printed by themselves."""
    statuses = book.number(names[0])
    found = {"nogap": _part(statuses, NO_GAP), "slack": _part(statuses, SLACK)}
    facts: dict[str, object] = {k: book.value(of_part(statuses, p)) for k, p in found.items() if p}
    if not facts or _part(statuses, OK) is None:
        return ""
    key = "room_rest" if len(facts) == 2 else f"room_rest_{next(iter(facts))}"
    return book.wording.sentence(key, **facts)


def tilt(book: Book, names: Sequence[str]) -> str:
    """Whether alliance activities lean to the required or the self-chosen ones (2.8)."""
    one = book.number(names[0])
    if not one.shown or one.value is None or one.lo is None or one.hi is None:
        return number(book, names)
    even = one.lo <= 0 <= one.hi
    leaning = "even" if even else "required" if one.value < 0 else "chosen"
    return book.wording.sentence("tilt", leaning=book.wording.say(f"leanings.{leaning}"), tilt=book.value(one))


def dimensions(book: Book, names: Sequence[str]) -> str:
    """Where the four dimensions of the pathway lie, if all of them may be printed (2.7)."""
    parts = [book.number(name) for name in names]
    if not all(p.shown for p in parts):
        return ""
    values = book.wording.listed([book.value(p) for p in parts])
    return book.wording.sentence("dimensions", names=book.wording.listed([book.name(n) for n in names]), values=values)


def pathways(book: Book, names: Sequence[str]) -> str:
    """How many describe the local practice as which path, class by class as far as printed, and how many do neither
    (2.7)."""
    one = book.number(names[0])
    if not one.shown:
        return number(book, names)
    each = [
        book.wording.say("pathway_part", label=book.part(names[0], p), x=book.value(of_part(one, p))) for p in one.parts
    ]
    facts: dict[str, object] = {"n": one.n, "classes": book.wording.say("comma").join(each)}
    unclassified = book.left_out(one)
    if unclassified is None:
        return book.wording.sentence("pathways_no_n", **facts)
    return book.wording.sentence("pathways", **facts, unclassified=unclassified)


def intro_summary(book: Book, _: Sequence[str]) -> str:
    """When, how many, and that the results are never added up."""
    headline = next((b for s in book.layout.sections for b in s.blocks if isinstance(b, HeadlineTable)), None)
    count = len(book.lines(headline.rows)) if headline else 0
    key = "intro_summary" if count else "intro_summary_no_table"
    return book.wording.sentence(key, fieldwork=book.fieldwork, n=book.frame.n_analysed, count=count)


def intro_survey(book: Book, _: Sequence[str]) -> str:
    """Whom the survey asked and how."""
    return book.wording.sentence("intro_survey")


def responses(book: Book, _: Sequence[str]) -> str:
    """How many were handed in and how many were left out, all reasons counted together."""
    frame = book.frame
    key = "responses" if frame.n_excluded else "responses_all"
    return book.wording.sentence(key, submitted=frame.n_submitted, excluded=frame.n_excluded, analysed=frame.n_analysed)


def peers(book: Book, _: Sequence[str]) -> str:
    """Who the peers are, or that there are too few."""
    if not book.has_peers:
        return book.wording.sentence("no_peers")
    if not book.wave.peer_rule:
        return book.wording.sentence("peers_unruled")
    return book.wording.sentence("peers", peer_rule=book.wave.peer_rule)


def marks(book: Book, _: Sequence[str]) -> str:
    """Where the marks of the figures are explained: in the next one, which is the key (`stats.figures.key_figure`)."""
    return book.wording.sentence("marks", figure=book.next_label("figure")) if book.draws_marks else ""


def fixed(book: Book, names: Sequence[str]) -> str:
    """Words that never change; they stand only where the indicators named after the text are printed."""
    text, *needs = names
    return book.wording.fixed(text) if all(book.has(n) for n in needs) else ""


SENTENCES: Mapping[str, Callable[[Book, Sequence[str]], str]] = {
    "number": number,
    "compare": compare,
    "components": components,
    "room": room,
    "room_rest": room_rest,
    "tilt": tilt,
    "dimensions": dimensions,
    "pathways": pathways,
    "waves": waves_intro,
    "change": change_sentence,
    "intro_summary": intro_summary,
    "intro_survey": intro_survey,
    "responses": responses,
    "peers": peers,
    "marks": marks,
    "fixed": fixed,
}


def said(book: Book, say: Say) -> str:
    """One sentence, or '' when this questionnaire or this county has nothing to say."""
    if say.what != "fixed" and not all(book.has(n) for n in say.of):
        return ""
    return SENTENCES[say.what](book, say.of)
