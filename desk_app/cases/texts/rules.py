"""Placeholders in texts: which there are, and how they are filled. Pure.

A placeholder is ``{{name}}``. A mistake in one is found when the text is written, not when it is
sent to a customer. What isn't known when the text is used stays in it as ``[…]`` with its name in
words, so that it is seen and can be typed over.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from desk_app.errors import Refused
from desk_app.text import line, prose

LONGEST_TITLE = 80
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_STRAY = re.compile(r"\{\{|\}\}")


class TextKind(StrEnum):
    """What a text is used for."""

    MODULE = "module"  # a part of any text
    ANSWER = "answer"  # a whole answer to a customer
    ARTICLE = "article"  # what the office knows of a matter; linked to cases that it helped


class Placeholder(StrEnum):
    """What a text can leave open. Its words are ``texts.placeholder.<value>``."""

    CUSTOMER = "customer"
    CASE = "case"
    SUBJECT = "subject"
    PRODUCT = "product"
    OPERATOR = "operator"
    OFFICE = "office"
    OFFICE_NUMBER = "office_number"
    TODAY = "today"
    DUE = "due"


def check_title(text: str) -> str:
    """A text's title; `Refused` if it is empty or too long."""
    title = line(text, field="title")
    if not title:
        raise Refused("texts.untitled")
    if len(title) > LONGEST_TITLE:
        raise Refused("texts.title_too_long", limit=LONGEST_TITLE)
    return title


def check_body(text: str) -> str:
    """A text's body; `Refused` if it is empty or has a placeholder that there isn't."""
    body = prose(text, field="body")
    if not body:
        raise Refused("texts.empty")
    known = {one.value for one in Placeholder}
    for found in _PLACEHOLDER.finditer(body):
        if found[1].strip() not in known:
            raise Refused("texts.no_such_placeholder", name=line(found[1], field="body")[:40])
    if _STRAY.search(_PLACEHOLDER.sub("", body)):
        raise Refused("texts.open_placeholder")
    return body


def placeholders(body: str) -> frozenset[Placeholder]:
    """Those that a checked text leaves open."""
    return frozenset(Placeholder(found[1].strip()) for found in _PLACEHOLDER.finditer(body))


def filled(body: str, values: Mapping[Placeholder, str], names: Mapping[Placeholder, str]) -> str:
    """The text with what is known; the rest as ``[its name]``. Values are not looked into."""

    def fill(found: re.Match[str]) -> str:
        which = Placeholder(found[1].strip())
        return values.get(which) or f"[{names[which]}]"

    return _PLACEHOLDER.sub(fill, body)
