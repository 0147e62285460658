"""The checks before a deployment. Each has a name, a message, and a command that fixes it.

- ``check``: the result of one check, and of all of them.
- ``releases``: the client, the controller and the site have fitting releases of Juju.
- ``model``: the model is empty or has this site's applications, and has SSH keys.
- ``files``: the charms and resources of the bundle exist.
- ``machines``: MAAS has a free machine for each machine of the bundle.
- ``mapped_machines``: the model has the machines that ``--map-machines`` uses.
- ``assignment``: which machine of MAAS can serve which machine of the bundle.
- ``addresses``: MAAS never assigns the addresses of the pools.
- ``capacity``: the workers are large enough for Kubeflow.
- ``run``: all of them together.
"""
