"""What FieldKit is measured against: a Flask endpoint that stores the bytes it gets and commits, and nothing else.

It keeps one connection per thread, flushes every commit to disk as FieldKit does, and checks nothing.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask, Response, jsonify, request

app = Flask(__name__)
mine = threading.local()


def connect(address: str) -> Any:
    """A connection to this file, or to what psycopg connects to."""
    if "=" in address:
        return psycopg.connect(address)
    connection = sqlite3.connect(address, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def prepare(address: str) -> None:
    """Make the one table."""
    key, body = ("BIGSERIAL", "JSONB") if "=" in address else ("INTEGER", "TEXT")
    connection = connect(address)
    connection.execute(f"CREATE TABLE submission (id {key} PRIMARY KEY, body {body} NOT NULL)")
    connection.commit()
    connection.close()


@app.post("/submissions")
def store() -> Response:
    """Store the body as it came."""
    address = os.environ["BARE_DATABASE"]
    if not hasattr(mine, "connection"):
        mine.connection = connect(address)
    mark = "%s" if "=" in address else "?"
    mine.connection.execute(f"INSERT INTO submission (body) VALUES ({mark})", (request.get_data().decode(),))
    mine.connection.commit()
    return jsonify(outcome="stored")
