"""The section about the addresses of LoadBalancer services."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..plan.option_commands import can_change_options
from ..shell import juju_command
from .commands import SUCCESS
from .lab import RunbookLab


def pools(lab: RunbookLab) -> Iterator[str]:
    """Yield how to change the address pools; nothing for a lab without them."""
    if lab.site.metallb is None:
        return
    pools = lab.site.metallb.pools
    rows = (
        [md.code(name), pool.protocol, md.codes(map(str, pool.addresses))]
        for name, pool in pools.items()
    )
    yield md.table(("pool", "protocol", "addresses"), rows)
    yield (
        "Choose addresses that nothing else uses: no DHCP range, no machine, no network of the"
        f" cluster. Change `metallb.pools` in {md.code(lab.files.site)}, check it, and deploy it:"
    )
    yield md.shell(
        lab.botlab("validate"),
        lab.botlab("diff", "--live"),
        lab.botlab("deploy"),
        "kubectl get services --all-namespaces",
    )
    if not can_change_options(lab.juju):
        yield "With Juju 4, `botlab deploy` sets options with `juju config` before it deploys."
    yield from _direct(lab)
    for name in lab.of_charms("metallb"):
        yield from _refusal(lab, name)


def _direct(lab: RunbookLab) -> Iterator[str]:
    """Yield the command that sets the option itself, where it has a short value."""
    for name in lab.of_charms("metallb"):
        addresses = lab.facts.option(name, "addresses")
        if addresses:
            yield (
                "Without botlab, set the option itself. The command has the present addresses."
                " Write the new ones into the site file, too, because the next deployment sets"
                " those of the site file:"
            )
            yield md.shell(juju_command("config", name, f"addresses={addresses}"))


def _refusal(lab: RunbookLab, name: str) -> Iterator[str]:
    unit = lab.leader(name)
    yield (
        f"If services would lose their address, {md.code(name)} changes nothing, and its status"
        " names them. To change the pools nevertheless:"
    )
    yield md.shell(lab.commands.action(unit, "sync-objects", {"force": "true"}))
    yield "Check that services get addresses:"
    yield md.shell(lab.commands.action(unit, "verify"))
    yield md.output(SUCCESS)
