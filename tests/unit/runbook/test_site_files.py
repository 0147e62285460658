"""A lab can be deployed again from the archive that the runbook makes of its files."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.bundle.charm_url import is_local_path
from botlab.cli import main
from helpers.charm_archives import manifest, write_archive
from helpers.own_profiles import copy_profile
from helpers.runbooks import ExampleLab, blocks_of, example_names

OWN_PROFILE = {"profile": "my-charmed-k8s", "ingress": False}
KUBECONFIG = {
    "clusters": [
        {
            "name": "a",
            "cluster": {"server": "https://10.0.0.5:6443", "certificate-authority-data": "QQ=="},
        }
    ],
    "users": [{"name": "a", "user": {"token": "a-token"}}],
    "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    "current-context": "a",
}


def commands_of(runbook: Path, program: str) -> list[str]:
    """Return the commands of a program in a runbook."""
    blocks = blocks_of(runbook.read_text(encoding="utf-8"))
    lines = [line for block in blocks if block.language == "sh" for line in block.lines]
    return [line for line in lines if line.startswith(f"{program} ")]


def moved(runbook: Path, target: Path) -> None:
    """Run the runbook's commands that pack and unpack the site, the second one elsewhere."""
    pack, unpack = commands_of(runbook, "tar")
    archive = unpack.split()[-1]
    target.mkdir()
    run_shell(pack, runbook.parent)
    (runbook.parent / archive).rename(target / archive)
    run_shell(unpack, target)


def run_shell(command: str, directory: Path) -> str:
    """Run a command of the shell, which must not warn, and return its output."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=directory, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), command
    return done.stdout


def missing_files(site: Path) -> list[str]:
    """Return the local files of a site's bundle that do not exist."""
    assessment = assess(Request(site, output=site.with_name("bundle.yaml")))
    assert assessment.bundle is not None
    sources: list[Any] = []
    for application in assessment.bundle.applications.values():
        assert application is not None
        sources += [application.charm, *application.resources.values()]
    paths = [site.parent / path for path in sources if is_local_path(str(path))]
    return [str(path) for path in paths if not path.exists()]


@pytest.mark.parametrize("example", example_names())
def test_archive_of_an_example_has_all_files_of_its_deployment(
    tmp_path: Path, example: str
) -> None:
    lab = ExampleLab.create(tmp_path, example)
    site = lab.directory / "site.yaml"
    assert main(["render", str(site)]) == 0
    bundle = site.with_name("bundle.yaml").read_text(encoding="utf-8")
    moved(lab.directory / "RUNBOOK.md", tmp_path / "new")

    restored = tmp_path / "new/site.yaml"
    assert restored.with_name("bundle.yaml").read_text(encoding="utf-8") == bundle
    assert missing_files(restored) == []
    restored.with_name("bundle.yaml").unlink()
    assert main(["render", str(restored)]) == 0
    assert restored.with_name("bundle.yaml").read_text(encoding="utf-8") == bundle


def write(file: Path, content: object) -> Path:
    """Write a file, as YAML unless it is a text."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    file.write_text(text, encoding="utf-8")
    return file


def scattered_site(directory: Path) -> Path:
    """Write a site with files beside it, below it and elsewhere, and return the site file."""
    shared = directory / "shared"
    overlay = {
        "applications": {
            "etcd": {"options": {"channel": "include-file://etcd channel"}},
            "extra": {
                "charm": "./-extra's.charm",
                "num_units": 1,
                "to": ["0"],
                "base": "ubuntu@24.04",
            },
        }
    }
    write(shared / "sub dir/overlay.yaml", overlay)
    write(shared / "sub dir/etcd channel", "3.4/stable")
    charm = {"metadata.yaml": "name: extra", "manifest.yaml": manifest("24.04")}
    write_archive(shared / "sub dir/-extra's.charm", charm)
    later = {"channel": "include-file://later channel"}
    write(shared / "sub dir/later channel", "3.4/edge")
    last = {"applications": {"etcd": {"annotations": {"a": "b"}, "options": later}}}
    write(shared / "sub dir/last.yaml", last)
    write(directory / "layers/real.yaml", {"description": "a lab with a layer"})
    (shared / "layer.yaml").symlink_to(directory / "layers/real.yaml")
    machine = {"tags": ["node0"], "roles": ["easyrsa", "etcd", "control-plane", "worker"]}
    return write(
        directory / "lab/my site.yaml",
        {
            "site": "lab",
            "juju": "3.6",
            "kubernetes": {"profile": "charmed-k8s", "ingress": False},
            "machines": {"node0": machine},
            "overlays": ["../shared/sub dir/overlay.yaml"],
            "applications": {"easyrsa": {"resources": {"easyrsa": "./files/a\u00e9 b.tgz"}}},
        },
    )


def test_files_outside_the_directory_of_the_site_keep_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of overlays, layers and includes: tar alone would drop `..` from their names."""
    site = scattered_site(tmp_path / "old")
    write(site.parent / "files/a\u00e9 b.tgz", "resource")
    shared = os.path.relpath(site.parents[1] / "shared")
    options = ["--layer", f"{shared}/layer.yaml", "--overlay", f"{shared}/sub dir/last.yaml"]
    assert main(["render", str(site), *options]) == 0
    assert main(["runbook", str(site), *options]) == 0
    moved(site.with_name("RUNBOOK.md"), tmp_path / "new")

    restored = tmp_path / "new/lab/my site.yaml"
    bundle = restored.with_name("bundle.yaml")
    assert bundle.read_bytes() == site.with_name("bundle.yaml").read_bytes()
    (site.parents[1]).rename(tmp_path / "gone")
    bundle.unlink()
    monkeypatch.chdir(restored.parent)
    [render] = dict.fromkeys(commands_of(tmp_path / "gone/lab/RUNBOOK.md", "botlab render"))
    _, *words = run_shell(f"printf '%s\\n' {render}", restored.parent).splitlines()
    assert main(words) == 0
    assert bundle.read_bytes() == (tmp_path / "gone/lab/bundle.yaml").read_bytes()
    assert (tmp_path / "new/shared/sub dir/etcd channel").read_text() == "3.4/stable"
    assert missing_files(restored) == []
    assert not (tmp_path / "new/shared/layer.yaml").is_symlink()


def test_archive_of_a_site_and_an_overlay_that_are_links_has_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative paths start at the files of the links, so the commands run there."""
    site = scattered_site(tmp_path / "old")
    write(site.parent / "files/a\u00e9 b.tgz", "resource")
    links = tmp_path / "links/far"
    links.mkdir(parents=True)
    link, overlay = links / "site.yaml", links / "last.yaml"
    link.symlink_to(site)
    overlay.symlink_to(site.parents[1] / "shared/sub dir/last.yaml")
    assert main(["render", str(site), "--overlay", str(overlay)]) == 0
    assert main(["runbook", str(link), "--overlay", str(overlay)]) == 0
    runbook = link.with_name("RUNBOOK.md").rename(site.with_name("RUNBOOK.md"))
    moved(runbook, tmp_path / "new")

    bundle = tmp_path / "new/lab/bundle.yaml"
    expected = bundle.read_bytes()
    bundle.unlink()
    monkeypatch.chdir(bundle.parent)
    [render] = dict.fromkeys(commands_of(runbook, "botlab render"))
    (tmp_path / "old").rename(tmp_path / "gone")
    assert main(shlex.split(render)[1:]) == 0
    assert bundle.read_bytes() == expected


@pytest.mark.parametrize("from_environment", [False, True])
def test_archive_has_the_own_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, from_environment: bool
) -> None:
    old = tmp_path / "old"
    profiles = str(copy_profile(old / "profiles", "charmed-k8s").parent)
    body = yaml.safe_load(scattered_site(old).read_text(encoding="utf-8"))
    body |= {"overlays": [], "applications": {}, "kubernetes": OWN_PROFILE}
    site = write(old / "labs/lab.yaml", body)
    if from_environment:
        monkeypatch.setenv("BOTLAB_PROFILES", profiles)
    options = [] if from_environment else ["--profiles", profiles]
    for verb in ("render", "runbook"):
        assert main([verb, str(site), *options]) == 0
    monkeypatch.delenv("BOTLAB_PROFILES", raising=False)
    moved(old / "labs/RUNBOOK.md", tmp_path / "new")

    bundle = tmp_path / "new/labs/bundle.yaml"
    expected = bundle.read_bytes()
    bundle.unlink()
    monkeypatch.chdir(bundle.parent)
    assert "botlab render lab.yaml --profiles ../profiles" in commands_of(
        old / "labs/RUNBOOK.md", "botlab"
    )
    assert main(["render", "lab.yaml", "--profiles", "../profiles"]) == 0
    assert bundle.read_bytes() == expected


@pytest.mark.parametrize("juju", ["3.6", "4.0"])
def test_kubeconfig_is_not_in_the_archive(tmp_path: Path, juju: str) -> None:
    """It is a secret. The runbook says which file is missing after the archive is unpacked."""
    (tmp_path / "old").mkdir()
    write(tmp_path / "old/admin.conf", KUBECONFIG)
    site = write(
        tmp_path / "old/site.yaml",
        {
            "site": "lab",
            "juju": juju,
            "kubernetes": {"profile": "existing", "kubeconfig": "admin.conf"},
            "networks": {"machines": {"cidr": "10.0.0.0/24"}},
            "machines": {"m0": {"tags": ["m0"]}},
            "metallb": {"pools": {"default": {"addresses": ["10.0.0.100-10.0.0.109"]}}},
        },
    )
    assert main(["runbook", str(site)]) == 0
    text = site.with_name("RUNBOOK.md").read_text(encoding="utf-8")

    [pack, _] = commands_of(site.with_name("RUNBOOK.md"), "tar")
    assert "admin.conf" not in pack
    assert "The archive does not have `admin.conf`: " in text
    assert "Put these files in place: `admin.conf`." in text


def test_absolute_paths_of_a_site_are_named_beside_the_archive(tmp_path: Path) -> None:
    site = scattered_site(tmp_path / "old")
    charm = write(tmp_path / "else where/easyrsa.tgz", "resource")
    body = yaml.safe_load(site.read_text(encoding="utf-8"))
    body["applications"]["easyrsa"]["resources"]["easyrsa"] = str(charm)
    write(site, body)
    assert main(["runbook", str(site)]) == 0
    text = site.with_name("RUNBOOK.md").read_text(encoding="utf-8")

    [pack_command, _] = commands_of(site.with_name("RUNBOOK.md"), "tar")
    assert "easyrsa.tgz" not in pack_command
    assert f"Back up these files, too: `{charm}`." in text
    assert f"Put these files in place: `{charm}`." in text


def test_runbook_in_another_file_is_written_there_again(tmp_path: Path) -> None:
    site = scattered_site(tmp_path / "old")
    target = tmp_path / "old/docs/lab.md"
    target.parent.mkdir()
    assert main(["runbook", str(site), "--output", str(target)]) == 0

    assert "botlab runbook 'my site.yaml' --output ../docs/lab.md" in commands_of(target, "botlab")
