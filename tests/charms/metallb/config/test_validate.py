"""Configurations are checked in the words of each release's own parser.

verdicts.json holds what the parsers of the releases say about verdicts_texts.yaml. It is recorded
by helpers/recorders/metallb_verdicts.py; nothing in it comes from this charm.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from metallb.config import validate
from metallb.config.decode import decode
from metallb.config.errors import RefusedError
from metallb.releases import find

DIRECTORY = Path(__file__).parent
VERDICTS = json.loads((DIRECTORY / "verdicts.json").read_text(encoding="utf-8"))
TEXTS = {
    name: text
    for entry in yaml.safe_load((DIRECTORY / "verdicts_texts.yaml").read_text(encoding="utf-8"))
    for name, text in entry.items()
}


def problems(text: str, release: str) -> list[str]:
    """Return the charm's messages about a configuration."""
    number = find(release).number
    try:
        return validate.problems(decode(text, number), number)
    except RefusedError as error:
        return [str(error)]


@pytest.mark.parametrize("release", VERDICTS)
@pytest.mark.parametrize("name", TEXTS)
def test_first_problem_is_the_verdict_of_the_release(release: str, name: str) -> None:
    """No problem where the release accepts the text, and the same message where it refuses it."""
    messages = problems(TEXTS[name], release)

    assert (messages or [""])[0] == VERDICTS[release][name]


def test_every_text_has_a_recorded_verdict() -> None:
    """The record and the texts belong together."""
    assert all(set(verdicts) == set(TEXTS) for verdicts in VERDICTS.values())


def test_all_problems_are_reported_at_once() -> None:
    """MetalLB stops at the first problem; the charm reports the others as well."""
    text = """
peers: [{peer-asn: 1, my-asn: 2}]
address-pools:
- {name: a, protocol: arp, addresses: [10.0.0.0/28]}
- {name: b, addresses: [10.0.0.0/28]}
"""
    assert problems(text, "v0.8.1") == [
        'parsing peer #1: invalid peer IP ""',
        'parsing address pool #1: unknown protocol "arp"',
        "parsing address pool #2: address pool is missing the protocol field",
    ]
