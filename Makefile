# Everything a reader or a contributor does, one target each. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check
# Warnings are errors and unknown references are warnings; tests/conftest.py runs the same command.
BUILD := jupyter-book build . -W -n --keep-going
# Two workers pay on two cores. tests/conftest.py says which files' tests need not stay together.
PYTEST := pytest -n 2 --dist loadfile --junitxml=_build/junit.xml
# Tests need the book, but not the training of all of it each time: the chapters below train, one of each question
# and short, and the others show their published runs. A chapter whose code was edited since trains too.
TRAINED := q1c q2c q3b q4e q5a
# Where a Python is looked for, unless one is named: make book PYTHON=/path/to/python3.12
PYTHON ?= python3.13 python3.12 python3.11 python3 python
# The W3C's checker of HTML, by those who write it; their only package for any system is npm's. It runs on Java.
VNU := 26.9.27
CHECKER := $(VENV)/vnu-$(VNU).jar
# Extra arguments, for example: make test ARGS="-k history"
ARGS ?=

.PHONY: help book draft pages student lab course course-test zip pdf test faults check figures fonts readme bench replicate \
  crosscheck cluster cpu clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: $(VENV)/.book ## set up, train (about 21 minutes on two cores), and build the book into _build/html
	@$(BIN)/$(BUILD) || { status=$$?; \
	  echo; echo "The book was not built (exit status $$status). The messages above name the page or chapter and the cause." >&2; \
	  exit $$status; }
	@echo; echo "The book is ready. Open it in a browser:"; echo "    $(CURDIR)/_build/html/index.html"; \
	 echo "  (Linux: xdg-open _build/html/index.html   macOS: open _build/html/index.html)"

draft: $(VENV)/.book ## the book from small runs, each page marked as a draft, into _build/draft/html: a first look in minutes
	@$(BIN)/hw2 draft

pages: $(VENV)/.book ## the book from its published runs, without training, into _build/pages/html: about a minute
	@$(BIN)/hw2 pages

student: $(VENV)/.book ## the chapters with blanks, pages, and an archive of both, into _build/student: about two minutes
	@$(BIN)/hw2 student

lab: $(VENV)/.lab ## the chapters with blanks in JupyterLab, in the folder homework, which keeps your answers
	@$(BIN)/hw2 lab $(ARGS)

course: $(VENV)/.book ## the exercises as assignments for nbgrader and Otter, into _build/course
	@$(BIN)/hw2 course nbgrader
	@$(BIN)/hw2 course otter

course-test: $(VENV)/.contributors $(VENV)/.course ## the assignments, graded by nbgrader and Otter themselves (a few minutes)
	@$(BIN)/pytest -m course $(ARGS)

zip: book ## the built book as one file to pass on, _build/audited-homework.zip, which needs no network
	@$(BIN)/hw2 zip

pdf: $(VENV)/.contributors book ## the built book on paper, by Chromium: _build/pdf, in Persian, in English and in both
	@$(BIN)/hw2 pdf

test: $(VENV)/.contributors $(CHECKER) ## the book (a chapter of each question trained anew), then every test; all anew: make clean book test
	@$(BIN)/hw2 adopt $(addprefix --except ,$(TRAINED)) >/dev/null
	@$(MAKE) --no-print-directory book
	@$(BIN)/$(PYTEST) $(ARGS)

faults: $(VENV)/.contributors ## what is killed, cut or full under a sweep, tried for real (minutes; as root also networks and disks)
	@$(BIN)/pytest -rs -m faults tests/test_faults.py $(ARGS)

check: $(VENV)/.contributors ## before a commit: lint (Persian text too), format, imports, types, unit tests (about a minute)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/hw2 lint
	$(BIN)/pytest -q -n 2 --dist loadfile -m "not (book or browser or cluster or course or faults or processes)" $(ARGS)

figures: $(VENV)/.book ## every figure of every chapter as files: trains what has not run, prints where they are
	@$(BIN)/hw2 figures

fonts: ## cut the pages' fonts anew from their packages into book/_static/fonts (pip, npm and a network)
	@sh book/_static/fonts/cut.sh $(BIN)/python

readme: $(VENV)/.contributors book ## the numbers and pictures of both READMEs, taken from the built book
	@$(BIN)/python tests/readme.py

bench: $(VENV)/.bench ## training speed beside other libraries (about ten minutes); ARGS="--label mine"
	@$(BIN)/python -m benchmarks $(ARGS)

replicate: $(VENV)/.book ## every claim measured again on fresh seeds, beside the published ones: as long as the book
	@$(BIN)/hw2 replicate $(ARGS)

crosscheck: $(VENV)/.book ## plain scripts that share no code with the book, their numbers beside the book's (a few minutes)
	@$(BIN)/python -m crosscheck $(ARGS)

cluster: $(VENV)/.contributors ## sweeps on a real SLURM of one node, started and ended by the tests (root, slurm-wlm, munge)
	@$(BIN)/pytest -q -m cluster tests/test_slurm.py $(ARGS)

cpu: $(BIN)/python ## once, before `make book`: the CPU-only torch (spares about 4 GB of CUDA libraries)
	$(PIP) install --index-url https://download.pytorch.org/whl/cpu \
	  $$(sed -n -e '/^torch==/p' -e '/^torchvision==/p' constraints.txt)

clean: ## remove what was built (the environment stays: rm -rf .venv removes it)
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage

# --- the environment -------------------------------------------------------------------------------------------------
# A stamp file says which set is installed; it is as old as the last successful installation. A name on the PATH is
# taken only if it runs (version managers leave stand-ins that fail), is new enough, and can create environments.

$(BIN)/python:
	@for python in $(PYTHON); do \
	  "$$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	    >/dev/null 2>&1 || continue; \
	  echo "Creating $(VENV) with $$("$$python" --version) ($$(command -v "$$python"))"; \
	  exec "$$python" -m venv --clear $(VENV); \
	done; \
	{ echo "No usable Python was found among: $(PYTHON)"; \
	  echo "This book needs Python 3.11, 3.12 or 3.13 with its venv and ensurepip modules."; \
	  echo "  Debian, Ubuntu:  sudo apt install python3 python3-venv"; \
	  echo "  Fedora:          sudo dnf install python3.13"; \
	  echo "  macOS:           brew install python@3.13"; \
	  echo "  elsewhere:       https://www.python.org/downloads/"; \
	  echo "If it is installed under another name, say so: make book PYTHON=/path/to/python3.12"; } >&2; \
	exit 1

$(VENV)/.book: $(BIN)/python requirements.txt constraints.txt pyproject.toml
	@echo "Installing what the book needs into $(VENV) (about 7 GB with the CUDA libraries of torch; a few minutes)"
	@$(PIP) install -qq -r requirements.txt
	@touch $@

$(VENV)/.lab: $(VENV)/.book
	@$(BIN)/python -c "import jupyterlab" 2>/dev/null || { echo "Installing JupyterLab into $(VENV)"; \
	  $(PIP) install -qq -r requirements.txt -e ".[lab]"; }
	@touch $@

$(VENV)/.contributors: $(VENV)/.book
	@echo "Installing the tools for tests and checks into $(VENV)"
	@$(PIP) install -qq -r requirements.txt -e ".[contributors]"
	@touch $@

# Without npm the rest is tested, and the tests of HTML say what they lack.
$(CHECKER): | $(VENV)/.book
	@if command -v npm >/dev/null; then \
	  echo "Getting the W3C's checker of HTML into $(VENV)"; \
	  rm -f $(VENV)/vnu-*; \
	  npm pack --silent --pack-destination $(VENV) vnu-jar@$(VNU) >/dev/null && \
	  tar -xOzf $(VENV)/vnu-jar-$(VNU).tgz package/build/dist/vnu.jar >$@ && rm $(VENV)/vnu-jar-$(VNU).tgz; \
	else echo "npm is not on the PATH: no checker of HTML, whose tests are skipped" >&2; fi

$(VENV)/.course: $(VENV)/.book tests/course/constraints.txt
	@echo "Installing nbgrader and Otter into $(VENV)"
	@$(PIP) install -qq -r requirements.txt -c tests/course/constraints.txt -e ".[course]"
	@touch $@

$(VENV)/.bench: $(VENV)/.book benchmarks/constraints.txt
	@echo "Installing the libraries that training is compared with into $(VENV)"
	@$(PIP) install -qq -r requirements.txt -c benchmarks/constraints.txt -e ".[bench]"
	@touch $@
