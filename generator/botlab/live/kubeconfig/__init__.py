"""Kubeconfigs: of the lab's cluster, from its control plane, and of the user, on this machine.

A kubeconfig from a control plane is data from another machine. Only the address, the certificate
authority and the credentials of its current context are used; a text that would run a program,
read a file, or switch off the verification of TLS is refused.

- ``model``: the access that a kubeconfig gives.
- ``reader``: reads a kubeconfig.
- ``fetch``: gets the kubeconfig of a lab as text; ``obtain`` also reads it.
- ``plain``: the values of YAML nodes, with every scalar as its text.
- ``entries``: the entries that botlab writes into a kubeconfig, and the mark by which it
  recognizes them.
- ``merge``: adds these entries to a kubeconfig of the user.
- ``write``: writes the file of a lab, and merges into a file.
"""

from .fetch import fetch_kubeconfig

__all__ = ["fetch_kubeconfig"]
