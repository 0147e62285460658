"""The backend that runs the ``juju`` program.

- ``installation``: the installed program, and whether its snap is strictly confined.
- ``confinement``: the files that a strictly confined program cannot read.
- ``program``: runs the program, through jubilant's class with botlab's own time limits.
- ``failures``: turns the program's messages into errors that describe the fix.
- ``json_output``: reads what the program prints as JSON.
- ``controllers``: the controller and the model that the program names.
- ``tasks``: the results of actions and of commands on units.
- ``model``: the model, as the rest of botlab uses it.

Nothing else imports this package but :mod:`botlab.live.connect`, and only when it connects,
because jubilant takes time to import.
"""
