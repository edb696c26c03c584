# Everything here works on a bare machine with make and Python 3.11 or later; pip is the only thing that needs a network.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
EXAMPLE ?= examples/corran-head.txt

.PHONY: demo test lint format bench docs clean
.DELETE_ON_ERROR:

demo: $(STAMP) ## read one of the examples
	@$(BIN)/unsaid read $(EXAMPLE)
	@echo
	@$(BIN)/unsaid read --script $(EXAMPLE) | head -n 24

test: $(STAMP) ## run the tests
	$(BIN)/pytest -q -n 2

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

# Installed once, and again only when what it needs has changed.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Unsaid needs Python 3.11 or later: make PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

clean: ## remove what make and the tests have made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
