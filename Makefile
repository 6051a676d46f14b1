# Two commands on a fresh machine: `make report` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Dozens of processes are started, so compiled modules are kept, whatever the caller's setting.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: report test quick production lab bench soak fix check audit sample notebooks snapshots docs licences pictures lock clean
.DEFAULT_GOAL := report

# The environment: exactly what the lock pins, by hash. It names everything, so pip resolves nothing (asked to, it takes the
# newest release for a package wanted with extras, which the lock does not pin). The lock's own pip comes first: that of
# Python 3.11 takes twice as long. This package is built by the lock's own setuptools, with every index shut (--no-index): pip would
# fetch the newest otherwise, and ask for no hash. Modules are compiled by two processes and without the packages' own tests, in a
# third of pip's time.
LOCK ?= requirements.lock

$(VENV): $(VENV)/.complete

$(VENV)/.complete: $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 report"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@awk '/^pip==/{found=1} found{print} found && !/\\$$/{exit}' $(LOCK) > $(VENV)/pip.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r $(VENV)/pip.lock
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --no-compile -r $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-index --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 2 -x '/(tests?|_?testing)/' $(VENV)/lib lib >/dev/null || true
	@touch $@

report: $(VENV)
	$(BIN)/commissioning run
	@echo "Open $(CURDIR)/reports/index.html"

# A machine that only makes reports: without what tests and checks need.
production:
	$(MAKE) LOCK=requirements-run.lock $(VENV)

# Two test processes on two cores: each with one thread of linear algebra, as the processes of a run have.
test quick: export OPENBLAS_NUM_THREADS := 1
test quick: export OMP_NUM_THREADS := 1

test: $(VENV)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not soak" tests
	COMMISSIONING_TEXT_ONLY=1 $(BIN)/python -m pytest --nbval -n 2 --dist loadscope -p no:cacheprovider notebooks pilots

# The room you are in, within a minute: `make quick ROOM=evidence`; without ROOM those of the files changed since `main`.
quick: $(VENV)
	$(BIN)/python tests/quick.py $(ROOM)

# No output but the sample's is saved or committed: JupyterLab and git are told so first.
lab: $(VENV)
	@$(BIN)/python -m commissioning.runs.saving install
	$(BIN)/jupyter lab --notebook-dir=.

bench: $(VENV)
	@for one in benchmarks/*.py; do $(BIN)/python $$one || exit 1; done

soak: $(VENV)
	$(BIN)/python -m pytest -rP -m soak tests
	HYPOTHESIS_PROFILE=searching $(BIN)/python -m pytest -n 2 -m "not soak and not browser" tests/evidence tests/disclosure tests/methods

check: $(VENV)
	$(BIN)/ruff check lib tests benchmarks docs/generate.py docs/licences.py docs/reference_tables.py docs/pictures/renew.py
	$(BIN)/ruff format --check lib tests benchmarks docs/generate.py docs/licences.py docs/reference_tables.py docs/pictures/renew.py
	$(BIN)/lint-imports
	$(BIN)/mypy lib/commissioning

fix: $(VENV)
	$(BIN)/ruff check --fix lib tests benchmarks docs/generate.py docs/licences.py docs/reference_tables.py docs/pictures/renew.py
	$(BIN)/ruff format lib tests benchmarks docs/generate.py docs/licences.py docs/reference_tables.py docs/pictures/renew.py

# Known weaknesses of what requirements.lock pins. In an environment of its own; needs the network (see SECURITY.md).
audit:
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet pip-audit
	.venv-audit/bin/pip-audit --requirement requirements.lock --disable-pip --strict

# Write again what tests keep of the sample's counts and findings (tests/snapshots): to be read before it is committed.
snapshots: $(VENV)
	RENEW=1 $(BIN)/python -m pytest -q -p no:xdist tests/snapshots

# Make the illustrative data again from its seed.
sample: $(VENV)
	$(BIN)/python -m commissioning.simulate data/sample data/sample_cld
	$(BIN)/python -m commissioning.runs.sealing

# Run every notebook on the sample, keep its outputs for nbval and its stage record, and record that it was reviewed.
notebooks: $(VENV)
	$(BIN)/python -m commissioning.reports.store_outputs
	$(BIN)/python -m commissioning.runs.notebooks

# Reference pages made from the code, and pictures of the real pages.
docs: $(VENV)
	$(BIN)/python docs/generate.py
	$(BIN)/python -m commissioning.measures.describe
	$(BIN)/python -m commissioning.reports.framework_table docs/reference/framework.md

# The licence of each package that the lock names, from what is installed.
licences: $(VENV)
	$(BIN)/python docs/licences.py

pictures: $(VENV)
	$(BIN)/python docs/pictures/renew.py

# The hashed lock files: of everything, and of what reports need. The second takes its versions from the first. Needs `uv`; writes
# no index address.
UV ?= uv
COMPILE = $(UV) pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11

lock:
	$(COMPILE) --all-extras --output-file requirements.lock
	$(COMPILE) --extra cluster --extra install --constraint requirements.lock --output-file requirements-run.lock

clean:
	rm -rf reports data/evidence data/results
