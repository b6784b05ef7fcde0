"""What every request needs, made once per process and found on the app."""

from __future__ import annotations

import datetime
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


def machine() -> Machine:
    """The machine of the running app."""
    found = current_app.extensions["fieldkit"]
    assert isinstance(found, Machine)
    return found
