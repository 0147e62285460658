"""The way to a cluster: credentials, kubeconfig files, requests, and the names of objects.

The lowest layer of labkube; it imports only labcharm.
"""
