"""The commands that follow a rendered bundle or plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..assessment import Assessment
from ..bundle.charm_url import is_local_path
from ..bundle.go_path import join_path
from ..bundle.model import Bundle
from ..catalogue.profiles import OWN_CHARMS
from ..plan.secret_grants import grant_commands
from ..plan.trust import trust_refusal
from ..rules.lab.facts import Facts
from ..runbook.commands import JujuCommands
from ..shell import charms_command, command_line, juju_command, repeated


def bundle_steps(
    wait: str, output: Path, assessment: Assessment, script: Path | None = None
) -> Iterator[str]:
    """Yield the commands that write the charms, deploy a bundle and verify the lab.

    Args:
        wait: The command that waits for the lab.
        output: The file of the bundle.
        assessment: The assessment of the site.
        script: The script that sets the options of the model; None without one.
    """
    if assessment.bundle is None or assessment.site is None:
        return
    overlays = repeated("--overlay", map(_path, assessment.overlays))
    trust = ["--trust"] if trust_refusal(assessment.bundle) else []
    grants = list(grant_commands(assessment.bundle, assessment.juju))
    yield from _packing(assessment.bundle)
    # A secret belongs to a model, so a site that names one has a model already.
    yield juju_command("switch" if grants else "add-model", assessment.site.site)
    if assessment.model_config:
        yield command_line("sh", _path(script)) if script else assessment.model_config
    yield juju_command("deploy", _path(output), options=[*overlays, *trust])
    yield from grants
    yield from _verification(wait, assessment)


def plan_steps(wait: str, output: Path, assessment: Assessment) -> Iterator[str]:
    """Yield the commands that apply a plan and verify the lab.

    Args:
        wait: The command that waits for the lab.
        output: The file of the plan.
        assessment: The assessment of the site or the bundle.
    """
    tofu = ("tofu", f"-chdir={output.parent}")
    grants = list(grant_commands(assessment.bundle, assessment.juju)) if assessment.bundle else []
    yield command_line(*tofu, "init")
    if grants:
        # A secret belongs to a model, which exists already and which the plan would create again.
        yield command_line(*tofu, "import", "juju_model.lab", "MODEL-UUID")
    yield command_line(*tofu, "apply")
    if assessment.bundle is not None and assessment.site is not None:
        # The commands for a running lab use the current model.
        yield juju_command("switch", assessment.site.site)
        yield from grants
        yield from _verification(wait, assessment)


def _packing(bundle: Bundle) -> Iterator[str]:
    """Yield the commands that write this project's charms where files of them are missing."""
    charms = [application.charm for application in bundle.applications.values() if application]
    files = [Path(join_path(bundle.directory, charm)) for charm in charms if is_local_path(charm)]
    own = [file for file in files if file.name.partition("_")[0] in OWN_CHARMS]
    for directory in dict.fromkeys(file.parent for file in own if not file.exists()):
        yield charms_command(directory)


def _path(file: Path) -> str:
    return str(file) if file.is_absolute() else f"./{file}"


def _verification(wait: str, assessment: Assessment) -> Iterator[str]:
    facts = Facts(assessment.subject())
    own = {name for name, _ in facts.applications_of(*OWN_CHARMS)}
    yield wait
    for name, application in facts.applications.items():
        if name in own and application.num_units:
            yield JujuCommands(assessment.juju).action(f"{name}/0", "verify")
