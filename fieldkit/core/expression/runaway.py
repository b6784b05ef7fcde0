"""Finds the repetition in a pattern that could keep a phone searching for ever.

`(a+)+` can share out ten letters in five hundred ways and thirty letters in five hundred million, and a search
that fails tries them all. So a group may not be repeated when one text can go round it in two ways. Method: walk
the group from letter to letter (Glushkov 1961) and look for two walks that spell the same text and meet again
(exponential ambiguity; Weber and Seidl 1991). A counted repetition with bounds, as {2,5}, is taken as open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Node: TypeAlias = tuple[str, Any]  # as Pattern reads it
Part: TypeAlias = tuple[bool, set[int], set[int]]  # whether it may be empty; the letters it begins and ends with

FEW = 4  # rounds of a group that are let through unseen: some thousand ways at most
MOST_STEPS = 2_000_000  # about a second; a pattern that needs more is refused as well


def runaway(nodes: list[Node], letters_of: Callable[[Node], frozenset[str]]) -> Node | None:
    """The first repeated group that some text can go round in two ways; None where there is none.

    `letters_of` gives the characters that a node for one letter takes, out of all that the pattern tells apart.
    """
    for node in nodes:
        kind, what = node
        group = what[0] if kind == "times" else node
        if group[0] == "group":
            if kind == "times" and _rounds(what[1])[1] > FEW and _Walk(letters_of).is_ambiguous(group, what[1]):
                return node
            if inner := runaway(group[1][1], letters_of):
                return inner
    return None


def _rounds(times: str) -> tuple[int, float]:
    if times[0] != "{":
        return int(times[0] == "+"), 1 if times[0] == "?" else float("inf")
    low, comma, high = times.strip("{}?").partition(",")
    return int(low), float(high or "inf") if comma else int(low)


class _Walk:
    def __init__(self, letters_of: Callable[[Node], frozenset[str]]) -> None:
        self.letters_of = letters_of
        self.letters: list[frozenset[str]] = []
        self.after: list[set[int]] = []  # letter -> the letters that may follow it
        self.twice = False  # whether a step can be made in two ways, as from a to a in (a+)+

    def is_ambiguous(self, group: Node, times: str) -> bool:
        empty, first, last = self.part(group)
        self.join(last, first)
        steps = 0
        seen: set[tuple[int, int]] = set()
        waiting = [(place, place) for place in {frozenset(after): n for n, after in enumerate(self.after)}.values()]
        self.twice |= empty and times[0] == "{"  # (a?){30}: an empty round counts
        while waiting and not self.twice:
            left, right = waiting.pop()
            steps += len(self.after[left]) * len(self.after[right])
            self.twice |= steps > MOST_STEPS
            for pair in ((a, b) for a in self.after[left] for b in self.after[right] if a <= b or left != right):
                if pair[0] == pair[1]:
                    self.twice |= left != right
                elif pair not in seen and not self.letters[pair[0]].isdisjoint(self.letters[pair[1]]):
                    seen.add(pair)
                    waiting.append(pair)
        return self.twice

    def join(self, last: set[int], first: set[int]) -> None:
        for letter in last:
            self.twice |= not self.after[letter].isdisjoint(first)
            self.after[letter] |= first

    def part(self, node: Node) -> Part:
        kind, what = node
        if kind == "mark" and what in "^$":
            return False, set(), set()  # nothing comes before the one or after the other
        if kind == "mark" or (kind == "group" and what[0] in ("(?=", "(?!")):
            return True, set(), set()
        if kind == "group":
            return self.either(what[1])
        if kind == "times":
            low, high = _rounds(what[1])
            empty, first, last = self.part(what[0])
            if high > 1 and (low < high or what[0][0] == "group"):
                self.join(last, first)
            self.twice |= empty  # (a?)? is blank in two ways, (a?){6} takes one a in six
            return empty or low == 0, first, last
        self.letters.append(self.letters_of(node))
        self.after.append(set())
        return False, {len(self.after) - 1}, {len(self.after) - 1}

    def either(self, nodes: list[Node]) -> Part:
        ways: list[Part] = [(True, set(), set())]
        for node in nodes:
            if node[0] == "or":
                ways.append((True, set(), set()))
                continue
            (skipped, begins, ends), (empty, first, last) = ways[-1], self.part(node)
            self.join(ends, first)
            ways[-1] = (skipped and empty, begins | first if skipped else begins, ends | last if empty else last)
        self.twice |= sum(way[0] for way in ways) > 1
        return any(way[0] for way in ways), set().union(*(way[1] for way in ways)), set().union(*(w[2] for w in ways))
