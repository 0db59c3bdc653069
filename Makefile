# Two commands do everything: `make bench` and `make test`. They need Python >= 3.11 and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PEERS ?= .venv-peers
EXAMPLES ?= .venv-examples
# nproc counts no more processors than OMP_NUM_THREADS says, where that is set.
JOBS ?= $(shell env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 2)

.PHONY: bench test peers examples lint types check data clean

bench: $(VENV)/.bench  ## the quick suite: prints the table, writes the report under results/
	$(BIN)/mixenv bench --jobs $(JOBS)

test: $(VENV)/.dev  ## every test that needs no network
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

peers: $(PEERS)/.peers  ## SMAC, BoTorch and Optuna in an environment of their own, and their tests
	$(PEERS)/bin/python -m pytest tests/agents/test_peers.py tests/agents/test_peer_spaces.py

examples: $(EXAMPLES)/.examples  ## every script of docs/examples, small, in an environment of its own
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(EXAMPLES)/bin/python -m pytest -m 'slow or not slow' --durations=0 tests/test_examples.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/pyright

check: lint types test

data: $(VENV)/.dev  ## rebuild data/ from the published simulator: make data SIMULATOR=FILE
	$(BIN)/python data/build.py $(SIMULATOR)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mixenv needs Python >= 3.11, got " + sys.version.split()[0] + "; name another with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.bench: pyproject.toml .ci/constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[bench]'
	touch $@

$(VENV)/.dev: pyproject.toml .ci/constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.bench

# PyTorch first: where pip knows a build for CPUs it takes that, else one of gigabytes with CUDA.
$(PEERS)/.peers: pyproject.toml .ci/constraints.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt torch
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[bench,peers]' pytest pytest-timeout hypothesis
	touch $@

$(EXAMPLES)/.examples: pyproject.toml .ci/constraints.txt
	$(PYTHON) -m venv $(EXAMPLES)
	$(EXAMPLES)/bin/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt torch
	$(EXAMPLES)/bin/python -m pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[bench,peers,rl]' pytest pytest-timeout hypothesis
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) $(EXAMPLES) build dist *.egg-info results
