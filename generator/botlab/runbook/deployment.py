"""The section about the deployment of the lab."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..bundle.charm_url import is_local_path
from ..juju import Juju
from ..model_arguments import model_config_command
from ..plan.option_commands import HIDDEN_MODEL_CONFIG, are_arguments
from ..plan.secret_grants import secret_grants
from ..plan.trust import trust_refusal
from ..shell import charms_command, juju_command, quote, repeated
from ..site.defaults import STORED_IN_JUJU
from .lab import RunbookLab


def deployment(lab: RunbookLab) -> Iterator[str]:
    """Yield how to deploy the lab, step by step."""
    yield md.heading(3, "Prepare the files")
    yield from _files(lab)
    yield md.heading(3, "Make the model")
    yield from _model(lab)
    yield md.heading(3, "Deploy the bundle")
    yield from _bundle(lab)
    yield md.heading(3, "Check the lab")
    yield from _checks(lab)


def local_files(lab: RunbookLab) -> list[str]:
    """Return the files of charms and resources that the bundle names, each once."""
    paths: list[str] = []
    for application in lab.applications.values():
        sources = (application.charm, *application.resources.values())
        paths += [path for path in sources if isinstance(path, str) and is_local_path(path)]
    return list(dict.fromkeys(paths))


def packing(lab: RunbookLab) -> list[str]:
    """Return the commands that write this project's charms into the directories of the bundle."""
    archives = [lab.applications[name].charm for name in lab.own if lab.is_local(name)]
    directories = dict.fromkeys(archive.rpartition("/")[0] for archive in archives)
    return [charms_command(directory or ".") for directory in directories]


def _files(lab: RunbookLab) -> Iterator[str]:
    packed = {lab.applications[name].charm for name in lab.own}
    others = [path for path in local_files(lab) if path not in packed]
    if others:
        yield "Put these files in place:"
        yield md.bullets(map(md.code, others))
    commands = packing(lab)
    if commands:
        yield "Write the charms of botlab:"
        yield md.shell(*commands)
    yield "Check the site file, and write the bundle:"
    yield md.shell(lab.botlab("validate"), lab.botlab("render"))
    yield md.output(f"{lab.files.site}: 0 errors, ...", f"{lab.files.bundle}: ...")


def _model(lab: RunbookLab) -> Iterator[str]:
    yield md.shell(juju_command("add-model", lab.name))
    yield md.output(f"Added '{lab.name}' model on ...")
    options = lab.model_options
    if are_arguments(options):
        command = model_config_command(options, lab.name, lab.juju)
        yield from [md.shell(command)] if options else []
    else:
        yield HIDDEN_MODEL_CONFIG
    if lab.juju >= Juju.V4_0:
        yield "Juju 4 does not add your SSH key to a model. Without the key, `juju ssh` fails:"
        yield md.shell('juju add-ssh-key "$(cat ~/.ssh/id_ed25519.pub)"')
    if lab.site.kubernetes.kubeconfig.startswith(STORED_IN_JUJU):
        yield from _secret(lab)


def _secret(lab: RunbookLab) -> Iterator[str]:
    yield (
        "The charms reach the cluster with a kubeconfig in a secret of Juju, and a secret belongs"
        " to its model. In a new model, add the secret again:"
    )
    yield md.shell(
        juju_command("add-secret", f"{lab.name}-kubeconfig", "kubeconfig#file=./kubeconfig")
    )
    yield md.output("secret:...")
    yield (
        f"Write the id that the command prints as `kubernetes.kubeconfig` into"
        f" {md.code(lab.files.site)}. Then write the bundle and this runbook again, because they"
        " have the id, and continue with the new runbook:"
    )
    yield md.shell(lab.botlab("validate"), lab.botlab("render"), lab.runbook_command)


def _bundle(lab: RunbookLab) -> Iterator[str]:
    yield (
        "Check that the machines in MAAS fit the site, and that the controller can be reached."
        " The check changes nothing:"
    )
    yield md.shell(lab.botlab("preflight", "--maas", "MAAS"))
    yield "Deploy the bundle. MAAS installs the machines, which takes 5 to 30 minutes:"
    yield md.shell(deploy_command(lab), *_grants(lab), lab.botlab("wait"))
    machines, applications = len(lab.bundle.machines), len(lab.applications)
    counts = f"{machines} machines, {applications} applications, ..."
    yield md.output("Deploy of bundle completed.", f"{lab.name} is ready: {counts}")
    yield (
        "One command does all steps of this section after the model exists. It shows the plan,"
        " and asks before it changes anything. If it is interrupted, run it again:"
    )
    yield md.shell(lab.botlab("deploy", "--maas", "MAAS"))


def deploy_command(lab: RunbookLab) -> str:
    """Return the command that deploys the bundle with its overlays."""
    overlays = repeated("--overlay", map(local, lab.files.overlays))
    trust = ["--trust"] if trust_refusal(lab.bundle) else []
    return juju_command("deploy", local(lab.files.bundle), options=[*overlays, *trust])


def local(path: str) -> str:
    """Return the path of a file as Juju recognises it as one."""
    return path if path.startswith(("/", "./", "../")) else f"./{path}"


def _grants(lab: RunbookLab) -> Iterator[str]:
    """Yield the commands that let applications read the secrets in their options."""
    for secret, applications in secret_grants(lab.bundle, lab.juju).items():
        yield juju_command("grant-secret", secret, ",".join(applications))


def _checks(lab: RunbookLab) -> Iterator[str]:
    if lab.has_cluster:
        yield "Write the kubeconfig of the cluster, and check the lab:"
        yield md.shell(lab.botlab("kubeconfig"), lab.botlab("verify"))
        file = f"{lab.name}.kubeconfig"
        yield md.output(f"{file}: written; context {lab.name} for ...", "... checks, 0 failed")
    else:
        file = kubeconfig_file(lab)
        yield f"Check the lab. {md.code(file)} is the kubeconfig of an administrator:"
        yield md.shell(lab.botlab("verify", "--kubeconfig", file))
        yield md.output("... checks, 0 failed")
    yield from _first_look(lab)


def kubeconfig_file(lab: RunbookLab) -> str:
    """Return the file with the kubeconfig: of botlab, of the site, or one beside the site file."""
    if lab.has_cluster:
        return f"{lab.name}.kubeconfig"
    kubeconfig = lab.site.kubernetes.kubeconfig
    return "kubeconfig" if not kubeconfig or kubeconfig.startswith(STORED_IN_JUJU) else kubeconfig


def kubeconfig_export(lab: RunbookLab) -> str:
    """Return the command with which `kubectl` uses the lab's cluster."""
    file = kubeconfig_file(lab)
    directory = "" if file.startswith("/") else '"$PWD"/'
    return f"export KUBECONFIG={directory}{quote(file)}"


def _first_output(lab: RunbookLab) -> Iterator[str]:
    yield "Each node has the status `Ready`."
    for nfs in lab.site.nfs_sections.values():
        if nfs.default_class and nfs.storage_class:
            yield f"The StorageClass {md.code(nfs.storage_class)} is marked as `(default)`."


def _first_look(lab: RunbookLab) -> Iterator[str]:
    yield "Look at the cluster:"
    commands = [kubeconfig_export(lab), "kubectl get nodes"]
    if lab.site.nfs_sections:
        commands.append("kubectl get storageclass")
    yield md.shell(*commands)
    yield from _first_output(lab)
    if lab.site.kubeflow:
        yield "Open Kubeflow's dashboard. These commands print its URL, the user and the password:"
        units = [lab.leader(name) for name in lab.of_charms("kubeflow-installer")]
        actions = ("get-url", "get-credentials")
        yield md.shell(*(lab.commands.action(unit, name) for unit in units for name in actions))
        yield md.output("...url: https://...", "...password: ...", "...user: ...")
