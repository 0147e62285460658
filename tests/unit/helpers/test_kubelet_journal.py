"""The cause of a kubelet's end, out of journals as kubelets leave them."""

from __future__ import annotations

from helpers.kube.kubelet_journal import describe_end, fatal_line

# In the form of kubernetes/kubernetes issue 58081: the fatal line, and then the goroutines.
FATAL = (
    "Nov 29 15:02:11 gpunode kubelet[412]: F1129 15:02:11.764493     412 kubelet.go:1372]"
    " Failed to start cAdvisor inotify_init: too many open files"
)
BEFORE = (
    "Nov 29 15:02:11 gpunode kubelet[412]: I1129 15:02:11.701204     412 server.go:165] Started"
)
STACK = "\n".join(
    line
    for number in range(20)
    for line in (
        f"Nov 29 15:02:11 gpunode kubelet[412]: goroutine {number} [running]:",
        "Nov 29 15:02:11 gpunode kubelet[412]: k8s.io/klog/v2.stacks(0xc00000e001, 0xc0009d2000)",
        "Nov 29 15:02:11 gpunode kubelet[412]:         klog/v2/klog.go:1026 +0xb9",
    )
)
RESTART = "Nov 29 15:02:12 gpunode systemd[1]: kubelet.service: Scheduled restart job"
JOURNAL = "\n".join([BEFORE, FATAL, STACK, RESTART])


def test_fatal_line_is_found_before_the_goroutines() -> None:
    """Sixty lines of stacks and the restart follow it."""
    assert fatal_line(JOURNAL) == FATAL


def test_used_up_inotify_instances_are_named_as_the_cause() -> None:
    """The message holds the fatal line and what to do, and no stacks."""
    text = describe_end(JOURNAL)

    assert text.startswith(f"the kubelet ended: {FATAL}\n")
    assert "fs.inotify.max_user_instances" in text
    assert "goroutine" not in text


def test_panic_is_a_fatal_line_too() -> None:
    """Go prints it in the place of klog."""
    panic = "Nov 29 15:02:11 gpunode kubelet[412]: panic: runtime error: invalid memory address"

    assert describe_end(f"{BEFORE}\n{panic}\n{STACK}") == f"the kubelet ended: {panic}"


def test_journal_without_a_fatal_line_is_shown_by_its_end() -> None:
    """The kubelet runs: its last lines say what it waits for."""
    journal = "\n".join(f"{BEFORE} {number}" for number in range(100))

    assert describe_end(journal, 2).splitlines() == [f"{BEFORE} 98", f"{BEFORE} 99"]
