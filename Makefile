# `make demo` and `make test` set up all they need; everything else is one line below each name.
SHELL := /bin/bash
# Python is the first of python3.11 to python3.14 that is here, unless one is named: make demo PYTHON=/path/to/python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: demo run test soak lint format bench lock setup system clean

demo: setup ## everything on this machine, with the demo gateway
	@$(RUN) -m dashboard.demo

run: setup ## the server against the gateway of AMUX_BASE_URL
	$(RUN) manage.py serve

test: setup system ## every test, on SQLite and on PostgreSQL with Redis
	@bash ops/test $(RUN) $(TESTS)

soak: setup system ## what `make test` does in short: kills, locks and trouble for an hour and a half
	$(RUN) -m tests.faults.long

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint --check --quiet templates
	$(RUN) manage.py makemigrations --check --dry-run
	bash ops/check-deploy $(RUN)

format: setup
	$(VENV)/bin/ruff check --fix-only .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/djlint --reformat --quiet templates

bench: setup system ## how fast it is on this machine
	$(RUN) -m tests.bench

setup: ## .venv, if it is not there or was made from other packages or with another Python
	@bash ops/make-venv

system:
	@bash ops/system-packages

lock: ## after a change of the dependencies in pyproject.toml; needs uv
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  pyproject.toml -o requirements.lock -q
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock -q

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
