"""The section of a charm's page about its rights on the cluster, made from the charm's code."""

import importlib
import importlib.util
import textwrap
from typing import Any, Iterator

_COMMON = """\
Units that are related by `kube-control` work as users of the group `lab-charms:APPLICATION`, where
APPLICATION stands for the application's name and the first eight characters of the model's UUID.
The table, made from the charm's code, lists all rights of these users. Only the leader requests
the group `system:masters`, and only when the roles on the cluster are missing or differ from those
of the charm's revision, or when it must apply what the table does not allow. No unit stores an
administrator's token."""
_ADMINISTRATOR = """\
The leader unit may do everything: it requests the group `system:masters` by `kube-control`, and
stores the token in a file that root alone can read. The other units request no credentials.

A narrower role for the repairs would hold no less: they create roles and bindings of any content,
which needs the verbs `escalate` and `bind`, and change Deployments in the namespace `kubeflow`,
where upstream binds the profile controller's service account to `cluster-admin`. An identity that
only reads, for hooks without a repair, would have to list the Secrets of that namespace, among
which a server before 1.24 stores the token of this service account. On later servers it would
protect little, because kube-control's answer with the administrator's token stays readable for
root on the unit's machine as long as the leader may have to repair something."""
_BEYOND_THE_REQUEST = """\
Control planes may hand out more than a unit requests. Charmed Kubernetes of every release sends an
administrator's token together with the requested one, and its workers keep an administrator's
kubeconfig in `/root/.kube/config`. Canonical Kubernetes keeps the answer to the leader's request
in a Juju secret, which that unit can read until it leaves. The charm neither uses nor stores these
tokens for other work, but root on the unit's machine can read them. If the requested token may do
everything, the unit logs that when it creates the roles. The administrator's token that
an earlier revision of this charm was given stays valid at least until the unit leaves the
relation. On a cluster without RBAC (`authorization-mode` AlwaysAllow, the default of Charmed
Kubernetes 1.13) every token may do everything."""


def rights_section(charm: str) -> Iterator[str]:
    """Return the parts of the section. A charm without a module `rights` is an administrator."""
    name = charm.replace("-", "_") + ".rights"
    if importlib.util.find_spec(name) is None:
        yield from map(_fill, _ADMINISTRATOR.split("\n\n"))
        return
    rights = importlib.import_module(name)
    yield _fill(_COMMON)
    for paragraph in rights.DESCRIPTION.split("\n\n"):
        yield _fill(paragraph)
    yield _table(rights.documented_grants())
    yield _fill(_BEYOND_THE_REQUEST)


def _fill(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 99, break_on_hyphens=False)


def _table(grants: Any) -> str:
    # Imported here, because a charm without `rights` needs no path to the shared packages.
    from labkube.charm.roles import all_rules

    rows = ["| holder | where | objects | names | verbs | purpose |"]
    rows.append("| --- | --- | --- | --- | --- | --- |")
    for grant in grants:
        holder = "one unit" if grant.unit else "all units"
        place = f"namespace `{grant.namespace}`" if grant.namespace else "cluster"
        for rule in all_rules("APPLICATION", grant):
            prefix = f"{rule.group}/" if rule.group else ""
            resources = ", ".join(f"`{prefix}{name}`" for name in rule.resources.split())
            names = ", ".join(f"`{name}`" for name in rule.names) or "all"
            cells = (holder, place, resources, names, rule.verbs.replace(" ", ", "), rule.purpose)
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
