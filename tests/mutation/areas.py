"""The parts of the repository that a mutation run measures, and the tests of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# These tests pack charms, install packages, start processes for the commands of a running lab, or
# measure growth. They take longer than all the rest.
SLOW_TESTS = frozenset(
    (
        "test_benchmark.py",
        "test_command_growth.py",
        "test_deploy_process.py",
        "test_growth.py",
        "test_live_processes.py",
        "test_old_archive.py",
        "test_packed.py",
        "test_packing.py",
        "test_refresh.py",
        "test_scripted_juju_process.py",
        "test_mutation.py",
    )
)


# The tests of these directories need the packages of other environments of tox.
NOT_MEASURED = ("generator/botlab/live/libjuju/",)


@dataclass(frozen=True)
class Area:
    """A part of the repository.

    Attributes:
        name: The name for ``--area``.
        sources: Directories and modules, below the repository's root.
        tests: Directories with the tests of the area; the mirrored directory is the first.
    """

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]

    def modules(self, root: Path) -> list[str]:
        """Return the paths of the area's modules below the repository's root, sorted."""
        paths = {path for source in self.sources for path in _modules(root / source)}
        return sorted(path.relative_to(root).as_posix() for path in paths)

    def test_files(self, root: Path) -> list[str]:
        """Return the paths of the area's test files below the repository's root, sorted."""
        paths = {path for tests in self.tests for path in (root / tests).rglob("test_*.py")}
        return sorted(
            path.relative_to(root).as_posix() for path in paths if path.name not in SLOW_TESTS
        )


def _modules(source: Path) -> list[Path]:
    return [source] if source.suffix == ".py" else list(source.rglob("*.py"))


def mirrors(module: str, test_file: str) -> bool:
    """Return whether a test file is the mirror of a module.

    Args:
        module: Such as ``generator/botlab/plan/output.py``.
        test_file: Such as ``tests/unit/plan/test_output.py``.
    """
    path, test = PurePosixPath(module), PurePosixPath(test_file)
    packages = {*path.parent.parts[-2:]} - {"charms", "generator", "lib"}
    return path.stem in test.stem and (
        path.parent.name == "botlab" or not packages.isdisjoint(test.parts)
    )


def _live(name: str, *sources: str) -> Area:
    paths = tuple(f"generator/botlab/live/{source}" for source in sources)
    return Area(name, paths, ("tests/unit/live", "tests/unit/cli"))


def _generator(name: str, *sources: str) -> Area:
    return Area(name, tuple(f"generator/botlab/{source}" for source in sources), ("tests/unit",))


def _charm(name: str, package: str) -> Area:
    return Area(name, (f"charms/{name}/src",), (f"tests/charms/{package}",))


_SINGLE_MODULES = (
    "address_spans.py",
    "api.py",
    "api_arguments.py",
    "assessment.py",
    "bundle_charms.py",
    "contained_files.py",
    "decimals.py",
    "deployment_plan.py",
    "file_output.py",
    "findings.py",
    "go_yaml.py",
    "json_text.py",
    "json_values.py",
    "maas_tags.py",
    "markdown.py",
    "model_arguments.py",
    "passes.py",
    "shell.py",
    "signals.py",
    "site_assessment.py",
    "site_model_options.py",
    "site_overlays.py",
    "site_profile.py",
    "site_revisions.py",
    "starter_profile.py",
    "text_files.py",
    "urls.py",
    "visible_text.py",
    "yaml_events.py",
    "yaml_faults.py",
    "yaml_limits.py",
    "yaml_nodes.py",
    "yaml_reasons.py",
    "yaml_text.py",
)
_LIVE_MODEL = (
    "__init__.py",
    "client",
    "connect.py",
    "errors.py",
    "fields.py",
    "leaders.py",
    "live_model.py",
    "parallel.py",
    "process.py",
    "process_groups.py",
    "results.py",
    "status",
    "time_limits.py",
)
_LIVE_LAB = (
    "advice.py",
    "comparison",
    "deploy",
    "lab.py",
    "maas",
    "model_parts.py",
    "overview",
    "picture.py",
    "preflight",
    "wait",
)
_SHARED_TESTS = ("tests/charms/metallb", "tests/charms/nfs_server")
_AREAS = (
    _generator("site", "site"),
    _generator("bundle", "bundle"),
    _generator("rules", "rules"),
    _generator("plan", "plan"),
    _generator("render", "render", "inventory", "catalogue"),
    _generator("own-profiles", "own_profiles"),
    _generator("terraform", "terraform"),
    Area("picture", ("generator/botlab/picture",), ("tests/unit/picture",)),
    _generator("runbook", "runbook"),
    Area("kit", ("generator/botlab/kit",), ("tests/unit/kit", "tests/unit/cli")),
    _generator("cli", "cli"),
    _generator("modules", *_SINGLE_MODULES),
    _live("live-model", *_LIVE_MODEL),
    _live("live-lab", *_LIVE_LAB),
    _live("live-cluster", "cluster", "kubeconfig", "verify"),
    Area("labkube", ("charms/shared/lib/labkube",), ("tests/charms/labkube", *_SHARED_TESTS)),
    Area("labcharm", ("charms/shared/lib/labcharm",), ("tests/charms/labcharm", *_SHARED_TESTS)),
    _charm("metallb", "metallb"),
    _charm("nfs-server", "nfs_server"),
    _charm("nvidia-runtime", "nvidia_runtime"),
    _charm("kubeflow-installer", "kubeflow_installer"),
)
AREAS: Mapping[str, Area] = {area.name: area for area in _AREAS}
