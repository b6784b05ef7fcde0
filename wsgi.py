"""What a WSGI server loads: `granian --interface wsgi wsgi:app`."""

from fieldkit.app import create_app

app = create_app()
