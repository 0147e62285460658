"""A release's objects are built once, from an archive or from the YAML that was built of it.

kustomize is a stand-in here that joins the files which a list of resources names; where
BOTLAB_KUSTOMIZE names the program, or it is on the path, it builds the same archive too.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.kubeflow import generated
from kubeflow_installer.errors import ManifestsError
from kubeflow_installer.reconcile import stages
from kubeflow_installer.sources import exclusions, yaml_to_json
from kubeflow_installer.sources.manifests import objects
from labcharm.machine import Machine, Result

Object = dict[str, Any]
KUSTOMIZE = os.environ.get("BOTLAB_KUSTOMIZE") or shutil.which("kustomize") or ""
STAND_IN = """\
#!{python}
import os, sys
from pathlib import Path

log = Path({log!r})
log.write_text((log.read_text() if log.exists() else "") + os.environ["HOME"] + chr(10))
assert sys.argv[1] == "build" and sys.argv[3] == "-o", sys.argv
def texts(folder):
    lines = (folder / "kustomization.yaml").read_text().splitlines()
    for name in (line[2:] for line in lines if line.startswith("- ")):
        path = folder / name
        yield from texts(path) if path.is_dir() else [path.read_text()]
sys.stderr.write("# Warning: 'commonLabels' is deprecated.\\n")
{more}
Path(sys.argv[4]).write_text("---\\n".join(texts(Path(sys.argv[2]))))
"""


class Site:
    """Files of a charm, and how often kustomize ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.log = folder / "log"
        self.machine = Machine()
        self.kustomize = self.stand_in()

    def stand_in(self, more: str = "", name: str = "kustomize") -> str:
        """Write a stand-in for kustomize that does something more."""
        path = self.folder / name
        path.write_text(STAND_IN.format(python=sys.executable, log=str(self.log), more=more))
        path.chmod(0o755)
        return str(path)

    def objects(
        self, source: Path, excluded: Iterable[str] = (), kustomize: str = ""
    ) -> list[Object]:
        """Return the objects of a source."""
        program = kustomize or self.kustomize
        return objects(
            self.machine, str(source), program, "1.10.2", excluded, str(self.cache)
        )  # fmt: skip

    @property
    def homes(self) -> list[str]:
        """Return the home folder of each run."""
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site."""
    return Site(tmp_path)


SMALL = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "katib-config"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kserve-config"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "centraldashboard"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "jupyter-config"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "notebook-config"}},
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a small archive of manifests."""
    return generated.as_archive(tmp_path / "manifests.tar.gz", SMALL)


def names(found: Iterable[Object]) -> list[str]:
    """Return objects' names, sorted."""
    return sorted(one["metadata"]["name"] for one in found)


def in_order(found: Iterable[Object]) -> list[str]:
    """Return objects in an order of their own: kustomize has its own too."""
    return sorted(json.dumps(one, sort_keys=True) for one in found)


# Building.


def test_an_archive_of_a_releases_size(site: Site, tmp_path: Path) -> None:
    """Every object comes out as it went in, with a namespace just where its kind has one."""
    wanted = generated.objects("1.10.2")
    found = site.objects(generated.as_archive(tmp_path / "manifests.tar.gz", wanted))

    assert len(found) == len(wanted) > 590
    assert in_order(found) == in_order(stages.scoped(wanted))


@pytest.mark.skipif(not KUSTOMIZE, reason="no kustomize: BOTLAB_KUSTOMIZE names none")
def test_with_kustomize_itself(site: Site, tmp_path: Path) -> None:
    """It builds what the stand-in does; what is left out stays out."""
    wanted = [one for one in generated.objects("1.10.2") if one["kind"] != "Namespace"]
    wanted += SMALL[:1]
    path = generated.as_archive(tmp_path / "manifests.tar.gz", wanted)
    kept = [one for one in wanted if generated.component(one) != generated.COMPONENTS["katib"]]

    assert in_order(site.objects(path, kustomize=KUSTOMIZE)) == in_order(stages.scoped(wanted))
    found = site.objects(path, ["katib"], KUSTOMIZE)
    assert in_order(found) == in_order(stages.scoped(kept))
    assert len(found) < len(wanted)


def test_it_is_built_once(site: Site, archive: Path) -> None:
    """A later run reads what is kept, as long as source, program and names are the same."""
    first = site.objects(archive)
    again = site.objects(archive, ["spartakus"])

    assert again == first
    assert len(site.homes) == 1
    assert names(site.objects(archive, ["katib"])) != names(first)
    assert len(site.homes) == 2
    site.objects(archive, ["katib"], site.stand_in("# another release", "other"))
    assert len(site.homes) == 3
    site.objects(generated.as_archive(archive, SMALL[:2]))
    assert len(site.homes) == 4


def test_just_the_last_result_is_kept(site: Site, archive: Path) -> None:
    """Neither results of other sources nor folders to build in pile up."""
    site.objects(archive)
    for name in ("build-killed/source", "build-killed2"):
        (site.cache / name).mkdir(parents=True)
    (site.cache / ".objects-killed").write_text("half")
    site.objects(archive, ["katib"])
    found = list(site.cache.iterdir())

    assert [path.name.startswith("objects-") for path in found] == [True]
    assert found[0].stat().st_mode & 0o777 == 0o600


def test_a_result_that_was_cut_off_is_made_anew(site: Site, archive: Path) -> None:
    """A full disk may leave anything."""
    first = site.objects(archive)
    (kept,) = site.cache.iterdir()
    kept.write_text('[{"apiV')

    assert site.objects(archive) == first


def test_kustomize_has_a_home_of_its_own(site: Site, archive: Path) -> None:
    """What root's has, plugins and settings of git, is nobody's to use here."""
    site.objects(archive)

    assert site.homes[0].startswith(str(site.cache))
    assert not Path(site.homes[0]).exists()


# What is left out.


def test_components_are_left_out_by_their_folders(site: Site, archive: Path) -> None:
    """A folder within a component is no name: the dashboard has an overlay called kserve."""
    found = names(site.objects(archive, ["katib", "kserve", "jupyter"]))

    assert found == ["centraldashboard", "kubeflow"]
    assert names(site.objects(archive, ["notebook-controller"])) == [
        "centraldashboard", "jupyter-config", "katib-config", "kserve-config", "kubeflow",
    ]  # fmt: skip


def test_a_name_that_excludes_nothing(site: Site, archive: Path) -> None:
    """It is told with the names that there are."""
    with pytest.raises(ManifestsError) as caught:
        site.objects(archive, ["katib", "kaitb", "overlays"])

    assert str(caught.value) == (
        "excluded-components names kaitb, overlays, which the manifests do not have; there are"
        " centraldashboard, jupyter, jupyter-web-app, katib, kserve, kubeflow-namespace,"
        " notebook-controller"
    )
    assert not caught.value.passes
    assert site.homes == []


def test_the_options_default_excludes_nothing_here(site: Site, archive: Path) -> None:
    """Reports of usage are a component of the releases by kfctl alone."""
    assert names(site.objects(archive, ["spartakus"])) == names(SMALL)


def test_the_names_in_paths_of_each_kind() -> None:
    """As the releases' lists have them."""
    paths = {
        "../common/istio-1-17/istio-install/base": ("istio-1-17", "istio-install"),
        "../apps/centraldashboard/upstream/overlays/kserve": ("centraldashboard",),
        "../apps/pvcviewer-controller/upstream/base/": ("pvcviewer-controller",),
        "../contrib/kserve/models-web-app/overlays/kubeflow": ("kserve", "models-web-app"),
        "../applications/pipeline/overlays": ("pipeline",),
        "../applications/profiles/pss": ("profiles", "pss"),
        "../common/oauth2-proxy/overlays/m2m-dex-only": ("oauth2-proxy",),
        "local.yaml": ("local.yaml",),
    }
    assert {path: exclusions._names(path) for path in paths} == paths


# What goes wrong.


def test_what_is_fetched_while_building(site: Site, archive: Path) -> None:
    """Without a way out the mend is the YAML; it may pass, too."""
    more = """\
sys.exit("Error: accumulating resources: accumulation err='accumulating resources from "
  "'https://git.example/argo/crds?ref=v3': Get \\"https://git.example/argo/crds?ref=v3\\": dial "
  "tcp: no such host': failed to run git fetch")"""
    with pytest.raises(ManifestsError) as caught:
        site.objects(archive, kustomize=site.stand_in(more, "failing"))

    assert str(caught.value) == (
        "kustomize cannot fetch https://git.example/argo/crds?ref=v3, which this release needs"
        " while it is built; for machines without a way out, build it elsewhere (kustomize build"
        " example > manifests.yaml) and attach that YAML as the resource manifests"
    )
    assert caught.value.passes
    assert list(site.cache.iterdir()) == []


def test_kustomizes_last_words_are_told(site: Site, archive: Path) -> None:
    """Not its many warnings."""
    failing = site.stand_in("sys.exit('Error: no matches for Id Deployment.v1.apps/x')", "failing")
    with pytest.raises(ManifestsError) as caught:
        site.objects(archive, kustomize=failing)

    assert str(caught.value) == (
        "kustomize cannot build the manifests: Error: no matches for Id Deployment.v1.apps/x"
    )
    assert not caught.value.passes


class Slow(Machine):
    """A machine on which nothing comes to an end."""

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Say so."""
        return Result(124, "", f"{command[0]}: no end after {timeout:.0f} s")


def test_a_build_without_an_end(site: Site, archive: Path) -> None:
    """It may pass."""
    site.machine = Slow()

    with pytest.raises(ManifestsError, match="kustomize had no end after 900 s") as caught:
        site.objects(archive)
    assert caught.value.passes


def test_an_archive_needs_kustomize(site: Site, archive: Path) -> None:
    """The mend is either."""
    with pytest.raises(ManifestsError, match=r"kustomize is needed .*or attach the YAML"):
        objects(site.machine, str(archive), "", "1.8.1", [], str(site.cache))
    with pytest.raises(ManifestsError, match="gone cannot be read: No such file"):
        objects(site.machine, str(archive), "/no/such/gone", "1.8.1", [], str(site.cache))
    with pytest.raises(ManifestsError, match="gone cannot be read: No such file"):
        site.objects(Path("/no/such/gone"))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"top/README": ""}, "the archive has no example/kustomization.yaml"),
        ({"top/example/kustomization.yaml": "- a\n"}, "the archive has no example/kustomization"),
        ({"top/example/kustomization.yaml": "a: [\n"}, "the archive has no example/kustomization"),
        ({"a": "", "b": ""}, "has not one folder at its top"),
    ],
)
def test_another_archive(site: Site, tmp_path: Path, files: dict[str, str], told: str) -> None:
    """It is not taken for manifests."""
    with pytest.raises(ManifestsError, match=told):
        site.objects(generated.write_archive(tmp_path / "other.tar.gz", files))


def test_an_archive_that_was_cut_off(site: Site, archive: Path) -> None:
    """It is still told for an archive."""
    archive.write_bytes(archive.read_bytes()[:100])

    with pytest.raises(ManifestsError, match=r"manifests\.tar\.gz cannot be unpacked"):
        site.objects(archive)


# YAML.


def written(path: Path, text: str) -> Path:
    """Write a file."""
    path.write_text(text, encoding="utf-8")
    return path


def test_yaml_that_was_built(site: Site, tmp_path: Path) -> None:
    """It is read as it is, without kustomize."""
    wanted = generated.objects("1.8.1")
    path = written(tmp_path / "manifests.yaml", generated.as_yaml(wanted))
    found = objects(site.machine, str(path), "", "1.8.1", ["spartakus"], str(site.cache))

    assert found == stages.scoped(wanted)
    assert site.homes == []
    assert objects(site.machine, str(path), "", "1.8.1", [], str(site.cache)) == found


def test_nothing_is_left_out_of_yaml(site: Site, tmp_path: Path) -> None:
    """What was built without a component may be told to be; of the others it cannot be taken."""
    built = [one for one in generated.objects("1.10.2") if "katib" not in str(one["metadata"])]
    path = written(tmp_path / "manifests.yaml", generated.as_yaml(built))

    assert in_order(site.objects(path, ["katib"])) == in_order(stages.scoped(built))
    with pytest.raises(ManifestsError) as caught:
        site.objects(path, ["kserve", "katib", "nothing"])
    assert str(caught.value) == (
        "kserve, nothing cannot be left out of a YAML that was built already; build it without, or"
        " attach the manifests' archive"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "manifests.yaml is neither an archive nor YAML (while parsing"),
        ("", "the manifests hold no objects"),
        ("---\n---\n", "the manifests hold no objects"),
        ("<html>not found</html>", "something that is no object of Kubernetes: \"<html>not"),
        ("apiVersion: v1\nkind: Pod\n", "something that is no object of Kubernetes: {\"apiV"),
        ("- apiVersion: v1\n", "something that is no object of Kubernetes: [{\"apiVersion"),
    ],
)  # fmt: skip
def test_what_is_no_manifest(site: Site, tmp_path: Path, text: str, told: str) -> None:
    """It is shown."""
    with pytest.raises(ManifestsError) as caught:
        site.objects(written(tmp_path / "manifests.yaml", text))

    assert told in str(caught.value)


def test_bytes_that_are_no_text(site: Site, tmp_path: Path) -> None:
    """A program, say."""
    (tmp_path / "manifests").write_bytes(b"\x7fELF\xff\xfe\x00" * 100)

    with pytest.raises(ManifestsError, match="manifests is neither an archive nor YAML"):
        site.objects(tmp_path / "manifests")


def test_lists_are_taken_apart(site: Site, tmp_path: Path) -> None:
    """That is how kubectl writes them."""
    inner = {"apiVersion": "v1", "kind": "ConfigMapList", "items": SMALL[1:3]}
    outer = {"apiVersion": "v1", "kind": "List", "items": [inner, SMALL[0]]}
    empty = {"apiVersion": "v1", "kind": "List", "items": None}
    path = written(tmp_path / "manifests.yaml", generated.as_yaml([outer, empty, SMALL[3]]))

    assert names(site.objects(path)) == names(SMALL[:4])


class Plain(Machine):
    """A machine whose Python has no libyaml."""

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """End as the program would."""
        assert command[0] == "/usr/bin/python3"
        return Result(yaml_to_json.WITHOUT_LIBYAML, "", "")


def test_without_libyaml_it_is_the_same(site: Site, tmp_path: Path) -> None:
    """It just takes longer."""
    path = written(tmp_path / "manifests.yaml", generated.as_yaml(generated.objects("1.8.1")[:90]))
    found = site.objects(path)
    site.machine = Plain()
    shutil.rmtree(site.cache)

    assert site.objects(path) == found


SCALARS = """\
date: 2020-01-01
default: =
time: 12:30:45
version: 190:20:30.15
octal: 0644
hex: 0x1F
float: 1.5
switch: yes
nothing: ~
quoted: "0644"
"""


@pytest.mark.parametrize("base", ["SafeLoader", "CSafeLoader"])
def test_words_are_read_as_kubernetes_does(base: str) -> None:
    """Neither dates nor numbers to base 60 are any there."""
    if not hasattr(yaml, base):
        pytest.skip("this PyYAML has no libyaml")

    assert yaml_to_json.documents(SCALARS, getattr(yaml, base)) == [
        {
            "date": "2020-01-01", "default": "=", "time": "12:30:45", "version": "190:20:30.15",
            "octal": 420, "hex": 31, "float": 1.5, "switch": True, "nothing": None,
            "quoted": "0644",
        }
    ]  # fmt: skip


def test_the_program_by_itself(tmp_path: Path) -> None:
    """It is run by whatever Python the machine has."""
    source, target = written(tmp_path / "in", SCALARS), tmp_path / "out"
    program = yaml_to_json.__file__
    result = Machine().run([sys.executable, program, str(source), str(target)])

    if hasattr(yaml, "CSafeLoader"):
        assert result.code == 0
        assert json.loads(target.read_text())[0]["date"] == "2020-01-01"
    else:
        assert result.code == yaml_to_json.WITHOUT_LIBYAML
