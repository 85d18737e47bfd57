"""Checks links: of the Markdown in the repository, and of the built site, which must load nothing from other hosts."""

import posixpath
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from pages import ROOT, markdown_files, repository_files

MARKDOWN = MarkdownIt("commonmark").enable("table")

# Elements and their attributes from which a browser loads something to show the page.
LOADED = {
    "script": ["src"],
    "img": ["src", "srcset"],
    "iframe": ["src"],
    "source": ["src", "srcset"],
    "video": ["src", "poster"],
    "audio": ["src"],
    "embed": ["src"],
    "object": ["data"],
    "use": ["href", "xlink:href"],
    "image": ["href", "xlink:href"],
}
# Relations of <link> that only name another page.
NAMING = {"next", "prev", "search", "index", "author", "license", "help", "canonical", "up", "alternate"}

STYLE_LOADS = re.compile(r"(?:url\(\s*|@import\s+(?!url\b))['\"]?([^'\")\s;]+)")


def is_outside(address):
    return bool(re.match(r"(?:[a-z][a-z0-9+.-]*:)?//", address, re.IGNORECASE))


class Page(HTMLParser):
    """The links, the loads and the anchors of a page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.links = []
        self.loads = []
        self.anchors = set()
        self.inside_style = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self.anchors.update(attributes[name] for name in ("id", "name") if name in attributes)
        if tag in ("a", "area") and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "link" and "href" in attributes:
            naming = set(attributes.get("rel", "").split()) <= NAMING
            (self.links if naming else self.loads).append(attributes["href"])
        for name in LOADED.get(tag, []):
            if name in attributes:
                addresses = attributes[name].split(",") if name == "srcset" else [attributes[name]]
                self.loads.extend(address.split()[0] for address in addresses if address.strip())
        self.loads.extend(STYLE_LOADS.findall(attributes.get("style", "")))
        self.inside_style = tag == "style"

    def handle_endtag(self, tag):
        self.inside_style = False

    def handle_data(self, data):
        if self.inside_style:
            self.loads.extend(STYLE_LOADS.findall(data))


def check_site(site):
    """The problems of all pages below the folder `site`."""
    pages = {file.relative_to(site).as_posix(): Page(file.read_text()) for file in sorted(site.rglob("*.html"))}
    files = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    problems = []
    for name, page in pages.items():
        for address in page.links:
            if not re.match(r"(?:https?|mailto):", address):
                problems += link_problems(name, address, pages, files)
        for address in page.loads:
            problems += load_problems(name, address, files)
    for file in sorted(site.rglob("*.css")):
        name = file.relative_to(site).as_posix()
        for address in STYLE_LOADS.findall(re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)):
            problems += load_problems(name, address, files)
    return problems


def link_problems(name, address, pages, files):
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return [f"{name}: link to {address}, which is not an address of a page"] if parts.scheme != "javascript" else []
    target = resolved(name, parts.path)
    if target not in files and f"{target}/index.html" in files:
        target = f"{target}/index.html"
    if target not in files:
        return [f"{name}: link to {address}, which does not exist"]
    fragment = unquote(parts.fragment)
    if fragment and target in pages and fragment not in pages[target].anchors:
        return [f"{name}: link to {address}, but {target} has no such anchor"]
    return []


def load_problems(name, address, files):
    if is_outside(address):
        return [f"{name}: loads {address} from another host"]
    if address.startswith(("data:", "#")):
        return []
    return [] if resolved(name, urlsplit(address).path) in files else [f"{name}: loads {address}, which does not exist"]


def resolved(name, path):
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path))) if path else name


def check_markdown():
    """The problems of the links of all Markdown in the repository, which people also read there."""
    texts = {name: MARKDOWN.parse((ROOT / name).read_text()) for name in markdown_files()}
    anchors = {name: heading_anchors(tokens) for name, tokens in texts.items()}
    files = set(repository_files())
    folders = {folder.as_posix() for name in files for folder in (ROOT / name).relative_to(ROOT).parents}
    problems = []
    for name, tokens in texts.items():
        for address in addresses(tokens):
            problems += markdown_problems(name, address, anchors, files | folders)
    return problems


def addresses(tokens):
    for token in tokens:
        if token.type == "link_open":
            yield token.attrs["href"]
        if token.type == "image":
            yield token.attrs["src"]
        yield from addresses(token.children or [])


def heading_anchors(tokens):
    """The anchors that repository browsers give to headings."""
    anchors = set()
    for before, token in zip(tokens, tokens[1:]):
        if before.type != "heading_open":
            continue
        text = "".join(part.content for part in token.children if part.type in ("text", "code_inline"))
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 0
        while (unique := f"{anchor}-{number}" if number else anchor) in anchors:
            number += 1
        anchors.add(unique)
    return anchors


def markdown_problems(name, address, anchors, present):
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return []
    target = resolved(name, parts.path)
    if target not in present:
        return [f"{name}: link to {address}, which does not exist"]
    if parts.fragment and target in anchors and unquote(parts.fragment) not in anchors[target]:
        return [f"{name}: link to {address}, but {target} has no such heading"]
    return []


def check_exports(javadoc):
    """The problems if the Javadoc has other packages than those that the module exports to everybody."""
    descriptor = (ROOT / "src/main/java/module-info.java").read_text()
    exported = set(re.findall(r"^\s*exports\s+([\w.]+)\s*;", descriptor, re.MULTILINE))
    listed = {line for line in (javadoc / "element-list").read_text().split() if not line.startswith("module:")}
    pages = {folder.relative_to(javadoc / "io.disky").as_posix().replace("/", ".") for folder in javadoc.glob("io.disky/**/") if any(folder.glob("*.html"))}
    pages = {name for name in pages if not name.endswith("class-use") and name != "."}
    return [
        f"the Javadoc documents the package {name}, which the module does not export to everybody" for name in sorted((listed | pages) - exported)
    ] + [f"the Javadoc lacks the package {name}" for name in sorted(exported - (listed & pages))]
