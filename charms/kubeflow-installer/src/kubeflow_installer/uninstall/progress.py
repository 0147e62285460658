"""Kubeflow goes: begun by whoever asks for it, and gone on with until nothing of it is left."""

from kubeflow_installer import methods
from kubeflow_installer.errors import GoneError, WaitingError
from kubeflow_installer.installation import PATIENCE, Kubeflow
from kubeflow_installer.releases import inventory as inventory_module
from kubeflow_installer.state.store import NOTHING, UNINSTALLING, State
from kubeflow_installer.uninstall.uninstall import Outcome, Uninstall
from labcharm.text import some


def uninstall(kubeflow: Kubeflow, seconds: float, delete_data: bool = False) -> Outcome:
    """Take everything away, as far as the time goes; call it again while it is not done.

    Raises:
        ApiError: When the API is not reached or refuses us.
    """
    state = kubeflow.keeper.read()
    if state == NOTHING:
        return _go(kubeflow, state._replace(delete_data=delete_data), seconds, record=False)
    leaving = state._replace(phase=UNINSTALLING, delete_data=delete_data)
    kubeflow.keeper.write(leaving)
    return _go(kubeflow, leaving, seconds)


def go_on(kubeflow: Kubeflow, state: State) -> None:
    """Go on with what is under way.

    Raises:
        GoneError: When that is done.
        WaitingError: When it is not.
    """
    found = _go(kubeflow, state, PATIENCE)
    if found.done:
        raise GoneError
    raise WaitingError("being uninstalled: %s" % some(found.left))


def _go(kubeflow: Kubeflow, state: State, seconds: float, record: bool = True) -> Outcome:
    """Go on with it; objects that are older than the record were there before us."""
    methods.stop(kubeflow.site.machine, kubeflow.site.home)
    # What is labelled goes, also of a release that this charm does not know.
    kept = inventory_module.is_kept(state.release)
    inventory = inventory_module.load(state.release) if kept else inventory_module.NOTHING
    known = kubeflow.keeper.record() if record else None
    way = Uninstall(kubeflow.api, kubeflow.everything(), inventory, kubeflow.sleep, known)
    found = way.run(seconds, state.delete_data)
    if found.done:
        kubeflow.keeper.forget()
    return found
