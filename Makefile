# `make demo` and `make test` do their own set-up; all that they need is Python (and Terraform, where there is one).
PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
CHECKOV := $(VENV)/checkov/bin/checkov

.PHONY: help setup demo test plan-only lint format matrix bench mutants checkov live sweep docs inventories lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## install what the tests need into .venv

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

demo: $(READY) ## the main job on emulated AWS, shown step by step
	$(BIN)/python tools/demo.py

test: lint ## everything: lint, plans, applies on emulated AWS
	$(BIN)/pytest tests/

plan-only: $(READY) ## what plans, and applies nothing
	$(BIN)/pytest tests/ --plan-only

lint: $(READY) ## formatting, style and types
	$(BIN)/ruff format --check --quiet tests tools
	$(BIN)/ruff check --quiet tests tools
	$(BIN)/mypy

format: $(READY) ## format Python and HCL
	$(BIN)/ruff format tests tools
	$(BIN)/ruff check --fix tests tools
	terraform fmt -recursive

matrix: $(READY) ## plan-only with several versions of Terraform and OpenTofu
	$(BIN)/python tools/matrix.py $(MATRIX)

bench: $(READY) ## what a plan costs, as ratios; options in BENCH, such as --quick
	$(BIN)/python tools/bench.py $(BENCH)

mutants: $(READY) ## random changes of the module that no test notices; options in MUTANTS, such as --count 20
	$(BIN)/python tools/mutants.py $(MUTANTS)

checkov: $(READY) $(CHECKOV) ## scan the planned examples with checkov
	CHECKOV=$(abspath $(CHECKOV)) $(BIN)/pytest tests/roots/checkov_examples.py

# its dependencies contradict those of the tests
$(CHECKOV):
	$(PYTHON) -m venv $(VENV)/checkov
	$(VENV)/checkov/bin/python -m pip install --quiet --disable-pip-version-check checkov==3.3.30

live: $(READY) ## the examples on the AWS account of LIVE_ACCOUNT_ID: applied, checked, destroyed
	$(BIN)/pytest tests/ --live

sweep: $(READY) ## list what the live lane left in that account
	$(BIN)/python tools/sweep.py $(or $(SWEEP),--list)

docs: $(READY) ## write the README's tables of inputs and outputs
	$(BIN)/python tools/docs.py

inventories: $(READY) ## write what the examples plan to tests/roots/inventories
	$(BIN)/python tools/inventories.py

lock: $(READY) ## pin the Python packages that CI installs, in constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-annotate \
		--custom-compile-command "make lock" --output-file constraints.txt pyproject.toml

clean: ## remove what set-up made
	rm -rf $(VENV)
