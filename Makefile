# Everything a fresh clone needs is Python 3.11 or later and make.
#   make run    installs into .venv, checks the claim library and prints the table
#               (verdicts only; `verify check claims` adds audits and missing premises)
#   make test   installs what the tests need, then lint, types and tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: run test lint bench campaign clean

run: $(VENV)/.run
	$(BIN)/verify check claims --quick

test: lint
	$(BIN)/python -m pytest -n $(WORKERS)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.test
	$(BIN)/python bench/arguments.py
	$(BIN)/python bench/networks.py --family tiny --limit 20
	$(BIN)/python bench/networks.py --family acasxu --every 31 --limit 20 --ours

campaign: $(VENV)/.test
	$(BIN)/python -m pytest -m campaign -n $(WORKERS)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

# A stamp file a set of extras: installing again only when pyproject.toml has changed.
$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "verify needs Python 3.11 or later; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all]'
	touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all,dev]'
	touch $@ $(VENV)/.run
