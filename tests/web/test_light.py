"""The process that takes in answers stays small: neither pandas nor reportlab is loaded for a respondent."""

from __future__ import annotations

import subprocess
import sys

from tests.demo_site import demo_database

SCRIPT = """
import json, sys
from pathlib import Path
from fieldkit.app import create_app
from fieldkit.settings import Settings

client = create_app(Settings(data_dir=Path(sys.argv[1]))).test_client()
page = client.get("/w/demo/330523")
assert page.status_code == 200, page.status_code
sent = {
    "id": "0123456789abcdef" * 2, "receipt_code": "7KQ4M2XD9PWE", "questionnaire": "short", "version": "1.0.0",
    "language": "zh", "active_seconds": 421, "answers": {"core_consent": 1, "core_level": 3},
}
answer = client.post("/w/demo/330523/responses", json=sent)
assert answer.get_json()["outcome"] == "stored", answer.get_json()
assert client.get("/login").status_code == 200
print(json.dumps(sorted({"pandas", "numpy", "reportlab"} & set(sys.modules))))
"""


def test_a_respondent_loads_neither_pandas_nor_reportlab(tmp_path):
    demo_database(tmp_path).dispose()
    run = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")
