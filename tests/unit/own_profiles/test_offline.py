"""The file `offline.yaml` of a profile: no mistyped name drops an item of the kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.findings import Finding, path_text
from botlab.own_profiles.reader import read_profiles
from helpers.own_profiles import write_profile


def faults(directory: Path, needs: str) -> list[Finding]:
    """Return the findings about a profile that extends charmed-k8s, with an ``offline.yaml``."""
    home = write_profile(directory)
    (home / "offline.yaml").write_text(needs, encoding="utf-8")
    return [finding for own in read_profiles(directory) for finding in own.findings]


@pytest.mark.parametrize(
    ("needs", "path", "message", "fix"),
    [
        (
            'images: {"1.35": [{pull: "a/b:1", for: calicoo}]}',
            'images."1.35"[0].for',
            "the profile has no application calicoo",
            "did you mean calico?",
        ),
        (
            'images: {"1.35": [{pull: "a/b:1", for: kubernetes-worker, when: ingres}]}',
            'images."1.35"[0].when',
            "the charm kubernetes-worker has no option ingres",
            "did you mean ingress?",
        ),
        (
            'images: {"1.35": [], "1.53": []}',
            'images."1.53"',
            "1.53 is not one of the profile's releases",
            "add 1.53 to releases in profile.yaml, or remove it here",
        ),
        (
            "snaps: [{name: etcd, channel: '{channel}', for: etdc}]",
            "snaps[0].for",
            "the profile has no application etdc",
            "did you mean etcd?",
        ),
        (
            "packages: {containrd: [containerd]}",
            "packages.containrd",
            "the profile has no application containrd",
            "did you mean containerd?",
        ),
        (
            "further-images: {ciliun: its manifests}",
            "further-images.ciliun",
            "the profile has no application ciliun",
            "did you mean cilium?",
        ),
        (
            "resources: {easyrs: {easyrsa: {file: easyrsa.tgz}}}",
            "resources.easyrs",
            "the profile has no application easyrs",
            "did you mean easyrsa?",
        ),
        (
            "resources: {easyrsa: {easyrasa: {file: easyrsa.tgz}}}",
            "resources.easyrsa.easyrasa",
            "the charm easyrsa has no resource easyrasa",
            "did you mean easyrsa?",
        ),
        (
            'resources: {flannel: {"flanel-{arch}": {file: flannel.tgz}}}',
            "resources.flannel.flanel-{arch}",
            "the charm flannel has no resource flanel-{arch}",
            "did you mean flannel-{arch}?",
        ),
    ],
)
def test_name_that_no_charm_or_profile_has_is_a_fault(
    tmp_path: Path, needs: str, path: str, message: str, fix: str
) -> None:
    (fault,) = faults(tmp_path, needs)
    assert (fault.id, path_text(fault.path), fault.line) == ("PF013", path, 1)
    assert fault.message == f"{path}: {message}"
    assert fault.fix == fix


def test_application_that_the_profile_leaves_out_can_be_named(tmp_path: Path) -> None:
    """The file of the extended profile can be copied as it is."""
    home = write_profile(
        tmp_path,
        "name: mine\nextends: charmed-k8s\ntitle: ours\napplications: {cilium: null}\n",
    )
    text = "images: {}\nfurther-images: {cilium: its manifests}\n"
    (home / "offline.yaml").write_text(text, encoding="utf-8")

    assert [finding for own in read_profiles(tmp_path) for finding in own.findings] == []


@pytest.mark.parametrize(
    ("needs", "path", "message"),
    [
        ('images: {"1.35": [{pull: "https://a/b", for: etcd}]}', 'images."1.35"[0].pull',
         "not the name of an image"),
        ('images: {"1.35": [{pull: "a;$(id)", for: etcd}]}', 'images."1.35"[0].pull',
         "not the name of an image"),
        ("registry: https://a.example", "registry", "not an image registry"),
        ("snaps: [{name: ../kubectl, channel: x, for: etcd}]", "snaps[0].name",
         "not the name of a snap"),
        ("snaps: [{name: '12', channel: x, for: etcd}]", "snaps[0].name",
         "not the name of a snap"),
        ("snaps: [{name: a--b, channel: x, for: etcd}]", "snaps[0].name",
         "not the name of a snap"),
        ("snaps: [{name: etcd, channel: 3.6/stabel, for: etcd}]", "snaps[0].channel",
         "not the channel of a snap"),
        ("snaps: [{name: etcd, channel: '{chanel}', for: etcd}]", "snaps[0].channel",
         "not the channel of a snap"),
        ("snaps: [{name: etcd, channel: '--help', for: etcd}]", "snaps[0].channel",
         "not the channel of a snap"),
        ("packages: {etcd: [Docker.io]}", "packages.etcd[0]", "not the name of a package"),
        ("packages: {etcd: ['-o=x']}", "packages.etcd[0]", "not the name of a package"),
        ("resources: {etcd: {snapshot: {file: ../../x}}}", "resources.etcd.snapshot.file",
         "not the name of a file"),
        ("resources: {etcd: {snapshot: {file: -x}}}", "resources.etcd.snapshot.file",
         "not the name of a file"),
        ("resources: {etcd: {snapshot: {url: '--output=x'}}}", "resources.etcd.snapshot.url",
         "not a web address"),
        ("resources: {etcd: {snapshot: {url: 'file:///etc/passwd'}}}",
         "resources.etcd.snapshot.url", "not a web address"),
        ("resources: {etcd: {snapshot: {url: 'https://me:secret@a.example/x'}}}",
         "resources.etcd.snapshot.url", "not a web address"),
        ('resources: {etcd: {"../x": {file: x}}}', "resources.etcd.../x",
         "not the name of a resource"),
        ('image-list: "a\\eb"', "image-list", "not a text in one line"),
        ("resources: {etcd: {snapshot: {snap: etcd}}}", "resources.etcd.snapshot",
         "a snap without a channel"),
        ("resources: {etcd: {snapshot: {channel: x}}}", "resources.etcd.snapshot",
         "a channel without a snap"),
        ("resources: {etcd: {snapshot: {snap: etcd, channel: x, url: 'https://a.example/x'}}}",
         "resources.etcd.snapshot", "has snap and url"),
        ("resources: {etcd: {snapshot: {text: x, url: 'https://a.example/x'}}}",
         "resources.etcd.snapshot", "has url and text"),
        ("resources: {etcd: {snapshot: {text: x, snap: etcd, channel: x}}}",
         "resources.etcd.snapshot", "has snap and text"),
    ],
)  # fmt: skip
def test_value_that_a_command_or_a_path_must_not_have_is_a_fault(
    tmp_path: Path, needs: str, path: str, message: str
) -> None:
    (fault,) = faults(tmp_path, needs)
    assert fault.id == "PF003"
    assert message in fault.message
    assert "secret" not in fault.message
    assert path_text(fault.path).replace('"../x"', "../x") == path


@pytest.mark.parametrize(
    "channel",
    ["{channel}", "{release}-classic/stable", "3.6", "latest/edge", "edge", "3.6/stable/fix-1"],
)
def test_channel_of_a_snap_is_accepted(tmp_path: Path, channel: str) -> None:
    assert faults(tmp_path, f"snaps: [{{name: etcd, channel: '{channel}', for: etcd}}]") == []
