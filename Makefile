# Transom's front door. Everything is set up on the way: there is nothing to run first.
#   make demo            make demo ONCE=1
#   make test            make test EXTRAS=local,llama
# PIP_ARGS goes to pip, for a mirror or for CPU-only wheels of torch; PYTEST_ARGS goes to pytest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint check bench soak clean

VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?=
ONCE ?=
PIP_ARGS ?=
PYTEST_ARGS ?=
# Half of the tests' time is waiting for processes they start. A file's tests stay together, as they share those. Files go
# in their order: the slow ones (acceptance) have few tests, and put last they would leave one of the two alone at the end.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

comma := ,
empty :=
space := $(empty) $(empty)
extras := $(sort $(subst $(comma),$(space),$(EXTRAS)))
base_stamp := $(VENV)/.installed-base
dev_stamp := $(VENV)/.installed-$(subst $(space),-,$(strip dev $(extras)))
pins := pyproject.toml constraints.txt

# $(1): the extras in brackets, or nothing. pip speaks only if it fails.
define install
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.$(1)' \
		>"$$log" 2>&1 || { cat "$$log"; echo "transom: pip could not install; its last lines above say why."; exit 1; }
	@touch $@
endef

help:
	@echo "make demo      install, read the sample company, answer five questions, serve the web chat (ONCE=1: stop after the five)"
	@echo "make test      install what tests need, run all of them (EXTRAS=local,llama: with these extras; PYTEST_ARGS=…)"
	@echo "make check     what CI runs: lint, types, import contract, tests"
	@echo "make lint      the same without the tests"
	@echo "make bench     print the benchmark tables"
	@echo "make soak      the long variants of the tests"
	@echo "make clean     remove .venv and caches; documents and .transom/ stay"

demo: $(base_stamp)
	@$(BIN)/transom demo $(if $(ONCE),--once)

test: $(dev_stamp)
	@$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

lint: $(dev_stamp)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test

bench: $(dev_stamp)
	@$(BIN)/python -m benchmarks

soak: $(dev_stamp)
	@TRANSOM_SOAK=1 $(BIN)/python -m pytest --timeout=3600 $(PYTEST_ARGS)

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The newest Python that has all our libraries and can make a virtual environment; the preflight says what to do if none can.
$(BIN)/python:
	@python=; \
	for candidate in python3.13 python3.12 python3.11 python3 python; do \
		if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
		then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ] && ! command -v python3 >/dev/null; then \
		echo "transom: Python 3.11, 3.12 or 3.13 is needed; on Debian or Ubuntu: sudo apt install python3 python3-venv"; exit 2; fi; \
	"$${python:-python3}" bots/preflight.py || exit 2; \
	"$$python" -m venv $(VENV)

$(base_stamp): $(pins) | $(BIN)/python
	@echo "Installing Transom into $(VENV) (once; a minute or so) …"
	$(call install,)

$(dev_stamp): $(pins) | $(BIN)/python
	@echo "Installing Transom with $(subst $(space),$(comma) ,$(strip dev $(extras))) into $(VENV) (once; minutes, if llama is compiled or torch is fetched) …"
	$(call install,[$(subst $(space),$(comma),$(strip dev $(extras)))])
	@touch $(base_stamp)
