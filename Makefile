# SPDX-License-Identifier: GPL-3.0-only
# Each target installs what it needs first (Debian, Ubuntu) and builds into out/<preset>.
PRESET ?= dev
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
export PRESET

.PHONY: help setup setup-test setup-check build test reproduce wheel sdist r-package smoke-packages test-ecosystem check bench coverage notebooks pictures asan tsan valgrind clean

help:
	@echo 'make test        install what is missing, build, run every test (C, Python, R, notebooks)'
	@echo 'make reproduce   the published findings beside what is recomputed; the councils'\'' report in out/$(PRESET)'
	@echo 'make wheel       the Python wheel, GSL and OpenBLAS inside, in out/$(PRESET)/packages'
	@echo 'make sdist       the Python source package, there too'
	@echo 'make r-package   the R source package, there too'
	@echo 'make smoke-packages   the three of them in a bare Debian tree (root, debootstrap)'
	@echo 'make test-ecosystem   the wheel with current numpy, pandas, polars, pyarrow, duckdb ... from PyPI'
	@echo 'make check       R CMD check --as-cran, offline'
	@echo 'make asan | tsan | valgrind | coverage    every test that runs under it'
	@echo 'make notebooks   runs the notebooks and writes their outputs into them'
	@echo 'make pictures    draws the pictures of README.md and puts in what its blocks print'
	@echo 'make bench       the hot paths beside their stated limits'
	@echo 'make clean       removes out/ and what setuptools leaves'
	@echo 'PRESET=release   another preset of CMakePresets.json for test, wheel, r-package'

setup:
	@scripts/setup build

setup-test:
	@scripts/setup test

setup-check:
	@scripts/setup check

build: setup
	cmake --preset $(PRESET) && cmake --build --preset $(PRESET) -j $(JOBS)

test: setup-test build
	ctest --preset $(PRESET)

reproduce: setup
	@mkdir -p out/$(PRESET)
	@scripts/with-steelyard python3 -m steelyard reproduce --report out/$(PRESET)/councils.html

wheel: setup
	@scripts/with-steelyard scripts/host-python wheel out/$(PRESET)
	@ls -l out/$(PRESET)/packages/*.whl

sdist: setup
	@scripts/with-steelyard scripts/host-python sdist out/$(PRESET)

r-package: setup
	@scripts/with-steelyard scripts/host-r package out/$(PRESET)

smoke-packages: wheel sdist r-package
	@scripts/smoke-packages out/$(PRESET)/packages

test-ecosystem: wheel
	@tests/ecosystem/run out/$(PRESET)

check: setup-check r-package
	scripts/host-r check out/$(PRESET)

asan tsan:
	@$(MAKE) test PRESET=$@

valgrind: setup-check
	@$(MAKE) test PRESET=valgrind

coverage: setup-check
	@$(MAKE) test PRESET=coverage
	gcovr -r . -f core/ --object-directory out/coverage --print-summary --html-details out/coverage/report.html

pictures: setup
	@scripts/with-steelyard scripts/pictures write
	@scripts/with-steelyard tests/newcomer/readme write

notebooks: setup
	@for f in notebooks/*.ipynb; do mkdir -p out/$(PRESET) && tests/notebooks/run out/$(PRESET) "$$f" write || exit 1; done

bench:
	@$(MAKE) build PRESET=release
	@for b in out/release/bench/*; do [ ! -x "$$b" ] || OPENBLAS_NUM_THREADS=1 "$$b" || exit 1; done

clean:
	rm -rf out build dist *.egg-info *.Rcheck
