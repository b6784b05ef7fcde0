"""Find a Chromium for the journeys; install one where that is allowed; otherwise say what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# no sandbox because tests may run as root; no calls home
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",  # a microphone that hums, for recordings
    "--use-fake-device-for-media-stream",
)
MISSING = (
    "The journeys need a Chromium. Install one (Debian, Ubuntu: apt-get install chromium; else: python -m playwright "
    "install chromium), or name one in FIELDKIT_CHROMIUM."
)


def _installed() -> str | None:
    named = os.environ.get("FIELDKIT_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise RuntimeError(f"FIELDKIT_CHROMIUM names {named}, which is not there. {MISSING}")
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if own and Path(own).is_file() else None


def _install() -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
            if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
                return


@cache
def chromium_path(*, install: bool = False) -> str:
    """The path of a Chromium. With `install`, one is installed by apt where we are root; RuntimeError if none."""
    found = _installed()
    if found is None and install:
        _install()
        found = _installed()
    if found is None:
        raise RuntimeError(MISSING)
    return found
