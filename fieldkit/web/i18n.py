"""Which language a page speaks: ?lang=, else what was chosen before at the desk, else Chinese."""

from __future__ import annotations

from flask import Flask, g, request, session

from fieldkit.core.text import Text
from fieldkit.translations import FOLDERS, catalogue, say

DESK_PATHS = ("/desk", "/login", "/logout")  # pages that may keep a session
TAGS = {"zh": "zh-CN", "en": "en"}  # <html lang>; without it some phones pick Japanese glyphs


def language() -> str:
    """The language of this request, 'zh' or 'en'. Only desk pages keep it: a respondent gets no cookie."""
    if "language" not in g:
        asked = request.args.get("lang", "")
        at_desk = request.path.startswith(DESK_PATHS)
        if asked in FOLDERS:
            g.language = asked
            if at_desk and not request.path.endswith(".pdf"):  # a file in English leaves the desk as it is
                session["language"] = asked
        else:
            g.language = session.get("language", "zh") if at_desk else "zh"
    return str(g.language)


def language_name(code: str) -> str:
    """What a language calls itself; its code where we do not know."""
    return str(catalogue("zh").get(f"phone.language_{code}", code))


def tag(code: str) -> str:
    """What <html lang> says of a language."""
    return TAGS.get(code, code.replace("_", "-"))


def words(key: str, **facts: object) -> str:
    """A sentence of the interface in this request's language (in templates: `say`)."""
    return say(key, language(), **facts)


def init_app(app: Flask) -> None:
    """Give templates `say`, `text` and `lang`."""
    app.jinja_env.globals["say"] = words
    app.jinja_env.globals["lang_tag_of"] = tag
    app.jinja_env.globals["text"] = lambda text: text.say(language()) if isinstance(text, Text) else str(text)
    app.context_processor(lambda: {"lang": language(), "lang_tag": tag(language())})
