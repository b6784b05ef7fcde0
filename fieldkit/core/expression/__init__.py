r"""The conditions and formulas of a questionnaire, such as `${bur_af2} > 0 and selected(${al_member}, '1')`.

The language is XLSForm's, with the meaning that ODK gives it (ODK XForms specification, sections "XPath
operators" and "XPath functions", https://getodk.github.io/xforms-spec/): a blank answer is '', arithmetic on
a blank is NaN, and every comparison with NaN except `!=` is false. `parse` turns the text into a tree; this
package and `web/static/expression.js` give a tree the same value. The phone never parses.

**Reading order:** `tokens` and `parser` make a text into a tree (`tree`), `pattern` reads the regular expressions
in it and `runaway` refuses those that could search for ever; `functions` is the table of what an expression can
do, with `values`, `dates` and `arithmetic` beneath it; `closures` makes a tree into a Python function, and
`compute` asks it, for the answers in a `scope`. `error` says what a researcher wrote wrongly.

**The tree** is plain JSON, so that it can travel inside a questionnaire:

    12.5  "text"  true        a number, a text, true() or false()
    ["$", "age"]              the answer to one item
    ["$", "age", "children"]  the answers to an item in all rows of a repeat (a node-set); item null: the rows
    ["."]                     the value of the item that carries the expression
    ["and", a, b, ...]        and, or, + and * take two or more; = != < <= > >= - div mod two; neg one
    ["selected", a, b]        a function with its arguments; the pattern of regex is written so that Python
                              and JavaScript read it alike

**Values** while evaluating are a number (float), a text (str), a truth value (bool) or a node-set (tuple of
texts). An answer is always a text, whatever Python type it came in: 3 is '3', None is '', [1, 2] is '1 2'.
Dates are ISO texts; in arithmetic and comparison a date counts the days since 1970-01-01 in the study's own
time zone.

**Where this differs from an engine** (every difference with its reason in
tests/cases/openrosa_differences.json): an unanswered item is false when used as a condition by itself (as in
ODK Collect; in Enketo it is true); lengths and positions count characters, not UTF-16 units; a date that does
not exist (2026-02-30) is an ordinary text; a number text is decimal (no 0x10); logarithms, sines and
fractional powers are rounded to 15 digits, because processors disagree about the last one and phone and
server may not. `regex` finds its pattern anywhere, as in Enketo; ODK Collect wants the whole text to
match, so write ^ and $ always.

**A number as text** is written as JavaScript writes it: the shortest digits that read back to the same
number, without exponent from 1e-6 up to below 1e21 (0.000001, 123456789012345680000), with it outside (1e-7).
"""

from __future__ import annotations

from fieldkit.core.expression.compute import Expression, compiled, evaluate, number, string, truth
from fieldkit.core.expression.error import ExpressionError
from fieldkit.core.expression.functions import FUNCTIONS, Function
from fieldkit.core.expression.parser import MAX_DEPTH, MAX_LENGTH, parse
from fieldkit.core.expression.scope import Answers, Scope
from fieldkit.core.expression.tree import Tree, references_of, walk
from fieldkit.core.expression.values import Value, answer_text, number_text

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Answers",
    "Expression",
    "ExpressionError",
    "Function",
    "Scope",
    "Tree",
    "Value",
    "answer_text",
    "compiled",
    "evaluate",
    "number",
    "number_text",
    "parse",
    "references_of",
    "string",
    "truth",
    "walk",
]
