# Everything a newcomer needs: `make run` and `make test`. PORT=9090 and DATA=folder change where the platform is.
PYTHON ?= python3
PORT ?= 8080
DATA ?= data
TRIALS ?= 20
bin := .venv/bin
# Each worker has a store and a broker of its own.
PYTEST ?= --numprocesses auto --dist loadfile
# Written last: a set-up that was interrupted begins anew.
stamp := .venv/ready

.PHONY: help run test check chaos bench setup lock wheel contract images compose-up compose-down

help:
	@echo "make run    start the platform on http://127.0.0.1:$(PORT) (PORT=, DATA=)"
	@echo "make test   run the tests"
	@echo "make check  the tests, and lint, types and import contracts"
	@echo "make chaos  attack the platform on real Kafka and audit it (TRIALS=20, SEED=)"
	@echo "make bench  measure it beside others, on the embedded pair and real Kafka (ONLY=, QUICK=1)"
	@echo "make setup  prepare .venv, with .venv/bin/motesplats in it"
	@echo "make lock   renew requirements.lock (needs uv)"
	@echo "make contract  write the event schemas anew after a change of the events"
	@echo "make wheel  build the wheels of the platform and of its events into dist/"
	@echo "make compose-up    start the platform in containers, with Apache Kafka (PORT=, TRIAL=1)"
	@echo "make compose-down  stop it; its data stays"
	@echo "make images        build the images for it where no registry is in reach"

run: setup
	@$(bin)/motesplats up --port $(PORT) --data "$(DATA)"

test: setup
	@$(bin)/python -m pytest $(PYTEST)

check: setup
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/python -m pytest $(PYTEST)

chaos: setup
	@$(bin)/python -m tests.chaos --trials $(TRIALS) $(if $(SEED),--seed $(SEED))

bench: setup
	@$(bin)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

setup: $(stamp)
	@true

$(stamp): requirements.lock pyproject.toml shared/events/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { \
		echo "Python 3.11, 3.12 or 3.13 is needed and $(PYTHON) is not one: try make PYTHON=python3.12 setup" >&2; exit 1; }
	@echo "Preparing .venv (once, and when requirements.lock changes)"
	@$(PYTHON) -m venv .venv || { \
		echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e shared/events -e .
	@touch $(stamp)

# `motesplats-events` is ours, in shared/events, and so is not locked.
lock:
	@echo ./shared/events | uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		--all-extras --no-emit-package motesplats-events --python-version 3.11 pyproject.toml - -o requirements.lock

contract: setup
	@$(bin)/python -m motesplats_events shared/events/schemas

wheel: setup
	@rm -rf dist
	@$(bin)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist . ./shared/events
	@ls dist

images:
	@deploy/images/build

compose-up:
	@PORT=$(PORT) MOTESPLATS_TRIAL=$(if $(TRIAL),1,0) deploy/compose up --detach --build
	@echo "The platform is on http://127.0.0.1:$(PORT)"
	@$(if $(TRIAL),deploy/compose exec -T registration motesplats sign-in)

compose-down:
	@deploy/compose down
