"""The container images of a lab: of this project's charms, of Kubeflow, and of the cluster.

Each list comes from the tables that the charms themselves read, and from the profile's
``offline.yaml``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..catalogue.device_plugins import NO_PLUGIN, plugin_image
from ..catalogue.image_names import digest_of, full_name, has_registry, in_registry
from ..catalogue.kubernetes import version_text
from ..catalogue.offline import OfflineNeeds, PlatformImage
from ..catalogue.profiles import OWN_CHARMS
from ..catalogue.provisioners import TRIAL_IMAGE, provisioner_image
from ..catalogue.withdrawn_images import public_name, release_images
from ..rules.lab.facts import Facts
from ..rules.lab.options.installers import installers
from ..rules.lab.options.offline_files import architectures_of, metallb_release
from ..shell import command_line
from .items import Item, Kind

# Longer names of files end in a digest, so that they stay below the limits of archives.
_LONGEST_NAME = 80
_UNKNOWN_RELEASE = "the release depends on a cluster that the site does not describe"


@dataclass(frozen=True, slots=True)
class Image:
    """An image.

    Attributes:
        pull: The name under which a public registry serves it; empty if none does.
        target: The name under which the lab pulls it.
        upstream: Upstream's name.
    """

    pull: str
    target: str
    upstream: str


def image_items(facts: Facts, needs: OfflineNeeds, further: Sequence[str]) -> Iterator[Item]:
    """Yield the images that the pods of a lab run.

    Args:
        facts: The facts about the bundle.
        needs: What the cluster's charms take from elsewhere.
        further: Further images, as upstream names them.
    """
    architectures = lab_architectures(facts)
    images = [*_own_images(facts), *_platform_images(facts, needs, architectures)]
    registry = facts.site.kubernetes.registry if facts.site else ""
    images += [Image(full_name(name), in_registry(name, registry), name) for name in further]
    hosts = _hosts(facts)
    for image in images:
        yield _item(image, architectures, hosts)
    yield from _unlisted_images(facts, needs, has_further=bool(further))
    yield from _unknown_images(facts)


def _hosts(facts: Facts) -> set[str]:
    """Return the hosts of the lab's registries; none for a site that names no registry."""
    own = facts.applications_of(*OWN_CHARMS)
    names = [facts.option(name, "image-registry") for name, _ in own]
    names += [facts.site.kubernetes.registry] if facts.site else []
    return {name.partition("/")[0] for name in names if name}


def lab_architectures(facts: Facts) -> list[str]:
    """Return the architectures of the machines, each once, as Juju names them."""
    architectures = {arch for name in facts.applications for arch in architectures_of(facts, name)}
    return sorted(architectures) or ["amd64"]


def _own_images(facts: Facts) -> Iterator[Image]:
    """Yield the images of the objects that this project's charms apply, and of their checks."""
    for name, names in (*_workload_images(facts), *_kubeflow_images(facts)):
        registry = facts.option(name, "image-registry")
        overrides = _overrides(facts, name)
        for upstream in names:
            target = overrides.get(upstream) or in_registry(upstream, registry)
            pull = public_name(upstream)
            yield Image(full_name(pull) if pull else "", target, upstream)


def _workload_images(facts: Facts) -> Iterator[tuple[str, Sequence[str]]]:
    for name, _ in facts.applications_of("metallb"):
        release = metallb_release(facts, name)
        yield name, release.images if release else ()
    for name, image in (*_provisioners(facts), *_plugins(facts)):
        yield name, [image] if image else []
    for name, _ in facts.applications_of("nfs-server"):
        yield name, [TRIAL_IMAGE]


def _provisioners(facts: Facts) -> Iterator[tuple[str, str | None]]:
    for name, _ in facts.applications_of("nfs-server"):
        version = facts.option(name, "provisioner-version")
        yield name, provisioner_image(facts.kubernetes, version)


def _plugins(facts: Facts) -> Iterator[tuple[str, str | None]]:
    for name, _ in facts.applications_of("nvidia-runtime"):
        option = facts.option(name, "device-plugin")
        if option != NO_PLUGIN:
            yield name, plugin_image(facts.kubernetes, option)


def _kubeflow_images(facts: Facts) -> Iterator[tuple[str, Sequence[str]]]:
    for installer in installers(facts):
        yield installer.name, release_images(installer.release.name)


def _overrides(facts: Facts, name: str) -> dict[str, str]:
    """Return the option ``image-overrides``: the image that is pulled instead, by upstream's."""
    words = facts.option(name, "image-overrides").replace(",", " ").split()
    pairs = (word.partition("=") for word in words)
    return {image: other for image, _, other in pairs}


def _platform_images(
    facts: Facts, needs: OfflineNeeds, architectures: Sequence[str]
) -> Iterator[Image]:
    release = version_text(facts.kubernetes) if facts.kubernetes else ""
    registry = facts.site.kubernetes.registry if facts.site else ""
    for image in needs.images.get(release, ()):
        if not _is_used(facts, image):
            continue
        for architecture in architectures if "{arch}" in image.pull else ("",):
            name = image.pull.replace("{arch}", architecture)
            yield _platform_image(name, needs.registry, registry)


def _platform_image(name: str, upstream: str, registry: str) -> Image:
    """Return an image of a charm of the cluster.

    Args:
        name: Its name in the profile.
        upstream: The registry of the profile's images whose names begin with none; empty for
            Docker Hub.
        registry: The registry of the lab; empty for none.
    """
    if has_registry(name) or not upstream:
        pull, target = full_name(name), in_registry(name, registry)
    else:
        pull, target = f"{upstream}/{name}", f"{registry}/{name}"
    return Image(pull, target if registry else pull, pull)


def _is_used(facts: Facts, image: PlatformImage) -> bool:
    names = [name for name, _ in facts.applications_of(image.charm)]
    if not image.option:
        return bool(names)
    return any(facts.option(name, image.option).lower() == "true" for name in names)


def _unlisted_images(facts: Facts, needs: OfflineNeeds, *, has_further: bool) -> Iterator[Item]:
    """Yield an item for each charm of the cluster whose images are not known."""
    if has_further:
        return
    for charm, text in needs.further_images.items():
        if facts.applications_of(charm):
            get = f"name them in a file with --images FILE; they are in {text}"
            yield Item(Kind.IMAGE, f"images of {charm}", get)
    if not needs.has_images:
        get = (
            "list them in offline.yaml of the profile (images: {} if there are none), or in a file"
            " for --images"
        )
        yield Item(Kind.IMAGE, "images of the cluster's charms", get)
    release = version_text(facts.kubernetes) if facts.kubernetes else ""
    if needs.images and release not in needs.images:
        place = f"; they are in {needs.image_list}" if needs.image_list else ""
        get = f"name them in a file with --images FILE{place}"
        yield Item(Kind.IMAGE, f"images of Kubernetes {release}".rstrip(), get)


def _unknown_images(facts: Facts) -> Iterator[Item]:
    """Yield an item for each application whose release is not known."""
    for name, option in _undecided(facts):
        key = f"applications.{name}.options.{option}"
        get = f"write the release into the site file ({key}); {_UNKNOWN_RELEASE}"
        yield Item(Kind.IMAGE, f"images of {name}", get)


def _undecided(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield the applications whose release the cluster decides, and the option that sets it."""
    for name, image in _provisioners(facts):
        if not image:
            yield name, "provisioner-version"
    for name, image in _plugins(facts):
        if not image:
            yield name, "device-plugin"
    for name, _ in facts.applications_of("metallb"):
        if not metallb_release(facts, name):
            yield name, "version"
    known = {installer.name for installer in installers(facts)}
    for name, _ in facts.applications_of("kubeflow-installer"):
        if name not in known:
            yield name, "version"


def _item(image: Image, architectures: Sequence[str], hosts: set[str]) -> Item:
    name = image.pull or image.upstream
    target = image.target if hosts else ""
    if target and target.partition("/")[0] not in hosts:
        get = f"name an image in the lab's registry instead of {image.target} (image-overrides)"
        return Item(Kind.IMAGE, name, get)
    path = f"images/{file_name(image.upstream)}"
    get = _command(image, path, architectures) if image.pull else _unavailable(image)
    digest = digest_of(image.upstream)
    return Item(Kind.IMAGE, name, get, path=path, target=target, digest=digest)


def _command(image: Image, path: str, architectures: Sequence[str]) -> str:
    """Return the command that saves an image. An image with a digest is saved as it is."""
    single = len(architectures) == 1 and not digest_of(image.upstream)
    before = [f"--override-arch={architectures[0]}", "--override-os=linux"] if single else []
    options = [] if single else ["--all", "--preserve-digests"]
    return command_line(
        "skopeo", *before, "copy", *options, f"docker://{image.pull}", f"oci-archive:{path}"
    )


def _unavailable(image: Image) -> str:
    return (
        f"no public registry serves {image.upstream} any more; save it from a lab that has it, or"
        " name another image in the option image-overrides of kubeflow-installer"
    )


def file_name(image: str) -> str:
    """Return the name of an image's file, which differs for each image.

    skopeo reads a colon in the name as a tag. The signs in its place cannot be in an image's name.
    """
    name = image.replace("/", "+").replace(":", "=")
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 13]}-{hashlib.sha256(image.encode()).hexdigest()[:12]}"
    return f"{name}.tar"
