"""The command `botlab render --format terraform`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from botlab import __version__
from botlab.cli import main
from helpers.hcl_format import format_faults
from helpers.rendered import EXAMPLES

EXAMPLE = EXAMPLES / "modern-store"
# The applications of the example existing-cluster.
OWN = ("nfs-server", "metallb", "kubeflow-installer")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Copy the site of the example."""
    return Path(shutil.copy(EXAMPLE / "site.yaml", tmp_path))


def render(*arguments: object) -> int:
    """Run the command."""
    return main(["render", *map(str, arguments), "--format", "terraform"])


def with_lines(site: Path, text: str) -> Path:
    """Add lines to a site file."""
    site.write_text(site.read_text(encoding="utf-8") + text, encoding="utf-8")
    return site


def test_plan_of_the_example_equals_the_committed_one(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Byte for byte, as a file and on standard output."""
    golden = (EXAMPLE / "main.tf").read_text(encoding="utf-8")

    assert render(EXAMPLE / "site.yaml", "-o", "-") == 0
    assert capsys.readouterr().out == golden
    assert render(site) == 0
    assert site.with_name("main.tf").read_text(encoding="utf-8") == golden
    assert render(site) == 0
    assert f"{site.with_name('main.tf')}: unchanged;" in capsys.readouterr().out


def test_next_commands_apply_the_plan(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render(site) == 0

    _, _, steps = capsys.readouterr().out.partition("Next:\n")
    assert [line.strip() for line in steps.replace(str(site.parent), "DIR").splitlines()] == [
        "tofu -chdir=DIR init",
        "tofu -chdir=DIR apply",
        "juju switch modern-store",
        "botlab wait DIR/site.yaml",
        "juju run nfs-server/0 verify --wait=10m",
        "juju run metallb/0 verify --wait=10m",
        "juju run kubeflow-installer/0 verify --wait=10m",
    ]


def test_model_of_a_secret_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The site names the id of a secret, so its model exists, and a plan would create another."""
    layer = tmp_path / "layer.yaml"
    charms = (f"{name}: {{charm: {{charmhub: lab-{name}}}}}" for name in OWN)
    layer.write_text(f"applications: {{{', '.join(charms)}}}\n", encoding="utf-8")
    site = EXAMPLES / "existing-cluster" / "site.yaml"

    assert render(site, "--layer", layer, "-o", tmp_path / "main.tf") == 0

    _, _, steps = capsys.readouterr().out.partition("Next:\n")
    assert [line.strip() for line in steps.replace(str(tmp_path), "DIR").splitlines()[:5]] == [
        "tofu -chdir=DIR init",
        "tofu -chdir=DIR import juju_model.lab MODEL-UUID",
        "tofu -chdir=DIR apply",
        "juju switch existing-cluster",
        f"juju grant-secret secret:d2k3rbjmp25c7t4m2vvg {','.join(OWN)}",
    ]


@pytest.mark.parametrize(
    "example",
    ["botlab", "one-machine", "one-machine-2019", "ha-gpu-farm", "air-gapped", "modern"],
)
def test_local_charms_prevent_the_plan(
    example: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The findings name the lines of the site, and nothing is written."""
    site, target = EXAMPLES / example / "site.yaml", tmp_path / "main.tf"

    assert render(site, "-o", target) == 1
    captured = capsys.readouterr()
    assert "error BL160 at metallb\n" in captured.err
    assert captured.err.endswith(f"{site}: no plan was written\n")
    assert (captured.out, target.exists()) == ("", False)


def test_site_with_errors_has_no_plan(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render(with_lines(site, "  etcd2: {}\n")) == 1

    errors = capsys.readouterr().err
    assert "error BL011 at applications.etcd2" in errors
    assert errors.endswith("no plan was written\n")
    assert not site.with_name("main.tf").exists()


def test_resource_from_a_file_is_a_warning_with_its_line(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = site.read_text(encoding="utf-8")
    site.write_text(text.replace("manifests: 1", "manifests: ./k.yaml.gz"), encoding="utf-8")
    (site.parent / "k.yaml.gz").touch()

    assert render(site) == 0
    errors = capsys.readouterr().err
    line = text[: text.index("manifests: 1")].count("\n") + 1
    path = "applications.kubeflow-installer.resources.manifests"
    assert f"{site}:{line}: warning BL161 at {path}\n" in errors
    command = "juju attach-resource kubeflow-installer"
    assert f"{command} manifests={site.parent}/k.yaml.gz -m modern-store\n" in errors


def test_model_is_configured_for_the_proxy(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No command is necessary, so only the address of the controller is mentioned."""
    with_lines(site, 'proxy: {http: "http://10.30.0.1:3128"}\n')

    assert render(site, "-o", "-") == 0
    captured = capsys.readouterr()
    assert 'juju-http-proxy = "http://10.30.0.1:3128"\n' in captured.out
    assert '    juju-no-proxy   = "127.0.0.1,localhost,::1,10.30.0.0/24' in captured.out
    assert captured.err.startswith("# The plan configures the model for the proxy.")
    assert "juju model-config" not in captured.err


def test_included_option_stays_in_its_file(site: Path, tmp_path: Path) -> None:
    """The path starts at the directory of the plan."""
    (tmp_path / "peers.yaml").write_text("[of-the-included-file]", encoding="utf-8")
    (tmp_path / "plan").mkdir()
    option = "global-bgp-peers: 'include-file://peers.yaml'"
    with_lines(site, f"  calico: {{options: {{{option}}}}}\n")

    assert render(site, "-o", tmp_path / "plan/main.tf") == 0
    text = (tmp_path / "plan/main.tf").read_text(encoding="utf-8")
    assert '    global-bgp-peers = file("${path.module}/../peers.yaml")\n' in text
    assert "of-the-included-file" not in text


def test_overlays_are_merged_into_the_plan(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Terraform has no overlays."""
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(
        "applications: {etcd: {offers: {db: {endpoints: [db], acl: {eve: consume}}}}}\n"
    )

    assert render(site, "--overlay", overlay, "-o", "-") == 0
    text = capsys.readouterr().out
    assert 'resource "juju_offer" "etcd_db" {' in text
    assert '  consume   = ["eve"]\n' in text


def test_bundle_can_be_the_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The model has the name of the directory."""
    directory = tmp_path / "My Lab"
    directory.mkdir()
    bundle = directory / "bundle.yaml"
    bundle.write_text("applications: {a: {charm: ubuntu, channel: stable, num_units: 2}}\n")

    assert render(bundle, "--juju", "3.6") == 0
    text = (directory / "main.tf").read_text(encoding="utf-8")
    assert text.startswith(f"# botlab {__version__}; input ")
    assert "\n# Made from the bundle: change that, not this.\n" in text
    assert '  name = "my-lab"\n' in text
    assert "  units      = 2\n" in text
    assert format_faults(text) == []
    assert "botlab wait" not in capsys.readouterr().out


def test_findings_about_a_bundle_have_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "lab.yaml"
    bundle.write_text("applications:\n  a:\n    charm: cs:etcd-1\n")

    assert render(bundle, "--juju", "2.9", "-o", "-") == 1
    assert f"{bundle}:3: error BL160 at applications.a.charm\n" in capsys.readouterr().err


def test_all_mistakes_are_reported_at_once(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the site, and what the provider cannot deploy."""
    with_lines(site, "  etcd2: {}\n  calico: {charm: {local: ./calico.charm}}\n")

    assert render(site) == 1
    errors = capsys.readouterr().err
    assert "error BL011 at applications.etcd2" in errors
    assert "error BL160 at applications.calico.charm" in errors


@pytest.mark.parametrize("name", ["plan.txt", "main.tf.json", "bundle.yaml"])
def test_name_that_terraform_does_not_read_is_refused(
    name: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(site, "-o", site.with_name(name)) == 2

    assert "only read files whose names end in .tf; name another" in capsys.readouterr().err
    assert not site.with_name(name).exists()


def test_edited_plan_is_kept(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a bundle is."""
    plan = site.with_name("main.tf")
    assert render(site) == 0
    edited = plan.read_text(encoding="utf-8") + "# mine\n"
    plan.write_text(edited, encoding="utf-8")

    assert render(site) == 2
    assert "was edited after botlab wrote it" in capsys.readouterr().err
    assert render(site, "--force") == 0
    assert (plan.with_name("main.tf.orig")).read_text(encoding="utf-8") == edited
