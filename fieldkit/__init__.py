"""FieldKit (田野工具箱): questionnaires for grassroots cadres, numbers a county can read.

Reading order: core (what we ask and what an answer is), stats (answers to numbers), formats (files),
render (PDF and SVG), store (the database), services (what a person can do), forms, web, app, cli.
"""

__version__ = "0.1.0"
