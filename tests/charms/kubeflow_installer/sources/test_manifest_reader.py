"""YAML is read as objects, or refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helpers.damage import damaged_texts, refusals
from helpers.kubeflow import generated
from helpers.kubeflow.kustomize_standin import SMALL, BuildSite, names, written
from kubeflow_installer.sources import yaml_to_json
from labcharm.errors import BlockedError
from labcharm.machine import CommandResult, Machine

_DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "as.lab"},
    "spec": {"group": "lab", "names": {"kind": "A"}, "scope": "Namespaced"},
}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "manifests.yaml is not YAML (line "),
        ("", "the manifests contain no objects"),
        ("---\n---\n", "the manifests contain no objects"),
        ("<html>not found</html>", "something that is not a Kubernetes object: \"<html>not"),
        ("apiVersion: v1\nkind: Pod\n", "something that is not a Kubernetes object: {\"apiV"),
        ("kind: List\nitems: abc\n", "something that is not a Kubernetes object: {"),
        ("a: &a [*a]\n", "manifests.yaml is not YAML ("),
        ("a: !!binary YQ==\n", "manifests.yaml is not YAML ("),
        ("a: !!bool maybe\n", "manifests.yaml is not YAML ("),
        ("[" * 3000, "manifests.yaml is not YAML ("),
        ("- apiVersion: v1\n", "something that is not a Kubernetes object: [{\"apiVersion"),
    ],
)  # fmt: skip
def test_text_that_is_not_a_manifest_is_refused(
    site: BuildSite, tmp_path: Path, text: str, message: str
) -> None:
    """The message shows it."""
    with pytest.raises(BlockedError) as caught:
        site.objects(written(tmp_path / "manifests.yaml", text))

    assert message in str(caught.value)


def test_binary_file_is_refused(site: BuildSite, tmp_path: Path) -> None:
    """For example a program."""
    (tmp_path / "manifests").write_bytes(b"\x7fELF\xff\xfe\x00" * 100)

    with pytest.raises(BlockedError, match=r"^manifests is not text in UTF-8, and it is not"):
        site.objects(tmp_path / "manifests")


def test_lists_of_objects_are_flattened(site: BuildSite, tmp_path: Path) -> None:
    """Kubectl writes its output as lists."""
    inner = {"apiVersion": "v1", "kind": "ConfigMapList", "items": SMALL[1:3]}
    outer = {"apiVersion": "v1", "kind": "List", "items": [inner, SMALL[0]]}
    empty = {"apiVersion": "v1", "kind": "List", "items": None}
    path = written(tmp_path / "manifests.yaml", generated.as_yaml([outer, empty, SMALL[3]]))

    assert names(site.objects(path)) == names(SMALL[:4])


def test_damaged_manifests_are_read_or_refused(site: BuildSite, tmp_path: Path) -> None:
    """The error names the file, or the object."""
    site.machine = Plain()
    text = generated.as_yaml([*SMALL[:3], _DEFINITION])
    path = tmp_path / "manifests.yaml"
    messages = refusals(
        lambda copy: site.objects(written(path, copy)), damaged_texts(text, 150), BlockedError
    )

    assert len(messages) > 30
    assert all("manifests" in message for message in messages)


class Plain(Machine):
    """A machine whose Python has no libyaml."""

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """End as the program would."""
        assert command[0] == "/usr/bin/python3"
        return CommandResult(yaml_to_json.WITHOUT_LIBYAML, "", "")


def test_pure_python_reads_the_same_objects(site: BuildSite, tmp_path: Path) -> None:
    """It only takes longer."""
    path = written(tmp_path / "manifests.yaml", generated.as_yaml(generated.objects("1.8.1")[:90]))
    built = site.objects(path)
    site.machine = Plain()
    shutil.rmtree(site.cache)

    assert site.objects(path) == built
