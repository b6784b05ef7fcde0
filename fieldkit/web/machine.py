"""What every request needs, made once per process and found on the app."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Engine

from fieldkit.core.place import Gazetteer
from fieldkit.services.collect import Collector
from fieldkit.settings import Settings


@dataclass(frozen=True)
class Machine:
    """The settings, the database, the collector of submissions, the places, and the key that signs receipts."""

    settings: Settings
    engine: Engine
    collector: Collector
    places: Gazetteer
    receipt_key: bytes

    def today(self) -> datetime.date:
        """The day it is where the fieldwork happens."""
        return datetime.datetime.now(ZoneInfo(self.settings.timezone)).date()


def start_worker(*options: str) -> None:
    """Start a process beside the server that makes what is ordered and then ends.

    It is no child that dies with the server; should it be killed, the next start of the server, or a button on the
    page of what was ordered, goes on.
    """
    subprocess.Popen(
        [sys.executable, "-m", "fieldkit.cli", "worker", "--once", *options],
        env={**os.environ, **machine().settings.environment()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def machine() -> Machine:
    """The machine of the running app."""
    found = current_app.extensions["fieldkit"]
    assert isinstance(found, Machine)
    return found
