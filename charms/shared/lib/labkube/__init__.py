"""A way to a Kubernetes API of any age for charms: access by relations, and applied objects.

Python 3.6 subset, no ops. `access` and `kubeconfig` need nothing but the standard library;
`api` needs the `kubernetes` package.
"""
