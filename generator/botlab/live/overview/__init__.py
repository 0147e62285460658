"""A lab on one screen: its machines, its cluster, and what is not as it should be.

- ``model``: the overview as typed data, with its stable JSON form.
- ``machines``: the rows of the machines.
- ``cluster``: the nodes, GPUs, storage classes and Kubeflow's address, from the Kubernetes API.
- ``pools``: the used and free addresses of MetalLB's pools.
- ``compose``: the overview of a lab.
- ``lines``: the overview as lines of text.
"""

from __future__ import annotations

from .compose import lab_overview
from .model import Overview

__all__ = ["Overview", "lab_overview"]
