"""The Kubernetes cluster of a lab, as its API shows it. Everything here only reads.

- ``model``: nodes, pods, storage classes and load balancers as typed data.
- ``access``: the interface :class:`~botlab.live.cluster.access.ClusterAccess`.
- ``api``: the cluster behind that interface, through the package ``kubernetes``.
- ``of_lab``: the cluster of a lab.
- ``decode``: the API's JSON as the types of ``model``.
- ``connection_errors``: why a request failed, and what to do about it.
- ``namespaces``: the namespaces in which the systems of a lab run.
"""
