"""Labels of resources."""

from __future__ import annotations

from botlab.terraform.labels import Labels


def test_label_is_a_name_that_hcl_can_read() -> None:
    labels = Labels("machine_")

    names = ["gpu0", "rack-1_a", "0", "a.b", "-x", "ü"]
    assert [labels.add(name) for name in names] == [
        "gpu0",
        "rack-1_a",
        "machine_0",
        "a_b",
        "machine_-x",
        "_",
    ]


def test_same_label_gets_a_number() -> None:
    labels = Labels()

    assert [labels.add(name) for name in ("a", "a", "a_2", "a")] == ["a", "a_2", "a_2_2", "a_3"]
