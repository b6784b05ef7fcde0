"""Install what the tests need beyond Python packages, or say plainly what is missing: a browser and PostgreSQL.

`make test` runs this first, in one process, so that parallel test workers find everything in place.
"""

from __future__ import annotations

import sys

from tests.browser import chromium_path
from tests.databases import postgres_binaries


def main() -> None:
    """Print where the browser and the database server are; exit 1 with a remedy when one cannot be had."""
    try:
        print("browser:", chromium_path(install=True))
        print("postgresql:", postgres_binaries())
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
