"""The site file: layers, findings, and what remains when a value is wrong."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlab.errors import BotlabError
from botlab.findings import path_text
from botlab.site.load import Layer, load_site
from botlab.site.model import Site
from botlab.site.schema import site_schema
from botlab.site.starter import starter_text

SECONDS = float(os.environ.get("BOTLAB_FUZZ_SECONDS", "3"))
SITE = """
site: lab
juju: 2.6
kubernetes: {profile: k8s-1.13}
machines:
  node0: {tags: [node0], roles: [etcd]}
"""


def test_unquoted_version_keeps_its_text() -> None:
    """`juju: 2.6` is the release 2.6, not a number."""
    loaded = load_site([Layer(SITE)])

    assert loaded.findings == ()
    assert loaded.site is not None
    assert loaded.site.juju == "2.6"


def test_later_layer_wins_key_by_key() -> None:
    """Mappings merge, lists are replaced, null removes."""
    above = "machines: {node0: {tags: [a, b]}, node1: {}}\nkubernetes: {channel: 1.13/edge}"
    loaded = load_site([Layer(SITE), Layer(above), Layer("machines: {node1: null}")])

    assert loaded.site is not None
    assert list(loaded.site.machines) == ["node0"]
    assert loaded.site.machines["node0"].tags == ["a", "b"]
    assert loaded.site.kubernetes.channel == "1.13/edge"


WRONG = {
    "kubernetes.dashbord": ("kubernetes", "dashbord", True),
    "kubernetes.dashboard": ("kubernetes", "dashboard", "maybe"),
    "kubernetes.extra-sans": ("kubernetes", "extra-sans", {"a": 1}),
    "networks.pods": ("networks", "pods", "10.0.0.0/99"),
    "networks.services": ("networks", "services", "x"),
    "proxy.no-proxy": ("proxy", "no-proxy", "x"),
    "gpu.stack": ("gpu", "stack", "both"),
    "nvidia.pins": ("nvidia", "pins", ["x"]),
    "nvidia.default-runtime": ("nvidia", "default-runtime", "perhaps"),
    "nfs.path": ("nfs", "path", "relative"),
    "nfs.storage-class": ("nfs", "storage-class", "No Good"),
    "kubeflow.user": ("kubeflow", "user", "nobody"),
    "kubeflow.hostname": ("kubeflow", "hostname", "10.0.0.1"),
    "kubeflow.tls-secret": ("kubeflow", "tls-secret", "no-namespace"),
    "kubeflow.gpu-vendor": ("kubeflow", "gpu-vendor", "nvidia"),
    "kubeflow.registry": ("kubeflow", "registry", "https://registry.lab.example"),
    "kubeflow.excluded-components[0]": ("kubeflow", "excluded-components", ["two words"]),
    "kubeflow.spawner-tolerations[0]": ("kubeflow", "spawner-tolerations", ["gpu=true:Never"]),
    "kubeflow.manifests-url": ("kubeflow", "manifests-url", "http://files.lab.example/m.tar.gz"),
    "kubeflow.skipped": ("kubeflow", "skipped", "nodes"),
    "charms.source": ("charms", "source", "shop"),
    "colour": ("colour", "red"),
}


def test_each_wrong_place_has_its_error_and_no_other_has_one() -> None:
    """All at once: every wrong path is named, and only those."""
    data: dict[str, Any] = yaml.safe_load(SITE)
    data["nfs"] = {"server": "node0"}
    data["machines"] = {
        f"node{number}": {"gpu": "perhaps", "roles": ["chef"], "addresses": ["1.2.3"]}
        for number in range(9)
    }
    expected = {
        f"machines.node{n}.{key}" for n in range(9) for key in ("gpu", "roles[0]", "addresses[0]")
    }
    for path, (*parents, value) in WRONG.items():
        *keys, last = parents
        where = data
        for key in keys:
            where = where.setdefault(key, {})
        where[last] = value
        expected.add(path)

    loaded = load_site([Layer(yaml.safe_dump(data, sort_keys=False))])

    assert len(expected) >= 40
    assert {path_text(finding.path) for finding in loaded.findings} == expected
    assert all(finding.fix and finding.line for finding in loaded.findings)
    assert loaded.site is not None


def found_in(text: str) -> Any:
    """Return the one finding of a text laid over the site."""
    (finding,) = load_site([Layer(SITE), Layer(text)]).findings
    return finding


WORDS = {
    "kubeflow: {user: admin}": "kubeflow.user is 'admin': no e-mail address; write one such as"
    " admin@lab.example",
    "kubeflow: {spawner-tolerations: [gpu]}": "kubeflow.spawner-tolerations[0] is 'gpu': no taint;"
    " write KEY=VALUE:EFFECT or KEY:EFFECT, with an effect of NoSchedule, PreferNoSchedule or"
    " NoExecute",
    "machines: {node0: {tags: [a b]}}": "machines.node0.tags[0] is 'a b': no tag; use letters,"
    " digits, _ and -, with ^ in front where the machine must not have it",
    "applications: {Etcd: {}}": "applications.Etcd is 'Etcd': no application's name; use small"
    " letters, digits and hyphens, with a letter in each word",
    "metallb: {pools: {a.b: {addresses: [10.0.0.1]}}}": "metallb.pools.\"a.b\" is 'a.b': no pool's"
    " name; use small letters, digits and hyphens, 63 at most",
    "kubeflow: yes": "kubeflow is 'yes': should be a mapping of keys",
    "machines: {node0: {tags: x}}": "machines.node0.tags is 'x': should be a list",
    "nvidia: {pins: [x]}": "nvidia.pins is a list: should be a mapping",
    "nvidia: {driver: [x]}": "nvidia.driver is a list: should be a text",
}


@pytest.mark.parametrize("text", WORDS)
def test_a_form_is_told_in_words(text: str) -> None:
    """Of people, not of regular expressions or of Python."""
    assert found_in(text).message == WORDS[text]


def test_no_form_is_left_to_a_regular_expression() -> None:
    """Pydantic would show its own patterns; ours are in the schema for editors all the same."""
    core = repr(Site.__pydantic_core_schema__)

    assert "'pattern'" not in core
    assert json.dumps(site_schema()).count('"pattern": "^') >= 14


MENDS = {
    "kubeflow: yes": "write for example {user: admin@kubeflow.org}. Kubeflow; left out, it is not"
    " installed.",
    "gpu: nvidia": "write for example {stack: charm}. Who owns the GPU stack.",
    "proxy: none": "write for example {http: 'http://proxy.lab.example:3128'}. Proxy to the"
    " outside; left out when there is none.",
    "networks: {lan: x}": "write for example {cidr: 192.168.1.0/24}. The machines' network.",
    "metallb: [x]": "write for example {pools: {default: {addresses:"
    " [192.168.1.240-192.168.1.250]}}}. LoadBalancer addresses; left out, there are none.",
    "metallb: {pools: [x]}": "write for example {default: {addresses:"
    " [192.168.1.240-192.168.1.250]}}. Address pools by name.",
    "metallb: {pools: {a: x}}": "write for example {addresses: [192.168.1.240-192.168.1.250]}."
    " Address pools by name.",
    "metallb: {pools: {a: {addresses: [x]}}}": "write for example 192.168.1.240-192.168.1.250."
    " Ranges, as FIRST-LAST or NETWORK/BITS.",
    "gpu: {stack: both}": "write for example charm. charm: nvidia-runtime owns it and the worker"
    " charm keeps its hands off; worker: the worker charm's own path, with the package set that"
    " belongs together.",
}


@pytest.mark.parametrize("text", MENDS)
def test_a_mend_shows_the_form(text: str) -> None:
    """A section's too: a mapping with what it must hold, or with one of its keys."""
    assert found_in(text).fix == MENDS[text]


def test_unknown_key_names_the_nearest() -> None:
    """A typo is told with the key that was meant."""
    (finding,) = load_site([Layer(SITE + "metalb: {}")]).findings

    assert (finding.id, path_text(finding.path), finding.fix) == (
        "BL001",
        "metalb",
        "did you mean metallb?",
    )


def test_option_values_are_never_shown() -> None:
    """What stands under options may be a secret."""
    text = SITE + "applications: {etcd: {options: {token: [hunter2]}}}"
    (finding,) = load_site([Layer(text)]).findings

    assert "hunter2" not in finding.message + finding.fix


@pytest.mark.parametrize("juju", ["2.6", "2.9", "3.6", "4.0"])
def test_starter_is_valid_and_fits_the_schema(juju: str) -> None:
    """The starter loads without findings, and the schema accepts it."""
    text = starter_text("lab", juju)

    assert load_site([Layer(text)]).findings == ()
    jsonschema.validate(yaml.safe_load(text), site_schema())


def test_fuzz_of_the_loader() -> None:
    """Arbitrary text gives findings or a BotlabError, nothing else."""
    end = time.monotonic() + SECONDS
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["site", "machines", "nfs", "server", "metallb", "pools", "tags"])
                | st.text(max_size=3),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    )

    @settings(
        max_examples=500,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(st.text(), values))
    def feed(drawn: object) -> None:
        if time.monotonic() > end:
            return
        text = drawn if isinstance(drawn, str) else yaml.safe_dump(drawn)
        try:
            load_site([Layer(text)])
            load_site([Layer(SITE), Layer(text)])
        except BotlabError:
            return

    while time.monotonic() < end:
        feed()


def test_the_reference_of_keys_is_the_models() -> None:
    """docs/site-file.md is what the model gives; write it anew with reference.page()."""
    from botlab.site.reference import reference_page

    root = Path(__file__).resolve().parents[3]
    assert (root / "docs/site-file.md").read_text(encoding="utf-8") == reference_page()
    assert "## `metallb.pools.*.addresses`" in reference_page()
    assert "## `machines.*.roles`" in reference_page()


def test_every_key_of_the_reference_is_described() -> None:
    """In the words of `botlab explain`, those of whole sections too."""
    from botlab.site.fields import field_at
    from botlab.site.reference import reference_page

    entries = [entry.split("\n") for entry in reference_page().split("\n## ")[1:]]
    told = {lines[0].strip("`"): " ".join(" ".join(lines[1:]).split()) for lines in entries}
    fields = {key: field_at(tuple(key.replace("[]", "").split("."))) for key in told}

    assert len(told) > 80
    for key, field in fields.items():
        assert field is not None, key
        assert field.description, key
        assert told[key].startswith(field.description), key
