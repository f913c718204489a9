# o365desk: the commands of the repository. `make help` lists them.
#
# Everything is installed into .venv from the lock files; a stamp file remembers what was
# installed, so that a second run starts at once.

PYTHON ?= python3
# Options for the program: make demo ARGS=direct, make run ARGS=--help
ARGS ?=
# Options for pytest: make test TESTS="tests/wire -k paging"
TESTS ?=
# make lock LOCK=--upgrade takes the newest versions that pyproject.toml allows
LOCK ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
OFFSCREEN := QT_QPA_PLATFORM=offscreen
# Offscreen, Qt pretends a screen of 800 by 800: too small for a window with pop-ups beside it.
SCREEN := QT_QPA_PLATFORM=offscreen:configfile=packaging/offscreen-screen.json
INSTALLED := $(VENV)/.installed
INSTALLED_TEST := $(VENV)/.installed-test
INSTALLED_PACKAGE := $(VENV)/.installed-package

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo run test lint bench screenshot lock libraries window-libraries clean
.PHONY: bundle deb portable package-test

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | \
	    while IFS='|' read -r name text; do printf '  %-16s %s\n' "$$name" "$$text"; done

demo: window-libraries $(INSTALLED) ## Open the program on its practice directory
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
	    exec $(PY) -m o365desk --demo $(ARGS); \
	else \
	    echo "No display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open."; \
	    echo "The same program now runs through a tour of the main job, offscreen;"; \
	    echo "numbered pictures and a transcript go to build/tour/."; \
	    exec env $(SCREEN) $(PY) -m o365desk --demo $(ARGS) --tour build/tour; \
	fi

run: window-libraries $(INSTALLED) ## Open the program
	@exec $(PY) -m o365desk $(ARGS)

test: lint ## Check style and types, then run every test; needs no display
	@$(OFFSCREEN) $(PY) -m pytest -n 2 --dist worksteal $(TESTS)

lint: libraries $(INSTALLED_TEST) ## Check style, format and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

bench: libraries $(INSTALLED_TEST) ## Measure the figures of the README, into build/bench.json
	@mkdir -p build
	@$(OFFSCREEN) $(PY) -m tests.bench $(ARGS)

screenshot: libraries $(INSTALLED) ## Make the picture of the README anew
	@$(SCREEN) $(PY) -m o365desk --demo --screenshot resources/screenshot.png

lock: libraries $(INSTALLED_TEST) ## Make the lock files anew from pyproject.toml
	@$(PIP) install -q --upgrade uv
	@$(PY) packaging/lock.py $(LOCK)

bundle: $(INSTALLED_PACKAGE) ## Build the program with Python and Qt in one folder, dist/o365desk
	@sh packaging/system-libraries.sh bundle $(PY)
	@PYTHONHASHSEED=0 $(PY) -m PyInstaller --noconfirm --log-level ERROR \
	    --distpath dist --workpath build/pyinstaller packaging/o365desk.spec
	@du -s --apparent-size --block-size=MB dist/o365desk

deb: bundle ## Build the bundle, and of it a package for Debian and Ubuntu
	@$(PY) packaging/deb.py

portable: bundle ## Build the bundle, and of it an archive that runs from any folder
	@$(PY) packaging/portable.py

package-test: bundle ## Build the bundle, then walk it through the demo tour on a virtual screen
	@sh packaging/system-libraries.sh screen || echo "Going on without one."
	@$(PY) packaging/check_bundle.py

clean: ## Remove everything that was made, .venv too
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

libraries:
	@sh packaging/system-libraries.sh

window-libraries:
	@sh packaging/system-libraries.sh window

$(VENV)/.made:
	@sh packaging/check-python.sh "$(PYTHON)"
	@echo "Making $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(INSTALLED): $(VENV)/.made requirements.lock pyproject.toml
	@echo "Installing the program from requirements.lock"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(INSTALLED_TEST): $(INSTALLED) requirements-test.lock
	@echo "Installing the tests' tools from requirements-test.lock"
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

$(INSTALLED_PACKAGE): $(INSTALLED) requirements-package.lock
	@echo "Installing PyInstaller from requirements-package.lock"
	@$(PIP) install --require-hashes -r requirements-package.lock
	@touch $@
