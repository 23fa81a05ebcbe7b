# Two commands matter: `make run` and `make test`. The rest are measurements and builds with targets of their own.
PYTHON ?= python3
BIN := .venv/bin
LOCKS := pyproject.toml packaging/lock/runtime.txt packaging/lock/test.txt packaging/linux/setup.sh

.PHONY: run test lint wheel soak

run: .venv/.runtime
	$(BIN)/steadyscope --demo

test: lint
	QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python -m pytest -q --durations=10

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

soak: .venv/.test
	$(BIN)/python -m tests.bench.soak --out docs/benchmarks/soak/demo.json

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

# The recipe of the shipped weights, from photos to ONNX. STEADYSCOPE_DATA names the folder that holds the photo sets;
# MINUTES is computing time on two cores, over all sittings: the learning rate anneals to it. A short run comes first, then
# the colour path alone on what its encoder sees, then everything; at last, twice, wide windows, whose light is that of a whole
# picture, and the mean of the weights after both.
RUN ?= runs/lite
MINUTES ?= 600
TRAIN_LITE = OMP_NUM_THREADS=1 $(BIN)/python -m torch.distributed.run --standalone --nproc-per-node 2 -m models train \
	--config lite --threads 1 --val $(RUN)/tune
NEAR = --data $(RUN)/train $(RUN)/mouths
WIDE = --data $(RUN)/wide $(RUN)/wide-mouths --crop 480 --batch 2 --rate 4e-4
.PHONY: train-lite
train-lite: .venv/.test
	$(BIN)/python -m models data cache --split train --windows 4000 --size 256 --frames 5 --seed 21 --out $(RUN)/train
	$(BIN)/python -m models data cache --kind mouths --windows 800 --size 256 --frames 5 --seed 41 --out $(RUN)/mouths
	$(BIN)/python -m models data cache --split tune --windows 60 --size 256 --frames 5 --seed 12 --out $(RUN)/tune
	$(BIN)/python -m models data cache --split train --windows 1000 --size 480 --frames 5 --seed 53 --out $(RUN)/wide
	$(BIN)/python -m models data cache --kind mouths --windows 250 --size 480 --frames 5 --seed 54 --out $(RUN)/wide-mouths
	$(TRAIN_LITE) $(NEAR) --minutes $$(($(MINUTES) / 5)) --out $(RUN)/first
	$(BIN)/python -m models warm-colour --init $(RUN)/first/last.pt --data $(RUN)/train --out $(RUN)/warm.pt
	$(TRAIN_LITE) $(NEAR) --minutes $$(($(MINUTES) * 7 / 10)) --flow-first 0 --init $(RUN)/warm.pt --out $(RUN)/near
	$(TRAIN_LITE) $(WIDE) --minutes $$(($(MINUTES) / 20)) --flow-first 0 --init $(RUN)/near/last.pt --out $(RUN)/once
	$(TRAIN_LITE) $(WIDE) --minutes $$(($(MINUTES) / 20)) --flow-first 0 --seed 1 --init $(RUN)/once/last.pt --out $(RUN)/twice
	$(BIN)/python -m models average $(RUN)/once/last.pt $(RUN)/twice/last.pt --out $(RUN)/last.pt
	$(MAKE) ship-lite

# Write the averaged weights of a run, measure the graph as it ships on the val suite, and put the figures into the manifest.
SHIP = $(BIN)/python -m models export mostnet-lite --weights $(RUN)/last.pt --commit $$(git rev-parse --short HEAD) \
	--trained-on "dental-photos/train (CC BY 4.0)" "clinical-photos/train (MIT)" "procedural textures" "painted mouths"
.PHONY: ship-lite
ship-lite: .venv/.test
	$(SHIP)
	$(BIN)/python -m models evaluate --suite val --weights resources/weights/mostnet-lite.json --out docs/benchmarks/lite-evaluation
	$(SHIP) --findings docs/benchmarks/lite-evaluation

# Lite for all tasks against its three single-task siblings, from scratch on what train-lite has cached: over an hour.
.PHONY: ablation
ablation: .venv/.test
	$(BIN)/python -m tests.bench.ablation --train $(RUN)/train --data $(STEADYSCOPE_DATA)

# Our networks beside the slides' peers, in one run. An environment of its own (5.5 GB): torchvision brings its own torch.
COMPARE ?= --size 800x800 --passes 60
.PHONY: compare
compare: .venv-compare/.ready
	.venv-compare/bin/python -m models compare $(COMPARE) --out docs/benchmarks/compare

.venv-compare/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-compare
	.venv-compare/bin/python -m pip install --quiet --disable-pip-version-check -e ".[peers]"
	touch $@

.PHONY: bench-stabilization
PEERS := .cache/peers
bench-stabilization: .venv/.test
	test -d $(PEERS) || $(BIN)/python -m pip install --quiet --disable-pip-version-check --target $(PEERS) vidgear vidstab "opencv-python-headless<5"
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench.stabilization --peers $(PEERS) $(BENCH)

.PHONY: bench-calibration
bench-calibration: .venv/.runtime
	PYTHONPATH=. $(BIN)/python tests/bench/calibration.py

.PHONY: soak-recording
soak-recording: .venv/.test
	$(BIN)/python -m tests.bench.recording_soak --minutes 30 --out docs/benchmarks/recording/soak.json
