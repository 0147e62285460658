"""KfDefs, the files that list what kfctl installs, written from tables of upstream's.

A table holds names, paths, overlays and parameters of a release's KfDef (kfdefs/NAME.json). The
user that upstream ships is not in it.
"""

import json
import os
import re
from typing import Iterable, List, Mapping

from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject

# The KfDef's name, which is its directory's too; kfctl takes 25 characters of [a-z0-9-].
NAME = "kubeflow"
NAMESPACE = "kubeflow"
# The option's default. It reports usage, and may be excluded even from a release that does not
# have it.
_REPORTER = "spartakus"
# The Profile that kfctl makes where it has no user.
_ANONYMOUS_PROFILE = "kubeflow-anonymous"
_DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kfdefs")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def components(release: str) -> List[str]:
    """Return the names of a release's components, in the order in which they are installed."""
    return [str(component["name"]) for component in _table(release)["components"]]


def check(release: str, excluded: Iterable[str]) -> None:
    """Check that every excluded component is one of the release's.

    Raises:
        BlockedError: With all components that are not.
    """
    available = components(release)
    unknown = sorted(set(excluded) - set(available) - {_REPORTER})
    if unknown:
        raise BlockedError(
            f"excluded-components: Kubeflow {release} has no {', '.join(unknown)};"
            f" it has {' '.join(available)}"
        )


def has_three_steps(release: str) -> bool:
    """Return whether kfctl needs `init`, `generate` and `apply`, as it does up to 0.6."""
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
        excluded: Names of components that are excluded.
        uris: Where kfctl downloads each source archive, by the names of `repositories`.

    Returns:
        JSON, which is YAML.

    Raises:
        BlockedError: When the release has no component of an excluded name.
    """
    excluded_names = set(excluded)
    check(release, excluded_names)
    table = _table(release)
    variables = {"$user": user, "$hash": password_hash}
    spec: JsonObject = {
        "applications": [
            _application(component, variables)
            for component in table["components"]
            if component["name"] not in excluded_names
        ],
        "repos": [{"name": name, "uri": uris[name]} for name in table["repos"]],
    }
    spec.update({key: table[key] for key in ("platform", "version") if table[key]})
    if profile(release, user) not in ("", _ANONYMOUS_PROFILE):
        spec["email"] = user
    document = {
        "apiVersion": f"kfdef.apps.kubeflow.org/{table['api']}",
        "kind": "KfDef",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": spec,
    }
    return json.dumps(document, indent=1) + "\n"


def profile(release: str, user: str) -> str:
    """Return the name of the Profile that kfctl makes for a user; empty where it makes none.

    0.6 makes one, named as EmailToDefaultName (bootstrap/v2/pkg/apis/apps/group.go) does it; a
    name that is not valid for a namespace is replaced by that of the anonymous Profile. Later
    kfctl only waits for a namespace that another component may make, and goes on without it.
    """
    if not has_three_steps(release):
        return ""
    name = "kubeflow-" + user.replace(".", "-").partition("@")[0]
    return name if _LABEL.fullmatch(name) else _ANONYMOUS_PROFILE


def _table(release: str) -> JsonObject:
    with open(os.path.join(_DIRECTORY, f"{release}.json"), encoding="utf-8") as file:
        return dict(json.load(file))


def _application(component: JsonObject, variables: Mapping[str, str]) -> JsonObject:
    config: JsonObject = {"repoRef": {"name": "manifests", "path": component["path"]}}
    if component.get("overlays"):
        config["overlays"] = component["overlays"]
    if component.get("parameters"):
        config["parameters"] = [
            {"name": name, "value": variables.get(text, text)}
            for name, text in component["parameters"].items()
        ]
    return {"name": component["name"], "kustomizeConfig": config}
