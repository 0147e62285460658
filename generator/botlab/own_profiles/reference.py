"""The reference of the files of a profile (docs/profile-files.md), generated from the models."""

from __future__ import annotations

from collections.abc import Iterator

from ..site.reference import key_entries
from ..site.schema import file_schema
from .format import CharmFile, ProfileFile
from .offline_format import OfflineFile

_INTRODUCTION = """\
# Profile files reference

This page lists the files of a profile of your own, and every key of them. It is generated from
the models that read the files. [The how-to](how-to/own-profile.md) shows how to write a profile.

The option `--profiles DIR` and the variable `BOTLAB_PROFILES` name a directory that has one
directory for each profile:

| file | content |
| --- | --- |
| `DIR/NAME/profile.yaml` | the applications of the profile, and what a site must have for them |
| `DIR/NAME/bundle.yaml.j2` | the template of the bundle |
| `DIR/NAME/catalogue/CHARM.yaml` | the facts about a charm: endpoints, options, resources |
| `DIR/NAME/offline.yaml` | what the charms take from elsewhere, for `botlab kit` |
| `DIR/NAME/*.j2` | further templates, which `bundle.yaml.j2` can import |

A profile that extends another one uses the template, the facts and `offline.yaml` of that profile,
unless it has files of its own. Keys of `profile.yaml` are merged with those of the extended
profile. All other files replace the file of the same name as a whole: if you write `offline.yaml`,
copy the one of the extended profile, and change the copy.

A file can be a link to another file of the same profile. A link that leads out of the directory
of the profile is refused, also one to another profile, so that a profile of other people cannot
put your files into a bundle or a kit, and a kit has the whole profile. The directory of the
profile itself can be a link.

A YAML file has at most 1 MiB, a template 256 KiB, and all files of a profile together 4 MiB. Of
one file, the first 200 faults are reported, and as many of the bundles of one profile.

The profiles of this project have the same files, in the directory `bundle-templates` of the
repository. The names of these profiles, and the name `common`, cannot be used again.
"""
_TEMPLATE = """\
## The template

`bundle.yaml.j2` is a [Jinja](https://jinja.palletsprojects.com) template of the bundle. botlab
reads the bundle from its text, writes it again in the same form for all profiles, and adds what
the site sets below `applications`. A template can use these values:

| value | what it is |
| --- | --- |
"""
# The values of the template, with their descriptions.
VALUES = {
    "site": "the site file, with `_` in place of `-` in the names of keys, such as"
    " `site.kubernetes.dns_domain`",
    "series": "the Ubuntu series for the key `series`; empty where the bundle has a base",
    "default_base": "the base for the key `default-base`; empty where the bundle has a series",
    "channel": "the channel of the Kubernetes snaps",
    "applications": "the applications that are deployed, by name, with `charm`, `channel`,"
    " `revision`, `series`, `base`, `to`, `resources`, `bindings`, `constraints`, `options`,"
    " `storage`, `x` and `y`",
    "own": "those of them that are charms of this project",
    "own_relation_list": "the relations of these charms, in pairs",
    "instances": "function that returns the names of the applications with a charm: several, if"
    " the site has entries of `workers`",
    "machine_list": "the machines, with `name`, `constraints`, `series` and `base`",
    "no_proxy": "the hosts that are reached without the proxy, separated by commas",
    "virtual_ip": "the address of `kubernetes.keepalived` with the length of its network; empty"
    " without one",
    "api_extra_args": "the flags of the API server that Kubeflow needs, separated by spaces",
    "control_plane_sysctl": "the option `sysctl` of the control plane",
    "worker_sysctl": "the option `sysctl` of the workers",
}
_MACROS = """\

`{% import "common/macros.j2" as m with context %}` imports the macros of this project:
`m.application(CHARM)`, which is used in a `call` block, writes an application with the options in
the block; `m.relation(LEFT, RIGHT)` writes a relation if both applications are deployed;
`m.machines()`, `m.own_applications()` and `m.own_relations()` write the machines, and the charms
of this project with their relations.

The filter `q` writes a text as a YAML string, and `yaml` writes any value. The other filters are
`default`, `join`, `length`, `list`, `lower`, `sort`, `string` and `upper`. Texts are joined with
`~`.

The template may be the work of other people, so it can only read these values. It has expressions,
`if`, `for`, `set`, `macro`, `call` and `import`, the methods `split`, `strip`, `lower`, `upper`,
`startswith` and `endswith` of texts, and `get`, `items`, `keys` and `values` of mappings. It
cannot call anything else, read files except the templates beside it, take more than 1,000,000
steps or 30 seconds of the processor, or make a list or mapping of more than 1,000,000 entries in
all. A text may have 256 KiB, and 256 characters more for each value that the template gets, but at
most 64 MiB.
"""
_FAULTS = """\
## What `botlab profile check` reports

| id | what it finds |
| --- | --- |
| `PF001` | a file that is missing, cannot be read, or is a link that leads out of the profile |
| `PF002` | an unknown key |
| `PF003` | a value that the key does not accept |
| `PF004` | a missing key |
| `PF005` | a key that is written twice |
| `PF006` | a name that differs from that of the directory, is taken, or is not a profile |
| `PF007` | a file whose name keeps it from being read |
| `PF010` | a role without an application, or an application without a role |
| `PF011` | facts about a charm that are missing, are not used, or contradict each other |
| `PF012` | an unknown key of the site, or a release that is not listed or does not fit |
| `PF013` | a name in `offline.yaml` that no charm, option, resource or release has |
| `PF020` | a template that has a fault, fails, or exceeds a limit |
| `PF021` | a name in a template that is not an application of the profile |
| `PF022` | a bundle of a sample site that Juju or a rule about the lab refuses |
"""


def reference_page() -> str:
    """Return the page in Markdown."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Keys of `profile.yaml`\n"
    yield from key_entries(file_schema(ProfileFile, "profile"), "###")
    yield "## Keys of `catalogue/CHARM.yaml`\n"
    yield from key_entries(file_schema(CharmFile, "charm"), "###")
    yield "## Keys of `offline.yaml`\n"
    yield from key_entries(file_schema(OfflineFile, "offline"), "###")
    rows = "".join(f"| `{name}` | {description} |\n" for name, description in VALUES.items())
    yield f"{_TEMPLATE}{rows}{_MACROS}"
    yield _FAULTS.removesuffix("\n")
    yield ""
