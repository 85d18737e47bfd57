"""Sphinx's settings of the site. The pages use no syntax beyond that of the repository's Markdown."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent

project = "disky for Java"
release = ElementTree.parse(HERE.parent / "modules.xml").findtext("{http://maven.apache.org/POM/4.0.0}version")
language = "en"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
myst_heading_anchors = 6
# Syntax of MyST that Markdown elsewhere takes as text.
myst_disable_syntax = ["myst_role", "myst_target", "myst_line_comment", "myst_block_break"]
smartquotes = False
# The languages of code are labels for readers; a sample need not be complete.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
# Without underlined names, which look like links.
pygments_dark_style = "github-dark"
html_title = f"disky for Java {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_use_index = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
