"""A release's objects are built once, from an archive or from YAML that is already built."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow import generated
from helpers.kubeflow.kustomize_standin import SMALL, BuildSite, names, written
from kubeflow_installer.transform.namespaces import with_fitting_namespaces
from labcharm.errors import BlockedError


def test_build_is_cached_by_source_program_and_exclusions(
    site: BuildSite, archive_path: Path
) -> None:
    """A later build with the same input reads the cache."""
    first = site.objects(archive_path)
    again = site.objects(archive_path, ["spartakus"])

    assert again == first
    assert len(site.homes) == 1
    assert names(site.objects(archive_path, ["katib"])) != names(first)
    assert len(site.homes) == 2
    site.objects(archive_path, ["katib"], site.stand_in("# another release", "other"))
    assert len(site.homes) == 3
    site.objects(generated.as_archive(archive_path, SMALL[:2]))
    assert len(site.homes) == 4


def test_only_the_last_build_is_cached(site: BuildSite, archive_path: Path) -> None:
    """Neither builds of other sources nor directories of killed builds accumulate."""
    site.objects(archive_path)
    for name in ("build-killed/source", "build-killed2"):
        (site.cache / name).mkdir(parents=True)
    (site.cache / ".objects-killed").write_text("half")
    site.objects(archive_path, ["katib"])
    paths = list(site.cache.iterdir())

    assert [path.name.startswith("objects-") for path in paths] == [True]
    assert paths[0].stat().st_mode & 0o777 == 0o600


def test_truncated_cache_is_built_again(site: BuildSite, archive_path: Path) -> None:
    """A full disk may leave anything."""
    first = site.objects(archive_path)
    (cached,) = site.cache.iterdir()
    cached.write_text('[{"apiV')

    assert site.objects(archive_path) == first


def test_archive_without_kustomize_is_refused(site: BuildSite, archive_path: Path) -> None:
    """The built YAML is the alternative."""
    with pytest.raises(BlockedError, match=r"needs kustomize; .*or attach the built YAML"):
        site.load(str(archive_path), "", "1.8.1", [])
    with pytest.raises(BlockedError, match="gone cannot be read: No such file"):
        site.load(str(archive_path), "/no/such/gone", "1.8.1", [])
    with pytest.raises(BlockedError, match="gone cannot be read: No such file"):
        site.objects(Path("/no/such/gone"))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"top/README": ""}, "the archive has no example/kustomization.yaml"),
        ({"top/example/kustomization.yaml": "- a\n"}, "the archive has no example/kustomization"),
        ({"top/example/kustomization.yaml": "a: [\n"}, "the archive has no example/kustomization"),
        ({"a": "", "b": ""}, "does not have exactly one directory at its top"),
    ],
)
def test_archive_without_manifests_is_refused(
    site: BuildSite, tmp_path: Path, files: dict[str, str], message: str
) -> None:
    """It is not taken for manifests."""
    with pytest.raises(BlockedError, match=message):
        site.objects(generated.write_archive(tmp_path / "other.tar.gz", files))


def test_truncated_archive_is_refused(site: BuildSite, archive_path: Path) -> None:
    """It is still recognised as an archive."""
    archive_path.write_bytes(archive_path.read_bytes()[:100])

    with pytest.raises(BlockedError, match=r"manifests\.tar\.gz cannot be unpacked"):
        site.objects(archive_path)


def test_built_yaml_is_read_without_kustomize(site: BuildSite, tmp_path: Path) -> None:
    """Its objects are those of an archive."""
    manifests = generated.objects("1.8.1")
    path = written(tmp_path / "manifests.yaml", generated.as_yaml(manifests))
    built = site.load(str(path), "", "1.8.1", ["spartakus"])

    assert built == with_fitting_namespaces(manifests)
    assert site.homes == []
    assert site.load(str(path), "", "1.8.1", []) == built
