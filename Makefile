# A fresh machine needs Python >= 3.11, git and make. The targets create .venv if it does not exist.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The stamps of an environment that can run skipgram, and of one that can also test it.
RUNS := $(VENV)/.run-ready
READY := $(VENV)/.ready

# What `test` runs (TESTS="tests/io tests/cli"), and further flags for pytest (FLAGS="-x").
TESTS ?=
FLAGS ?=
# Minutes for each format that `fuzz` takes, and some formats instead of all; how often `faults` tries
# each fault, instead of up to 50 times; and the random seed of both.
MINUTES ?= 10
FORMAT ?=
TRIES ?=
SEED ?= 0
# What `test-versions` tries.
VERSIONS ?= 3.12 3.13
PYENV ?= $(or $(PYENV_ROOT),$(HOME)/.pyenv)

.PHONY: quickstart help test test-all test-torch test-versions test-wheel test-random coverage browser gallery fuzz faults \
	check format dist bench bench-methods bench-more bench-presets bench-quick bench-safety needs-corpus needs-sets requirements docs clean

quickstart: $(RUNS)  ## install, train on the documentation of this Python, and query the vectors
	$(BIN)/skipgram quickstart --output build/quickstart-model

help:  ## list the targets
	@awk -F ':.*##  *' '/^[a-z-]+:.*##/ {printf "%-15s %s\n", $$1, $$2}' Makefile

# A worker that crashes ends the tests: xdist 3.8 replaces it, but then may wait forever for its files.
PYTEST = $(BIN)/python -m pytest --numprocesses auto --dist loadfile --max-worker-restart 0 $(FLAGS) $(TESTS)

test: $(READY)  ## all tests but the slow ones
	$(PYTEST) -m "not wheel and not slow"

test-all: $(READY)  ## all tests
	$(PYTEST)

coverage:  ## all tests, and the lines of Python that they do not run
	$(MAKE) test-all FLAGS="--cov --cov-report term-missing $(FLAGS)"

test-versions:  ## all tests on Python 3.12 and 3.13, each in its own environment; skips those that are not installed
	@set -e; for version in $(VERSIONS); do \
		found=; \
		for python in python$$version "$(PYENV)"/versions/$$version.*/bin/python; do \
			if "$$python" -c "" 2>/dev/null; then found=$$python; fi; \
		done; \
		if [ -z "$$found" ]; then echo "Python $$version is not installed: its tests are skipped"; continue; fi; \
		echo "Python $$version: $$found"; \
		$(MAKE) PYTHON="$$found" VENV=build/venv-$$version test-all; \
	done

browser: $(READY)  ## the pages in a real browser; needs Chromium (Debian: apt-get install chromium)
	$(BIN)/python -m pytest tests/browser $(FLAGS)

GALLERY := map dark model one-step two-models phone-word

gallery: browser  ## the screenshots of the documentation, from those of the browser's tests
	mkdir -p docs/static/gallery
	for name in $(GALLERY); do cp build/screenshots/$$name.png docs/static/gallery/; done

test-wheel: $(READY)  ## build the wheel and the sdist, install the wheel in an empty environment, use it; needs a package index
	$(BIN)/python -m pytest -m wheel tests/test_wheel.py

test-torch:  ## the tests that need PyTorch and sentence-transformers, in an environment of their own: too large for `test`
	$(MAKE) VENV=build/venv-torch build/venv-torch/.ready
	build/venv-torch/bin/python -m pip install --quiet torch sentence-transformers
	build/venv-torch/bin/python -m pytest -W default tests/test_embeddings.py tests/test_model_directory.py -k "torch or transformers"

test-random: $(READY)  ## all tests, with new random examples
	$(PYTEST) --hypothesis-profile random

FUZZ = $(BIN)/python tests/fuzz/fuzz.py --minutes $(MINUTES) --seed $(SEED)

fuzz: $(READY)  ## change files of every format at random, ten minutes each; takes MINUTES=, SEED= and FORMAT=NAMES
	$(FUZZ) $(if $(FORMAT),--format $(FORMAT))

faults: $(READY)  ## kill trainings, fill disks, send signals and more, and check that nothing is lost; takes TRIES= and SEED=
	$(BIN)/python tests/faults/faults.py --seed $(SEED) $(if $(TRIES),--tries $(TRIES))

check: $(READY)  ## lint, formatting, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_repository.py

dist: $(READY)  ## build the wheel and the sdist in dist/
	$(BIN)/python -m hatchling build

format: $(READY)  ## fix what ruff can fix, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

needs-corpus:
	$(if $(shell test -f "$(CORPUS)" && echo yes),,$(error CORPUS is "$(CORPUS)"; it must be a text file; \
	`make help` shows what $(MAKECMDGOALS) needs))

needs-sets:
	$(if $(shell ls "$(EVAL)" 2>&1 | grep -E "\.(tsv|txt)$$"),,$(error EVAL is "$(EVAL)"; it must be a folder with \
	evaluation sets (*.tsv, *.txt); `make help` shows what $(MAKECMDGOALS) needs))

RUN = $(BIN)/python bench/run.py --corpus "$(CORPUS)" --eval "$(EVAL)" $(if $(PEERS),--peers "$(PEERS)")

bench: needs-corpus needs-sets $(READY)  ## speed and quality beside all peers; needs CORPUS=FILE and EVAL=FOLDER, takes PEERS=FILE.toml
	$(RUN) --vector-size 100 --output build/bench/wiki17m-d100.json
	$(RUN) --vector-size 300 --epochs 1 --output build/bench/wiki17m-d300.json

bench-quick: needs-corpus needs-sets $(READY)  ## the same in five minutes: one round and one epoch on the first 50 MB; needs CORPUS=FILE and EVAL=FOLDER
	$(RUN) --bytes 50000000 --epochs 1 --rounds 1 --output build/bench/quick.json

bench-methods: needs-corpus needs-sets $(READY)  ## every method on the same text, in a quarter of an hour; needs CORPUS=FILE and EVAL=FOLDER
	$(BIN)/python bench/methods.py --corpus "$(CORPUS)" --eval "$(EVAL)"

bench-safety: needs-corpus needs-sets $(READY)  ## the cost of checkpoints and of deterministic training, in five minutes; needs CORPUS=FILE and EVAL=FOLDER
	$(BIN)/python bench/safety.py --corpus "$(CORPUS)" --eval "$(EVAL)"

bench-presets: needs-corpus needs-sets $(READY)  ## the presets beside gensim, and which options give better vectors; needs CORPUS=FILE and EVAL=FOLDER
	$(BIN)/python bench/presets.py --corpus "$(CORPUS)" --eval "$(EVAL)" --texts beginning whole --vector-size 100 300
	$(BIN)/python bench/groups.py
	$(BIN)/python bench/leads.py --corpus "$(CORPUS)" --eval "$(EVAL)"

bench-more: needs-corpus $(READY)  ## nearest words, loading, phrases, growing vocabularies, the CPU's peak, kinds of files: 40 minutes; needs CORPUS=FILE
	$(BIN)/python bench/questions.py
	$(BIN)/python bench/loading.py
	$(BIN)/python bench/growth.py
	$(BIN)/python bench/phrases.py --corpus "$(CORPUS)"
	$(BIN)/python bench/roofline.py --corpus "$(CORPUS)"
	$(BIN)/python bench/sources.py --corpus "$(CORPUS)"
	$(BIN)/python bench/memory_limit.py --corpus "$(CORPUS)"

# With the extras in the names: pip 23.2 takes the newest coverage for coverage[toml], which a package
# needs, where the lock has only coverage, and then refuses it because no hash is given for it.
LOCK = $(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make requirements"

requirements: $(READY)  ## lock what running, developing and building the documentation need in requirements/
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --group dev pyproject.toml --output-file requirements/dev.txt
	$(LOCK) --group docs --constraint requirements/dev.txt pyproject.toml --output-file requirements/docs.txt
	$(LOCK) --group run --constraint requirements/dev.txt pyproject.toml --output-file requirements/run.txt

docs:  ## the documentation site in build/docs, from an environment of its own; warnings are errors
	$(MAKE) VENV=build/venv-docs REQUIREMENTS=requirements/docs.txt build/venv-docs/.ready
	build/venv-docs/bin/sphinx-build -E -W --keep-going -n -q -d build/doctrees docs build/docs

clean:  ## delete the environment, build/ and dist/
	rm -rf $(VENV) build dist

REQUIREMENTS := requirements/dev.txt

# `--no-compile`: Python compiles the modules that it imports. A training imports a fifth of them.
define install
	@echo "Installing $(1) into $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --no-compile --require-hashes -r $(1)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef

$(RUNS): requirements/run.txt pyproject.toml
	$(call install,requirements/run.txt)
	@touch $(RUNS)

$(READY): $(REQUIREMENTS) pyproject.toml
	$(call install,$(REQUIREMENTS))
	@touch $(RUNS) $(READY)
