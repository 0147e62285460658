"""The state of a model as typed data.

``model`` has the types. ``client`` reads the output of ``juju status --format json`` of every
release, and ``facade`` reads the status that python-libjuju returns.
"""
