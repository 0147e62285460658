"""The ``maas`` program, which is asked for what MAAS knows."""
