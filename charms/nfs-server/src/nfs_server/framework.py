"""Names for the objects of ops, which workload code does not import.

Their classes differ between ops 1.5 (Ubuntu 18.04 and 20.04) and ops 3.
"""

from typing import Any

Charm = Any
Event = Any
