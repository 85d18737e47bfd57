"""The pages of the site: which files of the repository they are, and where the site shows what their links name."""

import fnmatch
import posixpath
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

HOME = "README.md"

# Markdown in other folders describes files of tests.
PAGE = re.compile(r"(?:docs/.+|(?:spark/|site/)?[^/]+)\.md")

# Code, which has no links; then an inline link or image, whose text may contain code and one level of brackets.
CODE_OR_LINK = re.compile(
    r"(?P<code>^ {0,3}(?P<fence>```+|~~~+)[^\n]*\n.*?^ {0,3}(?P=fence)[`~]*\s*?$|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)",
    re.MULTILINE | re.DOTALL,
)

PUBLIC_SOURCE = re.compile(r"src/main/java/(?P<name>io/disky/(?:formats/|loader/)?[^/]+|module-info)\.java")


class SiteError(Exception):
    """Something that is wrong with the pages; the message is for the person who builds the site."""


def repository_files():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).exists())


def markdown_files():
    return [name for name in repository_files() if name.endswith(".md")]


def sections(pages):
    """The menu: a list of titles with the names of their pages."""
    settings = tomllib.loads((ROOT / "site" / "navigation.toml").read_text())
    awaited = set(settings.get("awaited", {}).get("pages", []))
    entries = [entry for section in settings["section"] for entry in section["pages"]]
    named = {entry for entry in entries if "*" not in entry}
    problems = [f"{entry} is in site/navigation.toml twice" for entry in sorted({e for e in entries if entries.count(e) > 1})]
    problems += [f"site/navigation.toml names {name}, which does not exist" for name in sorted(named - set(pages) - awaited)]
    problems += [f"site/navigation.toml awaits {name}, but has no entry for it" for name in sorted(awaited - named)]
    problems += [f"{name} exists: site/navigation.toml need not await it" for name in sorted(awaited & set(pages))]
    missing = sorted((named & awaited) - set(pages))
    if missing:
        print(f"site: these pages do not exist yet: {' '.join(missing)}")

    menu = []
    left = [page for page in pages if page != HOME and page not in named]
    patterns = sorted((entry for entry in entries if "*" in entry), key=len, reverse=True)
    matched = {pattern: [] for pattern in patterns}
    for page in left:
        pattern = next((pattern for pattern in patterns if fnmatch.fnmatchcase(page, pattern)), None)
        if pattern:
            matched[pattern].append(page)
        else:
            problems.append(f"{page} is not in site/navigation.toml")
    if problems:
        raise SiteError("\n".join(problems))
    for section in settings["section"]:
        shown = [page for entry in section["pages"] for page in matched.get(entry, [entry] if entry in pages else [])]
        menu.append((section["title"], shown))
    return menu


def place(name):
    """The path of a page in the site's sources: the page of a folder is index.md there."""
    folder, _, file = name.rpartition("/")
    file = "index.md" if file == "README.md" else file
    return file if folder in ("", "site") else f"{folder}/{file}"


def javadoc_page(name, javadoc):
    """The page of the Javadoc for a source file, or None."""
    source = PUBLIC_SOURCE.fullmatch(name)
    if not source:
        return None
    folder, _, simple = source["name"].rpartition("/")
    if simple == "module-info":
        page = "io.disky/module-summary.html"
    else:
        page = f"io.disky/{folder}/{'package-summary' if simple == 'package-info' else simple}.html"
    return page if (javadoc / page).is_file() else None


class Staging:
    """Copies the pages to a folder from which Sphinx makes the site, and changes their links to what the site shows."""

    def __init__(self, target, javadoc):
        self.target = target
        self.javadoc = javadoc
        self.pages = [name for name in markdown_files() if PAGE.fullmatch(name)]
        self.files = {}
        self.problems = []

    def stage(self):
        menu = sections(self.pages)
        shutil.rmtree(self.target, ignore_errors=True)
        for page in self.pages:
            text = self.with_links((ROOT / page).read_text(), page)
            self.write(place(page), text + (self.trees(menu) if page == HOME else ""))
        for name in sorted(self.files):
            self.write(self.files[name], self.file_page(name))
        if self.problems:
            raise SiteError("\n".join(self.problems))

    def write(self, path, text):
        file = self.target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    @staticmethod
    def trees(menu):
        tree = "\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{entries}\n```\n"
        return "".join(
            tree.format(title=title, entries="\n".join(place(page).removesuffix(".md") for page in shown)) for title, shown in menu if shown
        )

    def with_links(self, text, page):
        def changed(match):
            if match["code"] or re.match(r"[a-z]+:|#", match["target"]):
                return match[0]
            return self.link(page, match["image"], match["text"], match["target"])

        return CODE_OR_LINK.sub(changed, text)

    def link(self, page, image, text, target):
        path, hash_sign, fragment = target.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        here = posixpath.dirname(place(page)) or "."
        if name.startswith("..") or not (ROOT / name).exists():
            self.problems.append(f"{page} has a link to {target}, which does not exist")
            return text
        if image:
            self.copy(name)
            return f"![{text}]({posixpath.relpath(name, here)})"
        if name in self.pages:
            return f"[{text}]({posixpath.relpath(place(name), here)}{hash_sign}{fragment})"
        documented = javadoc_page(name, self.javadoc)
        if documented:
            # Sphinx does not know the pages of the Javadoc.
            return f'<a href="{posixpath.relpath("javadoc/" + documented, here)}{hash_sign}{fragment}">{text}</a>'
        self.files[name] = f"files/{name}.md"
        return f"[{text}]({posixpath.relpath(self.files[name], here)})"

    def copy(self, name):
        file = self.target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, file)

    @staticmethod
    def file_page(name):
        """A page with the text of a file, or with the names of the files of a folder."""
        from pygments.lexers import get_lexer_for_filename
        from pygments.util import ClassNotFound

        file = ROOT / name
        if file.is_dir():
            text = "".join(f"{listed}\n" for listed in repository_files() if listed.startswith(f"{name}/"))
            language = "text"
        else:
            text = file.read_text()
            try:
                language = get_lexer_for_filename(name).aliases[0]
            except ClassNotFound:
                language = "text"
        fence = "`" * max([3] + [len(run) + 1 for run in re.findall(r"`{3,}", text)])
        return f"---\norphan: true\n---\n\n# `{name}`\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"
