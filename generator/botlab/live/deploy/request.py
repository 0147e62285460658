"""What to deploy, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...plan.machine_map import MachineMap
from ..lab import Lab


@dataclass(frozen=True, slots=True)
class DeployRequest:
    """What to deploy, and how.

    Attributes:
        lab: The lab.
        bundle: The file of the bundle.
        overlays: The overlay files.
        map_machines: The value of ``--map-machines``; empty for none.
        machine_map: The same value, parsed.
        trust: Whether applications may get access to the cloud's credentials.
        force: Whether to deploy although a preflight check failed, or the dry run differs from
            the plan.
        waits: Whether to wait for the lab and to verify it.
        names_model: Whether printed commands name the model, because it is not the current one.
    """

    lab: Lab
    bundle: Path
    overlays: Sequence[Path] = ()
    map_machines: str = ""
    machine_map: MachineMap = field(default_factory=MachineMap)
    trust: bool = False
    force: bool = False
    waits: bool = True
    names_model: bool = False
