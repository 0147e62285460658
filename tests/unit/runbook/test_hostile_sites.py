"""Values of a site reach the shell and Markdown only through their encoders."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml

from botlab.findings import has_errors
from helpers.runbooks import blocks_of, sections_of

from .test_document import assessed, text_of

TEXTS = (
    "$(touch owned)",
    "`touch owned`",
    "'; touch owned; '",
    "a|b",
    "```",
    "a\nb",
    "# Title",
    "<b>",
)


def hostile_site(text: str) -> dict[str, object]:
    """Return a site that has a text wherever it allows free text."""
    return {
        "site": "lab",
        "juju": "3.6",
        "description": f"lab {text}",
        "kubernetes": {"profile": "charmed-k8s", "ingress": False},
        "machines": {
            "node0": {
                "tags": ["node0"],
                "zone": f"z{text}",
                "roles": ["easyrsa", "etcd", "control-plane", "worker"],
            }
        },
        "model-config": {"apt-mirror": f"http://mirror/{text}"},
        "applications": {"easyrsa": {"resources": {"easyrsa": f"./files/{text}.tgz"}}},
    }


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_a_site_stays_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "site.yaml"
    plain = "plain"
    runbooks = []
    for value in (plain, text):
        file.write_text(yaml.safe_dump(hostile_site(value)))
        assessment = assessed(file)
        assert not has_errors(assessment.findings), assessment.findings
        runbooks.append(text_of(assessment))
    expected, written = runbooks

    assert list(sections_of(written)) == list(sections_of(expected))
    assert [b.language for b in blocks_of(written)] == [b.language for b in blocks_of(expected)]
    pairs = zip(blocks_of(expected), blocks_of(written), strict=True)
    for before, after in pairs:
        assert len(before.lines) == len(after.lines)
        for old, new in zip(before.lines, after.lines, strict=True):
            if before.language == "sh" and "$'" not in new:
                assert shlex.split(new) == [w.replace(plain, text) for w in shlex.split(old)]
