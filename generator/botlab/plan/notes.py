"""Notes about what the documents about a model do not contain, as far as the bundle needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..bundle.charm_url import charm_name
from ..bundle.model import Application, Bundle
from ..shell import command_line
from .change_set import ChangeSet
from .difference import text_of
from .model import Model, ModelApplication
from .option_commands import REASON, about_files, can_change_options, set_options

_Test = Callable[[Application, ModelApplication], bool]


def notes_about(bundle: Bundle, model: Model, changes: ChangeSet) -> list[str]:
    """Return a sentence about each fact that a plan would need and that is not known.

    Args:
        bundle: The bundle.
        model: The model that it is deployed to.
        changes: The plan.
    """
    return [
        *model.notes,
        *_notes_about_applications(bundle, model),
        *_notes_about_machines(bundle, model),
        *_notes_about_options(changes),
        *notes_about_changes(model, changes),
    ]


def notes_about_changes(model: Model, changes: ChangeSet) -> list[str]:
    """Return a sentence about each change that can end otherwise than planned.

    Args:
        model: The model that the changes are for.
        changes: The plan.
    """
    return [
        *_notes_about_uploads(model, changes),
        *_notes_about_late_relations(model, changes),
        *_notes_about_numbers(model, changes),
    ]


def _notes_about_applications(bundle: Bundle, model: Model) -> Iterator[str]:
    for test, sentence in _SENTENCES:
        names = [
            name
            for name, application in bundle.applications.items()
            if application and name in model.applications
            if test(application, model.applications[name])
        ]
        if names:
            yield sentence.format(names=", ".join(names), arguments=command_line(*names))


def _lacks_constraints(application: Application, existing: ModelApplication) -> bool:
    del application
    return existing.constraints is None


def _lacks_options(application: Application, existing: ModelApplication) -> bool:
    return existing.options is None and bool(application.options)


def _lacks_exposure(application: Application, existing: ModelApplication) -> bool:
    return existing.exposed_endpoints is None and bool(application.exposed_endpoints)


def _lacks_annotations(application: Application, existing: ModelApplication) -> bool:
    return existing.annotations is None and bool(application.annotations)


def _lacks_revision(application: Application, existing: ModelApplication) -> bool:
    return not existing.has_local_charm and application.revision is None


_SENTENCES: tuple[tuple[_Test, str], ...] = (
    (
        _lacks_constraints,
        "the constraints of {names} are not known, so the plan does not change them; add the"
        " output of `juju show-application --format json {arguments}`",
    ),
    (
        _lacks_options,
        "the options of {names} are not known, so the plan does not change them; add the output of"
        " `juju config --format json APPLICATION` for each of them",
    ),
    (
        _lacks_exposure,
        "the exposed endpoints of {names} are not known, so the plan does not change them; add"
        " the output of `juju show-application --format json {arguments}`",
    ),
    (
        _lacks_annotations,
        "the annotations of {names} are not known, so the plan does not change them; add the"
        " bundle that was deployed last",
    ),
    (
        _lacks_revision,
        "the newest revisions of the charms of {names} are not known, so the plan does not upgrade"
        " them; Juju upgrades a charm if the store has a newer revision",
    ),
)


def _notes_about_machines(bundle: Bundle, model: Model) -> Iterator[str]:
    machines = {
        name: model.machine_of(name)
        for name, machine in bundle.machines.items()
        if machine and machine.annotations
    }
    names = [
        name for name, existing in machines.items() if existing and existing.annotations is None
    ]
    if names:
        yield (
            f"the annotations of the machines {', '.join(names)} are not known, so the plan does"
            " not change them; add the bundle that was deployed last"
        )


def _notes_about_options(changes: ChangeSet) -> Iterator[str]:
    if can_change_options(changes.juju):
        return
    for name, options in changes.changed_options().items():
        texts = {key: text_of(content) for key, content in options.items()}
        files = about_files(texts)
        yield (
            f"{REASON}, so this deployment will end at {name} and leave the rest undone; first run"
            f" `{set_options(name, texts)}`{f' ({files})' if files else ''}"
        )


def _notes_about_uploads(model: Model, changes: ChangeSet) -> Iterator[str]:
    """Yield a note about each charm of the model whose file Juju looks for and does not find."""
    charms = {application.charm for application in model.applications.values()}
    for change in changes.changes:
        charm = str(change.args[0])
        if change.method == "addCharm" and charm in charms and charm.startswith("local:"):
            yield (
                f"Juju will fail to upload {charm}, because it does not find the file again; give"
                " its application the base and the architecture (`constraints: arch=...`) that it"
                " has in the model"
            )


def _notes_about_late_relations(model: Model, changes: ChangeSet) -> Iterator[str]:
    """Yield a note about each running k8s whose new relations get no CA certificate.

    Source: canonical/k8s-operator issue 950.
    """
    new_ends = {
        end for change in changes.changes if change.method == "addRelation" for end in change.args
    }
    for name, application in model.applications.items():
        end = f"{name}:kube-control"
        if charm_name(application.charm) == "k8s" and end in new_ends:
            yield (
                f"{end} gives the cluster's CA certificate only to the relations of the first"
                " deployment; set the option kubeconfig of the charms that report that they have"
                " none (see docs/how-to/canonical-kubernetes.md)"
            )


def _notes_about_numbers(model: Model, changes: ChangeSet) -> Iterator[str]:
    methods: Iterable[str] = {change.method for change in changes.changes}
    if model.applications and {"addUnit", "addMachines"} & set(methods):
        yield (
            "the numbers of new units and machines may be higher, because Juju does not use the"
            " numbers of removed ones again"
        )
