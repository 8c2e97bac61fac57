# make demo | test | lint | bench.  Everything they need is installed by `setup`, which is quick the second time.

PYTHON := .venv/bin/python
UV := $(shell command -v uv || echo .local/uv/bin/uv)

.DEFAULT_GOAL := help
.PHONY: help setup test lint vendor

help:
	@echo "make demo    a town on http://127.0.0.1:8000 (PORT=, OSM_FILE=)"
	@echo "make test    every test"
	@echo "make lint    style, types, imports, migrations"

setup: .local/installed .local/vendored

.local/installed: uv.lock pyproject.toml
	$(UV) sync -q --frozen
	mkdir -p .local && touch $@

vendor: .local/vendored

.local/vendored: static/package-lock.json static/copy_vendor.mjs static/icons.txt
	cd static && npm ci --loglevel=error && npm run --silent vendor
	mkdir -p .local && touch $@

test: setup
	$(PYTHON) -m pytest

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PYTHON) manage.py makemigrations --check --dry-run
