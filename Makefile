# Two commands matter: `make run` and `make test`. The rest are measurements and builds with targets of their own.
PYTHON ?= python3
BIN := .venv/bin
LOCKS := pyproject.toml packaging/lock/runtime.txt packaging/lock/test.txt packaging/linux/setup.sh

.PHONY: run test lint wheel

run: .venv/.runtime
	$(BIN)/steadyscope --demo

test: lint
	QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python -m pytest -q --durations=10

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

wheel: .venv/.runtime
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

.venv/.runtime: $(LOCKS)
	PYTHON=$(PYTHON) bash packaging/linux/setup.sh runtime
	touch $@

.venv/.test: $(LOCKS)
	PYTHON=$(PYTHON) bash packaging/linux/setup.sh test
	touch .venv/.runtime $@

.PHONY: torture
torture: .venv/.runtime
	PYTHONPATH=. $(BIN)/python tests/bench/torture.py

.PHONY: bundle
bundle: .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pyinstaller>=6.15"
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build packaging/bundle/steadyscope.spec
	$(BIN)/python packaging/bundle/check.py dist/steadyscope
