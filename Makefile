# One command for every habit; `make` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPATH := functions:.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

.PHONY: setup
setup: $(VENV)/.installed node_modules/.installed ## Install everything that the other commands need

$(VENV)/.installed: requirements/dev.txt requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with make PYTHON=…"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt
	touch $@

node_modules/.installed: package.json package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || { echo "Node.js 20 or newer is needed"; exit 1; }
	npm ci --no-progress
	touch $@

.PHONY: demo
demo: setup ## Run everything on this machine, fire a sample alarm, stay up until Ctrl-C
	$(BIN)/python -m local demo

.PHONY: test
test: setup chromium ## Run all tests
	$(BIN)/pytest $(ARGS)

.PHONY: chromium
chromium:
	@tests/browser/chromium.sh

.PHONY: check
check: setup ## Check style, types, layers, state machines and templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m infra.plan_compiler plan
	$(BIN)/python -m infra.checks

.PHONY: mutants
mutants: setup ## Take each protection out once and see its test fail
	$(BIN)/python -m tests.mutations

SECONDS ?= 300

.PHONY: fuzz
fuzz: setup ## Feed intake with mutilated events for SECONDS (300)
	@mkdir -p .local
	$(BIN)/python -m tests.fuzz.read_event -max_total_time=$(SECONDS) -artifact_prefix=.local/fuzz-

.PHONY: screenshots
screenshots: setup chromium ## Picture every page and mail anew in docs/screenshots
	$(BIN)/python -m tests.browser.screenshots

.PHONY: storm
storm: setup ## Measure a thousand alarms in a minute against lone incidents
	$(BIN)/python -m benchmarks.run_storm

.PHONY: synth
synth: setup ## Make the CloudFormation template and the packaged asset in cdk.out
	node_modules/.bin/cdk synth --quiet

.PHONY: format
format: setup ## Put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: lock
lock: setup ## Compile the lock files from requirements/*.in
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet requirements/uv.in -o requirements/uv.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet requirements/functions.in -o requirements/functions.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet -c requirements/functions.txt requirements/dev.in -o requirements/dev.txt

.PHONY: clean
clean: ## Remove what was built
	rm -rf cdk.out .local .pytest_cache .mypy_cache .ruff_cache
