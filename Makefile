# Everything works in .venv; a target sets up what it needs. `make` alone prints this help.
SHELL := /bin/bash
.DELETE_ON_ERROR:
PY := .venv/bin/python
STAMP := .venv/.ready
FULL := .venv/.ready-full
SYSTEM := .venv/.ready-system
WORKERS ?= 2
ENGINE_TESTS := tests/engine tests/published tests/rules tests/examples
OTHER_TESTS := $(filter-out $(ENGINE_TESTS) tests/conftest.py tests/__pycache__,$(wildcard tests/*))

.PHONY: help
help: ## print this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(SYSTEM): tools/system-packages
	@bash tools/system-packages base
	@mkdir -p .venv && touch $@

$(STAMP): $(SYSTEM) pyproject.toml constraints.txt
	@test -x $(PY) || python3 -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt 'pip>=25.1'
	@$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[report,tables,web,postgres,oidc]' --group lint --group test
	@touch $@

$(FULL): $(STAMP)
	@bash tools/system-packages full
	@$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[report,tables,web,postgres,oidc,pkcs11,durable]' --group pdf --group bench
	@touch $@

.PHONY: setup
setup: $(STAMP) ## set up .venv with the command zerofactory and what the tests need

.PHONY: demo
demo: $(STAMP) ## run the main job on the demo battery factory: check, inventory, verdicts, bundle, reports in out/demo
	@bash tools/demo

.PHONY: serve
serve: $(STAMP) ## serve the portal with a demonstration body at PORT (default 8765); people and password are printed
	@PORT=$${PORT:-8765} bash tools/serve

.PHONY: test
test: $(STAMP) ## the tests (at most 12 minutes on 2 cores)
	@$(PY) -m pytest -n $(WORKERS) -m 'not full' tests

.PHONY: test-full
test-full: $(FULL) ## all tests, with coverage of the engine, wheel, PDF conformance and long properties (at most 40 minutes)
	@$(PY) -m pytest -n $(WORKERS) --cov=zerofactory_engine --cov-report=json $(ENGINE_TESTS)
	@$(PY) tools/coverage_gate.py coverage.json
	@$(PY) -m pytest -n $(WORKERS) $(OTHER_TESTS)

.PHONY: coverage
coverage: $(FULL) ## coverage of everything by all tests (an hour: watching every line makes the tests half as fast)
	@$(PY) -m pytest -n $(WORKERS) --cov --cov-report=json --cov-report=term:skip-covered tests
	@$(PY) tools/coverage_gate.py coverage.json

.PHONY: lint
lint: $(STAMP) ## ruff, strict mypy, every shipped pack
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@for pack in rules/*/*/pack.yaml; do .venv/bin/zerofactory pack lint "$$(dirname $$pack)" || exit 1; done

.PHONY: bench
bench: $(FULL) ## one page of speed figures: medians, rivals in the same process
	@$(PY) -m benchmarks

.PHONY: fuzz
fuzz: $(FULL) ## hostile input for FUZZ_SECONDS (default 60) per reader
	@$(PY) -m pytest -q -p no:cacheprovider tests/fuzz --fuzz-seconds=$${FUZZ_SECONDS:-60}

.PHONY: faults
faults: $(STAMP) ## kill -9 in the middle of acts FAULTS times each (default 100), disk full, clock back, database gone
	@$(PY) -m pytest -q -p no:cacheprovider tests/web/faults --faults=$${FAULTS:-100}

.PHONY: load
load: $(STAMP) ## the portal under load on loopback: rates, p95, memory, on SQLite and PostgreSQL (four minutes)
	@$(PY) -m benchmarks.portal_load

.PHONY: mutation
mutation: $(STAMP) ## mutation score of feel, evaluation and accounting (half an hour)
	@$(PY) tools/mutation.py

.PHONY: lock
lock: ## write constraints.txt anew from the newest versions that fit
	@bash tools/lock
