"""A picture of a lab as SVG, or as one HTML page with a search.

- ``model``: what a picture shows, as data.
- ``of_bundle``: this data for a site or a bundle; ``placements``, ``hardware`` and ``resources``
  are its parts. ``botlab.live.picture`` makes it from a running model.
- ``grouping``: machines that are alike become one card, and ``short_names`` names them.
- ``layout``: the drawing of a picture: positions, texts and lines, without any format.
  ``machine_cards``, ``racks``, ``nets``, ``application_cards``, ``schematic`` and ``panels`` are
  its parts, ``geometry`` has their shapes, and ``text_width`` measures texts.
- ``themes``: the colours.
- ``svg`` and ``page``: the writers of SVG and HTML.
"""
