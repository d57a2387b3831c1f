# API product metrics workbook. `make` alone lists what can be done.
# Each target first makes .venv, if it is missing, broken, moved, or not what the lock says.
# Nothing here depends on the folder make is called from, nor on a path without spaces.

WORKBOOK = sample
MONTH = latest
OUT =
RESTATE =
SIZES = 10000000
EVENTS_FOLDER ?=
PYTHON ?=

# Values reach the shell through the environment, so that spaces and quotes in them are harmless.
export WORKBOOK MONTH OUT RESTATE SIZES EVENTS_FOLDER
export ASKED_PYTHON = $(PYTHON)
export MAKEFILE_PATH = $(MAKEFILE_LIST)
export CALLER = $(or $(PWD),$(CURDIR))

define ENTER
set -eu
cd "$$(dirname "$${MAKEFILE_PATH# }")"
root=$$(pwd)
python="$$root/.venv/bin/python"
endef

define PREPARE
$(ENTER)
supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
wanted() { pwd; cat requirements.txt pyproject.toml; }
runs() { "$$python" -c "$$supported" 2>/dev/null; }
works() { runs && "$$python" -m pip --version >/dev/null 2>&1; }
moved() { [ -f .venv/installed ] && [ "$$(head -n 1 .venv/installed)" != "$$root" ]; }
if runs && wanted | cmp -s - .venv/installed; then exit 0; fi

if ! works || moved; then
    found='' without=''
    for one in $${ASKED_PYTHON:+"$$ASKED_PYTHON"} python3.11 python3.12 python3.13 python3 python; do
        if "$$one" -c "$$supported" 2>/dev/null; then
            if "$$one" -c 'import venv, ensurepip' 2>/dev/null; then found=$$one; break; fi
            without=$${without:-$$one}
        fi
        [ "$$one" != "$$ASKED_PYTHON" ] || break
    done
    if [ -z "$$found" ] && [ -n "$$without" ]; then
        echo "$$without has no venv module: install it (on Debian and Ubuntu: apt install python3-venv), or name another Python, as in make test PYTHON=/usr/bin/python3.12." >&2
        exit 1
    elif [ -z "$$found" ] && [ -n "$$ASKED_PYTHON" ]; then
        echo "PYTHON=$$ASKED_PYTHON is not a Python 3.11, 3.12 or 3.13 that runs: name one of these, or leave PYTHON out." >&2
        exit 1
    elif [ -z "$$found" ]; then
        echo "Python 3.11, 3.12 or 3.13 was not found: install one of them, or name it, as in make test PYTHON=/usr/bin/python3.12." >&2
        exit 1
    fi
    echo "Making .venv with $$("$$found" --version)"
    "$$found" -m venv --clear .venv
fi
rm -f .venv/installed
echo "Installing the packages of requirements.txt into .venv (1 to 3 minutes the first time)"
if ! "$$python" -m pip install --quiet --disable-pip-version-check -r requirements.txt; then
    echo "The packages could not be installed: mend what pip says above (often the network), then call make again." >&2
    exit 1
fi
wanted > .venv/installed
endef

define REPORT
$(ENTER)
from_caller() { case $$1 in /*|*://*) echo "$$1" ;; *) echo "$$CALLER/$$1" ;; esac; }
book=$$WORKBOOK
if [ "$$book" != sample ]; then
    book=$$(from_caller "$$WORKBOOK")
    if [ ! -e "$$book" ] && [ -e "$$WORKBOOK" ]; then book=$$root/$$WORKBOOK; fi
fi
out=$$root/reports
if [ -n "$$OUT" ]; then out=$$(from_caller "$$OUT"); fi
exec "$$python" -m apijourney.report --workbook "$$book" --month "$$MONTH" --out "$$out" $${RESTATE:+--restate}
endef

# What takes longest comes first, so that no worker waits for the other at the end: see tests/conftest.py.
define TEST
$(ENTER)
if ! cmp -s tests/requirements.txt .venv/installed-for-tests; then
    echo "Installing what the tests compare with (200 MB the first time)"
    if "$$python" -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt; then
        cp tests/requirements.txt .venv/installed-for-tests
    else
        echo "What pip names above could not be installed: the tests that compare with it are skipped." >&2
    fi
fi
echo "Running the tests, the examples of the docstrings, and the notebooks against their stored outputs"
exec "$$python" -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder \
    --doctest-modules --nbval --nbval-current-env notebooks tests lib/apijourney
endef

define FUZZ
$(ENTER)
echo "Comparing millions of random logs with the definition of a funnel, and killing reports (half an hour)"
exec "$$python" -m pytest -q -n 2 -m fuzz tests/metrics tests/report
endef

define BENCH
$(ENTER)
echo "Installing what the benchmarks compare with"
"$$python" -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
exec "$$python" benchmarks/run.py --folder "$${EVENTS_FOLDER:-$${TMPDIR:-/tmp}/apijourney-benchmarks}" --events $$SIZES
endef

define LAB
$(ENTER)
echo "Opening the notebooks in JupyterLab; end it with Ctrl-C"
exec "$$python" -m jupyterlab --LabApp.default_url=/lab/tree/notebooks
endef

define SAMPLE
$(ENTER)
exec "$$python" -m apijourney.simulate --out data/sample
endef

define NOTEBOOKS
$(ENTER)
exec "$$python" -m apijourney.report.store_outputs notebooks
endef

define CLEAN
$(ENTER)
echo "Removing .venv and what tools left behind; reports stay"
rm -rf .venv .pytest_cache .hypothesis
find . -type d '(' -name __pycache__ -o -name .ipynb_checkpoints -o -name '*.egg-info' ')' -prune -exec rm -rf '{}' +
endef

export PREPARE REPORT TEST FUZZ BENCH LAB SAMPLE NOTEBOOKS CLEAN

.PHONY: help prepare report test fuzz bench lab sample notebooks clean

help:
	@echo "make report      the monthly report, as a page in reports/<month>/index.html"
	@echo "                 WORKBOOK=my/workbook.yaml  MONTH=2026-10  OUT=folder  choose other data, month, place"
	@echo "                 OUT=s3://bucket/reports takes it to a store; RESTATE=yes makes a final month again"
	@echo "make lab         the notebooks in JupyterLab"
	@echo "make test        all tests, and the notebooks against their stored outputs"
	@echo "make fuzz        millions of random logs against the definition of a funnel; reports killed at random moments"
	@echo "make bench       the same questions to other engines, timed; SIZES=\"10000000 100000000\"  EVENTS_FOLDER=folder"
	@echo "make notebooks   run the notebooks again and store their outputs"
	@echo "make sample      simulate the sample company again, into data/sample"
	@echo "make clean       remove .venv and caches"
	@echo "PYTHON=python3.12 chooses the Python that .venv is made with (3.11, 3.12 or 3.13)."

prepare:
	@sh -c "$$PREPARE"

report: prepare
	@sh -c "$$REPORT"

test: prepare
	@sh -c "$$TEST"

fuzz: prepare
	@sh -c "$$FUZZ"

bench: prepare
	@sh -c "$$BENCH"

lab: prepare
	@sh -c "$$LAB"

sample: prepare
	@sh -c "$$SAMPLE"

notebooks: prepare
	@sh -c "$$NOTEBOOKS"

clean:
	@sh -c "$$CLEAN"
