# Everything a newcomer needs. `make` prints the verbs.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup up down demo test check migrate bench eval

PYTHON ?= python3
UV := PYTHON=$(PYTHON) sh infra/uv.sh
# Compiled once at installation, the five services need not compile the same modules at the same time.
INSTALL := $(if $(wildcard .venv/bin/mneme-stack),,echo "Installing what Mneme needs into .venv: a minute, once." &&) \
	$(UV) sync --frozen --all-packages --compile-bytecode --quiet

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install everything that development needs
	@$(INSTALL)

up: ## start the whole stack in the foreground; Ctrl-C stops it
	@$(INSTALL) --no-dev --inexact
	@exec .venv/bin/mneme-stack up

down: ## stop a stack that runs elsewhere on this MNEME_HOME
	@$(INSTALL) --no-dev --inexact
	@exec .venv/bin/mneme-stack down

migrate: ## bring the database's schema to this version without starting anything else
	@$(INSTALL) --no-dev --inexact
	@exec .venv/bin/mneme-stack migrate

demo: ## send a conversation through the running stack and show what became of it
	@$(UV) run --frozen --all-packages mneme demo

test: setup ## run every test
	@.venv/bin/python -m pytest

check: setup ## format, lint, types, import rules, docstrings, published contracts
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy libs services tests
	@.venv/bin/lint-imports
	@.venv/bin/interrogate --config pyproject.toml libs/common/mneme_common $(wildcard services/*/mneme_*/handlers)
	@.venv/bin/python -m pytest -q tests/arch/test_contracts_are_current.py

bench: setup ## measure speed, print a table, write JSON
	@.venv/bin/python -m tests.bench.run

eval: setup ## measure what search finds, print tables, write JSON (MNEME_LOCOMO=file, EVAL=options)
	@.venv/bin/python -m tests.evaluation.run $(EVAL)
