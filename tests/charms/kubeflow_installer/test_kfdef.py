"""KfDefs: what upstream's hold, with our user, without what is left out."""

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
from kubeflow_installer.kfctl.kfdef import UnknownComponentError, components, profile, render

RELEASES = list(FILES)
HASH = "$2a$10$" + "h" * 53
URIS = {"kubeflow": "http://here/kubeflow.tar.gz", "manifests": "http://here/manifests.tar.gz"}
TABLES = Path(kfdef_module.__file__).parent / "kfdefs"


def kfdef(release: str, user: str = "jo@lab.example", excluded: tuple[str, ...] = ()) -> Any:
    """Return a KfDef as kfctl reads it."""
    return yaml.safe_load(render(release, user, HASH, excluded, URIS))


def parameters(found: Any) -> dict[str, dict[str, str]]:
    """Return the parameters of each component."""
    return {
        one["name"]: {
            each["name"]: each["value"] for each in one["kustomizeConfig"].get("parameters", [])
        }
        for one in found["spec"]["applications"]
    }


@pytest.mark.parametrize("release", RELEASES)
def test_semantics_of_upstreams(release: str) -> None:
    """The same components in the same order; user, sources and name are ours.

    What upstream marks as `initRequired` (usageId and reportUsage of 0.6.2) is not marked here;
    ksonnet alone read the mark.
    """
    folder = os.environ.get("BOTLAB_REFERENCE", "")
    if not folder:
        pytest.skip("needs BOTLAB_REFERENCE, a folder with kubeflow/kfctl_*.yaml of upstream")
    text = (Path(folder) / "kubeflow" / FILES[release]).read_text(encoding="utf-8")
    wanted = yaml.safe_load(text)
    for one in wanted["spec"]["applications"]:
        for each in one["kustomizeConfig"].get("parameters", []):
            each.pop("initRequired", None)
            if each["name"] in ("static_email", "static_password_hash"):
                each["value"] = {"static_email": "jo@lab.example"}.get(each["name"], HASH)
    for one in wanted["spec"]["repos"]:
        one["uri"] = URIS[one["name"]]
    wanted["metadata"]["name"] = "kubeflow"
    if release == "0.6.2":
        wanted["spec"]["email"] = "jo@lab.example"

    assert kfdef(release) == wanted
    assert json.loads((TABLES / f"{release}.json").read_text()) == table(yaml.safe_load(text))


@pytest.mark.parametrize("release", RELEASES)
def test_no_password_of_upstreams(release: str) -> None:
    """The only hash is ours, and no table holds one."""
    assert re.findall(r"\$2[aby]\$\d+\$", (TABLES / f"{release}.json").read_text()) == []
    text = render(release, "jo@lab.example", HASH, (), URIS)
    assert re.findall(r"\$2[aby]\$[^\"]+", text) in ([], [HASH])


@pytest.mark.parametrize("release", ["0.7.1", "1.0.2"])
def test_the_user_is_in_dex(release: str) -> None:
    """E-mail address and hash are dex's parameters."""
    found = parameters(kfdef(release))["dex"]
    assert (found["static_email"], found["static_password_hash"]) == ("jo@lab.example", HASH)


def test_components_are_left_out() -> None:
    """Just those that are named; what reports usage may be named where it is not."""
    left = [
        one["name"]
        for one in kfdef("1.0.2", excluded=("spartakus", "dex"))["spec"]["applications"]
    ]
    assert left == [name for name in components("1.0.2") if name not in ("spartakus", "dex")]
    assert len(kfdef("1.2.0", excluded=("spartakus",))["spec"]["applications"]) == 16


def test_unknown_components_are_named_with_those_known() -> None:
    """All of them at once."""
    told = "excluded-components: Kubeflow 1.2.0 has no katib, pony; it has namespaces application "
    with pytest.raises(UnknownComponentError) as caught:
        kfdef_module.check("1.2.0", iter(["pony", "dex", "katib", "spartakus"]))
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    ("user", "name", "email"),
    [
        ("jo@lab.example", "kubeflow-jo", "jo@lab.example"),
        ("jo.doe@lab.example", "kubeflow-jo-doe", "jo.doe@lab.example"),
        ("Jo+x@lab.example", "kubeflow-anonymous", None),
        ("j" * 60 + "@lab.example", "kubeflow-anonymous", None),
    ],
)
def test_profile_of_0_6(user: str, name: str, email: str | None) -> None:
    """It is called by the user where a namespace can be called so."""
    assert profile("0.6.2", user) == name
    assert kfdef("0.6.2", user)["spec"].get("email") == email
    assert profile("1.0.2", user) == ""
    assert "email" not in kfdef("1.0.2", user)["spec"]


def test_which_releases_want_three_steps() -> None:
    """0.6 alone, which also wants a second source."""
    assert [one for one in RELEASES if kfdef_module.in_steps(one)] == ["0.6.2"]
    assert kfdef_module.repositories("0.6.2") == ["kubeflow", "manifests"]
    assert kfdef_module.repositories("1.0.2") == ["manifests"]
