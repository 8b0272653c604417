# Everything runs in .venv, which is made by itself and made anew when requirements-dev.txt changes.

# Python 3.11 or newer, under whatever name this machine has it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

export SAM_CLI_TELEMETRY := 0
# Some machines forbid it: every process would then compile all sources anew, and pytest rewrite all of the tests' assertions.
export PYTHONDONTWRITEBYTECODE :=
# The same run each time: sets come in the order of their members' hashes.
export PYTHONHASHSEED := 0
# The AWS CLI knows a region by either name, boto3 by one; where neither is set, both ask the profile.
ifdef AWS_REGION
export AWS_DEFAULT_REGION ?= $(AWS_REGION)
endif
# What runs in no account has to be somewhere.
demo look invoke test fuzz simulate mutants bench security catalogue: export AWS_DEFAULT_REGION ?= us-east-1

.PHONY: help
help: ## Show this list (the default)
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

.PHONY: demo
demo: setup ## Break things in a local account and watch them snap back
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.demo

.PHONY: look
look: setup ## See first what a survey finds, and what a replay says, in a local account with a few things wrong: nothing is deployed
	@PYTHONPATH=layers/snapback:. $(BIN)/python -m local.first_look

.PHONY: invoke
invoke: setup ## Run one function there: make invoke NAME=RevokeOpenIngress [EVENT=events/ec2/revoke_open_ingress-flat.json]
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.invoke $(NAME) $(EVENT)

.PHONY: snapback
snapback: setup ## See what a deployed stack did, and answer it: make snapback ARGS="list --waiting" (ARGS=--help has all commands)
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.cli $(ARGS)

.PHONY: survey
survey: setup ## Write what is wrong in an account now, with nothing deployed, and read only: make survey [ARGS="--regions eu-central-1 --fail-on high"] (docs/survey.md)
	@PYTHONPATH=layers/snapback:. $(BIN)/python -m local.cli survey $(ARGS)

.PHONY: replay
replay: setup ## Write what Snapback would have made of the account's own past, with nothing deployed, and read only: make replay [ARGS="--days 30 --regions eu-central-1"] (docs/replay.md)
	@PYTHONPATH=layers/snapback:. $(BIN)/python -m local.cli replay $(ARGS)

.PHONY: report
report: setup ## Write what a deployed stack did as a page: make report STACK=snapback [OUT=report.html DAYS=30 REMEDIATION=... OUTCOME=FIXED FORMAT=csv|json|ocsf RUNBOOK=https://...]
	@test -n "$(STACK)" || { echo 'Of which stack? make report STACK=snapback [OUT=report.html]' >&2; exit 2; }
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.report "$(STACK)" "$(OUT)" $(foreach part,DAYS REMEDIATION OUTCOME FORMAT RUNBOOK,$(if $($(part)),--$(shell echo $(part) | tr A-Z a-z) "$($(part))"))

.PHONY: selftest
selftest: setup ## Try whether a deployed stack hears and is heard, now: make selftest STACK=snapback
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.selftest "$(STACK)"

.PHONY: redrive
redrive: setup ## Give dead letters to their functions again: make redrive STACK=snapback [LOOK=1 to see them only]
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.redrive "$(STACK)" $(if $(LOOK),look)

.PHONY: test
test: setup ## Run every check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(MAKE) -j 2 $(SYNC) types templates
	$(BIN)/pytest -n 2 --dist loadgroup --ignore tests/deployed
	$(BIN)/pytest -n 2 --dist loadfile tests/deployed

# What runs side by side prints one after the other, where make can do that (4.0 or newer; macOS has 3.81).
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# A part of the checks: each takes one core for a minute, so they run side by side.
.PHONY: types templates
types: setup
	$(BIN)/mypy
templates: setup
	$(BIN)/sam validate --lint # which is cfn-lint, for the region of the environment
	for one in examples/*/template.yaml; do $(BIN)/sam validate --lint -t $$one || exit 1; done

EXAMPLES ?= 300

.PHONY: fuzz
fuzz: SEED := $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
fuzz: setup ## Try random input, other each time: make fuzz [EXAMPLES=300 for each test] [NAME=block_public_bucket] [SEED=1 to repeat]
	@echo 'SEED=$(SEED)'
	FUZZ_SEED=$(SEED) FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -n 2 --dist loadgroup --hypothesis-profile=fuzz --hypothesis-seed=$(SEED) -m 'hypothesis or fuzzed' $(if $(NAME),-k "$(NAME)") --ignore tests/deployed

.PHONY: setup
setup: .venv/ready ## Make .venv (the others do it by themselves)

.venv/ready: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is missing (or name it: make PYTHON=/path/to/python).'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is not Python 3.11 or newer.'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'The venv module of $(PYTHON) is missing (on Debian and Ubuntu: apt-get install python3-venv).'; exit 1; }
	@echo 'Setting up .venv ...'
	@$(PYTHON) -m venv --clear .venv
	@{ $(BIN)/pip install -q --retries 2 --timeout 30 "$$(grep -o '^uv==[0-9.]*' $<)" && $(BIN)/uv pip sync -q --compile-bytecode --python $(BIN)/python --require-hashes $<; } \
		>.venv/setup.log 2>&1 || { echo 'The packages could not be fetched from PyPI; the reason stands in .venv/setup.log.'; exit 1; }
	@touch $@

# Tools that do not go together with the rest, each in an environment of its own.
.cache/%/ready: local/tools/%.txt .venv/ready
	@echo 'Setting up $* ...'
	@$(PYTHON) -m venv --clear .cache/$* && $(BIN)/uv pip sync -q --compile-bytecode --python .cache/$*/bin/python --require-hashes $<
	@touch $@

# Python with nothing, as in Lambda.
.cache/bare/ready: .venv/ready
	@$(PYTHON) -m venv --clear --without-pip .cache/bare
	@touch $@

.PHONY: bench
bench: .cache/bare/ready .cache/boto3/ready .cache/custodian/ready ## Measure Snapback beside Cloud Custodian and bare boto3 (docs/performance.md); WHAT=memory: with each size of Lambda's memory
	@find .cache/custodian -path '*/c7n/*' -name '*.pyc' -delete # its packager, c7n/mu.py, puts sources only into Lambda, which keeps nothing that is compiled there
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.bench $(WHAT)

SECONDS ?= 3600
SEED ?= 0

.PHONY: simulate
simulate: setup ## Simulate the engine with ever new seeds: make simulate SECONDS=600 SEED=7 (docs/adr/0009-simulation.md)
	@PYTHONPATH=layers/snapback:. $(BIN)/python -m tests.simulation $(SECONDS) $(SEED)

.PHONY: mutants
mutants: setup ## Take the engine's guards away, one at a time, and see a test fail for each: make mutants [NAME=breaker, or journal.py]
	@PYTHONPATH=layers/snapback:. $(BIN)/python -m tests.mutants $(if $(NAME),"$(NAME)")

STACKSET ?= snapback

.PHONY: package
package: setup ## Make .aws-sam/stackset.json for an organisation: make package BUCKET=example-snapback (docs/organisation.md)
	@test -n "$(BUCKET)" || { echo 'Name the buckets for the code, without the region: make package BUCKET=example-snapback'; exit 1; }
	$(BIN)/sam build
	@region=$$($(BIN)/python -c 'import boto3; print(boto3.Session().region_name or "")'); \
	test -n "$$region" || { echo 'Say the region: make package BUCKET=$(BUCKET) AWS_REGION=eu-central-1'; exit 1; }; \
	$(BIN)/sam package --s3-bucket "$(BUCKET)-$$region" --region "$$region" --output-template-file .aws-sam/packaged.yaml >/dev/null && \
	AWS_DEFAULT_REGION="$$region" $(BIN)/python -m local.package "$(BUCKET)" "$(STACKSET)" && \
	echo "The template for StackSets is .aws-sam/stackset.json; its code is in $(BUCKET)-$$region, for the other regions to copy."

.PHONY: security
security: .cache/checkov/ready ## Check the template's security (.checkov.yaml has the exceptions and their reasons)
	.cache/checkov/bin/checkov --config-file .checkov.yaml --file template.yaml
	@echo 'checkov has nothing to say against the template but what .checkov.yaml gives a reason for.'

# The layer gets the versions with which the tests run. Pins stay as they are unless a requirement asks for another: make lock UPGRADE=--upgrade
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command 'make lock' $(UPGRADE)

.PHONY: lock
lock: setup ## Pin all packages anew, with hashes
	$(LOCK) pyproject.toml --extra dev -c layers/snapback/requirements.in -o requirements-dev.txt
	$(LOCK) layers/snapback/requirements.in -c requirements-dev.txt -o layers/snapback/requirements.txt
	$(LOCK) local/tools/checkov.in -o local/tools/checkov.txt
	$(LOCK) local/tools/custodian.in -o local/tools/custodian.txt
	$(LOCK) local/tools/boto3.in -c layers/snapback/requirements.txt -o local/tools/boto3.txt

.PHONY: new
new: setup ## Begin a remediation: make new NAME=ec2/require_imdsv2 SHAPE=setting (or policy, steps, report) [IN=set_database]
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.new "$(NAME)" "$(or $(SHAPE),setting)" "$(IN)"

.PHONY: template
template: setup ## Write the functions' blocks in template.yaml from template/<service>.yaml
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.template

.PHONY: catalogue
catalogue: setup ## Write what follows from handlers and template: docs/remediations, the layer's list of operations, docs/guardduty.md, docs/threats.md, docs/survey-policy.json, docs/replay-policy.json
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.catalogue
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.operations
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.guardduty
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.threats
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.survey.policy
	@PYTHONPATH=layers/snapback $(BIN)/python -m local.replay.policy

.PHONY: clean
clean: ## Remove all that was made here
	rm -rf .venv .aws-sam .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
