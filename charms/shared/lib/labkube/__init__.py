"""Kubernetes for charms: access through relations, an API client, and objects that are applied.

The modules run on Python 3.6 and later, and against servers from Kubernetes 1.13 on. They are
layers; a package imports only those before it:

1. `client`: credentials, kubeconfig files, requests, and the names of objects.
2. `inspect`: what live objects say: readiness, events, quantities.
3. `apply`: objects that are created, changed, compared, pruned and deleted.
4. `charm`: what a charm needs beyond that: its relations, its actions' results, its release table.

The package labcharm is below all of them. Nothing here imports ops, or a package that is not part
of the standard library.
"""
