"""The texts of all statuses, with realistic names, as `juju status` shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.metallb_cluster import desired_on, healthy
from helpers.status_texts import UnknownExpressionError, essential_part, status_texts
from labcharm.text import STATUS_LIMIT, clip, shorten
from labcharm.validators import OptionsError
from metallb.desired_state import refuse_unusable_options
from metallb.health.report import summary
from metallb.options import read_options

SOURCE = Path(__file__).resolve().parents[3] / "charms/metallb/src"
SERVICE = clip("kubeflow-user-example-com/jupyter-notebook-gpu-large")
NODE = "gpu-worker-12.maas"
POOL = "public-addresses"
NODES = "all 128 nodes with a speaker"
SAMPLES = {
    "', '.join(_LOG_LEVELS)": "all, debug, info, warn, error, none",
    "'; '.join(failures)": f"pool {POOL} overlaps the node {NODE} 192.168.100.17/32",
    "', '.join(lost)": f"{SERVICE} (192.168.100.240), default/web (192.168.100.241)",
    "TAINT_EFFECTS[0]": "NoSchedule",
    "[f'{source}: {one_line}']": "pools: MetalLB v0.16.1: line 3: field adresses not found",
    "_SHORT_LABEL": "exclude-from-external-load-balancers",
    "_nodes(excluded)": NODES,
    "_nodes(len(reasons))": NODES,
    "_waiting(waiting)": f"{SERVICE} and 12 more wait for an address",
    "assignment.address": "192.168.100.240",
    "assignment.service": SERVICE,
    "clip(name)": clip("canonical-kubernetes-system/metallb-controller"),
    "clip(used.user)": f"the pods' network of {NODE}",
    "desired.release.name": "v0.16.1",
    "digest": "0" * 64,
    "entry.description": f"{SERVICE} has 192.168.100.240",
    "error": "https://raw.githubusercontent.com/metallb/metallb/v0.16.1: timed out",
    "excluded": "128",
    "health.summary(desired, observed)": "MetalLB v0.16.1, 12 pools, 1000 of 1024 addresses used",
    "kinds": "kinds that MetalLB's do not have: Job",
    "len(able)": "128",
    "len(handled)": "1024",
    "len(obstacles)": "256",
    "len(reasons) - excluded": "128",
    "level": "'verbose'",
    "manifest_release.name": "v0.13.12",
    "messages[0]": "none left; add some to the pools",
    "mode.name": "iptables",
    "name": "blue-pool-of-the-lab",
    "names": f"{clip('ValidatingWebhookConfiguration metallb-webhook-configuration')} and 17 more",
    "option": "addresses",
    "part": "192.168.100.240/28",
    "pool.name": POOL,
    "pool_name": POOL,
    "problem": "protocol bgp, but no peer; add peers to the option pools",
    "problems": "no address pool; set addresses, such as 192.168.1.240-192.168.1.250",
    "release.name": "v0.16.1",
    "requested": POOL,
    "self._removed_message(event)": f"removed by action, except {clip('Role ' + SERVICE)} and 16"
    " more; run remove-objects again",
    "settings.log_level": "debug",
    "source.digest": "1" * 64,
    "source.url": "https://mirror.lab.example/metallb/v0.16.1/metallb-native.yaml",
    "summarize(failures, 1)": f"pool {POOL} overlaps the node {NODE} 192.168.100.17/32; use other"
    " addresses",
    "summarize(names)": "v0.16.1, v0.15.3, v0.14.9 and 9 more",
    "summarize(unable)": f"{NODE} (NetworkUnavailable) and 2 more",
    "summarize(waiting, 1)": "DaemonSet metallb-system/speaker has 127 of 128 ready and 1 more",
    "tag": "v0.5.0",
    "used.network": "192.168.100.0/24",
    "word": "'gpu=true:Never'",
    "worst.message": "k3s servicelb serves the same services; start k3s with --disable=servicelb",
}
# These modules hold MetalLB's own words, and texts of `verify` alone.
EXCLUDED = ("verify.py", "trial.py", "addresses.py", "decode.py", "durations.py", "bgp.py",
            "peers.py", "pools.py", "validate.py")  # fmt: skip


def test_every_status_text_shows_cause_and_fix() -> None:
    paths = [path for path in SOURCE.rglob("*.py") if path.name not in EXCLUDED]
    texts = status_texts(paths, SAMPLES)

    assert len(texts) > 50
    long = [text for text in texts if len(essential_part(text.text, STATUS_LIMIT)) > STATUS_LIMIT]
    assert long == []


def test_text_with_an_unknown_expression_is_not_left_out(tmp_path: Path) -> None:
    """Two texts of one name count both."""
    source = tmp_path / "x.py"
    source.write_text(
        "FIX = 'do it'\n"
        "def f(cause, pool):\n"
        "    problem = f'{cause}; {FIX}' if cause else 'none'\n"
        "    raise BlockedError(problem)\n"
        "    yield f'{pool.name} is bad'\n"
    )

    texts = status_texts([source], {"cause": "it broke", "pool.name": "a"})
    assert [text.text for text in texts] == ["it broke; do it", "none", "a is bad"]
    with pytest.raises(UnknownExpressionError, match=r"x\.py:4: add a realistic text for cause"):
        status_texts([source], {})


@pytest.mark.parametrize("version", ["v0.8.1", "v0.12.1", "v0.16.1"])
def test_words_of_metallb_keep_the_option_and_the_cause(version: str) -> None:
    """What MetalLB adds about the place of the error is in the log."""
    text = "192.168.100.250-192.168.100.240"
    options = read_options({"addresses": text, "version": version})
    with pytest.raises(OptionsError) as raised:
        refuse_unusable_options(options, "")

    shown = shorten(str(raised.value))
    assert len(shown) <= STATUS_LIMIT
    assert shown.startswith(("addresses: ", "pool default: "))
    assert "after the end IP" in shown or "write the lower address first" in shown


def test_status_of_the_active_unit_is_short_with_any_name() -> None:
    pool = f"{{name: {'a' * 200}, protocol: layer2, addresses: [10.0.0.0/8]}}"
    assert len(summary(desired_on(pool), healthy())) <= STATUS_LIMIT
