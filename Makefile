# Everything here works on a machine with Python 3.11+, git and make. `make` lists the commands.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help run test lint bench fonts clean

help: ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("FieldKit needs Python 3.11 or later, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

run: $(VENV)/installed ## install, migrate, load instruments, open the demonstration wave, serve on PORT (8000)
	$(BIN)/fieldkit start

test: $(VENV)/installed-dev ## install what tests need and run them all
	$(BIN)/python -m tests.prepare
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(VENV)/installed-dev ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/installed-dev ## measure submissions per second, one county report and the phone's journal, each beside a bare baseline
	$(BIN)/python -m benchmarks.report
	$(BIN)/python -m benchmarks.submissions
	$(BIN)/python -m benchmarks.phone

fonts: $(VENV)/installed-dev ## rebuild the font subsets under reports/fonts
	$(BIN)/python reports/fonts/build.py

clean: ## remove the environment (data under instance/ stays)
	rm -rf $(VENV)
