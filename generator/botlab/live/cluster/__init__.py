"""The Kubernetes cluster of a lab, as its API shows it. Everything here only reads.

- ``model``: nodes, pods, storage classes and load balancers as typed data.
- ``access``: the interface :class:`~botlab.live.cluster.access.ClusterAccess`.
- ``api``: the cluster behind that interface, through the package ``kubernetes``.
- ``decode``: the API's JSON as the types of ``model``.
- ``credentials``: what a kubeconfig gives to connect to a cluster.
- ``namespaces``: the namespaces in which the systems of a lab run.
"""
