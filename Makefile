# `make demo` and `make test` set up all they need; so does every other target that needs something.
SHELL := /bin/bash
# Python is the first of python3.11 to python3.14 that is here, unless one is named: make demo PYTHON=/path/to/python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: demo run test soak lint lint-js format bench lock setup venv system clean

demo: venv ## everything on this machine, with the demo gateway
	@$(RUN) -m dashboard.management.demo_launcher

run: venv ## the server against the gateway of AMUX_BASE_URL
	$(RUN) manage.py serve

test: venv system ## every test, on SQLite and on PostgreSQL with Redis
	@bash ops/test $(RUN) $(TESTS)

soak: venv system ## what `make test` does in short: kills, locks and trouble for two hours
	$(RUN) -m tests.faults.long

lint: venv lint-js
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djangofmt --check templates
	$(VENV)/bin/djangofmt check templates
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) ops/messages check
	bash ops/check-deploy $(RUN)
	$(RUN) ops/audit

lint-js: node_modules/.made-from-lock
	npm run --silent lint

format: setup
	$(VENV)/bin/ruff check --fix-only .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/djangofmt templates
	npm run --silent format

bench: venv system ## how fast it is on this machine
	$(RUN) -m tests.bench

setup: venv node_modules/.made-from-lock ## all that developing needs

venv: ## .venv, if it is not there or was made from other packages or with another Python
	@bash ops/make-venv
	@$(RUN) ops/compile-messages

# The linters of the JavaScript. The product needs neither them nor Node.js.
node_modules/.made-from-lock: package.json package-lock.json
	@bash ops/node-version npm || { echo "Linting the JavaScript needs it. On Debian 13: apt-get install nodejs npm"; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

system:
	@bash ops/system-packages

lock: ## after a change of the dependencies in pyproject.toml; needs uv (for package.json: npm install)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  pyproject.toml -o requirements.lock -q
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock -q
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --group pyproject.toml:audit -o requirements-audit.lock -q

clean:
	rm -rf $(VENV) .venv-audit node_modules var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
