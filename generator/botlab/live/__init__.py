"""A running model: the only package that talks to a controller or starts another program.

- ``live_model``: the interface :class:`~botlab.live.live_model.LiveModel`, through which
  everything else reaches a model. It has two backends: ``client`` runs the ``juju`` program, and
  ``libjuju`` uses python-libjuju where no client is installed.
- ``connect``: chooses a backend and opens the model.
- ``lab``: the desired state of a lab, from a site or a bundle.
- ``comparison``: the differences between a lab and a model, each with its commands.
- ``deploy``: all steps from a bundle to a verified lab.
- ``wait``: what of the lab is ready, and waiting until everything is.
- ``overview``: the lab on one screen.
- ``preflight``: the checks before a deployment.
- ``maas``: runs the ``maas`` program for them, and for ``--maas PROFILE``.
- ``verify``: the checks of the charms and of the cluster.
- ``kubeconfig``: the kubeconfig of the lab, and how it is written.
- ``cluster``: the lab's Kubernetes API, which is only read.
- ``results``: what actions and commands on units return.
- ``status``: the state of a model as typed data, the same for every Juju release.
- ``errors``: why a controller or a model cannot be used.
- ``process``: other programs, with a time limit. ``process_groups`` ends their processes.
- ``fields``: values of JSON documents by their keys.
- ``parallel``: calls in threads, each with a time limit.
- ``time_limits``: durations that people write, and deadlines.
"""
