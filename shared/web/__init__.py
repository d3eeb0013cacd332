"""Pages for people: in the reader's language, with forms that lose nothing and a strict security policy."""

from shared.web.errors import error_page, problem_details, refusal, translator
from shared.web.forms import Form, Ticked, read_form, read_query
from shared.web.install import install
from shared.web.language import LANGUAGES, Catalogues, Translator, language, msg
from shared.web.pages import Pages
from shared.web.uploads import (
    FILE_BODY,
    ImportOut,
    TakingIn,
    carried,
    download,
    import_out,
    import_page,
    looked_at,
    uploaded,
)
from shared.web.wording import Says

__all__ = [
    "FILE_BODY",
    "LANGUAGES",
    "Catalogues",
    "Form",
    "ImportOut",
    "Pages",
    "Says",
    "TakingIn",
    "Ticked",
    "Translator",
    "carried",
    "download",
    "error_page",
    "import_out",
    "import_page",
    "install",
    "language",
    "looked_at",
    "msg",
    "problem_details",
    "read_form",
    "read_query",
    "refusal",
    "translator",
    "uploaded",
]
