# Everything runs in a virtual environment that the first target sets up.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: help demo test lint types unit check bench fit-density-only schema clean

help: ## Say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 26

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "lattice needs Python 3.11 or newer; $$($(PYTHON) --version) is $$(command -v $(PYTHON)). Try: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "lattice needs Python's venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	$(RUN) -m pip install --quiet --upgrade pip
	$(RUN) -m pip install --quiet --editable '.[test]'
	@touch $@

demo: $(READY) ## Render a short sequence, re-grade it through three looks, draw a contact sheet
	$(RUN) examples/demo.py demo

test: lint types unit ## Lint, types, tests

lint: $(READY)
	$(RUN) -m ruff check lattice tests bench examples

types: $(READY)
	$(RUN) -m mypy

unit: $(READY)
	$(RUN) -m pytest

check: $(READY) ## Measure every shipped look against its exact chain
	@for look in $$($(RUN) -c 'import lattice.records as r; print(*r.profile_names())'); do $(VENV)/bin/lattice check $$look || exit 1; done

bench: $(READY) ## Time the NumPy engine and the build beside their peers
	$(RUN) bench/numpy_engine.py

fit-density-only: $(READY) ## Fit the density-only path's matrices again (minutes)
	$(RUN) bench/density_only.py

schema: $(READY) ## Write the JSON Schemas of profiles and stocks to docs/schema
	$(VENV)/bin/lattice schema docs/schema

clean: ## Remove what was made
	rm -rf $(VENV) demo dist .pytest_cache .ruff_cache .mypy_cache
