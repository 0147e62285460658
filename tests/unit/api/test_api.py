"""The Python library gives the same results as the commands."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from botlab.api import BotlabError, Juju, Severity, load_site, plan, render, validate
from botlab.cli import main
from helpers.api_page import EXAMPLE, ROOT, page

SITES = sorted(ROOT.glob("examples/*/site.yaml"))
MODERN = ROOT / "examples/modern/site.yaml"
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


WRONG_TYPES = (None, 3, 3.6, b"x", True, object(), [None], [3], (b"x",), {1: 2}, range(2), len)
LOAD = ("file", "layers", "overlays", "juju", "profiles", "bundle")
PLAN = ("model", "model_constraints", "map_machines", "trust")
# None is the default of these, and True a right value of the last one.
RIGHT = {("profiles", type(None)), ("bundle", type(None)), ("trust", bool)}


CASES = [
    (name, value)
    for name in (*LOAD, *PLAN)
    for value in WRONG_TYPES
    if (name, type(value)) not in RIGHT
]


def call(name: str, value: object) -> None:
    """Load a site or make a plan with a value for one argument."""
    arguments: dict[str, Any] = {name: value}
    if name in LOAD:
        load_site(**{"file": SITES[0], **arguments})
    else:
        plan(load_site(SITES[0]), **arguments)


@pytest.mark.parametrize(("name", "value"), CASES, ids=lambda part: ascii(part)[:20])
def test_argument_of_a_wrong_type_is_an_error_that_names_it(name: str, value: object) -> None:
    with pytest.raises(BotlabError, match=rf"^{name}(\[0\])?: .* is not valid; pass "):
        call(name, value)


@pytest.mark.parametrize("name", ["file", "layers", "overlays", "profiles", "bundle", "model"])
@pytest.mark.parametrize("value", ["", "a\0b", "\ud800"], ids=ascii)
def test_name_that_no_file_can_have_is_an_error(name: str, value: str) -> None:
    with pytest.raises(BotlabError, match=f"^{name}: .*; write the path of a file or a directory"):
        call(name, value)


@pytest.mark.parametrize("function", [validate, render, plan])
def test_only_a_lab_is_a_lab(function: Callable[[Any], object]) -> None:
    with pytest.raises(BotlabError, match=r"^lab: .*; read the site with load_site\(FILE\) first"):
        function("site.yaml")


@pytest.mark.parametrize("kind", [str, Path, lambda path: [path], lambda path: iter([path])])
def test_single_path_is_as_good_as_a_list(tmp_path: Path, kind: Callable[[Path], Any]) -> None:
    """A text is not taken for a list of characters."""
    layer, overlay = tmp_path / "layer.yaml", tmp_path / "overlay.yaml"
    layer.write_text("site: other\n", encoding="utf-8")
    overlay.write_text("applications: {etcd: {expose: true}}\n", encoding="utf-8")

    lab = load_site(MODERN, layers=kind(layer), overlays=kind(overlay))
    assert lab.site is not None
    assert lab.site.site == "other"
    assert render(lab).overlays == (overlay,)


def test_release_of_a_lab_can_be_passed_on() -> None:
    lab = load_site(MODERN, juju="4.0")
    again = load_site(MODERN, juju=lab.juju)

    assert again.juju is Juju.V4_0
    assert render(again).text == render(lab).text


def test_lab_does_not_depend_on_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan for Juju 2.6 with overlays reads the site again."""
    site, overlay = tmp_path / "site.yaml", tmp_path / "overlay.yaml"
    text = (ROOT / "examples/one-machine-2019/site.yaml").read_text(encoding="utf-8")
    site.write_text(text.replace('juju: "2.9"', 'juju: "2.6"'), encoding="utf-8")
    overlay.write_text("applications: {etcd: {expose: true}}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    lab = load_site("site.yaml", overlays="overlay.yaml", juju="2.6")
    before = plan(lab)
    monkeypatch.chdir("/")

    assert plan(lab) == before
    assert before.ok, before.findings


def test_results_are_the_same_from_several_threads() -> None:
    def results(site: Path) -> tuple[object, ...]:
        lab = load_site(site)
        return validate(lab), render(lab).text, plan(lab), plan(lab), render(lab).text

    expected = list(map(results, SITES))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(results, [*SITES, *SITES])) == [*expected, *expected]


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
