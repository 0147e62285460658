"""The runbook of a site: Markdown with the commands that its administrator needs.

`lab` is the site with its bundle, and `commands` has the syntax of each Juju release. `document`
puts the sections together, and each other module writes those about one task. A section about a
part that the site does not have is left out.
"""
