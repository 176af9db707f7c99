"""Rules about the tree that no linter states."""

import ast
import importlib
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys

from django.apps import apps
from django.contrib import admin
from django.db import connection
import pytest

from flatmates.states import CONVERSATION_TRANSITIONS, MATCH_TRANSITIONS, PROFILE_TRANSITIONS
from ghar.models import DueRow
from ghar.properties.states import MEDIA_TRANSITIONS
from ghar.properties.states import TRANSITIONS as LISTING
from moderation.states import APPEAL_TRANSITIONS, CASE_TRANSITIONS, REPORT_TRANSITIONS
from viewings.states import OPTION_TRANSITIONS
from viewings.states import TRANSITIONS as VIEWING
from visits.states import TRANSITIONS as VISIT

ROOT = Path(__file__).parent.parent
PACKAGES = ["ghar", "moderation", "flatmates", "viewings", "visits"]
TOP_LEVEL = {
    *("ghar", "visits", "flatmates", "moderation", "viewings", "templates", "static", "tests"),
    *("manage.py", "requirements.txt", "README.md", "CHANGELOG.md", "LICENSE", "Makefile"),
    *("pyproject.toml", "docs", "bench", "deploy"),
}

# Each table of steps with the trigger that holds the same pairs in the database.
FROZEN = {
    "properties": LISTING,
    "property_media": MEDIA_TRANSITIONS,
    "uploads": MEDIA_TRANSITIONS,
    "moderation_cases": CASE_TRANSITIONS,
    "moderation_appeals": APPEAL_TRANSITIONS,
    "reports": REPORT_TRANSITIONS,
    "flatmate_profiles": PROFILE_TRANSITIONS,
    "flatmate_matches": MATCH_TRANSITIONS,
    "flatmate_conversations": CONVERSATION_TRANSITIONS,
    "viewing_requests": VIEWING,
    "visits": VISIT,
    "viewing_time_options": OPTION_TRANSITIONS,
}


def modules():
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def own_apps():
    return [config for config in apps.get_app_configs() if config.name.split(".")[0] in PACKAGES]


def test_the_top_level_is_the_one_of_the_design():
    generated = {"var"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - generated <= TOP_LEVEL


def test_init_files_are_empty_but_for_those_that_gather_models():
    """Django looks for the models of an app in one module: its package re-exports them."""
    filled = [p for p in modules() if p.name == "__init__.py" and p.read_text().strip()]
    nodes = {p: ast.parse(p.read_text()).body for p in filled}
    assert [str(p) for p in filled if p.parent.name != "models"] == []
    assert [
        str(p)
        for p, body in nodes.items()
        if not all(isinstance(node, ast.ImportFrom | ast.Assign) for node in body)
    ] == []


def test_no_module_is_named_after_nothing():
    assert [p for p in modules() if p.stem in {"utils", "helpers", "common", "misc"}] == []


def test_no_module_is_longer_than_four_hundred_lines():
    long = {
        str(p.relative_to(ROOT)): n
        for p in modules()
        if "migrations" not in p.parts and (n := len(p.read_text().splitlines())) > 400
    }
    assert long == {}


def test_every_app_with_models_has_migrations():
    without = [
        config.name
        for config in own_apps()
        if list(config.get_models()) and not (Path(config.path) / "migrations/__init__.py").exists()
    ]
    assert without == []


def test_no_foreign_key_is_named_property():
    found = [
        model._meta.label
        for config in own_apps()
        for model in config.get_models()
        if any(field.name == "property" for field in model._meta.get_fields())
    ]
    assert found == []


def test_only_states_policies_and_querysets_compare_a_status():
    # The status of an HTTP answer is a number and no state.
    comparison = re.compile(r"\.status\s*(==|!=|in\b|not in\b)(?!\s*\d)")
    allowed = {"states.py", "policies.py"}
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        if path.name not in allowed
        and not {"models", "policies", "rules", "boot"} & {*path.parts, path.stem}
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if comparison.search(line)
    ]
    assert found == []


def test_templates_never_compare_a_status():
    comparison = re.compile(r"{%\s*(el)?if[^%]*\bstatus\s*(==|!=|in\b)")
    found = [
        str(p) for p in (ROOT / "templates").rglob("*.html") if comparison.search(p.read_text())
    ]
    assert found == []


def test_no_template_carries_inline_script_or_style():
    inline = re.compile(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son[a-z]+=", re.IGNORECASE)
    pages = [p for p in (ROOT / "templates").rglob("*.html") if "emails" not in p.parts]
    assert [str(p) for p in pages if inline.search(p.read_text())] == []


def test_work_of_every_kind_that_was_given_up_is_found_in_the_admin():
    kinds = {model for model in apps.get_models() if issubclass(model, DueRow)}
    found = {
        model for model, console in admin.site._registry.items() if "state" in console.list_filter
    }
    assert kinds - found == set()


def test_tasks_registered_by_beat_exist():
    app = importlib.import_module("ghar.celery").app
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert scheduled <= set(app.tasks)


@pytest.mark.django_db
@pytest.mark.parametrize("table", FROZEN)
def test_the_trigger_holds_the_same_pairs_as_the_table_of_steps(table):
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [f"{table}_status_step"])
        source = cursor.fetchone()[0]
    pairs = sorted(re.findall(r"\('(\w+)', '(\w+)'\)", source))
    assert pairs == FROZEN[table].pairs()


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("ghar/properties/models/listings.py", "import moderation.models"),
        ("moderation/models/cases.py", "import moderation.services.checks"),
        ("viewings/services/records.py", "import rest_framework"),
    ],
)
def test_a_planted_import_breaks_the_contracts(module, line, tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a") as source:
        source.write(f"\n{line}\n")
    lint = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    told = subprocess.run(
        [lint, "--no-cache"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert line.removeprefix("import ") in told.stdout
