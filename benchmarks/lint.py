"""How long the check of every built-in instrument takes: `python -m benchmarks.lint`."""

from __future__ import annotations

import statistics
import time
from collections import Counter

from fieldkit.core.likeness import Bank
from fieldkit.core.lint import lint_module, lint_questionnaire
from fieldkit.formats.instrument_yaml import lint_folder, load_library
from fieldkit.settings import resource

ROUNDS = 5


def main() -> None:
    """Print the time of reading and checking the files, and of the check alone."""
    folder = resource("instruments")
    whole, alone = [], []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        findings = lint_folder(folder)
        whole.append(time.perf_counter() - before)
    library = load_library(folder)
    for _ in range(ROUNDS):
        before = time.perf_counter()
        bank = Bank.of(library.modules.values())
        known = {item for module in library.modules.values() for item in module.items}
        for module in library.modules.values():
            lint_module(module, known, bank)
        for questionnaire in library.questionnaires.values():
            lint_questionnaire(questionnaire, bank)
        alone.append(time.perf_counter() - before)
    count = len(library.modules) + len(library.questionnaires)
    print(f"{count} instruments, findings: {dict(Counter(f.severity for f in findings)) or 'none'}")
    print(f"read and checked  {statistics.median(whole) * 1000:6.0f} ms (slowest {max(whole) * 1000:.0f})")
    print(f"checked alone     {statistics.median(alone) * 1000:6.0f} ms (slowest {max(alone) * 1000:.0f})")


if __name__ == "__main__":
    main()
