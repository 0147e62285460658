"""The charm's options, validated together; what depends on release and server is checked later."""

import re
from typing import Dict, List, Mapping, NamedTuple, Tuple, Union

from kubeflow_installer.preflight.problems import SKIPPABLE_CHECKS
from kubeflow_installer.releases.table import Archive
from kubeflow_installer.transform.notebooks import Toleration
from kubeflow_installer.transform.site_images import Overrides
from labcharm import validators
from labcharm.validators import TAINT_EFFECTS, OptionProblem, OptionsError

Config = Mapping[str, Union[str, int, float, bool]]


class Options(NamedTuple):
    """The options.

    Attributes:
        version: The requested release; empty for the default.
        user: The first user's e-mail address.
        hostname: The dashboard's host name; empty if people use the address.
        tls_secret: Namespace and name of the Secret with the administrator's certificate; both
            empty without one.
        excluded: The components that are not installed.
        registry: The registry of all images; empty for upstream's.
        overrides: Pairs of an image, as upstream names it, and the image that is pulled instead.
        gpu_vendor: The GPU resource that notebooks offer; empty for none.
        tolerations: The tolerations that users may select for a notebook.
        skipped: The names of the checks that are skipped.
        pinned: The archives that the site pins, by their names in the release table.
    """

    version: str
    user: str
    hostname: str
    tls_secret: Tuple[str, str]
    excluded: Tuple[str, ...]
    registry: str
    overrides: Overrides
    gpu_vendor: str
    tolerations: Tuple[Toleration, ...]
    skipped: Tuple[str, ...]
    pinned: Dict[str, Archive]


# Names of problems that no check reports, why they cannot be skipped, and what to do.
_NOT_SKIPPABLE = {
    "files": "nothing can be installed without them; attach them, or pin them (*-url)",
    "options": "the release does not support them; change the option that the status names",
}
_ARCHIVES = ("kfctl", "kustomize", "manifests", "platform")
_USER = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(r"^(?=.{1,253}$)" + _LABEL + r"(\." + _LABEL + r")*$")
_ADDRESS = re.compile(r"^[0-9.]+$|:")
_NAME = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")
_COMPONENT = re.compile(r"^[a-z0-9][a-z0-9._-]*$")
# Of the references of distribution/reference: host, path, and a tag or a digest or both.
_IMAGE = re.compile(
    r"^[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:\w[\w.-]{0,127})?"
    r"(@sha256:[0-9a-f]{64})?$",
    re.ASCII,
)
_VENDOR = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9][A-Za-z0-9._-]*$")


def read_options(config: Config) -> Options:
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
        registry=validators.read_registry(text("image-registry"), problems),
        overrides=_overrides(text("image-overrides"), problems),
        gpu_vendor=_vendor(text("gpu-vendor"), problems),
        tolerations=_tolerations(text("spawner-tolerations"), problems),
        skipped=_checks(text("skipped-checks"), problems),
        pinned=_pinned(config, problems),
    )
    if problems:
        raise OptionsError(problems)
    return options


def _user(user: str, problems: List[str]) -> str:
    if not _USER.match(user):
        fix = "write an e-mail address such as admin@lab.example"
        problems.append(OptionProblem("user", f"is {user!r}", fix))
    return user


def _hostname(hostname: str, problems: List[str]) -> str:
    if hostname and (_ADDRESS.search(hostname) or not _HOST.match(hostname)):
        fix = "write a name such as kubeflow.lab.example, or leave it empty to use the address"
        problems.append(OptionProblem("hostname", f"is {hostname!r}", fix))
    return hostname


def _secret(text: str, problems: List[str]) -> Tuple[str, str]:
    if not text:
        return "", ""
    namespace, slash, name = text.partition("/")
    if not slash or not _NAME.match(namespace) or not _NAME.match(name):
        fix = "write NAMESPACE/NAME of a kubernetes.io/tls secret"
        problems.append(OptionProblem("tls-secret", f"is {text!r}", fix))
    return namespace, name


def _components(text: str, problems: List[str]) -> Tuple[str, ...]:
    names = _words(text)
    for name in names:
        if not _COMPONENT.match(name):
            fix = "write names such as katib, separated by spaces"
            problems.append(OptionProblem("excluded-components", f"contains {name!r}", fix))
    return names


def _overrides(text: str, problems: List[str]) -> Overrides:
    """Read IMAGE=OTHER words."""
    overrides = []
    for word in _words(text):
        image, equals, other = word.partition("=")
        if not equals or not _IMAGE.match(image) or not _IMAGE.match(other):
            fix = "write IMAGE=OTHER, both as HOST/PATH:TAG"
            problems.append(OptionProblem("image-overrides", f"contains {word!r}", fix))
            continue
        if image in dict(overrides):
            fix = "keep one of its entries"
            problems.append(OptionProblem("image-overrides", f"names {image} twice", fix))
        overrides.append((image, other))
    return tuple(overrides)


def _vendor(vendor: str, problems: List[str]) -> str:
    if vendor and vendor != "none" and not _VENDOR.match(vendor):
        fix = "write a resource such as nvidia.com/gpu, or none"
        problems.append(OptionProblem("gpu-vendor", f"is {vendor!r}", fix))
    return "" if vendor == "none" else vendor


def _tolerations(text: str, problems: List[str]) -> Tuple[Toleration, ...]:
    """Read taints as kubectl writes them: KEY=VALUE:EFFECT or KEY:EFFECT."""
    tolerations = []
    for word in _words(text):
        taint = validators.read_taint(word)
        if taint is None or not taint.effect:
            fix = (
                "write taints as KEY=VALUE:EFFECT or KEY:EFFECT, with an effect of"
                f" {', '.join(TAINT_EFFECTS)}"
            )
            problems.append(OptionProblem("spawner-tolerations", f"contains {word!r}", fix))
            continue
        tolerations.append(Toleration(taint.key, taint.value or "", taint.effect))
    return tuple(tolerations)


def _checks(text: str, problems: List[str]) -> Tuple[str, ...]:
    names = _words(text)
    for name in names:
        if name in _NOT_SKIPPABLE:
            rule = f"contains {name!r}, which cannot be skipped"
            problems.append(OptionProblem("skipped-checks", rule, _NOT_SKIPPABLE[name]))
        elif name not in SKIPPABLE_CHECKS:
            fix = f"use {', '.join(SKIPPABLE_CHECKS)}"
            problems.append(OptionProblem("skipped-checks", f"contains {name!r}", fix))
    return names


def _pinned(config: Config, problems: List[str]) -> Dict[str, Archive]:
    archives = {}
    for name in _ARCHIVES:
        option = f"{name}-url"
        url, digest = validators.read_pinned_url(option, str(config.get(option) or ""), problems)
        if url:
            archives[name] = Archive(url, f"sha256:{digest}")
    return archives


def _words(text: str) -> Tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
