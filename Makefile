# Coursewright. `make run` makes a course and serves it; `make test` proves that it works.
TOPIC ?= Machine Learning Basics
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run encyclopedia test unit small-model check format bench types lock clean

help: ## list what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: ## make a course and read it in the browser: make run TOPIC="Photosynthesis"
	@tools/setup.sh requirements.lock
	@$(BIN)/coursewright run "$(TOPIC)" $(ARGS)

encyclopedia: ## add some thousand short topics (English, French, Spanish)
	@tools/setup.sh requirements.lock
	@tools/encyclopedia.sh

test: ## run all tests, on a machine that has nothing but Python
	@tools/setup.sh requirements-dev.lock
	@tools/chromium.sh
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

unit: ## run the quick tests only
	@tools/setup.sh requirements-dev.lock
	$(BIN)/python -m pytest -n auto backend/tests/unit $(ARGS)

small-model: ## make a course with a real small model behind a llama.cpp server (some minutes)
	@tools/setup.sh requirements-dev.lock
	@tools/setup.sh requirements-small-model.lock .venv-small-model
	$(BIN)/python -m pytest -s backend/tests/acceptance/test_small_model.py $(ARGS)

check: ## format, lint, types, import contracts, dependencies, spelling, dead code, stale files
	@tools/setup.sh requirements-dev.lock
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/deptry backend
	$(BIN)/codespell
	$(BIN)/vulture
	$(BIN)/python tools/reference.py --check

format: ## put the code into the house's form
	@tools/setup.sh requirements-dev.lock
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## measure, for over an hour; prints tables and writes benchmarks/results
	@tools/setup.sh requirements-dev.lock
	@tools/setup.sh requirements-bench.lock .venv-bench
	$(BIN)/python benchmarks/builtin/run.py
	$(BIN)/python benchmarks/start/run.py
	$(BIN)/python benchmarks/key_pools/run.py
	$(BIN)/python benchmarks/key_pools/run.py --faults
	$(BIN)/python benchmarks/key_pools/workers.py
	$(BIN)/python benchmarks/generation/planted.py
	$(BIN)/python benchmarks/generation/faults.py
	$(BIN)/python benchmarks/generation/run.py
	$(BIN)/python benchmarks/api/chaos.py
	$(BIN)/python benchmarks/api/load.py
	$(BIN)/python benchmarks/api/load.py --apart
	$(BIN)/python benchmarks/api/workers.py

types: ## write the generated reference: CLI, settings, HTTP API, question rules
	@tools/setup.sh requirements-dev.lock
	$(BIN)/python tools/reference.py

lock: ## resolve the dependencies anew
	@tools/setup.sh requirements-dev.lock
	$(BIN)/python tools/lock.py

clean: ## remove what was installed and built (courses are kept)
	rm -rf .venv .venv-bench .venv-small-model dist build .pytest_cache .ruff_cache .hypothesis
