"""The commands and options of each Juju release, as its client defines them.

Facts read from `cmd/juju` of juju/juju: 2.6@71ee73f42e, 2.9@e3410404fb, 3.6@54929dc40e and
4.0@1910da1f56. A line is `NAME[,ALIAS...]: OPTION ...`. An option that takes no value ends with
`!`, one whose value is optional with `?`. `FIRST..LAST/` before an alias or option limits it to
these releases, `(FIRST..LAST)` after the name limits the command, and `(*)` says that options must
stand before the arguments. `@model`, `@controller`, `@format` and `@prompt` stand for the options
that commands of a kind share.
"""

from __future__ import annotations

from .generations import Generation

_SHARED = {
    "@common": "h! help! debug! show-log! quiet! verbose! q! v! logging-config",
    "@model": "m model B! no-browser-login!",
    "@controller": "c controller B! no-browser-login!",
    "@format": "format o output",
    "@prompt": "2.6..2.6/y! 2.6..2.6/yes! 2.9..4.0/no-prompt!",
}

_COMMANDS: str = """
version: @format 2.9..4.0/all!
whoami: @format
change-user-password: @controller reset! 2.9..4.0/no-prompt!
add-user: @controller
grant: @controller
create-backup: @model filename no-download! 2.6..2.6/keep-copy!
controllers,list-controllers: @format refresh! 3.6..4.0/managed!
show-controller: @format show-password!
models,list-models: @controller @format user all! uuid! exact-time!
show-model: @format
switch: 4.0..4.0/m 4.0..4.0/model 4.0..4.0/c 4.0..4.0/controller
add-model: @controller owner credential config no-switch! 3.6..4.0/target-controller
destroy-model: @prompt 2.9..2.9/y! 2.9..2.9/yes! t timeout destroy-storage! release-storage! \
force! no-wait!
status,2.6..2.9/show-status: @model @format utc! color! relations! storage! retry-count \
retry-delay 3.6..4.0/no-color! 3.6..4.0/integrations! 2.9..3.6/watch
show-application: @model @format
show-unit(2.9..4.0): @model @format endpoint related-unit app!
show-status-log: @model type n days from-date utc! 2.6..2.9/include-status-updates! \
2.9..4.0/format 2.9..4.0/o 2.9..4.0/output
config: @model @format file reset 2.6..3.6/branch 3.6..4.0/color! 3.6..4.0/no-color!
model-config: @model @format reset 3.6..4.0/file 2.9..2.9/ignore-agent-version! \
2.9..4.0/ignore-read-only-fields! 3.6..4.0/color! 3.6..4.0/no-color!
model-constraints(3.6..4.0): @model @format
get-model-constraints(2.6..2.9): @model @format
set-model-constraints: @model
constraints(3.6..4.0): @model @format
get-constraints(2.6..2.9): @model @format
set-constraints: @model
deploy: @model n num-units to attach-storage channel config trust! overlay constraints \
2.6..3.6/series 3.6..4.0/base 2.9..4.0/revision dry-run! force! storage device resource bind \
map-machines 2.6..2.9/plan
refresh(2.9..4.0),2.9..2.9/upgrade-charm: @model force! force-units! channel \
2.9..3.6/force-series! 3.6..4.0/force-base! switch path 3.6..4.0/base revision resource \
storage config bind 3.6..4.0/trust!
upgrade-charm(2.6..2.6): @model force! force-units! channel force-series! switch path revision \
resource storage config
attach-resource,2.6..2.9/attach: @model
resources,list-resources: @model @format details!
integrate(3.6..4.0),relate: @model via
add-relation(2.6..2.9),relate: @model via
remove-relation: @model force!
expose: @model 2.9..4.0/endpoints 2.9..4.0/to-spaces 2.9..4.0/to-cidrs
unexpose: @model 2.9..4.0/endpoints
trust: @model remove! 2.9..4.0/scope
grant-secret(3.6..4.0): @model
add-secret(3.6..4.0): @model file info
update-secret(3.6..4.0): @model file info name auto-prune!
add-unit: @model n num-units to attach-storage
remove-unit: @model 2.9..4.0/no-prompt! 3.6..4.0/dry-run! num-units destroy-storage! force! \
no-wait!
remove-application: @model 2.9..4.0/no-prompt! 3.6..4.0/dry-run! destroy-storage! force! \
no-wait!
add-machine: @model 2.6..3.6/series 3.6..4.0/base n constraints disks 2.9..4.0/private-key \
2.9..4.0/public-key
remove-machine: @model 2.9..4.0/no-prompt! 3.6..4.0/dry-run! force! keep-instance! no-wait!
machines,list-machines: @model @format utc! color!
show-machine: @model @format utc! color!
resolved,resolve: @model no-retry! all!
actions,list-actions: @model @format schema!
run-action(2.6..2.9): @model @format params string-args! wait?
run(2.6..2.9): @model @format all! timeout machine a app application u unit 2.9..2.9/operator!
run(3.6..4.0): @model @format params string-args! background! wait no-color! color! utc!
exec(2.9..2.9): @model @format all! operator! timeout machine a app application u unit
exec(3.6..4.0): @model @format all! parallel! execution-group machine a app application u unit \
background! wait no-color! color! utc! 3.6..3.6/operator!
show-action-output(2.6..2.9): @model @format wait
show-action-status(2.6..2.9): @model @format name
show-task(2.9..4.0): @model @format wait watch! utc!
show-operation(2.9..4.0): @model @format wait watch! utc!
ssh(*): @model proxy! no-host-key-checks! pty? 2.9..3.6/remote! 2.9..4.0/container
scp(*): @model proxy! no-host-key-checks! 2.9..3.6/remote! 2.9..4.0/container
debug-log: @model i include x exclude include-module exclude-module 2.9..3.6/include-label \
2.9..3.6/exclude-label 4.0..4.0/include-labels 4.0..4.0/exclude-labels l level n lines limit \
replay! no-tail! tail! color! utc! location! date! ms! 3.6..4.0/retry! 3.6..4.0/retry-delay \
4.0..4.0/firehose! 4.0..4.0/format 4.0..4.0/o 4.0..4.0/output
ssh-keys,list-ssh-keys: @model full!
add-ssh-key: @model
export-bundle: @model filename 2.9..4.0/include-charm-defaults! 3.6..3.6/include-series!
subnets,list-subnets: @model @format space zone
spaces,list-spaces: @model @format short!
offers,list-offers: @model @format application interface allowed-consumer connected-user \
active-only!
storage,list-storage: @model @format filesystem! volume!
secrets(3.6..4.0),list-secrets: @model @format owner 4.0..4.0/revisions!
show-secret(3.6..4.0): @model @format reveal! revisions! revision r
"""


class Command:
    """A command of one release.

    Attributes:
        name: The name; never an alias.
        flags: For each option whether it takes a value: "no", "yes" or "optional".
        is_interspersed: Whether options can follow the first argument.
    """

    def __init__(self, name: str, flags: dict[str, str], is_interspersed: bool) -> None:
        self.name = name
        self.flags = flags
        self.is_interspersed = is_interspersed


def find_command(generation: Generation, word: str) -> Command | None:
    """Return the command of a release with this name or alias."""
    for line in _lines():
        names, _, options = line.partition(":")
        spellings = names.split(",")
        name, is_interspersed = _restricted(spellings[0], generation)
        aliases = [_limited(alias, generation) for alias in spellings[1:]]
        if name and word in (name, *aliases):
            return Command(name, _flags(options, generation), is_interspersed)
    return None


def command_names(generation: Generation) -> list[str]:
    """Return the names and aliases of all commands of a release that this program has."""
    names: list[str] = []
    for line in _lines():
        spellings = line.partition(":")[0].split(",")
        name, _ = _restricted(spellings[0], generation)
        if name:
            names += [name, *(_limited(alias, generation) for alias in spellings[1:])]
    return [name for name in names if name]


def _lines() -> list[str]:
    return _COMMANDS.strip().splitlines()


def _restricted(text: str, generation: Generation) -> tuple[str, bool]:
    name, _, limit = text.rstrip(")").partition("(")
    if limit == "*":
        return name, False
    if not limit:
        return name, True
    first, _, last = limit.partition("..")
    return (name if generation.covers(first, last) else ""), True


def _limited(text: str, generation: Generation) -> str:
    """Return a name without its limit, or nothing if the release is outside of it."""
    limit, slash, name = text.rpartition("/")
    if not slash:
        return text
    first, _, last = limit.partition("..")
    return name if generation.covers(first, last) else ""


def _flags(options: str, generation: Generation) -> dict[str, str]:
    flags: dict[str, str] = {}
    for word in f"{options} @common".split():
        if word.startswith("@"):
            flags.update(_flags_of_words(_SHARED[word].split(), generation))
        else:
            flags.update(_flags_of_words([word], generation))
    return flags


def _flags_of_words(words: list[str], generation: Generation) -> dict[str, str]:
    kinds = {"!": "no", "?": "optional"}
    names = [name for word in words if (name := _limited(word, generation))]
    return {name.rstrip("!?"): kinds.get(name[-1], "yes") for name in names}


# Commands that the program does not have; the real client may suggest them for an unknown word.
_UNSCRIPTED = """
add-cloud add-credential add-k8s add-space add-storage add-user attach-storage autoload-credentials
bootstrap clouds consume controller-config create-storage-pool
credentials debug-code debug-hook debug-hooks default-credential default-region detach-storage
destroy-controller diff-bundle disable-command disable-user disabled-commands download
download-backup enable-command enable-destroy-controller enable-user find find-offers
firewall-rules grant grant-cloud help import-filesystem import-ssh-key info kill-controller
list-clouds list-credentials list-disabled-commands list-firewall-rules list-operations
list-regions list-storage-pools list-users login logout migrate model-default model-defaults
move-to-space offer operations regions register reload-spaces remove-cloud remove-credential
remove-k8s remove-offer remove-saas remove-space remove-ssh-key remove-storage remove-storage-pool
remove-user rename-space resume-relation retry-provisioning revoke revoke-cloud scale-application
set-credential set-default-credentials set-default-region set-firewall-rule show-action show-cloud
show-credential show-credentials show-offer show-space show-storage show-user storage-pools
suspend-relation sync-agent-binary unregister update-cloud update-credential update-credentials
update-k8s update-public-clouds update-storage-pool upgrade-controller upgrade-model users
bind cancel-task dashboard documentation dump-db dump-model 2.9..3.6/enable-ha
2.9..3.6/upgrade-machine 3.6..3.6/wait-for 3.6..4.0/add-secret-backend
3.6..4.0/grant-secret 3.6..4.0/help-action-commands 3.6..4.0/help-hook-commands
3.6..4.0/list-secret-backends 3.6..4.0/remove-secret 3.6..4.0/remove-secret-backend
3.6..4.0/revoke-secret 3.6..4.0/secret-backends 3.6..4.0/show-secret-backend
3.6..4.0/update-secret-backend
"""


def unscripted_names(generation: Generation) -> list[str]:
    """Return the commands of a release that this program does not have."""
    return [name for word in _UNSCRIPTED.split() if (name := _limited(word, generation))]
