"""Tags for the pieces of the interface: icons, navigation links, form fields, error summary."""

from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, HiddenInput, RadioSelect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing of static/img/icons.svg. Silent unless `label` gives it words of its own."""
    href = f"{static('img/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.inclusion_tag("_nav_link.html", takes_context=True)
def nav_link(
    context: template.Context,
    href: str,
    icon_name: str,
    label: str,
    kind: str,
    count: int = 0,
    also: str = "",
) -> dict[str, Any]:
    """A link of the header ("site-nav") or the bottom bar ("bottom-nav"), marked when current; also
    on the pages below `also`.
    """
    request = context.get("request")
    path = request.path if request else ""
    is_below = path.startswith(href) or bool(also and path.startswith(also))
    is_current = path == href if href == "/" else is_below
    return {
        "href": href,
        "icon_name": icon_name,
        "label": label,
        "kind": kind,
        "count": count,
        "is_current": is_current,
    }


@register.inclusion_tag("_field.html")
def field(
    bound: BoundField, label: str = "", hint: str = "", *, mark_optional: bool = True, **attrs: Any
) -> dict[str, Any]:
    """`{% field form.email autocomplete="email" %}`: label, hint, control and error, linked.

    Further arguments become attributes of the control; `_` in their names stands for `-`.
    `mark_optional=False` is for filters, where everything is optional.
    """
    if hint:
        bound.help_text = hint
    control_attrs = {name.replace("_", "-"): value for name, value in attrs.items()}
    return {
        "field": bound,
        "label": label or bound.label,
        "control": bound.as_widget(attrs=control_attrs) + _as_it_was(bound),
        "shape": _shape(bound),
        "is_optional": mark_optional and not bound.field.required,
    }


@register.inclusion_tag("_error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """All that is wrong, said first and focused, each line a link to its field."""
    fields = [bound for bound in form if bound.errors] if form.is_bound else []
    general = form.non_field_errors() if form.is_bound else []
    return {"fields": fields, "general": general}


def _as_it_was(bound: BoundField) -> SafeString:
    """What stood in the field when the page was made, where the form asks for it."""
    asks = bound.field.show_hidden_initial
    return bound.as_hidden(only_initial=True) if asks else SafeString()


def _shape(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, HiddenInput):
        return "hidden"
    if isinstance(widget, CheckboxSelectMultiple):
        return "chips"
    if isinstance(widget, RadioSelect):
        return "radios"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "control"
