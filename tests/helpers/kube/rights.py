"""The rights of a unit on a test's API server, as the server and a charm's page state them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from helpers.kube.api_server import ApiServer, KubectlError
from labkube.client.identity import Identity

PAGES = Path(__file__).resolve().parents[3] / "docs/charms"
# What no charm may do with its narrow identity: verb, object (as kubectl takes it) and namespace.
FORBIDDEN = (
    ("get", "secrets", "kube-system"),
    ("list", "secrets", ""),
    ("get", "secrets", "default"),
    ("update", "configmaps", "kube-system"),
    ("create", "pods", "kube-system"),
    ("create", "pods", "default"),
    ("create", "daemonsets.apps", "kube-system"),
    ("patch", "daemonsets.apps/nvidia-device-plugin", "kube-system"),
    ("create", "serviceaccounts --subresource=token", "kube-system"),
    ("get", "nodes --subresource=proxy", ""),
    ("create", "pods --subresource=exec", "kube-system"),
    ("patch", "nodes/another", ""),
    ("delete", "nodes", ""),
    ("create", "namespaces", ""),
    ("delete", "namespaces/kube-system", ""),
    ("create", "clusterroles.rbac.authorization.k8s.io", ""),
    ("patch", "clusterroles.rbac.authorization.k8s.io", ""),
    ("escalate", "clusterroles.rbac.authorization.k8s.io", ""),
    ("bind", "clusterroles.rbac.authorization.k8s.io", ""),
    ("create", "clusterrolebindings.rbac.authorization.k8s.io", ""),
    ("create", "rolebindings.rbac.authorization.k8s.io", "kube-system"),
    ("create", "customresourcedefinitions.apiextensions.k8s.io", ""),
    ("create", "validatingwebhookconfigurations.admissionregistration.k8s.io", ""),
    ("impersonate", "users", ""),
)
# Holder, place, resource, name and verb.
Right = tuple[str, str, str, str, str]


def may(
    server: ApiServer, identity: Identity, verb: str, target: str, namespace: str = ""
) -> bool:
    """Return whether a user may do something with an object, or with all of a resource."""
    user = (f"--as={identity.user}", f"--as-group={identity.group}")
    place = ("--namespace", namespace) if namespace else ("--all-namespaces",)
    try:
        output = server.kubectl("auth", "can-i", verb, *target.split(), *user, *place)
    except KubectlError as error:
        output = str(error)
    # A warning about the scope of a resource may come before the answer.
    return output.splitlines()[-1] == "yes"


def page_rights(charm: str, names: dict[str, str]) -> set[Right]:
    """Return the rights in the table of a charm's page.

    Args:
        charm: The charm.
        names: What the placeholders of the page stand for.
    """
    text = (PAGES / f"{charm}.md").read_text(encoding="utf-8")
    for placeholder, name in names.items():
        text = text.replace(placeholder, name)
    rights: set[Right] = set()
    for row in re.findall(r"^\| (all units|one unit) \| (.*) \| .* \|$", text, re.MULTILINE):
        place, resources, objects, verbs = row[1].split(" | ")
        words = re.findall(r"`([^`]+)`", objects) or ["all"]
        rights |= {
            (row[0], place.replace("`", "").replace("namespace ", ""), resource, name, verb)
            for resource in re.findall(r"`([^`]+)`", resources)
            for name in words
            for verb in verbs.split(", ")
        }
    return rights


def server_rights(server: ApiServer, identity: Identity) -> set[Right]:
    """Return the rights of a user by the roles on the server that belong to its application."""
    kinds = "clusterroles,clusterrolebindings,rolebindings"
    objects = json.loads(server.kubectl("get", kinds, "-A", "-o", "json"))["items"]
    named = [live for live in objects if live["metadata"]["name"].startswith(identity.group)]
    roles = {live["metadata"]["name"]: live for live in named if live["kind"] == "ClusterRole"}
    rights: set[Right] = set()
    for binding in named:
        if binding["kind"] == "ClusterRole":
            continue
        (subject,) = binding["subjects"]
        if subject["name"] not in identity:
            continue
        holder = {"Group": "all units", "User": "one unit"}[subject["kind"]]
        place = binding["metadata"].get("namespace", "cluster")
        rights |= {
            (holder, place, f"{group}/{resource}".lstrip("/"), name, verb)
            for rule in roles[binding["roleRef"]["name"]]["rules"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for name in rule.get("resourceNames", ["all"])
            for verb in rule["verbs"]
        }
    return rights


def role_names(server: ApiServer, identity: Identity) -> list[str]:
    """Return the names of the roles and bindings of an application on the server."""
    kinds = "clusterroles,clusterrolebindings,rolebindings"
    objects = json.loads(server.kubectl("get", kinds, "-A", "-o", "json"))["items"]
    names = [f"{live['kind']} {live['metadata']['name']}" for live in objects]
    return sorted(name for name in names if identity.group in name)
