PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# The engines light enough to be set up and run by the tests.
LIGHT := fractal orderly overfitting
ENGINES := $(LIGHT) d8x gmx drift freqtrade octobot nautilus jesse

.PHONY: run test lint bench engines clean

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
	$(BIN)/isomargin check

test: $(VENV)/.test lint
	$(BIN)/isomargin coverage > /dev/null
	-$(BIN)/isomargin adapter setup $(LIGHT)
	$(BIN)/python -m pytest

bench: $(VENV)/.test
	$(BIN)/python bench/run.py

clean:
	rm -rf $(VENV) build dist
