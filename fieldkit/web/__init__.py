"""Flask's only home (with app.py): parse a request, call one service, render.

Reading order: machine (what a request needs), phone (the cadre), desk (the researcher), login, errors, i18n, delivery.
"""
