"""Modules and questionnaires as YAML files a researcher reads and edits, to core objects and back.

    instruments/modules/<id>/<version>.yaml          constructs with their items, option lists, indicators
    instruments/questionnaires/<id>/<version>.yaml   pages of item ids from pinned modules
    instruments/PUBLISHED                            what has been fielded: kind id version sha256

Which keys a file has stands in `core.instrument_file`. A file with mistakes is refused with all of them at once, each
with its line, what is wrong and what to do (`core.lint.Finding`). Values are read as YAML 1.2 does: only true and
false are truth values, so `required: no` and dates stay the words they are.

**Indicators.** Each is declared under `indicators:` with a `kind` (how one respondent's value comes about) and an
`estimate` (how a county's value comes about: mean, median, share, ratio, categories). NULL means no value, never 0.

    scale           100 * (mean of items, reversed ones turned - lowest code) / (highest - lowest); NULL under min_valid
    mean            mean of the codes, reversed ones turned; NULL under min_valid
    index           factor * (that mean - centre); NULL under min_valid
    value           the number of one item
    sum             sum of items; all needed
    mean_of_scores  mean of other `indicators`; NULL under min_valid
    count_at_least  how many of `indicators` reach `at_least`; all needed
    count_codes     how many of `codes` were chosen in one multi item
    formula         `expression` over ${items} and ${indicators}; NULL unless all of them (or those in `needs`) have a
                    value, `when` holds and the result is a finite number
    share           1 for the codes in `true`, 0 for those in `false`, NULL for others
    ratio           100 * numerator / denominator, NULL if the denominator is 0; a county's value is the ratio of sums
    categories      the code chosen; those in `leave_out` are NULL
    options         the codes chosen in one multi item; shares among those who chose any; `last` are printed last
    negotiating_room, pathway_class    named rules in stats.indicators

Every kind may have `also` (further statistics of the same indicator, such as [categories]) and `private: true`
(research export only). Composites come after what they are made of; their items are found by following it.

Reading order: tree, blocks, read, write.
"""

from fieldkit.formats.instrument_yaml.read import (
    Examined,
    examine_module,
    examine_questionnaire,
    lint_folder,
    load_library,
    load_module,
    load_questionnaire,
    published,
    published_text,
)
from fieldkit.formats.instrument_yaml.tree import comments_in
from fieldkit.formats.instrument_yaml.write import dump_module, dump_questionnaire

__all__ = [
    "Examined",
    "comments_in",
    "dump_module",
    "dump_questionnaire",
    "examine_module",
    "examine_questionnaire",
    "lint_folder",
    "load_library",
    "load_module",
    "load_questionnaire",
    "published",
    "published_text",
]
