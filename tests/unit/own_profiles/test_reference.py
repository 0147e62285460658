"""The reference of profile files is generated from the models, and complete."""

from __future__ import annotations

import re
from pathlib import Path

from botlab.own_profiles.files import LARGEST_FILE, MOST_FAULTS
from botlab.own_profiles.layout import LARGEST_PROFILE
from botlab.own_profiles.reference import VALUES, reference_page
from botlab.render import limited_templates, template_limits

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "generator/botlab"


def test_page_in_docs_is_generated_from_the_models() -> None:
    """Write docs/profile-files.md again with reference_page() when this test fails."""
    page = (ROOT / "docs/profile-files.md").read_text(encoding="utf-8")
    assert page == reference_page()
    assert "### `applications.*.role`" in page
    assert "### `options.*.default`" in page


def test_every_value_of_templates_is_described() -> None:
    """Those that the renderer passes, and no others."""
    source = (SOURCES / "render/bundle.py").read_text(encoding="utf-8")
    body = source.partition("def _template_values")[2].partition("\ndef ")[0]
    keys = set(re.findall(r'^        "(\w+)":', body, re.MULTILINE))

    assert keys | {"control_plane_sysctl", "worker_sysctl"} == set(VALUES)


def test_every_id_of_a_fault_is_described() -> None:
    texts = [file.read_text(encoding="utf-8") for file in SOURCES.glob("own_profiles/*.py")]
    ids = {fault for text in texts for fault in re.findall(r'"(PF\d{3})"', text)}

    assert ids == set(re.findall(r"^\| `(PF\d{3})` \|", reference_page(), re.MULTILINE))


def test_limits_and_language_are_those_of_the_renderer() -> None:
    page = " ".join(reference_page().split())
    assert f"{template_limits.MOST_STEPS:,} steps" in page
    assert f"steps or {template_limits.MOST_SECONDS:.0f} seconds" in page
    largest = f"{template_limits.LARGEST_TEMPLATE >> 10} KiB"
    assert (
        f"A text may have {largest}, and {template_limits.CHARACTERS_OF_VALUE} characters" in page
    )
    assert f"at most {template_limits.LARGEST_TEXT >> 20} MiB." in page
    assert f"a template {template_limits.LARGEST_TEMPLATE >> 10} KiB" in page
    assert f"all files of a profile together {LARGEST_PROFILE >> 20} MiB" in page
    assert f"A YAML file has at most {LARGEST_FILE >> 20} MiB" in page
    assert f"the first {MOST_FAULTS} faults" in page
    for name in (*limited_templates.FILTERS, "join", "list", "sort", "q", "yaml"):
        assert f"`{name}`" in page
    for names in limited_templates.METHODS.values():
        assert all(f"`{name}`" in page for name in names)
