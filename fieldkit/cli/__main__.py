"""`python -m fieldkit.cli` is the same as `fieldkit`."""

from fieldkit.cli import main

main()
