"""Builds the site from the Markdown of the repository, and checks it. scripts/site runs it."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from links import check_exports, check_markdown, check_site  # noqa: E402
from pages import ROOT, SiteError, Staging  # noqa: E402

SITE = ROOT / "target" / "site"
SOURCES = ROOT / "target" / "site-sources"
JAVADOC = ROOT / "target" / "reports" / "apidocs"


def build():
    Staging(SOURCES, JAVADOC).stage()
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--conf-dir", ROOT / "site", "--fail-on-warning", "--keep-going"]
    command += ["--quiet", "--fresh-env", "--doctree-dir", SOURCES / ".doctrees", SOURCES, SITE]
    if subprocess.run([str(part) for part in command]).returncode:
        raise SiteError("Sphinx found the problems above")
    shutil.rmtree(SITE / "_sources", ignore_errors=True)
    (SITE / ".buildinfo").unlink(missing_ok=True)
    copy_javadoc()


def copy_javadoc():
    shutil.copytree(JAVADOC, SITE / "javadoc")
    style = SITE / "javadoc" / "resource-files" / "stylesheet.css"
    if style.is_file() and not (style.parent / "fonts").exists():
        # Maven's plugin leaves out the fonts, but not the line that imports them.
        style.write_text(style.read_text().replace("@import url('fonts/dejavu.css');\n", ""))


def check():
    problems = check_exports(JAVADOC) + check_markdown() + check_site(SITE)
    if problems:
        raise SiteError("\n".join(problems))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="also check all links")
    options = parser.parse_args()
    try:
        build()
        if options.check:
            check()
    except SiteError as error:
        print("".join(f"site: {line}\n" for line in str(error).splitlines()), end="", file=sys.stderr)
        return 1
    print(f"{(SITE / 'index.html').relative_to(Path.cwd())} is the first page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
