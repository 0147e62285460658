"""The settings of Sphinx for the documentation site."""

from __future__ import annotations

from botlab import __version__

project = "botlab"
version = release = __version__

extensions = ["myst_parser", "website.literals", "website.menu"]
myst_heading_anchors = 4
# Many blocks are output of programs, or configuration without a lexer.
highlight_language = "none"

html_theme = "furo"
html_title = "botlab"
html_static_path = ["static"]
html_css_files = ["site.css"]
# The same input gives the same bytes: no dates, and no copies of the sources.
html_last_updated_fmt = None
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
