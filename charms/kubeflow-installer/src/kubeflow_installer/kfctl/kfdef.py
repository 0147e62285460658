"""KfDefs, the files that tell kfctl what to install, written from tables of upstream's.

A table holds names, paths, overlays and parameters of a release's KfDef (kfdefs/NAME.json); the
user that upstream ships is not among them.
"""

import json
import os
import re
from typing import Any, Dict, Iterable, List, Mapping

Object = Dict[str, Any]
# The KfDef's name, which is its folder's too; kfctl takes 25 characters of [a-z0-9-].
NAME = "kubeflow"
NAMESPACE = "kubeflow"
# The option's default. It reports usage, so it may be left out of a release that has none.
_REPORTER = "spartakus"
# The Profile that kfctl makes where it knows no user.
_EVERYBODYS = "kubeflow-anonymous"
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kfdefs")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class UnknownComponentError(Exception):
    """A component that is to be left out of a release without it; the text names those it has."""


def components(release: str) -> List[str]:
    """Return the names of a release's components, in the order in which they are installed."""
    return [str(one["name"]) for one in _table(release)["components"]]


def check(release: str, excluded: Iterable[str]) -> None:
    """Look for components that cannot be left out.

    Raises:
        UnknownComponentError: With all of them.
    """
    known = components(release)
    strange = sorted(set(excluded) - set(known) - {_REPORTER})
    if strange:
        told = "excluded-components: Kubeflow %s has no %s; it has %s"
        raise UnknownComponentError(told % (release, ", ".join(strange), " ".join(known)))


def in_steps(release: str) -> bool:
    """Tell whether kfctl wants `init`, `generate` and `apply`; it does up to 0.6."""
    return bool(_table(release)["api"] == "v1alpha1")


def repositories(release: str) -> List[str]:
    """Return the names of the source archives that a release is made of."""
    return list(_table(release)["repos"])


def render(
    release: str, user: str, password_hash: str, excluded: Iterable[str], uris: Mapping[str, str]
) -> str:
    """Return a release's KfDef.

    Args:
        release: The release's name, such as "1.0.2".
        user: The first user, an e-mail address.
        password_hash: The password's bcrypt hash.
        excluded: Names of components that are left out.
        uris: Where kfctl fetches each source archive, by the names of `repositories`.

    Returns:
        JSON, which is YAML.

    Raises:
        UnknownComponentError: When a component shall be left out that the release does not have.
    """
    left_out = set(excluded)
    check(release, left_out)
    table = _table(release)
    ours = {"$user": user, "$hash": password_hash}
    spec: Object = {
        "applications": [
            _application(one, ours) for one in table["components"] if one["name"] not in left_out
        ],
        "repos": [{"name": name, "uri": uris[name]} for name in table["repos"]],
    }
    spec.update({key: table[key] for key in ("platform", "version") if table[key]})
    if profile(release, user) not in ("", _EVERYBODYS):
        spec["email"] = user
    document = {
        "apiVersion": "kfdef.apps.kubeflow.org/" + table["api"],
        "kind": "KfDef",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": spec,
    }
    return json.dumps(document, indent=1) + "\n"


def profile(release: str, user: str) -> str:
    """Return the name of the Profile that kfctl makes for a user; empty where it makes none.

    0.6 makes one, called as EmailToDefaultName (bootstrap/v2/pkg/apis/apps/group.go) does it; a
    name that no namespace may have is replaced by that of everybody's Profile. Later kfctl only
    waits for a namespace that another component may make, and goes on without.
    """
    if not in_steps(release):
        return ""
    name = "kubeflow-" + user.replace(".", "-").partition("@")[0]
    return name if _LABEL.fullmatch(name) else _EVERYBODYS


def _table(release: str) -> Dict[str, Any]:
    with open(os.path.join(_FOLDER, release + ".json"), encoding="utf-8") as file:
        return dict(json.load(file))


def _application(found: Mapping[str, Any], ours: Mapping[str, str]) -> Object:
    config: Object = {"repoRef": {"name": "manifests", "path": found["path"]}}
    if found.get("overlays"):
        config["overlays"] = found["overlays"]
    if found.get("parameters"):
        config["parameters"] = [
            {"name": name, "value": ours.get(value, value)}
            for name, value in found["parameters"].items()
        ]
    return {"name": found["name"], "kustomizeConfig": config}
