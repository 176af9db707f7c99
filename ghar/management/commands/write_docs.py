"""The generated pages of docs/: one state diagram a table of steps, and the table of settings."""

import ast
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from flatmates import states as flatmates
from ghar.lib.transitions import Transitions
from ghar.properties import states as properties
from moderation import states as moderation
from viewings import states as viewings
from visits import states as visits

TABLES: dict[str, Transitions] = {
    "listing": properties.TRANSITIONS,
    "photo": properties.MEDIA_TRANSITIONS,
    "moderation case": moderation.CASE_TRANSITIONS,
    "appeal": moderation.APPEAL_TRANSITIONS,
    "report": moderation.REPORT_TRANSITIONS,
    "profile": flatmates.PROFILE_TRANSITIONS,
    "match": flatmates.MATCH_TRANSITIONS,
    "conversation": flatmates.CONVERSATION_TRANSITIONS,
    "viewing": viewings.TRANSITIONS,
    "visit": visits.TRANSITIONS,
    "viewing time option": viewings.OPTION_TRANSITIONS,
}

GENERATED = "<!-- Written by `manage.py write_docs`; change the code, not this page. -->\n\n"


class Command(BaseCommand):
    help = "Write the generated pages of docs/; --check only compares."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        docs = Path(settings.BASE_DIR) / "docs"
        pages = {docs / "states.md": states_page(), docs / "settings.md": settings_page()}
        stale = [
            path for path, text in pages.items() if not path.exists() or path.read_text() != text
        ]
        if options["check"] and stale:
            names = ", ".join(path.name for path in stale)
            raise CommandError(f"Run manage.py write_docs: {names} is out of date.")
        for path in stale:
            path.write_text(pages[path])
            self.stdout.write(f"wrote {path.name}")


def states_page() -> str:
    parts = [GENERATED, "# States and steps\n"]
    for name, table in TABLES.items():
        rows = [
            f"| {step.verb} | {', '.join(sorted(step.sources))} | {step.target} |"
            f" {', '.join(sorted(step.actors))} |"
            for step in table
        ]
        parts.append(f"\n## {name.capitalize()}\n\n```mermaid\n{table.diagram()}```\n")
        parts.append("\n| step | from | to | who |\n|---|---|---|---|\n" + "\n".join(rows) + "\n")
    return "".join(parts)


def settings_page() -> str:
    source = (Path(settings.BASE_DIR) / "ghar" / "settings.py").read_text()
    rows = [
        f"| `{name}` | {kind} | {f'`{default}`' if default else 'none'} |"
        for name, kind, default in sorted(environment_reads(source))
    ]
    head = "# Settings\n\nRead from the environment or from `.env`.\n\n"
    return f"{GENERATED}{head}| name | type | default |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def environment_reads(source: str) -> set[tuple[str, str, str]]:
    """(name, type, default as written) of each `env.<type>(name, default=…)` in the source."""
    reads = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env"), attr=kind),
                args=[ast.Constant(value=str(name))],
                keywords=keywords,
            ):
                default = next((k.value for k in keywords if k.arg == "default"), None)
                reads.add((name, kind, ast.unparse(default) if default else ""))
    return reads
