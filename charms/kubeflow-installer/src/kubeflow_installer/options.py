"""The charm's options, judged in one place; what depends on release and server is judged later."""

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Tuple

from kubeflow_installer.releases.table import Archive
from kubeflow_installer.transform.transform import Toleration
from labcharm import validators as shared
from labcharm.validators import EFFECTS, OptionsError

CHECKS = (
    "admin", "storage-class", "load-balancer", "privileged", "token-projection", "nodes",
    "node-limits", "foreign-objects", "manifests",
)  # fmt: skip
Options = NamedTuple(
    "Options",
    [
        ("version", str),
        ("user", str),
        ("hostname", str),
        # Namespace and name of the given certificate's secret; both empty without one.
        ("tls_secret", Tuple[str, str]),
        ("excluded", Tuple[str, ...]),
        ("registry", str),
        ("gpu_vendor", str),
        ("tolerations", Tuple[Toleration, ...]),
        ("skipped", Tuple[str, ...]),
        # Archives that the site pins, by their names in releases.table.
        ("pinned", Dict[str, Archive]),
    ],
)
# Names in the status that are no checks of the cluster, and what to do instead of skipping.
_NEEDED = {
    "files": "there is nothing to install without them; attach them, or pin them (*-url)",
    "options": "the release cannot do what they ask for; change the option that the status names",
}
_URLS = ("kfctl", "kustomize", "manifests", "platform")
_USER = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(r"^(?=.{1,253}$)%s(\.%s)*$" % (_LABEL, _LABEL))
_ADDRESS = re.compile(r"^[0-9.]+$|:")
_NAME = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
_COMPONENT = re.compile(r"^[a-z0-9][a-z0-9._-]*$")
_VENDOR = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9][A-Za-z0-9._-]*$")


def read_options(config: Mapping[str, Any]) -> Options:
    """Read the options.

    Raises:
        OptionsError: With every problem.
    """
    problems: List[str] = []

    def text(name: str) -> str:
        return str(config.get(name) or "").strip()

    options = Options(
        version=text("version"),
        user=_user(text("user"), problems),
        hostname=_hostname(text("hostname").lower(), problems),
        tls_secret=_secret(text("tls-secret"), problems),
        excluded=_components(text("excluded-components"), problems),
        registry=shared.registry(text("image-registry"), problems),
        gpu_vendor=_vendor(text("gpu-vendor"), problems),
        tolerations=_tolerations(text("spawner-tolerations"), problems),
        skipped=_checks(text("skipped-checks"), problems),
        pinned=_pinned(config, problems),
    )
    if problems:
        raise OptionsError(problems)
    return options


def _user(value: str, problems: List[str]) -> str:
    if not _USER.match(value):
        problems.append("user is %r; write an e-mail address such as admin@lab.example" % value)
    return value


def _hostname(value: str, problems: List[str]) -> str:
    if value and (_ADDRESS.search(value) or not _HOST.match(value)):
        told = (
            "hostname is %r; write a name such as kubeflow.lab.example, or leave it empty to use"
        )
        problems.append(told % value + " the address")
    return value


def _secret(value: str, problems: List[str]) -> Tuple[str, str]:
    if not value:
        return "", ""
    namespace, slash, name = value.partition("/")
    if not slash or not _NAME.match(namespace) or not _NAME.match(name):
        problems.append(
            "tls-secret is %r; write NAMESPACE/NAME of a kubernetes.io/tls secret" % value
        )
    return namespace, name


def _components(text: str, problems: List[str]) -> Tuple[str, ...]:
    words = tuple(text.replace(",", " ").split())
    for word in words:
        if not _COMPONENT.match(word):
            told = "excluded-components holds %r; write names such as katib, separated by spaces"
            problems.append(told % word)
    return words


def _vendor(value: str, problems: List[str]) -> str:
    if value and value != "none" and not _VENDOR.match(value):
        told = "gpu-vendor is %r; write a resource such as nvidia.com/gpu, or none"
        problems.append(told % value)
    return "" if value == "none" else value


def _tolerations(text: str, problems: List[str]) -> Tuple[Toleration, ...]:
    """Read taints as kubectl writes them: KEY=VALUE:EFFECT or KEY:EFFECT."""
    found = []
    for word in text.replace(",", " ").split():
        taint = shared.taint(word)
        if taint is None or not taint.effect:
            problems.append(
                "spawner-tolerations holds %r; write taints as KEY=VALUE:EFFECT or KEY:EFFECT,"
                " with an effect of %s" % (word, ", ".join(EFFECTS))
            )
            continue
        found.append(Toleration(taint.key, taint.value or "", taint.effect))
    return tuple(found)


def _checks(text: str, problems: List[str]) -> Tuple[str, ...]:
    words = tuple(text.replace(",", " ").split())
    for word in words:
        if word in _NEEDED:
            told = "skipped-checks holds %r, which cannot be skipped: %s"
            problems.append(told % (word, _NEEDED[word]))
        elif word not in CHECKS:
            told = "skipped-checks holds %r; there are %s"
            problems.append(told % (word, ", ".join(CHECKS)))
    return words


def _pinned(config: Mapping[str, Any], problems: List[str]) -> Dict[str, Archive]:
    found = {}
    for name in _URLS:
        option = name + "-url"
        url, digest = shared.pinned(option, str(config.get(option) or ""), problems)
        if url:
            found[name] = Archive(url, "sha256:" + digest)
    return found
