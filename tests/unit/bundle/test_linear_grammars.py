"""The grammars of a bundle's strings take time that is linear in the length of the string."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest

from botlab.bundle.charm_url import NAME, SERIES, USER, charm_name
from botlab.bundle.constraints import constraint_error, size_in_mib
from botlab.bundle.directives import STORAGE_NAME, device_error, storage_error
from botlab.bundle.natural_sort import natural
from botlab.bundle.offer_url import is_offer_url
from botlab.bundle.placement import parse_placement
from botlab.bundle.relation import APPLICATION_NAME, RELATION_NAME, parse_relation_end
from botlab.juju import Juju
from botlab.rules.lab.checks.charm_options import is_description
from botlab.site.names import APPLICATION_NAME as SITE_APPLICATION_NAME
from helpers.growth import LINEAR, growth

# Each text differs from all before, so that a grammar with a cache reads it.
_NUMBERS = itertools.count()
# The sign at the end fits no grammar, so that a grammar with several ways to match tries them all.
_TEXTS: dict[str, Callable[[int], str]] = {
    "letters": lambda size: "a" * size + "!",
    "one hyphen": lambda size: "a-" + "a" * size + "!",
    "hyphens": lambda size: "a-" * size + "!",
    "words": lambda size: "a-1a" * size + "!",
    "digits": lambda size: "a-" + "1" * size + "!",
    "underscores": lambda size: "a_" * size + "!",
    "lines": lambda size: ".:\n" * size,
    "endings": lambda size: "expir" * size + "!",
}

_GRAMMARS: dict[str, Callable[[str], object]] = {
    "placement": parse_placement,
    "application": APPLICATION_NAME.fullmatch,
    "application of a site": lambda text: re.fullmatch(SITE_APPLICATION_NAME, text),
    "relation": RELATION_NAME.fullmatch,
    "relation end": parse_relation_end,
    "charm": NAME.fullmatch,
    "series": SERIES.fullmatch,
    "user": USER.fullmatch,
    "charm name": charm_name,
    "storage name": STORAGE_NAME.fullmatch,
    "storage": lambda text: storage_error(text, Juju.V2_9),
    "device": device_error,
    "size": size_in_mib,
    "spaces": lambda text: constraint_error(f"spaces={text}", Juju.V3_6),
    "offer": lambda text: is_offer_url(text, Juju.V4_0),
    "natural order": natural,
    "option": is_description,
}


@pytest.mark.parametrize("grammar", _GRAMMARS)
@pytest.mark.parametrize("text", _TEXTS)
def test_grammar_takes_linear_time(grammar: str, text: str) -> None:
    """A name of some ten thousand characters must not stop the program."""
    read, write = _GRAMMARS[grammar], _TEXTS[text]
    assert growth(lambda size: read(f"{write(size)}{next(_NUMBERS)}"), 4000) < LINEAR


@pytest.mark.parametrize("name", ["a-1a", "a-a1-b", "a1-1a1-2b"])
def test_application_name_has_a_letter_in_each_word(name: str) -> None:
    """Digits may stand anywhere else."""
    assert APPLICATION_NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["a-1", "a-", "a--b", "1a", "a-1-b", "-a", "A"])
def test_word_of_digits_is_no_part_of_an_application_name(name: str) -> None:
    """It would look like a unit."""
    assert not APPLICATION_NAME.fullmatch(name)
