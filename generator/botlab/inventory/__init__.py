"""What MAAS knows, and the site that is proposed from it.

- ``source``: files, standard input or a profile of the maas command, which ``--maas`` names.
- ``dumps``: the output of the maas command, of which ``machines``, ``networks`` and ``gpus`` read
  the fields. ``fields`` reads values that may be missing.
- ``states``: the states of a machine, and the command that brings it back to Ready.
- ``selection``: the machines that a new site can use.
- ``roles``, ``unique_tags``, ``lan`` and ``site_networks``: parts of the ``proposal``.
  ``role_plans`` has the roles of machines without tags, ``tagged_roles`` those that the tags leave
  open, and ``profile_roles`` what a profile says about them.
- ``site_lines``: the proposal as lines of a site file. ``tag_script`` is the script that creates
  the missing tags.
- ``assignment`` and ``address_use``: the machines that fit constraints, and the addresses that
  MAAS may assign. The rules and the preflight checks use them.
"""
