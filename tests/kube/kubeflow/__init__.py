"""One installation of Kubeflow from its first hook to its removal; the files run in this order.

This is a package, so that its files share one API server and one unit.
"""
