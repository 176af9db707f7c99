# make run is all one needs. PYTHON chooses the interpreter (3.11 or later), PORT the port.
PYTHON ?= python3
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder
ARGS ?=

BIN := .venv/bin
# A stamp carries the checksum of what it stands for: other pins, other stamp, a new install.
RUN_STAMP := .venv/installed-$(shell cat requirements.txt | cksum | cut -d ' ' -f 1)
DEV_STAMP := .venv/installed-dev-$(shell cat requirements.txt tests/requirements.txt | cksum | cut -d ' ' -f 1)
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-compile
TEMPLATES := find templates -name '*.html' -exec
MANAGE := $(BIN)/python manage.py
# What a server on the internet would set, for Django's own deployment checks.
PRODUCTION := DEBUG=0 CHANNELS=email ALLOWED_HOSTS=ghar.test SECURE_SSL_REDIRECT=1 \
  SECRET_KEY=an-example-that-is-long-enough-for-the-checks-0123456789-abcdefghij PHONE_PEPPER=example

.PHONY: run test lint fmt check texts bench clean
.DELETE_ON_ERROR:

run: $(RUN_STAMP)
	@exec $(BIN)/python -m ghar.boot run

test: $(DEV_STAMP)
	@exec $(BIN)/python -m ghar.boot test $(PYTEST_ARGS) $(ARGS)

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(TEMPLATES) $(BIN)/djade --check {} +
	$(TEMPLATES) $(BIN)/djhtml --check {} +
	$(BIN)/lint-imports
	$(BIN)/mypy ghar moderation flatmates viewings visits

fmt: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(TEMPLATES) $(BIN)/djade {} +
	$(TEMPLATES) $(BIN)/djhtml {} +

check: $(DEV_STAMP)
	$(MANAGE) check --fail-level WARNING
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) write_docs --check
	$(MANAGE) spectacular --fail-on-warn --validate --file /dev/null

# For whoever changed a text: collects them and compiles the catalogs. Needs GNU gettext.
texts: $(DEV_STAMP)
	$(MANAGE) makemessages --all --add-location file --no-wrap --no-obsolete \
	  --ignore=.venv --ignore=var --ignore=tests --ignore=bench
	$(MANAGE) compilemessages --ignore=.venv

bench: $(DEV_STAMP)
	@exec $(BIN)/python -m ghar.boot test -q -s -p no:xdist \
	  -o python_files="bench_*.py" -o python_functions="bench_*" bench $(ARGS)

# Under the supervisor's own lock: nothing is taken away from a site that runs.
clean:
	@for lock in $(wildcard var/boot.lock var/test/boot.lock); do \
	  flock --nonblock $$lock true || { echo "ghar is running: stop it first (Ctrl-C)."; exit 1; }; \
	done
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ghar needs Python 3.11 or later; name one: make PYTHON=python3.12 run"; exit 1; }
	@echo "Making .venv …"
	@# Where the system's Python lacks ensurepip, its own pip fills the new environment.
	@$(PYTHON) -m venv .venv 2>/dev/null || { $(PYTHON) -m venv --without-pip --clear .venv && \
	  $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }

$(RUN_STAMP): | .venv/bin/python
	@echo "Installing the packages (a minute or so the first time) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV_STAMP): | .venv/bin/python
	@echo "Installing the packages, with those for tests (a minute or two the first time) …"
	@$(PIP) -r requirements.txt -r tests/requirements.txt
	@touch $(RUN_STAMP) $@
