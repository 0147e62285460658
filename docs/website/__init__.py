"""The documentation site: the pages of this repository as HTML.

    python -m website build/docs

`pages` lists the pages and their names in the site. `staging` writes them into a directory as
Sphinx reads them: `links` changes their links, `navigation` makes the menus from the lists of the
index pages, `commands` adds the help of each command, `juju_rules` the rules of Juju, `examples`
the files of each example, and `pictures` their pictures. `conf.py` has Sphinx's settings; `menu`
and `literals` are extensions of Sphinx. `urls` reads the URLs of the built pages.
"""
