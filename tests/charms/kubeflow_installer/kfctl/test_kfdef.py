"""KfDefs have upstream's content with the site's user, without excluded components."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.recorders.kubeflow_kfdefs import FILES, table
from kubeflow_installer.kfctl import kfdef as kfdef_module
from kubeflow_installer.kfctl.kfdef import components, profile, render
from labcharm.errors import BlockedError

RELEASES = list(FILES)
HASH = "$2a$10$" + "h" * 53
URIS = {"kubeflow": "http://here/kubeflow.tar.gz", "manifests": "http://here/manifests.tar.gz"}
TABLES = Path(kfdef_module.__file__).parent / "kfdefs"


def kfdef(release: str, user: str = "jo@lab.example", excluded: tuple[str, ...] = ()) -> Any:
    """Return a KfDef as kfctl reads it."""
    return yaml.safe_load(render(release, user, HASH, excluded, URIS))


def parameters(document: Any) -> dict[str, dict[str, str]]:
    """Return the parameters of each component."""
    return {
        application["name"]: {
            parameter["name"]: parameter["value"]
            for parameter in application["kustomizeConfig"].get("parameters", [])
        }
        for application in document["spec"]["applications"]
    }


@pytest.mark.parametrize("release", RELEASES)
def test_kfdef_means_what_upstreams_means(release: str) -> None:
    """The components and their order are the same; user, sources and name are the site's.

    What upstream marks as `initRequired` (usageId and reportUsage of 0.6.2) is not marked here;
    only ksonnet read the mark.
    """
    directory = os.environ.get("BOTLAB_REFERENCE", "")
    if not directory:
        pytest.skip("needs BOTLAB_REFERENCE, a directory with kubeflow/kfctl_*.yaml of upstream")
    text = (Path(directory) / "kubeflow" / FILES[release]).read_text(encoding="utf-8")
    expected = yaml.safe_load(text)
    for application in expected["spec"]["applications"]:
        for parameter in application["kustomizeConfig"].get("parameters", []):
            parameter.pop("initRequired", None)
            if parameter["name"] in ("static_email", "static_password_hash"):
                own = {"static_email": "jo@lab.example"}
                parameter["value"] = own.get(parameter["name"], HASH)
    for repository in expected["spec"]["repos"]:
        repository["uri"] = URIS[repository["name"]]
    expected["metadata"]["name"] = "kubeflow"
    if release == "0.6.2":
        expected["spec"]["email"] = "jo@lab.example"

    assert kfdef(release) == expected
    assert json.loads((TABLES / f"{release}.json").read_text()) == table(yaml.safe_load(text))


@pytest.mark.parametrize("release", RELEASES)
def test_upstreams_password_is_in_no_kfdef(release: str) -> None:
    """The only hash is the site's, and no table has one."""
    assert re.findall(r"\$2[aby]\$\d+\$", (TABLES / f"{release}.json").read_text()) == []
    text = render(release, "jo@lab.example", HASH, (), URIS)
    assert re.findall(r"\$2[aby]\$[^\"]+", text) in ([], [HASH])


@pytest.mark.parametrize("release", ["0.7.1", "1.0.2"])
def test_user_is_a_parameter_of_dex(release: str) -> None:
    """So is the password's hash."""
    dex = parameters(kfdef(release))["dex"]
    assert (dex["static_email"], dex["static_password_hash"]) == ("jo@lab.example", HASH)


def test_excluded_components_are_left_out() -> None:
    """The usage reporter may be excluded from a release without it."""
    remaining = [
        application["name"]
        for application in kfdef("1.0.2", excluded=("spartakus", "dex"))["spec"]["applications"]
    ]
    assert remaining == [name for name in components("1.0.2") if name not in ("spartakus", "dex")]
    assert len(kfdef("1.2.0", excluded=("spartakus",))["spec"]["applications"]) == 16


def test_unknown_components_are_reported_together() -> None:
    """The message lists the release's components."""
    message = (
        "excluded-components: Kubeflow 1.2.0 has no katib, pony; it has namespaces application "
    )
    with pytest.raises(BlockedError) as caught:
        kfdef_module.check("1.2.0", iter(["pony", "dex", "katib", "spartakus"]))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("user", "name", "email"),
    [
        ("jo@lab.example", "kubeflow-jo", "jo@lab.example"),
        ("jo.doe@lab.example", "kubeflow-jo-doe", "jo.doe@lab.example"),
        ("Jo+x@lab.example", "kubeflow-anonymous", None),
        ("j" * 60 + "@lab.example", "kubeflow-anonymous", None),
    ],
)
def test_profile_of_0_6_is_named_after_the_user(user: str, name: str, email: str | None) -> None:
    """Where a namespace may have that name."""
    assert profile("0.6.2", user) == name
    assert kfdef("0.6.2", user)["spec"].get("email") == email
    assert profile("1.0.2", user) == ""
    assert "email" not in kfdef("1.0.2", user)["spec"]


def test_only_0_6_has_three_steps() -> None:
    """It also needs a second source archive."""
    assert [name for name in RELEASES if kfdef_module.has_three_steps(name)] == ["0.6.2"]
    assert kfdef_module.repositories("0.6.2") == ["kubeflow", "manifests"]
    assert kfdef_module.repositories("1.0.2") == ["manifests"]
