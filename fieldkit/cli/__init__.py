"""The command line: everything an operator or a researcher does without a browser.

Every command opens its own session, calls one service and prints. Heavy libraries are imported inside the command
that needs them, so that `fieldkit --help` answers at once. Reading order: root (what all share), site (start, serve),
then a file for each group of commands.
"""

from __future__ import annotations

from fieldkit.cli import account, export, instrument, layout, report, site, wave
from fieldkit.cli.root import main

__all__ = ["account", "export", "instrument", "layout", "main", "report", "site", "wave"]
