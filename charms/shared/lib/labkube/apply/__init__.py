"""Objects that are created, changed, compared, pruned and deleted on a cluster.

The third layer of labkube; it imports `client` and `inspect`. `objects` is the interface for
charms, and the other modules are its parts.
"""
