# Two commands matter: `make run` serves with something to try, `make test` tests all that this machine can.
# They need Python 3.11 or newer, pip and make; everything else is installed into .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CRASH_ROUNDS ?= 20
JOBS ?= 2
DISTRIBUTIONS := gen/api gen/grpc server client
DIST ?= dist
PROJECTS := pyproject.toml $(DISTRIBUTIONS:%=%/pyproject.toml)

# Where it is set, every process compiles our sources again; the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-crash bench check lint types imports contracts gen image compatibility format docs dist lock clean

run: $(VENV)/run.stamp
	$(BIN)/orgplane-server serve --demo

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST)

# Kills the server under load again and again; all that it answered must be there. CRASH_ROUNDS=100 for more.
test-crash: $(VENV)/dev.stamp
	ORGPLANE_CRASH_ROUNDS=$(CRASH_ROUNDS) $(BIN)/python -m pytest tests/e2e/test_durability.py -k kill_9

# Also needs Go, and PostgreSQL for half of it. Ten minutes, BENCH="--minutes 5" for fewer; only the first time
# there is something to download.
# BENCH="--baseline REVISION" for that revision's server beside today's.
bench: $(VENV)/bench.stamp
	PYTHONPATH=tests $(BIN)/python bench $(BENCH)

check: lint types imports contracts

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy server/orgplane_server server/bill_of_materials.py client/orgplane gen/generate.py client/generate_sync.py

imports: $(VENV)/dev.stamp
	$(BIN)/lint-imports

contracts: $(VENV)/dev.stamp
	$(BIN)/python gen/generate.py --check
	$(BIN)/python gen/generate.py --lint
	$(BIN)/python gen/generate.py --breaking
	$(BIN)/python client/generate_sync.py --check

gen: $(VENV)/dev.stamp
	$(BIN)/python gen/generate.py
	$(BIN)/python client/generate_sync.py

# What `buf generate` takes in place of our protos where there is no Buf registry.
image: $(VENV)/dev.stamp
	$(BIN)/python gen/generate.py --image build/orgplane.binpb

# Writes the table of docs/compatibility.md out of a run of the vendor's clients.
compatibility: $(VENV)/dev.stamp
	ORGPLANE_WRITE_COMPATIBILITY=1 $(BIN)/python -m pytest -q tests/e2e/test_vendor_tools.py -k "sqlite or table"

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The reference of the Python client, out of its docstrings.
docs: $(VENV)/dev.stamp
	$(BIN)/pdoc --output-directory build/docs orgplane orgplane.cursors orgplane.errors orgplane.resources orgplane.testing

# Wheels and sdists of all that is installed, the server's bill of materials, and checksums of them: of the same commit,
# by the same tools, the same bytes anywhere.
dist: $(BIN)/python
	$(BIN)/pip install --quiet --group release
	rm -f $(DIST)/orgplane* $(DIST)/SHA256SUMS
	export SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || echo 1580601600)} && for each in $(DISTRIBUTIONS); do \
		$(BIN)/python -m build --no-isolation --outdir $(DIST) $$each || exit; done && $(BIN)/python server/bill_of_materials.py $(DIST)
	cd $(DIST) && LC_ALL=C && sha256sum orgplane* >SHA256SUMS

# What the server is installed with in production, versions and hashes, for all Pythons that it supports. What is in
# the file stays as long as it fits; LOCK=--upgrade takes the newest.
lock: dist
	echo 'orgplane-server[claims-expressions,otel]' | $(BIN)/uv pip compile --quiet $(LOCK) - --output-file server/requirements.lock \
		--universal --python-version 3.11 --generate-hashes --find-links $(DIST) \
		--no-emit-package orgplane-server --no-emit-package orgplane-api --custom-compile-command 'make lock'

clean:
	rm -rf $(VENV) .vendor build $(DIST) bench/peers/python/.venv

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Orgplane needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --upgrade pip

# All of a checkout at once: each asks for the others by their version, which no index has yet.
$(VENV)/run.stamp: $(BIN)/python $(PROJECTS)
	$(BIN)/pip install --quiet --editable gen/api --editable server --editable client 'buf-bin>=1.70,<2'
	@$(BIN)/pip install --quiet --only-binary cel-expr-python --editable 'server[claims-expressions]' \
		|| echo "cel-expr-python has no wheel for this platform: SSO configurations take no claims expression"
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	$(BIN)/pip install --quiet --group dev
	$(BIN)/pip install --quiet --editable gen/grpc
	@touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp $(shell find bench proto -name '*.go' -o -name 'go.*' -o -name '*.proto' -o -name requirements.txt)
	$(BIN)/python bench/build.py
	@touch $@
