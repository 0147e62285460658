"""The machines of MAAS that are proposed as machines with NVIDIA GPUs."""

from __future__ import annotations

import pytest

from helpers.maas_dump import maas_machine
from helpers.maas_proposals import proposal_for
from helpers.maas_releases import device

NVIDIA, AMD, INTEL, ASPEED = "10de", "1002", "8086", "1a03"
ADVICE = (
    "add the output of `maas PROFILE node-devices read SYSTEM_ID` (MAAS 3.0 and later) with"
    " --maas FILE, or write gpu: true"
)


@pytest.mark.parametrize(
    ("tags", "has_gpu"),
    [
        (["gpu"], True), (["GPU3"], True), (["gpu-a100"], True), (["a100-gpu"], True),
        (["nvidia"], True), (["cuda_11"], True), (["rtx4090"], True), (["dgx"], True),
        (["gpu-amd"], False), (["amd-mi250"], False), (["gpu", "amd-mi250"], False),
        (["gpu", "radeon"], False), (["gpu-intel"], False), (["gpu", "intel"], False),
        (["intel_gpu"], False), (["nvidia", "intel"], True), (["no-gpu"], False),
        (["gaudi2"], False), (["gpus", "mi300x"], False), (["without-nvidia"], False),
        (["rack"], False), (["gpunit"], False), ([], False),
    ],
)  # fmt: skip
def test_tags_name_nvidia_gpus(tags: list[str], has_gpu: bool) -> None:
    """GPUs of AMD and Intel are not taken for those of NVIDIA."""
    (only,) = proposal_for(maas_machine("m1", *tags)).machines
    assert only.has_gpu is has_gpu


@pytest.mark.parametrize(
    ("vendors", "has_gpu"),
    [
        ([NVIDIA], True), ([ASPEED, NVIDIA], True), ([AMD], False), ([INTEL, ASPEED], False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("tag", ["gpu", "rack", "nvidia"])
def test_pci_devices_decide_before_tags(vendors: list[str], has_gpu: bool, tag: str) -> None:
    """A management controller has a display device, too. A card of NVIDIA may be no GPU."""
    devices = [device("id1", vendor) for vendor in vendors]
    devices.append(device("id1", NVIDIA, "Network"))
    (only,) = proposal_for(maas_machine("m1", tag), devices=devices).machines
    assert only.has_gpu is has_gpu


def test_unclear_and_missing_gpus_are_noted_with_the_command_that_shows_them() -> None:
    unclear = proposal_for(maas_machine("m1", "gpu", "intel")).notes
    missing = proposal_for(maas_machine("m1")).notes
    certain = proposal_for(maas_machine("m1"), devices=[device("id1", AMD)]).notes

    assert f"the tags of m1 do not say whether the GPU is of NVIDIA; {ADVICE}" in unclear
    assert f"no machine has a tag for NVIDIA GPUs; {ADVICE}" in missing
    assert "no machine has an NVIDIA GPU" in certain


@pytest.mark.parametrize(
    "tag",
    [
        "a100", "A100-80gb", "gpu-a100", "8xa100", "a100x8", "a800", "a30", "a40", "a6000", "h100",
        "h200_sxm", "h800", "b200", "gb200", "v100", "p100", "l40", "l40s", "rtx4090", "rtxa6000",
        "rtx2080ti", "gtx1080ti", "tesla", "quadro", "dgx", "dgx-a100", "dgxh100", "amd-h100",
    ],
)  # fmt: skip
def test_models_of_nvidia_in_tags_make_workers_with_gpus(tag: str) -> None:
    """Also where the machine with the GPU has the fewest cores."""
    with_gpu, without = proposal_for(
        maas_machine("m0", tag, cpu_count=8), maas_machine("m1", "rack", cpu_count=128)
    ).machines

    assert (with_gpu.has_gpu, without.has_gpu) == (True, False)
    assert with_gpu.roles == ("worker",)


@pytest.mark.parametrize(
    "tag", ["a1000", "a101", "rack-a", "h1000", "no-a100", "xa100", "v10", "b2", "l400", "mi100"]
)
def test_words_that_only_resemble_models_are_no_gpus(tag: str) -> None:
    proposal = proposal_for(maas_machine("m1", tag))

    assert proposal.machines[0].has_gpu is False
    assert not any("do not say whether" in note for note in proposal.notes)


@pytest.mark.parametrize("tag", ["t4", "l4", "a10", "k80", "m40", "2xt4", "rack-a10", "P4"])
def test_short_names_of_models_are_unclear_unless_something_else_decides(tag: str) -> None:
    """They may name a place in a rack as well."""
    note = f"the tags of m1 do not say whether the GPU is of NVIDIA; {ADVICE}"
    alone = proposal_for(maas_machine("m1", tag))
    clear = proposal_for(maas_machine("m1", tag, "gpu"))
    known = proposal_for(maas_machine("m1", tag), devices=[device("id1", ASPEED)])

    assert (alone.machines[0].has_gpu, note in alone.notes) == (False, True)
    assert (clear.machines[0].has_gpu, note in clear.notes) == (True, False)
    assert (known.machines[0].has_gpu, note in known.notes) == (False, False)


def test_tag_of_a_model_does_not_pin_a_machine() -> None:
    """Another machine may get the tag some day."""
    (only,) = proposal_for(maas_machine("m1", "a100", "pin1")).machines
    assert only.tag == "pin1"
