"""The overlays that a site names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.cli import main
from botlab.findings import Severity, has_errors, path_text
from helpers.rule_pages import example_site

OVERLAY = """\
saas: {db: {url: "admin/other.db"}}
applications:
  etcd: {offers: {shared: {endpoints: [db]}}, options: {nagios_context: "7"}}
  extra: {charm: ./extra, series: bionic}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site that names an overlay in a directory below it."""
    (tmp_path / "lab/overlays").mkdir(parents=True)
    (tmp_path / "lab/overlays/own.yaml").write_text(OVERLAY, encoding="utf-8")
    file = tmp_path / "lab/site.yaml"
    text = f"{example_site()}overlays: [overlays/own.yaml]\n"
    file.write_text(text, encoding="utf-8")
    return file


def test_bundle_is_assessed_with_the_overlays_of_the_site_and_of_the_user(
    site: Path, tmp_path: Path
) -> None:
    """Those of the user come last."""
    later = tmp_path / "later.yaml"
    later.write_text('applications: {etcd: {options: {port: "9"}}}\n', encoding="utf-8")

    assessment = assess(Request(site, overlays=[later]))

    assert assessment.overlays == (site.parent / "overlays/own.yaml", later)
    assert assessment.bundle is not None
    etcd = assessment.bundle.applications["etcd"]
    assert etcd is not None
    assert (etcd.options["nagios_context"], etcd.options["port"]) == ("7", "9")
    assert "shared" in etcd.offers
    assert assessment.bundle.saas == {"db": "admin/other.db"}


def test_files_of_a_site_that_is_a_link_are_beside_its_file(site: Path, tmp_path: Path) -> None:
    """As its charms: the overlays, and the revisions."""
    (tmp_path / "links").mkdir()
    link = tmp_path / "links/site.yaml"
    link.symlink_to(site)
    layer = tmp_path / "layer.yaml"
    layer.write_text("charms: {revisions: revisions.yaml}\n", encoding="utf-8")
    (site.parent / "revisions.yaml").write_text("bundle: kubernetes\n", encoding="utf-8")

    of_file, of_link = (assess(Request(file, layers=[layer])) for file in (site, link))

    assert of_link.overlays == (site.parent / "overlays/own.yaml",)
    messages = [[finding.message for finding in part.findings] for part in (of_file, of_link)]
    assert messages[0] == messages[1]
    assert of_link.bundle == of_file.bundle


def test_rendered_bundle_leaves_the_overlay_to_juju(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Juju refuses offers in the bundle itself."""
    target = tmp_path / "bundle.yaml"

    assert main(["render", str(site), "-o", str(target)]) == 0

    overlay = site.parent / "overlays/own.yaml"
    assert f"juju deploy {target} --overlay {overlay}" in capsys.readouterr().out
    bundle = yaml.safe_load(target.read_text(encoding="utf-8"))
    assert "extra" not in bundle["applications"]
    assert "offers" not in bundle["applications"]["etcd"]


def test_finding_about_an_overlay_has_its_file_and_line(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = site.parent / "overlays/own.yaml"
    text = OVERLAY.replace("nagios_context", "snapshots")
    overlay.write_text(text, encoding="utf-8")

    main(["validate", str(site), "--format", "json"])

    findings = json.loads(capsys.readouterr().out)["findings"]
    files = {
        finding["file"]: finding["line"] for finding in findings if "snapshots" in str(finding)
    }
    assert files == {str(overlay): 3}


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ("none.yaml", "none.yaml: cannot be read: No such file or directory"),
        (".", ": cannot be read: Is a directory"),
        ("lab.yaml", "lab.yaml is a site file, and not a bundle overlay"),
    ],
)
def test_file_that_is_no_overlay_is_a_finding_at_the_key(
    overlay: str, message: str, site: Path
) -> None:
    """All other findings are reported, too."""
    (site.parent / "lab.yaml").write_text(example_site(), encoding="utf-8")
    text = f"{example_site()}overlays: [overlays/own.yaml, {overlay}]\nproxi: {{}}\n"
    site.write_text(text, encoding="utf-8")

    errors = [f for f in assess(Request(site)).findings if f.severity is Severity.ERROR]

    assert [(f.id, path_text(f.path)) for f in errors] == [
        ("BL001", "proxi"),
        ("BL004", "overlays[1]"),
    ]
    assert errors[1].message.endswith(message)
    assert errors[1].line == len(example_site().splitlines()) + 1


def test_empty_overlay_changes_nothing(site: Path) -> None:
    (site.parent / "overlays/own.yaml").write_text("", encoding="utf-8")

    assert not has_errors(assess(Request(site)).findings)
