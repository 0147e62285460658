"""The limits of kits. A kit may come from anywhere, and its parts from any server."""

from __future__ import annotations

# The largest images of Kubeflow's releases have about 10 GiB.
LARGEST_FILE = 64 * 2**30
LARGEST_KIT = 2 * 2**40
# Kubeflow's releases have about 110 images; an APT mirror is not a part of a kit.
MOST_FILES = 20_000
# The table of contents of a kit with MOST_FILES files.
LARGEST_MANIFEST = 16 * 2**20
# A path of a kit, in bytes of UTF-8, and one part of it (most file systems).
LONGEST_PATH, LONGEST_PART = 1000, 255
# The bytes that are copied at once.
BLOCK = 2**20
