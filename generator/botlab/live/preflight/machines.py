"""A machine of MAAS for each machine of the bundle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...bundle.model import Bundle
from ...findings import listed
from ...inventory.assignment import assign, unmet_constraints
from ...inventory.dumps import MaasInventory
from ...inventory.machines import MaasMachine
from ...inventory.states import Use, remedy, state_of
from ...inventory.tagged import TaggedMachines, required_tags
from ...maas_tags import tag_commands
from ...shell import command_line
from ..status.model import ModelStatus
from .check import Check, failed, passed

_MOST_HOSTS = 3


class MachineChecks:
    """The checks of the machines.

    Args:
        bundle: The bundle.
        inventory: What MAAS knows.
        status: The state of the model. Its own machines count as free.
    """

    def __init__(self, bundle: Bundle, inventory: MaasInventory, status: ModelStatus) -> None:
        self._constraints = {
            name: machine.constraints if machine else ""
            for name, machine in bundle.machines.items()
        }
        self._inventory = inventory
        self._hosts = {machine.name: machine for machine in inventory.machines}
        self._in_model = {machine.instance_id for machine in status.machines.values()}
        self._in_model |= {machine.hostname for machine in status.machines.values()}
        self._tagged = TaggedMachines(inventory.machines)
        self.assigned: dict[str, str] = {}

    def checks(self) -> Iterator[Check]:
        """Yield a check for each machine of the bundle, in the order of the bundle."""
        # Machines with the same constraints share the lists, whose sizes would multiply otherwise.
        by_text = {text: self._tagged.fitting(text) for text in set(self._constraints.values())}
        names = {
            text: [host.name for host in hosts if self._is_free(host)]
            for text, hosts in by_text.items()
        }
        fitting = {name: by_text[text] for name, text in self._constraints.items()}
        usable = {name: names[text] for name, text in self._constraints.items()}
        self.assigned = assign(usable)
        for name, hosts in fitting.items():
            if name in self.assigned:
                yield self._host_check(name, self._hosts[self.assigned[name]])
            elif usable[name]:
                yield self._rival_check(name, usable[name])
            elif hosts:
                yield self._busy_check(name, hosts)
            else:
                yield self._missing_check(name)

    def _is_free(self, host: MaasMachine) -> bool:
        return state_of(host).use is Use.FREE or self._is_in_model(host)

    def _is_in_model(self, host: MaasMachine) -> bool:
        return bool({host.system_id, host.name} & self._in_model)

    def _host_check(self, name: str, host: MaasMachine) -> Check:
        if self._is_in_model(host):
            return passed(_label(name), f"{host.name} is in the model already")
        if host.power_state == "error":
            return failed(
                _label(name),
                f"MAAS cannot control the power of {host.name}",
                self._maas("machine", "query-power-state", host.system_id),
            )
        if not host.subnets:
            return failed(
                _label(name),
                f"{host.name} has no interface in a subnet, so it gets no address",
                self._maas("interfaces", "read", host.system_id) + ", then link one to a subnet",
            )
        by_hand = "; switch it on by hand when MAAS deploys it, because its power type is manual"
        return passed(
            _label(name),
            f"{host.name} is ready{by_hand if host.power_type == 'manual' else ''}",
        )

    def _rival_check(self, name: str, hosts: Sequence[str]) -> Check:
        return failed(
            _label(name),
            f"other machines of the bundle need {listed(hosts, _MOST_HOSTS)} too"
            f" ({self._constraints[name] or 'it has no constraints'})",
            "give each machine of the site a tag that only one machine of MAAS has",
        )

    def _busy_check(self, name: str, hosts: Sequence[MaasMachine]) -> Check:
        states = listed([f"{host.name} is {host.status}" for host in hosts], _MOST_HOSTS)
        return failed(_label(name), states, remedy(hosts[0], self._inventory.profile))

    def _missing_check(self, name: str) -> Check:
        constraints = self._constraints[name]
        unknown = [tag for tag in required_tags(constraints) if not self._tagged.has_tag(tag)]
        if unknown:
            return failed(
                _label(name),
                f"no machine of MAAS has the tag {unknown[0]}",
                tag_commands(unknown[0], self._inventory.profile),
            )
        return failed(
            _label(name),
            f"no machine of MAAS meets {constraints}: {self._nearest(constraints)}",
            "change the constraints of the machine in the site file, or the machine in MAAS",
        )

    def _nearest(self, constraints: str) -> str:
        """Describe the machine that misses the fewest constraints."""
        unmet = [(unmet_constraints(constraints, host), host) for host in self._hosts.values()]
        missing, host = min(unmet, key=lambda pair: len(pair[0]))
        return f"{host.name} does not meet {' '.join(missing)}"

    def _maas(self, *arguments: str) -> str:
        return command_line("maas", self._inventory.profile, *arguments)


def _label(name: str) -> str:
    return f"machine {name}"
