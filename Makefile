# The two commands of the README, on nothing but python3 (with venv) and make.
# Everything is installed into this checkout; the system's Python is left alone (PEP 668).

PYTHON ?= python3
SITE ?= examples/botlab/site.yaml
BUNDLE ?= $(dir $(SITE))bundle.yaml
ENV ?= lint
# The two longest, charms and unit, run beside each other.
TOX_ENVS ?= lint,types,charms,unit,conformance,wheel,listing,docs,libjuju29,libjuju36
CHARMS ?= dist/charms
VENV := .venv
TOX := .cache/tox-venv
INSTALL := -m pip install --quiet --disable-pip-version-check

.PHONY: help bundle charms stage docs dist check test lint unit integration format tox clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

bundle: $(VENV)/ready ## render, check and plan the example site (SITE=path/to/site.yaml for yours)
	$(VENV)/bin/botlab render $(SITE) --output $(BUNDLE)
	$(VENV)/bin/botlab validate $(SITE)
	$(VENV)/bin/botlab plan $(SITE)

charms: ## pack the charms into CHARMS=dist/charms (a site's "charms"); ARCH=arm64 for arm64 only
	$(check_python)
	$(PYTHON) charms/packing/pack.py --output "$(CHARMS)" $(if $(ARCH),--architecture "$(ARCH)")

stage: ## lay out in charms/*/staged what `charmcraft pack` packs, for publishers
	$(check_python)
	$(PYTHON) charms/packing/stage.py

docs: $(TOX)/ready ## build the documentation site into build/docs, and print where it begins
	$(TOX)/bin/tox exec -q -e docs -- python -m website build/docs

dist: $(TOX)/ready ## make a release in dist/release: wheel, source, charms, SBOMs, digests, notes
	$(TOX)/bin/tox run -q -e dist

check: $(TOX)/ready ## lint, types and unit tests: what to run before a commit (a quarter of an hour)
	$(TOX)/bin/tox run -e lint,types,unit

test: $(TOX)/ready ## run the tests, as many environments at a time as the machine has cores
	$(TOX)/bin/tox run-parallel --parallel auto --parallel-no-spinner --parallel-live -e $(TOX_ENVS)

lint: $(TOX)/ready ## check the code's format, names and shapes
	$(TOX)/bin/tox run -e lint

unit: $(TOX)/ready ## run the tests of the generator and of the charms' modules
	$(TOX)/bin/tox run -e unit,charms

integration: $(TOX)/ready ## run the tests that need a Juju controller (skipped without one)
	$(TOX)/bin/tox run -e integration,integration-jubilant

format: $(TOX)/ready ## rewrite the code in the project's format
	$(TOX)/bin/tox run -e format

tox: $(TOX)/ready ## run environments of tox.ini (ENV=lint,types)
	$(TOX)/bin/tox run -e $(ENV)

clean: ## remove everything that these targets installed and built
	rm -rf $(VENV) .tox .cache build dist charms/*/staged

define check_python
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
  echo "botlab needs Python 3.10 or newer (Debian 12, Ubuntu 22.04 or later); $(PYTHON) is \
`$(PYTHON) --version 2>&1`. Name another with: make PYTHON=python3.12 ..." >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
  echo "$(PYTHON) cannot make virtual environments; install them with: \
sudo apt install python3-venv" >&2; exit 1; }
endef

$(VENV)/ready: requirements/botlab.txt requirements/build.txt pyproject.toml
	$(check_python)
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python $(INSTALL) --require-hashes -r requirements/botlab.txt -r requirements/build.txt
	$(VENV)/bin/python $(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

$(TOX)/ready: requirements/tox.txt
	$(check_python)
	$(PYTHON) -m venv --clear $(TOX)
	$(TOX)/bin/python $(INSTALL) --require-hashes -r requirements/tox.txt
	touch $@
