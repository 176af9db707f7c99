"""Languages of the product that Django does not know by itself."""

from typing import Final

from django.conf.locale import LANG_INFO

EXTRA_LANG_INFO: Final = {
    "rw": {"bidi": False, "code": "rw", "name": "Kinyarwanda", "name_local": "Ikinyarwanda"},
}


def extend_lang_info() -> None:
    """Teach Django the names of our languages. For settings: translation reads them at start."""
    LANG_INFO.update(EXTRA_LANG_INFO)
