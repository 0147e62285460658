"""The offline kit: everything that a lab needs where it has no access to the internet.

``needs`` lists the items of a site, with ``charms``, ``images`` and ``programs`` for each kind.
``file_paths`` names the files of charms and resources, ``layer`` and ``overlay`` turn any site
and its overlays into ones that name them, ``staging`` renders it in the layout of a kit, and
``layout`` keeps each path for one file. ``collect`` finds the files in ``sources``, checks them
with ``content``, and compares the site with the collected charms. ``archive`` writes the kit,
``reading`` and ``tar_format`` read one that may come from anywhere, ``manifest`` has its table of
contents, and ``verification`` compares the two. ``guide`` and ``image_script`` are the texts for
people in a kit.
"""
