"""The inputs that fuzzing starts with: small valid files, and generated bundles."""

from __future__ import annotations

import hashlib
import itertools
import json
import tempfile
from pathlib import Path

from botlab.kit.items import Item, Kind
from botlab.kit.manifest import FileEntry, ItemEntry, Manifest, checksums
from helpers.bundle_corpus import write_charms, write_corpus
from helpers.charm_archives import ETCD, TINY
from helpers.maas_dump import maas_machine
from helpers.maas_releases import answer, machine
from helpers.own_profiles import COMPLETE, FACTS, SMALLEST, TEMPLATE

from .inputs import Input

_ROOT = Path(__file__).resolve().parents[3]
_EXAMPLES = ("air-gapped", "botlab", "ha-gpu-farm", "modern", "modern-store", "one-machine")
_SMALL_SITE = b"""site: lab
juju: 2.6
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [easyrsa, etcd, control-plane, worker]}
"""
_COMPARED_SITE = (
    _SMALL_SITE
    + b"""\
  node1: {tags: [node1], zone: default, constraints: cores=4 mem=8G, addresses: [10.5.0.11]}
networks: {lan: {cidr: 10.5.0.0/24, gateway: 10.5.0.1, dhcp: [10.5.0.10-10.5.0.99]}}
metallb: {pools: {default: {addresses: [10.5.0.200-10.5.0.210]}}}
"""
)
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
_CHARMHUB_BUNDLE = b"""default-base: ubuntu@24.04
applications:
  a:
    charm: a
    channel: 1/stable
    revision: 7
    num_units: 3
    to: ["0", "lxd:1", "new"]
    options: {x: 1, y: "${text}", file: "include-file://text.txt"}
    constraints: mem=2G
    resources: {r: 1}
    storage: {s: "loop,1G"}
    bindings: {"": lan, db: lan}
    exposed-endpoints: {db: {expose-to-cidrs: [10.0.0.0/8]}}
  b: {charm: ch:b-3, num_units: 1, to: [a/1], expose: true, trust: true}
  c: {charm: c, options: {z: "a: %{b}\\n  c: d\\n"}}
machines:
  "0": {annotations: {a: b}, constraints: tags=x}
  "1": {base: ubuntu@22.04}
relations:
- [a:db, b:server]
- [c, "far:db"]
saas: {far: {url: "admin/m.far"}}
"""
_OFFERS = b"applications: {a: {offers: {o: {endpoints: [db], acl: {eve: read}}}}}\n"
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


def plans() -> list[Input]:
    """Return bundles of charms in Charmhub, each with an overlay, for each release of a plan."""
    example = (_ROOT / "examples/modern-store/bundle.yaml").read_bytes()
    return [
        (bundle, overlay, bytes([release]))
        for release in range(3)
        for bundle in (_CHARMHUB_BUNDLE, example)
        for overlay in (b"{}\n", _OFFERS)
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
    return [
        (json.dumps(dump, indent=1).encode(), more, bytes([number]))
        for dump in (tagged, untagged, untagged[:1], [machine("3.6", "m1")])
        for number, more in enumerate(_more_of_maas()[:2])
    ]


def _more_of_maas() -> list[bytes]:
    """Return what MAAS prints besides machines: ranges, subnets and PCI devices."""
    ranges = [{"type": "dynamic", "start_ip": "10.5.0.10", "end_ip": "10.5.0.99", "comment": ""}]
    vlan = {"id": 5005, "vid": 7, "fabric": "fabric-0", "dhcp_on": True}
    subnets = [{"cidr": "10.5.0.0/24", "gateway_ip": "10.5.0.1", "managed": True, "vlan": vlan}]
    devices = [{"system_id": "id1", "vendor_id": "10de", "hardware_type_name": "GPU"}]
    texts = (answer(ranges, on_terminal=True) + answer(subnets), answer(devices))
    return [text.encode() for text in texts]


def compared_sites() -> list[Input]:
    """Return a site with what MAAS prints."""
    machines = [maas_machine(f"m{number}", f"node{number}") for number in range(2)]
    dump = json.dumps(machines, indent=1).encode()
    return [(_COMPARED_SITE, dump, more) for more in _more_of_maas()]


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


def kits() -> list[Input]:
    """Return the files of a small kit, each with the choice of a command."""
    table, sums, site = (content for _, content in _kit_files())
    return [(table, sums, site, bytes([choice])) for choice in range(3)]


def kit_archives() -> list[Input]:
    """Return the files of small kits, each with the choice of a command and no damage."""
    table, sums, site = (content for _, content in _kit_files())
    return [(table, sums, site, b"\0", b""), (b"{}", b"", b"x", b"\1", b"")]


def _kit_files() -> list[tuple[str, bytes]]:
    """Return a table of contents, the checksums and the only file of a kit."""
    digest = hashlib.sha256(_SMALL_SITE).hexdigest()
    entry = FileEntry("site.yaml", len(_SMALL_SITE), digest)
    items = (
        ItemEntry(Item(Kind.CHARM, "etcd", "juju download etcd", path="charms/etcd.charm"), False),
        ItemEntry(Item(Kind.SERVICE, "juju", "snap download juju", version="2.9"), False),
    )
    table = Manifest("0.1.0", "lab", "2.9", "k8s-1.13", (entry,), items).as_text().encode()
    own = FileEntry("kit.json", len(table), hashlib.sha256(table).hexdigest())
    sums = checksums((entry, own)).encode()
    return [("kit.json", table), ("SHA256SUMS", sums), ("site.yaml", _SMALL_SITE)]


def profiles() -> list[Input]:
    """Return profiles: one with files of its own, and one that extends another."""
    extended = SMALLEST + "applications: {etcd: {channel: 3.6/edge}, cilium: null}\n"
    base = COMPLETE.replace("title: ours", "title: ours\nextends: canonical-k8s")
    return [
        tuple(text.encode() for text in texts)
        for texts in (
            (COMPLETE, TEMPLATE, FACTS),
            (extended, TEMPLATE, "name: k8s\n"),
            (base, TEMPLATE + "{% for m in machine_list %}{{ m.name ~ 1 }}{% endfor %}", FACTS),
        )
    ]
