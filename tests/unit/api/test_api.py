"""The Python library gives the same results as the commands."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from botlab.api import BotlabError, Juju, Severity, load_site, plan, render, validate
from botlab.cli import main
from helpers.api_page import EXAMPLE, ROOT, page

SITES = sorted(ROOT.glob("examples/*/site.yaml"))
IDS = [site.parent.name for site in SITES]


@pytest.mark.parametrize("site", SITES, ids=IDS)
def test_library_and_commands_agree(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the findings, the text of the bundle and the plan of each example."""
    lab = load_site(site)
    results = validate(lab), render(lab), plan(lab)
    assert capsys.readouterr() == ("", "")

    assert main(["validate", str(site), "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [finding.as_json(str(site)) for finding in results[0].findings] == printed["findings"]
    assert main(["render", str(site), "-o", "-"]) == 0
    assert capsys.readouterr().out == results[1].text
    assert main(["plan", str(site)]) == (0 if results[2].ok else 1)
    assert capsys.readouterr().out == "".join(f"{line}\n" for line in results[2].lines)


def test_all_mistakes_are_findings(tmp_path: Path) -> None:
    """Nothing is raised, and there is neither a bundle nor a plan."""
    site = tmp_path / "site.yaml"
    text = (ROOT / "examples/modern/site.yaml").read_text(encoding="utf-8")
    site.write_text(text.replace("roles: [etcd,", "roles: [etc,"), encoding="utf-8")

    lab = load_site(site)
    validation = validate(lab)
    errors = [f for f in validation.findings if f.severity is Severity.ERROR]
    assert [(f.id, f.file, f.line) for f in errors] == [
        ("BL004", str(site), 17),
        ("BL004", str(site), 21),
    ]
    assert (validation.ok, render(lab).ok, plan(lab).ok) == (False, False, False)
    assert (render(lab).text, render(lab).bundle, plan(lab).changes) == ("", None, ())
    assert plan(lab).findings == tuple(errors)
    assert lab.site is not None
    assert lab.juju is Juju.V3_6


def test_warnings_do_not_prevent_anything() -> None:
    lab = load_site(ROOT / "examples/botlab/site.yaml")

    assert validate(lab).findings != ()
    assert validate(lab).ok
    assert plan(lab).findings == ()
    bundle = render(lab).bundle
    assert bundle is not None
    assert list(bundle.machines) == ["0", "1", "2", "3"]


def test_options_are_those_of_the_commands(tmp_path: Path) -> None:
    """Layers, overlays, own profiles, the release of Juju, and the place of the bundle."""
    layer, overlay = tmp_path / "layer.yaml", tmp_path / "overlay.yaml"
    layer.write_text("site: other\n", encoding="utf-8")
    overlay.write_text("applications: {etcd: {expose: true}}\n", encoding="utf-8")
    example = ROOT / "examples/own-profile"

    lab = load_site(
        example / "lab.yaml",
        layers=[layer],
        overlays=[str(overlay)],
        juju="4.0",
        profiles=example / "profiles",
        bundle=tmp_path / "bundle.yaml",
    )
    rendering = render(lab)
    assert lab.site is not None
    assert (lab.site.site, lab.juju) == ("other", Juju.V4_0)
    assert rendering.overlays == (overlay,)
    assert rendering.bundle is not None
    etcd = rendering.bundle.applications["etcd"]
    assert etcd is not None
    assert etcd.expose is True
    assert "../" in rendering.text
    assert plan(lab, trust=True, model_constraints="arch=amd64", map_machines="existing").ok


def test_plan_for_an_existing_model_has_the_rest(tmp_path: Path) -> None:
    """The rendered bundle describes the model, so nothing is left to do."""
    lab = load_site(ROOT / "examples/botlab/site.yaml")
    model = tmp_path / "model.yaml"
    model.write_text(render(lab).text, encoding="utf-8")

    assert plan(lab, model=[model]).changes == ()
    assert len(plan(lab).changes) > 70


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [\n", "cannot be read as YAML"),
        ("", "a site file is a single YAML document"),
        ("applications: {}\nseries: bionic\n", "is a bundle; load_site needs a site file"),
    ],
)
def test_input_that_cannot_be_read_is_an_exception(
    tmp_path: Path, text: str, message: str
) -> None:
    """The exception has the file and the line."""
    site = tmp_path / "site.yaml"
    site.write_text(text, encoding="utf-8")

    with pytest.raises(BotlabError, match=message):
        load_site(site)
    with pytest.raises(BotlabError, match="cannot be read"):
        load_site(tmp_path / "none.yaml")


def test_import_of_the_package_is_fast() -> None:
    """It loads nothing, and neither does the library load what works on a running lab."""
    script = (
        "import sys; before = set(sys.modules); import botlab;"
        "print(sorted(set(sys.modules) - before));"
        "import botlab.api; print([n for n in sys.modules if n.startswith(('botlab.live',"
        " 'botlab.cli', 'jinja2', 'rich', 'kubernetes', 'jubilant'))])"
    )
    done = subprocess.run(
        [sys.executable, "-s", "-c", script],
        env={"PYTHONPATH": str(ROOT / "generator")},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["['botlab']", "[]"]


def test_page_in_docs_is_generated_from_the_docstrings() -> None:
    """Run `python -m helpers.api_page > docs/python-library.md` when this test fails."""
    assert (ROOT / "docs/python-library.md").read_text(encoding="utf-8") == page()


def test_example_script_reports_good_and_bad_sites(tmp_path: Path) -> None:
    text = (ROOT / "examples/modern/site.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(text.replace("[etcd,", "[etc,"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("check_labs", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    lines = list(script.report(tmp_path / "a.yaml"))
    assert lines[0].startswith("a.yaml: ")
    assert lines[1].startswith("  applications: easyrsa, etcd, calico")
    (first, *_) = script.report(tmp_path / "b.yaml")
    assert first.startswith(f"{tmp_path}/b.yaml:17: BL004 ")
    assert list(script.report(tmp_path / "c.yaml")) == [
        f"c.yaml: {tmp_path}/c.yaml: cannot be read: No such file or directory"
    ]
