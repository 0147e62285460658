"""Every kind of difference, as it is printed."""

from __future__ import annotations

from botlab.bundle.parse import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.plan.difference import difference

OLD = """
applications:
  a: {charm: a, channel: stable, num_units: 2, to: ["0", "1"],
      options: {x: 1, password: p, gone: true},
      constraints: mem=2G, annotations: {k: v}, resources: {r: 1}, bindings: {db: s}, expose: true,
      series: jammy}
  b: {charm: b}
machines: {"0": {constraints: mem=1G, series: focal}, "1": {}, "3": {}}
saas: {old: {url: "admin/m.old"}}
relations: [["a:one", "b:two"], ["b:x", "a:y"]]
"""
NEW = """
applications:
  a: {charm: a, channel: edge, num_units: 3, to: ["0", "2", "1"], options: {x: 2, password: q,
      added: [z]}, constraints: mem=4G, annotations: {k: w, n: m}, resources: {r: 2},
      bindings: {db: t}, series: noble}
  c: {charm: c}
machines: {"0": {constraints: mem=2G, series: jammy}, "1": {}, "2": {}}
saas: {new: {url: "admin/m.new"}}
relations: [["b:two", "a:one"], ["a:one", "c:two"]]
"""


def test_all_kinds_of_differences_are_printed_with_old_and_new_values() -> None:
    """What was added, what changed, and what was removed; then the commands."""
    old, new = (parse_bundle(BundleSource(text), Juju.V2_9).bundle for text in (OLD, NEW))

    assert difference(old, new, Juju.V2_9).lines() == [
        "added:",
        "  application c",
        "  machine 2",
        "  relation a:one c:two",
        "  saas new",
        "changed:",
        "  application a: channel stable -> edge",
        "  application a: series jammy -> noble",
        "  application a: num_units 2 -> 3",
        "  application a: to 0 1 -> 0 2 1",
        "  application a: expose true -> false",
        "  application a: constraints mem=2G -> mem=4G",
        "  application a: bindings {'db': 's'} -> {'db': 't'}",
        "  application a: resources {'r': 1} -> {'r': 2}",
        "  application a: annotations {'k': 'v'} -> {'k': 'w', 'n': 'm'}",
        "  application a: options.added (none) -> z",
        "  application a: options.gone true -> (none)",
        "  application a: options.password (not shown) -> (not shown)",
        "  application a: options.x 1 -> 2",
        "  machine 0: constraints mem=1G -> mem=2G",
        "  machine 0: series focal -> jammy",
        "removed:",
        "  application b",
        "  machine 3",
        "  relation a:y b:x",
        "  saas old",
        "after juju deploy of the new bundle, run these commands in this order:",
        "  juju config a --reset gone  # deploy never resets an option",
        "  juju unexpose a  # deploy never ends an exposure",
        "  juju bind a db=t  # deploy never changes bindings",
        "  # a: series  # cannot be changed; remove the application and deploy it again",
        "  juju remove-application b  # this also removes its units and relations",
        "  juju remove-saas old  # no relation of the new bundle uses it",
        "  juju remove-machine 3  # Juju refuses this while a unit is on the machine",
    ]
