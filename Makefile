# `make help` lists the targets. `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests start hundreds of processes: each would compile every module it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install lock messages format lint types layers test cover check demo bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## make .venv from the hashed lock

$(STAMP): requirements/bootstrap.lock requirements/build.lock requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --build-constraints requirements/build.lock -r requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

lock: $(STAMP) ## resolve the dependencies again into the hashed locks
	$(BIN)/uv pip compile pyproject.toml --extra postgresql --universal --generate-hashes --no-header --no-annotate --quiet -o requirements/base.lock
	$(BIN)/uv pip compile requirements/build.in --generate-hashes --no-header --no-annotate --quiet -o requirements/build.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra postgresql --universal --generate-hashes --no-header --no-annotate --quiet -o requirements/dev.lock
	@! grep -n '://' requirements/*.lock

messages: $(STAMP) ## bring the catalogues of languages up to date; fails while a translation is missing
	$(BIN)/python scripts/messages.py

format: $(STAMP) ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(STAMP) ## ruff and codespell
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell

types: $(STAMP) ## mypy strict over source and tests
	$(BIN)/mypy

layers: $(STAMP) ## the import contracts
	$(BIN)/lint-imports

test: $(STAMP) ## every test, on SQLite and on PostgreSQL
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

cover: $(STAMP) ## tests with branch coverage
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

check: lint types layers test ## everything CI checks, but the browser's installation

demo: $(STAMP) ## the whole loop on this machine; CHECK=1 checks it and exits
	@$(BIN)/python scripts/demo.py $(if $(CHECK),--check)

bench: $(STAMP) ## measured ratios, printed; never part of the tests
	$(BIN)/python -m benchmarks

clean: ## remove what was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
