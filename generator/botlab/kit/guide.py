"""The guide in a kit, ``INSTALL.md``: what to do with it, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import markdown as md
from ..assessment import Assessment
from ..bundle.model import Bundle
from ..plan.option_commands import HIDDEN_MODEL_CONFIG, are_arguments
from ..plan.secret_grants import grant_commands
from ..plan.trust import trust_refusal
from ..shell import command_line, juju_command, repeated
from .items import Item, Kind, directories_of
from .layout import BUNDLE, SCRIPT, SITE
from .manifest import CHECKSUMS, Manifest

# The first words of commands.
_PROGRAMS = ("botlab", "curl", "juju", "skopeo", "snap")
_PROVIDED = (
    "The lab provides these by itself. Files that the kit was given for them are in `packages` and"
    " `juju`."
)
_SNAPS = (
    "The machines install these snaps. Put them into the machine image, or into a Snap Store Proxy"
    " (its documentation calls that sideloading). Each snap also needs its base, which `snap info"
    " NAME` shows."
)
_IMAGES = "The script needs skopeo and a running registry. It can be run again."


def guide_text(manifest: Manifest, kit: Assessment, options: Sequence[str]) -> str:
    """Return the text of the guide.

    Args:
        manifest: The table of contents, in which the guide itself is missing.
        kit: The site as the kit has it.
        options: The options with which the commands of botlab read the site in the kit.
    """
    return "\n\n".join(_lines(manifest, kit, options)) + "\n"


def _lines(manifest: Manifest, kit: Assessment, options: Sequence[str]) -> Iterator[str]:
    yield md.heading(1, f"Install the lab {md.plain(manifest.site)} without internet")
    yield (
        f"botlab {manifest.botlab} made this kit for Juju {manifest.juju} and the profile"
        f" {md.plain(manifest.profile)}. Run all commands in this directory."
    )
    sections = [
        ("Check the kit", [_check_steps()]),
        *_missing_section(manifest.missing),
        *_item_sections(manifest),
        ("Check the site", _site_steps(options)),
        ("Deploy", list(_deploy_steps(kit, options))),
    ]
    for number, (title, blocks) in enumerate(sections, 1):
        yield from (md.heading(2, f"{number}. {title}"), *blocks)


def _check_steps() -> str:
    return md.shell(
        command_line("sha256sum", "--check", "--quiet", CHECKSUMS),
        f"{command_line('botlab', 'kit', 'check', '.')}   # also reports files that were added",
    )


def _missing_section(missing: Sequence[Item]) -> list[tuple[str, list[str]]]:
    if not missing:
        return []
    addable = [item for item in missing if item.path]
    others = [item for item in missing if not item.path]
    blocks = ["The kit is not complete.", *_addable(addable), *_not_addable(others)]
    return [("Add what is missing", blocks)]


def _addable(items: Sequence[Item]) -> Iterator[str]:
    """Yield what to do about missing items that are files."""
    if not items:
        return
    yield "Put these files into it, at these paths. Run the commands where there is internet."
    if directories := directories_of(items):
        yield "First make the directories:"
        yield md.shell(command_line("mkdir", "-p", *directories))
    yield md.bullets(map(_missing_item, items))
    yield "`botlab kit list .` shows what is still missing."


def _not_addable(items: Sequence[Item]) -> Iterator[str]:
    """Yield what to do about missing items whose files nobody can name yet."""
    if items:
        yield "Make another kit where there is internet access, after you have done this:"
        yield md.bullets(map(_missing_item, items))


def _missing_item(item: Item) -> str:
    path = f" ({md.code(item.path)})" if item.path else ""
    return f"{md.plain(item.title)}{path}: {_how_to_get(item)}"


def _how_to_get(item: Item) -> str:
    """Return how to get an item: a command that can be copied, or a sentence."""
    is_command = item.get.partition(" ")[0] in _PROGRAMS
    return md.code(item.get) if is_command else md.plain(item.get)


def _item_sections(manifest: Manifest) -> Iterator[tuple[str, list[str]]]:
    items = [entry.item for entry in manifest.items]
    by_kind = {kind: [item for item in items if item.kind is kind] for kind in Kind}
    provided = _provided_items(by_kind[Kind.SERVICE], by_kind[Kind.PACKAGE])
    yield "Prepare Juju, MAAS and the mirror of Ubuntu", [_PROVIDED, md.bullets(provided)]
    if by_kind[Kind.SNAP]:
        snaps = (f"{md.plain(item.title)}: {md.code(item.path)}" for item in by_kind[Kind.SNAP])
        yield "Provide the snaps", [_SNAPS, md.bullets(snaps)]
    if by_kind[Kind.IMAGE]:
        yield "Load the images", [_IMAGES, md.shell(f"./{SCRIPT}")]


def _provided_items(services: Sequence[Item], packages: Sequence[Item]) -> Iterator[str]:
    """Yield what the lab provides by itself."""
    yield from (f"{md.plain(item.name)}: {_how_to_get(item)}" for item in services)
    if packages:
        names = ", ".join(md.plain(f"{item.name} ({item.version})") for item in packages)
        yield f"a mirror of Ubuntu (MAAS, or the model option apt-mirror) with {names}"


def _site_steps(options: Sequence[str]) -> list[str]:
    return [
        "botlab renders the same bundle from the site file, and finds all files:",
        md.shell(
            command_line("botlab", "validate", SITE, *options),
            command_line("botlab", "render", SITE, *options, "-o", BUNDLE),
        ),
    ]


def _deploy_steps(kit: Assessment, site_options: Sequence[str]) -> Iterator[str]:
    bundle, juju = kit.bundle or Bundle(), kit.juju
    name = kit.site.site if kit.site else ""
    overlays = kit.site.overlays if kit.site else []
    options = repeated("--overlay", overlays)
    options += ["--trust"] if trust_refusal(bundle) else []
    grants = list(grant_commands(bundle, juju))
    steps = [juju_command("switch" if grants else "add-model", name)]
    if not are_arguments(kit.model_options):
        yield md.shell(*steps)
        yield HIDDEN_MODEL_CONFIG
        steps = []
    elif kit.model_config:
        steps.append(kit.model_config)
    steps += [juju_command("deploy", f"./{BUNDLE}", options=options), *grants]
    yield md.shell(*steps, command_line("botlab", "wait", SITE, *site_options))
