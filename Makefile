# A fresh machine needs make and Python 3.11 or later, nothing else: every target below makes the
# virtual environment that it runs in.

# The first of these that is new enough; `make PY=/path/to/python …` to choose.
PY ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo picture test test-thorough test-matrix bench bench-scale bench-peers test-spark test-peers lint types docs-test wheel-check format clean

help: ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20

# A stamp and not the folder: a folder is newer than what it was made from even when the
# installation broke half-way.
NO_PYTHON := no Python 3.11 or later on the PATH: install one, or say make PY=/path/to/python
MAKE_VENV := { $(PY) -m venv .venv || $(PY) -m virtualenv .venv || \
	{ rm -rf .venv; echo "$(PY) can make no virtual environment (Debian: apt install python3-venv)"; exit 1; }; }

.venv/.ok: pyproject.toml
	@test -n "$(PY)" || { echo "$(NO_PYTHON)"; exit 1; }
	@test -x $(BIN)/python || { echo "making .venv with $(PY)"; $(MAKE_VENV); }
	@echo "installing ladder and its tools into .venv"
	@$(PIP) install --no-compile --quiet --quiet --editable '.[dev]'
	@touch $@

# The demo's environment: the library and its command line, without the tools of `make test`. The
# folder is the same, so that `make test` only adds to it.
.venv/.demo: pyproject.toml
	@test -n "$(PY)" || { echo "$(NO_PYTHON)"; exit 1; }
	@echo "1/3 making the virtual environment .venv with $(PY)"
	@test -x $(BIN)/python || $(MAKE_VENV)
	@echo "2/3 installing ladder and its command line into .venv (less than a minute)"
	@test -e .venv/.ok -a .venv/.ok -nt pyproject.toml || $(PIP) install --no-compile --quiet --quiet --editable '.[cli]'
	@touch $@

demo: .venv/.demo ## a small river charity, from its gifts and letters to its pyramid
	@echo "3/3 making the river charity's contact list and reading it (some seconds)"
	@$(BIN)/python examples/river/demo.py

picture: .venv/.ok ## the picture in the README: what the demo prints
	@$(BIN)/python examples/river/demo.py --picture docs/demo.svg >/dev/null 2>&1

test: .venv/.ok ## all tests, on SQLite and on a PostgreSQL of their own
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --timeout 300 --durations=20 $(ARGS)

test-thorough: .venv/.ok ## the same with four times the generated examples, as before a release
	@HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --timeout 900 --durations=20 $(ARGS)

test-matrix: ## the tests on every Python and SQLAlchemy that is supported and present
	@bash .ci/matrix $(ONLY)

bench: .venv/.ok ## how fast, as ratios, each with its limit
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-scale: .venv/.ok ## the same for ten million touchpoints; takes a while
	@$(BIN)/python -m tests.benchmarks.scale $(ARGS)

# Elsewhere than in .venv: nobody needs pandas, DuckDB and three frameworks to work on this library.
.venvs/peers/.ok: pyproject.toml .venv/.ok
	@echo "installing ladder and its peers into .venvs/peers"
	@$(BIN)/python -m venv .venvs/peers
	@.venvs/peers/bin/python -m pip --disable-pip-version-check install --no-compile --quiet --quiet \
		--editable '.[peers]' 'hypothesis>=6.140' 'pytest>=9'
	@touch $@

bench-peers: .venvs/peers/.ok ## beside pandas, DuckDB, state machines and event sourcing; some minutes
	@.venvs/peers/bin/python -m tests.benchmarks.peers $(ARGS)

test-peers: .venvs/peers/.ok ## whether all of these come to the same answer; a shop's letters
	@.venvs/peers/bin/python -m pytest -q tests/benchmarks/peers tests/realdata/test_completejourney.py

test-spark: .venv/.ok ## ladder.spark on a cluster of two workers; needs Java 17
	@bash .ci/spark

lint: .venv/.ok ## style, format, and which room may use which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: .venv/.ok ## mypy, strict
	@$(BIN)/mypy

docs-test: .venv/.ok ## run every Python block of the documents
	@$(BIN)/python -m pytest -q tests/test_docs.py

wheel-check: .venv/.ok ## build the wheel, install it with its dependencies elsewhere, use it
	@bash .ci/wheel

format: .venv/.ok ## let ruff rewrite what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove everything that make made
	rm -rf .venv .venvs build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov
	rm -f .coverage .coverage.*
	find src tests migrations examples -name __pycache__ -type d -prune -exec rm -rf {} +
