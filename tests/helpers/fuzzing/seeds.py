"""The inputs that fuzzing starts with: small valid files, and generated bundles."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path

from helpers.bundle_corpus import write_charms, write_corpus
from helpers.charm_archives import ETCD, TINY
from helpers.maas_dump import maas_machine

from .inputs import Input

_ROOT = Path(__file__).resolve().parents[3]
_EXAMPLES = ("air-gapped", "botlab", "ha-gpu-farm", "modern", "one-machine")
_SMALL_SITE = b"""site: lab
juju: 2.6
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [easyrsa, etcd, control-plane, worker]}
"""
_BUNDLE = b"""series: bionic
applications:
  a:
    charm: cs:a-1
    num_units: 2
    to: ["0", "lxd:1"]
    options: {x: 1, y: text}
    constraints: mem=2G cores=2
    annotations: {gui-x: "1"}
  b: {charm: b, num_units: 1, to: [a/0], expose: true, resources: {r: 1}}
machines:
  "0": {annotations: {a: b}, constraints: tags=x}
  "1":
relations:
- [a:db, b:server]
saas: {far: {url: "admin/m.far"}}
"""
_STATUS = {
    "model": {"name": "m"},
    "machines": {"0": {"containers": {"0/lxd/0": {}}}, "1": {}},
    "applications": {
        "a": {
            "charm": "cs:a-1", "series": "bionic", "exposed": True, "charm-rev": 1,
            "relations": {"db": ["b"], "peer": ["a"]},
            "units": {"a/0": {"machine": "0/lxd/0"}, "a/3": {"machine": "1"}},
        },
        "b": {
            "charm": "b", "charm-channel": "stable",
            "base": {"name": "ubuntu", "channel": "22.04"},
            "relations": {"server": [{"related-application": "a", "interface": "x"}]},
            "exposed-endpoints": {"": {"expose-to-cidrs": ["0.0.0.0/0"]}},
            "units": {"b/0": {"machine": "1"}}, "scale": 1,
        },
    },
    "offers": {"o": {"application": "a"}},
}  # fmt: skip
_SHOW = b"""a:
  charm: a
  constraints: {mem: 2048, cores: 2, tags: [x, y]}
  principal: true
  exposed-endpoints: {db: {expose-to-spaces: [s], expose-to-cidrs: [10.0.0.0/8]}}
  endpoint-bindings: {"": alpha}
"""
_CONFIG = b"""application: a
charm: a
settings:
  x: {source: user, type: int, value: 3}
  y: {source: default, type: string, value: text}
"""
_CHARM_BUNDLE = b"""applications:
  near:
    charm: PATH
    series: bionic
    num_units: 2
    to: ["0", "lxd:0"]
    options: {colour: red, size: 4}
    storage: {data: "ebs,1G"}
    resources: {blob: ./blob.tgz}
    bindings: {web: alpha}
  named: {charm: fuzzed, channel: stable, num_units: 1, to: ["0"], options: {colour: 1}}
machines: {"0": {constraints: arch=amd64, series: bionic}}
relations:
- [near:web, named:db]
- [near, named]
"""
_STORAGE = "storage: {data: {type: filesystem, multiple: {range: 1-3}}}\nseries: [bionic]\n"


def write_local_charms(directory: Path) -> None:
    """Write the local charms and the file that generated bundles name."""
    write_charms(directory)
    (directory / "blob.tgz").write_bytes(b"blob")


def sites() -> list[Input]:
    """Return sites, each with a layer."""
    layers = (b"machines: {node0: {arch: arm64}}\nproxy: {http: 'http://p:1'}\n", b"nfs: null\n")
    texts = [(_ROOT / f"examples/{name}/site.yaml").read_bytes() for name in _EXAMPLES]
    return [
        (text, layers[number % 2], bytes([number % 2]))
        for number, text in enumerate([_SMALL_SITE, *texts])
    ]


def bundles(release: str) -> list[Input]:
    """Return generated bundles for a Juju release, each with an overlay."""
    with tempfile.TemporaryDirectory() as name:
        requests = write_corpus(Path(name), release, 1, 40)
        texts = [Path(request["path"]).read_bytes() for request in requests]
        overlays = [
            Path(overlay).read_bytes() for request in requests for overlay in request["overlays"]
        ]
    overlays = overlays or [b"{}\n"]
    return [
        (text, overlays[number % len(overlays)], bytes([number % 2]))
        for number, text in enumerate(texts)
    ]


def models() -> list[Input]:
    """Return bundles with the documents about a model, for each Juju release."""
    status = json.dumps(_STATUS).encode()
    constraints = b'{"arch": "amd64", "mem": 1024}'
    documents = [
        (status, _SHOW), (status, _CONFIG), (status, constraints), (status, _BUNDLE),
        (_BUNDLE, _SHOW),
    ]  # fmt: skip
    return [
        (_BUNDLE, model, more, bytes([release]))
        for release in range(4)
        for model, more in documents
    ]


def dumps() -> list[Input]:
    """Return dumps of MAAS."""
    tagged = [
        maas_machine("m1", "gpu", "worker"),
        maas_machine("m2", "etcd", status_name="Deployed"),
        maas_machine("m3", "etcd", architecture="arm64/generic", memory=4095),
        maas_machine("M.3", zone={"name": "rack a"}, status_name="Broken"),
    ]
    untagged = [maas_machine(f"m{number}") for number in range(5)]
    return [(json.dumps(dump, indent=1).encode(),) for dump in (tagged, untagged, untagged[:1])]


def differences() -> list[Input]:
    """Return pairs of bundles for each Juju release."""
    pairs: list[Input] = []
    for number, release in enumerate(("2.6", "2.9", "3.6", "4.0")):
        texts = [_BUNDLE, *(parts[0] for parts in bundles(release)[:6])]
        choice = bytes([number])
        pairs += [(old, new, choice) for old, new in itertools.pairwise(texts)]
    return pairs


def _charm_parts() -> list[tuple[bytes, bytes, bytes, bytes]]:
    tiny = TINY["metadata.yaml"] + _STORAGE
    unified = f"{tiny}config:{TINY['config.yaml'].replace(chr(10), chr(10) + '  ')}\n"
    files = (
        (tiny, TINY["config.yaml"], "", TINY["manifest.yaml"]),
        (f"{tiny}subordinate: true\nextra-bindings: {{x: }}\n", TINY["config.yaml"], "", ""),
        ("", "", unified, TINY["manifest.yaml"]),
        (ETCD["metadata.yaml"], "", "", ETCD["manifest.yaml"]),
    )
    return [(a.encode(), b.encode(), c.encode(), d.encode()) for a, b, c, d in files]


def charms() -> list[Input]:
    """Return bundles with the files of a charm's directory, for each command."""
    bundle = _CHARM_BUNDLE.replace(b"PATH", b"./charms/fuzzed")
    return [(bundle, *files, bytes([command])) for command in range(8) for files in _charm_parts()]


def archives() -> list[Input]:
    """Return bundles with the files of a packed charm, for each command."""
    bundle = _CHARM_BUNDLE.replace(b"PATH", b"./fuzzed.charm")
    return [
        (bundle, *files, bytes([command]), b"") for command in range(8) for files in _charm_parts()
    ]
