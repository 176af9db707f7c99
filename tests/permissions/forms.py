"""The forms of a page, read from it as a browser does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

# What a browser sends of its own, or not as text.
NOT_TYPED = {"submit", "button", "image", "reset", "file"}
UNTICKED = {"radio", "checkbox"}


@dataclass
class Form:
    """Where it goes, and what it would send if nobody touched it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.forms, self.select, self.area = address, [], "", ""
        self.form: Form | None = None

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        name = said.get("name", "")
        if tag == "form":
            self.form = Form(said.get("action") or self.address, said.get("method", "get").lower())
            self.forms.append(self.form)
        elif self.form is None:
            return
        elif tag == "option" and self.select and ("selected" in said or not self._chosen()):
            self.form.fields[self.select] = said.get("value", "")
        elif tag == "select":
            self.select = name
            self.form.fields[name] = ""
        elif tag == "textarea" and name:
            self.area = name
            self.form.fields[name] = ""
        elif tag in ("input", "button") and name:
            self._take(name, said)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_data(self, data):
        if self.form is not None and self.area:
            self.form.fields[self.area] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def _chosen(self) -> str:
        return self.form.fields[self.select] if self.form else ""

    def _take(self, name: str, said: dict[str, str]) -> None:
        kind, fields = said.get("type", "text"), self.form.fields
        if kind in UNTICKED and "checked" not in said and name in fields:
            return
        if kind not in NOT_TYPED - {"submit"}:
            fields[name] = said.get("value", "")


def forms_of(address: str, html: str) -> list[Form]:
    reader = _Reader(address)
    reader.feed(html)
    return reader.forms
