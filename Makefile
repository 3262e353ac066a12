PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# The engines light enough to be set up and run by the tests.
LIGHT := fractal orderly overfitting
# The way to live exchanges: set up for the tests too, and no engine to be run.
BRIDGE := ccxt
ENGINES := $(LIGHT) d8x gmx drift gmsol bot_engine lfest freqtrade octobot jesse nautilus nautilus_engine

.PHONY: run test lint bench mutation engines clean

run: $(VENV)/.run
	$(BIN)/isomargin run --subject reference --format terminal

$(VENV)/.run: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) --editable '.[test]'
	touch $@

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/isomargin check --format terminal

test: $(VENV)/.test lint
	$(BIN)/isomargin coverage --format terminal
	-$(BIN)/isomargin adapter setup $(LIGHT) $(BRIDGE)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

bench: $(VENV)/.test
	$(BIN)/python bench/run.py

# Changes the reference in every small way and lists what no case tells.
mutation: $(VENV)/.test
	$(BIN)/python bench/mutation.py

# Sets every engine up, runs it, writes the table of findings into the README, and holds
# what each engine's page tells to what its cases show.
engines: $(VENV)/.test
	mkdir -p build/engines
	rm -f build/engines/*.jsonl
	for engine in $(ENGINES); do \
	  $(BIN)/isomargin adapter setup $$engine && \
	  { $(BIN)/isomargin run --subject $$engine --log build/engines/$$engine.jsonl > /dev/null; \
	    test $$? -le 1; } || echo "$$engine could not be run"; \
	done
	$(BIN)/isomargin report --engines --page README.md build/engines/*.jsonl
	$(BIN)/python -m pytest tests/adapters/test_engine_findings.py

clean:
	rm -rf $(VENV) build dist
