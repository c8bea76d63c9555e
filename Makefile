# Everything runs in a virtual environment that the first target sets up.
PYTHON ?= python3# the Python that the virtual environment is made of
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

# The library with warnings as errors, and its addresses and undefined behavior checked while it runs.
CHECKED := build/checked/lattice/interp/_native.so
# Python knows no libstdc++, which the sanitizer wants to have seen before the first C++ library throws.
SANITIZED = env LATTICE_NATIVE_LIBRARY=$(CHECKED) ASAN_OPTIONS=detect_leaks=0 \
	LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libstdc++.so.6)"
CALLS := 1000000# random calls of make sanitize
CUDA := 13# version of CUDA of make bench-gpu: 12 or 13
SECONDS := 600# that make fuzz gives each LUT reader
KILLS := 300# stops and kills of make kills
WHERE :=# make kills: "cluster" kills its workers, "looks" one of two looks on one output, nothing the command
JOBS := auto# processes of the tests
STOCK := kodak_5219# the negative of make fit-film-stage
SERVER := 1.25 12.5# GB/s of the file servers of make farm-model
LINK := 1.25# GB/s to one worker of make farm-model
SMALL :=# make farm-model SMALL=1 and make bench-scale SMALL=1 run a small part and write nothing
KEEP :=# make bench-quick KEEP=1 adds its figures to bench/history

.PHONY: help demo pictures test lint types format quick coverage unit sanitize kills show-proof check bench bench-quick bench-start bench-regrade bench-scale farm-model bench-gpu gpu-code bench-view bench-luts bench-inverse bench-match hosts vendor fit-density-only fit-film-stage fit-power schema clean

help: ## Say what there is to make, and which variables there are
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 26
	@echo 'Variables, as in make unit JOBS=4:'
	@sed -n 's/^\([A-Z]*\) *[:?]= *\(.*[^ ]\)* *# \(.*\)/  \1\t\3 (\2)/p' Makefile | expand -t 26

$(READY): pyproject.toml CMakeLists.txt $(wildcard lattice/interp/*.h) $(wildcard lattice/interp/cpp/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "lattice needs Python 3.11 or newer; $$($(PYTHON) --version) is $$(command -v $(PYTHON)). Try: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "lattice needs Python's venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	$(RUN) -m pip install --quiet --upgrade pip
	$(RUN) -m pip install --quiet --editable '.[test]'
	@$(VENV)/bin/lattice info --engines | head -1
	@touch $@

demo: $(READY) ## Render a short sequence, re-grade it through three looks, draw a contact sheet
	$(RUN) examples/demo.py demo

pictures: $(READY) ## Draw the pictures of README, docs/looks.md and docs/match.md again
	rm -rf demo
	$(RUN) examples/demo.py demo
	$(RUN) examples/pictures.py demo docs
	$(RUN) examples/matching.py docs

test: lint types unit ## Lint, types, tests

lint: $(READY) ## Ruff's rules and layout, codespell
	$(RUN) -m ruff check lattice tests bench examples
	$(RUN) -m ruff format --check --quiet lattice tests bench examples || { echo "make format lays code out"; exit 1; }
	$(RUN) -m codespell_lib README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md docs/*.md lattice tests bench examples --skip '*.png,*.so,__pycache__,vendor'

types: $(READY) ## Mypy, strict
	$(RUN) -m mypy

format: $(READY) ## Sort imports, mend what ruff can mend, lay code out
	$(RUN) -m ruff check --fix lattice tests bench examples
	$(RUN) -m ruff format lattice tests bench examples

quick: $(READY) ## The tests without the slow ones
	$(RUN) -m pytest --numprocesses $(JOBS) --dist worksteal -m 'not slow'

coverage: $(READY) ## Which lines the tests reach, into build/coverage
	$(RUN) -m pytest --numprocesses $(JOBS) --dist loadfile --cov lattice --cov-report html:build/coverage --cov-report term

unit: $(READY) ## All tests
	$(RUN) -m pytest --numprocesses $(JOBS) --dist loadfile

sanitize: $(READY) ## The native engine's tests and CALLS random calls, addresses and undefined behavior checked
	rm -rf build/checked
	$(RUN) -m pip install --quiet --no-deps --upgrade --target build/checked -C cmake.define.LATTICE_CHECKED=ON -C cmake.define.CMAKE_CXX_COMPILER=$(CXX) .
	@test -f $(CHECKED) || { echo "the checked library did not compile; pip -v says why"; exit 1; }
	$(SANITIZED) $(RUN) -m pytest --numprocesses $(JOBS) --dist worksteal tests/interp/test_interp.py tests/interp/test_native.py tests/interp/test_native_calls.py
	$(SANITIZED) $(RUN) tests/samples/fuzz.py $(CALLS)

fuzz: $(READY) ## Give every LUT reader damaged files for SECONDS each: read or refused in one line, in bounded time and memory
	PYTHONPATH=tests/samples $(RUN) tests/samples/fuzz_luts.py $(SECONDS)

kills: $(READY) ## Stop and kill a regrade at KILLS random moments, or with WHERE=cluster its workers: nothing is lost
	PYTHONPATH=tests/samples $(RUN) tests/samples/killing.py $(KILLS) $(WHERE)

show-proof: $(READY) ## Break a show in four ways, mend it, and look at every frame and cost
	PYTHONPATH=tests/samples $(RUN) tests/samples/show_proof.py

check: $(READY) ## Measure every shipped look against its exact chain
	@for look in $$($(RUN) -c 'import lattice.looks as r; print(*r.profile_names())'); do $(VENV)/bin/lattice check $$look || exit 1; done

bench: $(READY) ## Time the engines beside their peers into bench/RESULTS.md; building and loading
	$(RUN) -m pip install --quiet --editable '.[test,bench]'
	$(RUN) bench/peers.py
	$(RUN) bench/build.py

bench-quick: $(READY) ## The headline figures in two minutes, beside the last ones of this kind of machine in bench/history
	PYTHONPATH=bench $(RUN) bench/quick.py $(if $(KEEP),--keep)

bench-start: $(READY) ## How long commands take to start, beside Python with NumPy and beside the floor of one frame
	PYTHONPATH=bench $(RUN) bench/start.py

bench-regrade: $(READY) ## Re-grade 4K sequences beside oiiotool, ocioconvert and a plain copy into bench/RESULTS-REGRADE.md
	PYTHONPATH=bench $(RUN) bench/regrade.py

bench-scale: $(READY) ## Frames in flight, workers, many small frames and huge ones into bench/RESULTS-SCALE.md
	PYTHONPATH=bench $(RUN) bench/scale.py $(if $(SMALL),--small)

farm-model: $(READY) ## How many workers a file server of SERVER and a head feed, by simulation, into bench/RESULTS-FARM.md
	PYTHONPATH=bench $(RUN) bench/farm_model.py --server $(SERVER) --link $(LINK) $(if $(SMALL),--small)

bench-gpu: $(READY) ## Time the GPU's kernels beside a copy and their peers into bench/RESULTS-GPU.md; needs an NVIDIA GPU
	$(RUN) -m pip install --quiet --editable '.[test,cuda$(CUDA)]'
	PYTHONPATH=bench $(RUN) -m gpu.run

gpu-code: $(READY) ## Compile the GPU's kernels, count what they cost a pixel, into bench/GPU-CODE.md; no GPU needed
	$(RUN) -m pip install --quiet --editable '.[test,gpu-code]'
	PYTHONPATH=bench $(RUN) -m gpu.code

fit-density-only: $(READY) ## Fit the density-only path's matrices again (minutes)
	$(RUN) bench/density_only.py

fit-film-stage: $(READY) ## Fit the film-exposure stage of the negative STOCK to spectral truth again (10 minutes)
	OMP_NUM_THREADS=1 $(RUN) bench/fit_film_stage.py $(STOCK)

fit-power: $(READY) ## Fit the polynomials of the pixel shader's power again
	$(RUN) bench/power_fit.py

bench-view: $(READY) ## Time the darkroom page in Chromium into bench/RESULTS-VIEW.md
	PYTHONPATH=bench:tests/samples $(RUN) bench/viewer.py

hosts: $(READY) ## Install Blender and tlRender into build/hosts, and hold them to SDevs, into docs/hosts-measured.md
	PYTHONPATH=bench:tests/samples $(RUN) -m hosts.run

bench-luts: $(READY) ## Time LUT files beside OpenColorIO into bench/RESULTS-LUTS.md
	PYTHONPATH=bench $(RUN) bench/luts.py

bench-match: $(READY) ## Measure what a match finds again, into bench/RESULTS-MATCH.md
	PYTHONPATH=bench:tests/samples $(RUN) bench/match.py

bench-inverse: $(READY) ## Time the inverse of looks on a 2K frame beside OpenColorIO's, and of flat LUTs
	PYTHONPATH=bench $(RUN) bench/inverse.py
	PYTHONPATH=tests/samples $(RUN) bench/inverse_kinds.py

vendor: ## Bundle the page's libraries again, by npm, from lattice/view/page/vendor/versions.txt
	sh lattice/view/page/vendor/make.sh

schema: $(READY) ## Write the JSON Schemas of profiles and stocks to docs/schema
	$(VENV)/bin/lattice schema --overwrite docs/schema

clean: ## Remove what was made
	rm -rf $(VENV) build demo dist .pytest_cache .ruff_cache .mypy_cache
