"""SPSS commands for what a .sav written by us cannot hold: which 0/1 columns are one multiple choice."""

from __future__ import annotations

from fieldkit.core.dataset import Dataset, Table
from fieldkit.core.wide import wide
from fieldkit.formats.statistical.names import SPSS, Told, label, names

BOM = "\ufeff"


def multiple_sets(dataset: Dataset, table: Table, language: str = "zh") -> bytes:
    """Syntax that opens the .sav beside it, declares its multiple response sets and saves it; b'' without any."""
    flat = wide(table, dataset.reasons)
    named = names([v.name for v in flat.variables], SPSS, Told())
    sets: list[str] = []
    for variable in table.variables:
        if variable.kind != "codes":
            continue
        parts = [named[v.name] for v in flat.variables if v.part_of == variable.name]
        name = "$" + names([variable.name], SPSS, Told())[variable.name][: SPSS.name - 1]
        words = label(variable.label.say(language), SPSS, Told()).replace("'", "''")
        sets.append(
            f"  /MDGROUP NAME={name} LABEL='{words}'\n    CATEGORYLABELS=VARLABELS VARIABLES={' '.join(parts)} VALUE=1"
        )
    if not sets:
        return b""
    file = f"{table.name}.sav"
    lines = [f"GET FILE='{file}'.", "MRSETS", *sets, "  /DISPLAY NAME=ALL.", f"SAVE OUTFILE='{file}'.", ""]
    return (BOM + "\n".join(lines)).replace("\n", "\r\n").encode()
