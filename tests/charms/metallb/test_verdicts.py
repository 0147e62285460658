"""Configurations are judged in the words of the release's own parser.

verdicts.json holds what the parsers of the releases said of verdicts_texts.yaml, recorded by
helpers/recorders/metallb_verdicts.py; nothing in it comes from this charm.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from metallb.config.decode import GrammarError, decode
from metallb.config.validate import judge, pools, unserved
from metallb.upstream.releases import find

HERE = Path(__file__).parent
VERDICTS = json.loads((HERE / "verdicts.json").read_text(encoding="utf-8"))
TEXTS = {
    name: text
    for entry in yaml.safe_load((HERE / "verdicts_texts.yaml").read_text(encoding="utf-8"))
    for name, text in entry.items()
}


def verdict(text: str, release: str) -> list[str]:
    """Return our judgement of a text."""
    number = find(release).number
    try:
        return judge(decode(text, number), number)
    except GrammarError as error:
        return [str(error)]


@pytest.mark.parametrize("release", VERDICTS)
@pytest.mark.parametrize("name", TEXTS)
def test_the_first_word_is_the_releases_own(release: str, name: str) -> None:
    """Taken where it takes the text, and refused with the same message where it does not."""
    found = verdict(TEXTS[name], release)

    assert (found or [""])[0] == VERDICTS[release][name]


def test_every_recorded_text_is_there() -> None:
    """The record and the texts were made together."""
    assert all(set(said) == set(TEXTS) for said in VERDICTS.values())


def test_all_is_told_at_once() -> None:
    """Where MetalLB stops at the first, we go on."""
    text = """
peers: [{peer-asn: 1, my-asn: 2}]
address-pools:
- {name: a, protocol: arp, addresses: [10.0.0.0/28]}
- {name: b, addresses: [10.0.0.0/28]}
"""
    assert verdict(text, "v0.8.1") == [
        'parsing peer #1: invalid peer IP ""',
        'parsing address pool #1: unknown protocol "arp"',
        "parsing address pool #2: address pool is missing the protocol field",
    ]


@pytest.mark.parametrize("name", ["start after end", "two families in a range"])
def test_what_serves_nothing_is_our_error(name: str) -> None:
    """0.8 takes such a range; we do not, and say that the rule is ours."""
    number = find("v0.8.1").number
    data = decode(TEXTS[name], number)

    assert judge(data, number) == []
    (told,) = unserved(data, number)
    assert "this charm's rule" in told
    assert pools(data, number)[0].networks == ()
