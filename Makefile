# Two commands matter: `make run` and `make test`. The rest are measurements and builds with targets of their own.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint setup

run: $(VENV)/.runtime
	$(BIN)/steadyscope --demo

test: $(VENV)/.test
	bash packaging/test.sh

lint: $(VENV)/.test
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports && $(BIN)/mypy

$(VENV)/.runtime: pyproject.toml
	PYTHON=$(PYTHON) bash packaging/linux/setup.sh runtime
	touch $@

$(VENV)/.test: pyproject.toml
	PYTHON=$(PYTHON) bash packaging/linux/setup.sh test
	touch $@
