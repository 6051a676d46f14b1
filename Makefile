# Two commands on a fresh machine: `make report` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: report test lab bench soak fix check sample lock pictures docs clean
.DEFAULT_GOAL := report

# The environment: exactly what requirements.lock pins, by hash.
$(VENV): $(VENV)/.complete

$(VENV)/.complete: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 report"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

report: $(VENV)
	$(BIN)/commissioning run
	@echo "Open $(CURDIR)/reports/index.html"

test: $(VENV)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not soak" tests
	$(BIN)/python -m pytest --nbval -n 2 --dist loadscope -p no:cacheprovider notebooks pilots

lab: $(VENV)
	$(BIN)/jupyter lab --notebook-dir=.

bench: $(VENV)
	@for one in benchmarks/*.py; do $(BIN)/python $$one || exit 1; done

soak: $(VENV)
	$(BIN)/python -m pytest -m soak tests

check: $(VENV)
	$(BIN)/ruff check lib tests benchmarks
	$(BIN)/ruff format --check lib tests benchmarks
	$(BIN)/lint-imports
	$(BIN)/mypy lib/commissioning

fix: $(VENV)
	$(BIN)/ruff check --fix lib tests benchmarks
	$(BIN)/ruff format lib tests benchmarks

# Make the illustrative data again from its seed.
sample: $(VENV)
	$(BIN)/python -m commissioning.simulate data/sample

clean:
	rm -rf reports data/evidence data/results
