# make test: everything a fresh machine needs, then every test.
# make reproduce: the same needs, then the table of findings.
PRESET ?= dev
export PRESET
.PHONY: setup build test reproduce wheel r-package check clean
setup: ; @scripts/setup test
build: setup ; cmake --preset $(PRESET) && cmake --build --preset $(PRESET)
test: build ; ctest --preset $(PRESET)
reproduce: setup ; @scripts/with-steelyard python3 -m steelyard reproduce
wheel: setup ; @scripts/with-steelyard scripts/host-python wheel out/$(PRESET)
r-package: setup ; @scripts/with-steelyard scripts/host-r package out/$(PRESET)
check: ; @scripts/setup check && $(MAKE) r-package && scripts/host-r check out/$(PRESET)
clean: ; rm -rf out build *.egg-info
