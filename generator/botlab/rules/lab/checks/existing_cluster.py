"""Rules about a cluster that Juju does not manage."""

from __future__ import annotations

from collections.abc import Iterator

from ....bundle.includes import BASE64, FILE
from ....catalogue.profiles import OWN_CHARMS
from ....findings import KeyPath, Severity
from ....juju import Juju
from ....shell import juju_command
from ....site.defaults import PROFILE_EXISTING, STORED_IN_JUJU
from ..facts import Facts
from ..options.kubeconfigs import kubeconfig_faults
from ..rule import Violation, rule


@rule("BL150", Severity.ERROR, depends_on=("kubernetes.profile", "kubernetes.kubeconfig"))
def kubeconfig_and_profile(facts: Facts) -> Iterator[Violation]:
    """Yield a kubeconfig that the profile needs or does not use."""
    kubernetes = facts.site.kubernetes if facts.site else None
    if kubernetes is None or kubernetes.is_existing == bool(kubernetes.kubeconfig):
        return
    if kubernetes.is_existing:
        message = f"the profile {PROFILE_EXISTING} needs the kubeconfig of the cluster"
        fix = "write kubeconfig: FILE, or kubeconfig: secret:ID"
    else:
        message = (
            f"the profile {kubernetes.profile} deploys a cluster, so its kubeconfig is not used"
        )
        fix = f"remove the key, or write profile: {PROFILE_EXISTING}"
    path = ("kubernetes", "profile" if kubernetes.is_existing else "kubeconfig")
    yield Violation(path, message, fix, in_site=True)


@rule("BL151", Severity.WARNING, depends_on=("kubernetes.kubeconfig",))
def kubeconfig_in_clear(facts: Facts) -> Iterator[Violation]:
    """Yield a kubeconfig that the model's options would hold although Juju has secrets."""
    site = facts.site
    if site is None or not site.kubernetes.is_existing or facts.juju < Juju.V3_6:
        return
    file = site.kubernetes.kubeconfig
    if file and not file.startswith(STORED_IN_JUJU):
        command = juju_command("add-secret", f"{site.site}-kubeconfig", f"kubeconfig#file={file}")
        yield Violation(
            ("kubernetes", "kubeconfig"),
            "everybody who may read the options of the model can read this kubeconfig, whose user"
            " is an administrator of the cluster",
            f"run {command} and write kubeconfig: secret:ID with the id that it prints",
            in_site=True,
        )


@rule("BL180", Severity.ERROR, depends_on=("kubernetes.kubeconfig",))
def unusable_kubeconfig(facts: Facts) -> Iterator[Violation]:
    """Yield the kubeconfigs that the charms refuse. A kubeconfig of a site is reported once."""
    for (_, text), path in _kubeconfigs(facts).items():
        for fault in kubeconfig_faults(text):
            yield Violation(path, f"the kubeconfig {fault.problem}", fault.fix)


def _kubeconfigs(facts: Facts) -> dict[tuple[KeyPath, str], KeyPath]:
    """Return the keys of the bundle with a kubeconfig, by the keys that decide them."""
    options: dict[tuple[KeyPath, str], KeyPath] = {}
    for name, application in facts.applications_of(*OWN_CHARMS):
        text = application.options.get("kubeconfig")
        # Juju reports a file that cannot be read.
        if text and isinstance(text, str) and not text.startswith((FILE, BASE64)):
            path: KeyPath = ("applications", name, "options", "kubeconfig")
            options.setdefault((facts.subject.origin(path), text), path)
    return options


@rule("BL152", Severity.WARNING, depends_on=("kubernetes.profile",))
def machine_keys_of_existing_cluster(facts: Facts) -> Iterator[Violation]:
    """Yield the keys of machines that have no effect on an existing cluster."""
    site = facts.site
    for name, machine in site.machines.items() if site and site.kubernetes.is_existing else ():
        for key in ("roles", "gpu", "workers"):
            if getattr(machine, key):
                yield Violation(
                    ("machines", name, key),
                    f"{key} of {name} has no effect, because Juju does not manage the nodes of an"
                    " existing cluster",
                    "remove the key",
                    in_site=True,
                )
