"""The backend that uses python-libjuju, for computers without a juju client.

python-libjuju has two releases that matter: 2.9.49.1 for Juju 2.9, and 3.6.1.3 for Juju 3. Neither
can serve Juju 4. The extras ``libjuju29`` and ``libjuju36`` of botlab install them.

- ``library``: the parts of python-libjuju that botlab uses, and the check of its version.
- ``event_loop``: runs python-libjuju's coroutines in a thread, each with a time limit.
- ``api``: calls of the controller's facades, with errors in the terms of the live layer.
- ``failures``: why a call failed.
- ``actions``: the requests and results of actions in the versions of the Action facade.
- ``documents``: the answers of the facades in the form of the client's JSON.
- ``model``: the backend itself.
- ``connect``: opens the model.
"""
