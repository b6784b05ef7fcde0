"""One frozen issue of a county's report: the files that were handed out, kept as they were."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edition:
    """The n-th issue for one county of one wave. `sha256` is that of the PDF, which the county can check.

    `n_analysed` is the number of responses it rests on. The next issue waits until at least ten responses are
    analysed that this one did not count, so that two issues cannot be subtracted (pitfalls 4).
    """

    wave: str
    county: str
    number: int
    issued_on: datetime.date
    n_analysed: int
    pdf: bytes
    html: bytes
    csv: bytes
    sha256: str
