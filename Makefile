# `make demo` and `make test` do their own set-up; all that they need is Python (and Terraform, where there is one).
PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
CHECKOV := $(VENV)/checkov/bin/checkov
SDK2    := $(VENV)/sagemaker-sdk-2
SDK3    := $(VENV)/sagemaker-sdk-3

.PHONY: help setup demo rehearse emulator test plan-only lint format matrix bench mutants checkov live sweep docs inventories corpus time-zones lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## install what the tests need into .venv

$(READY): pyproject.toml
	@echo "Installing what the tests need into $(VENV) (about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

demo: $(READY) ## an example on emulated AWS, step by step; another one with EXAMPLE=complete
	@$(BIN)/python tools/demo.py $(EXAMPLE)

rehearse: $(READY) ## the coming month of the examples, or of EXAMPLE or ROOT; REHEARSE="--fail training@2"
	@$(BIN)/python tools/rehearse.py $(EXAMPLE) $(if $(ROOT),--root "$(ROOT)") $(REHEARSE)

emulator: $(READY) ## emulated AWS for your own root, until Ctrl-C; PORT=5050 (docs/own-root.md)
	@$(BIN)/python tools/emulator.py --port $(or $(PORT),5050)

test: lint ## all checks: lint, plans, applies on emulated AWS
	$(BIN)/pytest tests/

plan-only: $(READY) ## the tests that plan and apply nothing (a minute and a half)
	$(BIN)/pytest tests/ --plan-only

lint: $(READY) ## check formatting, style and types
	$(BIN)/ruff format --check --quiet tests tools
	$(BIN)/ruff check --quiet tests tools
	$(BIN)/mypy

format: $(READY) ## format Python and HCL
	$(BIN)/ruff format tests tools
	$(BIN)/ruff check --fix tests tools
	terraform fmt -recursive

matrix: $(READY) ## plan-only with several versions of Terraform and OpenTofu; options in MATRIX
	$(BIN)/python tools/matrix.py $(MATRIX)

bench: $(READY) ## measure what a plan costs; BENCH=--quick
	$(BIN)/python tools/bench.py $(BENCH)

mutants: $(READY) ## change the module at random and print what no test notices; MUTANTS="--count 20"
	$(BIN)/python tools/mutants.py $(MUTANTS)

checkov: $(READY) $(CHECKOV) ## scan the planned examples with checkov
	CHECKOV=$(abspath $(CHECKOV)) $(BIN)/pytest tests/roots/checkov_examples.py

# its dependencies contradict those of the tests
$(CHECKOV):
	@echo "Installing checkov into $(VENV)/checkov (about a minute) ..."
	@$(PYTHON) -m venv $(VENV)/checkov
	@$(VENV)/checkov/bin/python -m pip install --quiet --disable-pip-version-check checkov==3.3.30

live: $(READY) ## apply, check and destroy the examples on the AWS account of LIVE_ACCOUNT_ID
	$(BIN)/pytest tests/ --live

sweep: $(READY) ## list what the live lane left in that account; options in SWEEP
	$(BIN)/python tools/sweep.py $(or $(SWEEP),--list)

docs: $(READY) ## write the README's tables of inputs and outputs
	$(BIN)/python tools/docs.py

inventories: $(READY) ## write what the examples plan to tests/roots/inventories, and the table of types of steps
	$(BIN)/python tools/inventories.py

WITHOUT_AWS := env -i PATH="$(PATH)" PYTHONPATH=tests AWS_CONFIG_FILE=/dev/null AWS_DEFAULT_REGION=us-east-1 \
	SAGEMAKER_SUPPRESS_V2_WARNING=1

corpus: $(SDK2)/.ready $(SDK3)/.ready ## write tests/corpus: pipeline definitions that the SageMaker Python SDK makes
	@$(WITHOUT_AWS) $(SDK2)/bin/python -W ignore tools/corpus.py
	@$(WITHOUT_AWS) $(SDK3)/bin/python -W ignore tools/corpus_v3.py

# larger than the tests' own environment, and needed for nothing else
$(SDK2)/.ready: PACKAGE := sagemaker==2.257.7
$(SDK3)/.ready: PACKAGE := sagemaker-mlops==1.27.0
$(SDK2)/.ready $(SDK3)/.ready:
	@echo "Installing $(PACKAGE) into $(@D) (minutes) ..."
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check $(PACKAGE)
	@touch $@

time-zones: $(READY) ## write time_zones.json: the hours that clock changes skip or repeat
	$(BIN)/python tools/time_zones.py

lock: $(READY) ## pin the Python packages that CI installs, in constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-annotate \
		--custom-compile-command "make lock" --output-file constraints.txt pyproject.toml

clean: ## remove what set-up, tests and terraform init made; states stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build *.egg-info
	find . -name .live -prune -o '(' -name __pycache__ -o -name .terraform -o -name .terraform.lock.hcl ')' -prune -exec rm -rf {} +
