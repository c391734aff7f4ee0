# Everything that is done with this checkout. Bare `make` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run install test check conformance format bench bench-long bench-processes bench-scale bench-sync pins clean browser servers soak

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input install --use-pep517
HOST ?=
PORT ?=
ARGS ?=
# Syntax and rules of the HACP wing: each branch there is a line of the standard, so each is tested.
WHOLLY_TESTED := hacp/messages.py,hacp/groups.py,hacp/fields.py,hacp/rules.py,hacp/launch.py,hacp/life.py,hacp/tables.py,hacp/remarks.py,hacp/filing.py,hacp/documents.py,hacp/redaction.py,catalog/script.py
# nginx and PgBouncer with the libraries that a plain Debian lacks, and strace with its own.
SERVERS := nginx pgbouncer libc-ares2 libevent-2.1-7 strace libunwind8
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

# $(call install,PACKAGES,WHAT THEY ARE): Debian's packages for whoever may install them.
define install
	if [ "$$(id -u)" = 0 ]; then as_root=env; else as_root='sudo -n env'; fi; \
	if ! { command -v apt-get && $$as_root true; } >/dev/null 2>&1; then \
	  echo "Please install $(2), on Debian with: sudo apt-get install $(1)" >&2; exit 1; fi; \
	echo "Installing $(2) ..."; \
	$$as_root apt-get -qq update; \
	$$as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $(1) >/dev/null
endef

# $(call unpack,PACKAGES): Debian's packages into $(VENV)/debian/, for anybody.
define unpack
	command -v apt-get >/dev/null 2>&1 \
	  || { echo "Please install nginx, pgbouncer and strace." >&2; exit 1; }; \
	cd $(VENV)/debian && rm -rf -- *; \
	apt-get -qq download $(1) 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then as_root=env; else as_root='sudo -n env'; fi; \
	  $$as_root apt-get -qq update && apt-get -qq download $(1) 2>/dev/null; \
	} || { echo "Please install nginx, pgbouncer and strace." >&2; exit 1; }; \
	for package in *.deb; do dpkg -x "$$package" .; done; rm -f -- *.deb
endef

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

run: $(VENV)/.runtime ## start the server with the demo (PORT=8080 HOST=127.0.0.1)
	@HOST='$(HOST)' PORT='$(PORT)' $(BIN)/python -m demo

install: $(VENV)/.runtime ## make the environment in .venv/, with the command hacp

test: $(VENV)/.dev browser servers ## run all tests (ARGS="tests/hacp -k score" for some of them)
	@$(BIN)/python -m pytest $(or $(ARGS),--complete --numprocesses auto --dist worksteal)

check: $(VENV)/.dev browser servers ## format, lint, types, architecture, all tests with coverage
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py
	$(BIN)/coverage run -m pytest --complete
	$(BIN)/coverage report --skip-covered --show-missing
	$(BIN)/coverage report --include='$(WHOLLY_TESTED)' --fail-under=100

soak: $(VENV)/.dev ## kill the server 300 times on each database and compare (ARGS="--rounds 1000")
	@$(BIN)/python -m pytest tests/durability/test_killed.py -k acknowledged --rounds 300 $(ARGS)

conformance: $(VENV)/.dev ## write docs/conformance.md out of the tests
	@$(BIN)/python tests/conformance.py

fuzz: $(VENV)/.proof ## search for inputs that break the readers (SECONDS=600)
	@$(BIN)/python -m tests.fuzz --seconds '$(or $(SECONDS),600)' $(ARGS)

format: $(VENV)/.dev ## format the sources, mend what can be mended
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## measure against the bare floor, into docs/performance.md (under 15 minutes)
	@$(BIN)/python -m benchmarks hacp --publish $(ARGS)

mutants: $(VENV)/.proof ## change the rules one by one and see that a test notices (an hour)
	@$(BIN)/python -m mutmut run $(ARGS)
	@$(BIN)/python tests/mutants.py

bench-long: $(VENV)/.dev ## measure growth, lists, launches, memory, start, into docs/performance.md (35 minutes)
	@$(BIN)/python -m benchmarks long --publish $(ARGS)

bench-processes: $(VENV)/.dev ## compare waitress, gunicorn and granian, into docs/performance.md
	@$(BIN)/python -m benchmarks processes --publish $(ARGS)

bench-scale: $(VENV)/.dev ## measure costs and simulate what they need, into docs/scale.md
	@$(BIN)/python -m benchmarks scale --publish $(ARGS)

bench-sync: $(VENV)/.dev ## measure a sync of 40,000 courses, from a push to the search, and searches (ARGS="--items 5000")
	@$(BIN)/python -m benchmarks.sync --publish $(ARGS)

pins: $(VENV)/.dev ## pin the dependencies anew (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) --build-deps-for=editable --output-file=constraints.txt pyproject.toml
	$(COMPILE) $(ARGS) --build-deps-for=editable --extra=dev --constraint=constraints.txt \
		--output-file=constraints-dev.txt pyproject.toml
	$(COMPILE) $(ARGS) --extra=dev --extra=proof --constraint=constraints-dev.txt \
		--output-file=constraints-proof.txt pyproject.toml

clean: ## remove the environment and caches; instance/ with all data stays
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* \
		test-results .fuzz mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made anew only when the pins or the project's description change. What comes as
# source is built with the pinned setuptools, not in an isolated environment: that would fetch the
# newest one.
$(VENV)/.runtime: constraints.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the server needs into $(VENV)/ ..."
	@sed -n '/^setuptools==/,/# via/p' constraints.txt >$(VENV)/build.txt
	@$(PIP) --require-hashes -r $(VENV)/build.txt
	@$(PIP) --require-hashes --no-build-isolation -r constraints.txt
	@$(PIP) --no-deps --no-build-isolation -e . >$(VENV)/install.log 2>&1 \
	  || { cat $(VENV)/install.log >&2; exit 1; }
	@touch $@

$(VENV)/.dev: constraints-dev.txt $(VENV)/.runtime
	@echo "Installing what the tests need into $(VENV)/ ..."
	@$(PIP) --require-hashes --no-build-isolation -r constraints-dev.txt
	@touch $@

$(VENV)/.proof: constraints-proof.txt $(VENV)/.dev
	@echo "Installing what fuzzing and mutation testing need into $(VENV)/ ..."
	@$(PIP) --require-hashes --no-build-isolation -r constraints-proof.txt
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Please install Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { $(call install,python3-venv,the venv module of Python); }
	@$(PYTHON) -m venv $(VENV)

# Playwright drives the browser with a Node of its own, which needs libatomic.
browser: $(VENV)/.dev
	@{ command -v chromium && $(BIN)/python -m playwright --version; } >/dev/null 2>&1 \
	  || { $(call install,chromium libatomic1 fonts-dejavu-core,what the browser tests need); }

# What the deployment is tried with. Unpacked beside the environment and not installed: a package of a
# server would start it as a service.
servers: $(VENV)/debian/unpacked

$(VENV)/debian/unpacked: | $(BIN)/python
	@mkdir -p $(VENV)/debian
	@{ command -v nginx && command -v pgbouncer && command -v strace; } >/dev/null 2>&1 \
	  || { echo "Unpacking nginx, PgBouncer and strace into $(VENV)/debian/ ..."; $(call unpack,$(SERVERS)); }
	@touch $@
