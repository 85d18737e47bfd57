"""Tests of the checks of the site: each finds what it is for. scripts/site --check runs them first."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import links
import pages


def problems_of(files):
    """The problems of a site of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return links.check_site(Path(folder))


class SiteLinksTest(unittest.TestCase):
    def test_right_links(self):
        page = '<h1 id="top">A</h1><a href="#top">x</a><a href="b/c.html#d%20e">x</a><a href="b/">x</a><a href="https://elsewhere.example/">x</a>'
        self.assertEqual([], problems_of({"a.html": page, "b/c.html": '<a name="d e" href="../a.html">x</a>', "b/index.html": ""}))

    def test_a_missing_page(self):
        self.assertEqual(["a.html: link to b.html, which does not exist"], problems_of({"a.html": '<a href="b.html">x</a>'}))

    def test_a_missing_anchor(self):
        files = {"a.html": '<a href="b.html#c">x</a><a href="#d">x</a>', "b.html": '<p id="e">'}
        expected = ["a.html: link to b.html#c, but b.html has no such anchor", "a.html: link to #d, but a.html has no such anchor"]
        self.assertEqual(expected, problems_of(files))

    def test_loads_from_other_hosts(self):
        for page in (
            '<script src="https://elsewhere.example/a.js"></script>',
            '<img src="//elsewhere.example/a.png">',
            '<img srcset="b.png 1x, https://elsewhere.example/a.png 2x">',
            '<link rel="stylesheet" href="https://elsewhere.example/a.css">',
            '<link rel="preconnect" href="https://elsewhere.example">',
            '<style>@import "https://elsewhere.example/a.css";</style>',
            "<style>p { background: url( 'https://elsewhere.example/a.png') }</style>",
            '<p style="background: url(https://elsewhere.example/a.png)">',
        ):
            with self.subTest(page):
                found = problems_of({"a.html": page, "b.png": ""})
                self.assertEqual(1, len(found), found)
                self.assertIn("from another host", found[0])

    def test_loads_of_style_sheets(self):
        files = {"a/b.css": "@import url('c.css'); p { background: url(../d.png) } /* url(e.png) */", "d.png": ""}
        self.assertEqual(["a/b.css: loads c.css, which does not exist"], problems_of(files))


class MarkdownLinksTest(unittest.TestCase):
    def problems_of(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                Path(folder, name).write_text(text)
            names = sorted(files)
            with mock.patch.multiple(links, ROOT=Path(folder), markdown_files=lambda: names, repository_files=lambda: names):
                return links.check_markdown()

    def test_right_links(self):
        text = "# A `b`, c!\n\n## A\n\n## A\n\n[x](#a-b-c) [x](#a-1) [x](b.md#d_e) [x](.) [x](https://elsewhere.example) `[x](y)`\n"
        self.assertEqual([], self.problems_of({"a.md": text, "b.md": "# d_e\n"}))

    def test_wrong_links(self):
        expected = [
            "a.md: link to #b, but a.md has no such heading",
            "a.md: link to b.md, which does not exist",
            "a.md: link to c.svg, which does not exist",
        ]
        self.assertEqual(expected, self.problems_of({"a.md": "# A\n\n[x](#b)\n\n| a |\n|---|\n| [x](b.md) ![x](c.svg) |\n"}))


class PagesTest(unittest.TestCase):
    def menu(self, existing, listed, awaited=()):
        settings = {"section": [{"title": "A", "pages": listed}]}
        if awaited:
            settings["awaited"] = {"pages": list(awaited)}
        with mock.patch.object(pages.tomllib, "loads", return_value=settings), mock.patch("builtins.print"):
            return pages.sections(existing)

    def test_the_order_is_that_of_the_entries(self):
        existing = ["README.md", "docs/a.md", "docs/b.md", "docs/c.md", "docs/c-d.md"]
        listed = ["docs/b.md", "docs/*.md", "docs/c*.md", "docs/e.md"]
        expected = [("A", ["docs/b.md", "docs/a.md", "docs/c.md", "docs/c-d.md"])]
        self.assertEqual(expected, self.menu(existing, listed, awaited=["docs/e.md"]))

    def test_a_page_without_an_entry(self):
        with self.assertRaisesRegex(pages.SiteError, "docs/b.md is not in"):
            self.menu(["docs/a.md", "docs/b.md"], ["docs/a.md"])

    def test_an_entry_without_a_page(self):
        with self.assertRaisesRegex(pages.SiteError, "names docs/b.md, which does not exist"):
            self.menu(["docs/a.md"], ["docs/a.md", "docs/b.md"])

    def test_a_page_that_need_not_be_awaited(self):
        with self.assertRaisesRegex(pages.SiteError, "docs/a.md exists"):
            self.menu(["docs/a.md"], ["docs/a.md"], awaited=["docs/a.md"])

    def test_links_become_those_of_the_site(self):
        staging = pages.Staging(Path("unused"), Path("unused"))
        text = "[home](../README.md#speed) [x](format.md) [s](../Cargo.toml) `[c](d)` [e](https://e.example) [f](#f)\n```text\n[g](h)\n```\n"
        expected = text.replace("../README.md", "../index.md").replace("../Cargo.toml", "../files/Cargo.toml.md")
        self.assertEqual(expected, staging.with_links(text, "docs/order.md"))
        self.assertEqual([], staging.problems)
        self.assertEqual({"Cargo.toml": "files/Cargo.toml.md"}, staging.files)

    def test_a_link_to_nothing(self):
        staging = pages.Staging(Path("unused"), Path("unused"))
        staging.with_links("[a](b.md)", "docs/order.md")
        self.assertEqual(["docs/order.md has a link to b.md, which does not exist"], staging.problems)

    def test_the_source_of_a_public_class_becomes_its_javadoc(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder, "io.disky/io/disky/RecordReader.html")
            page.parent.mkdir(parents=True)
            page.touch()
            staging = pages.Staging(Path("unused"), Path(folder))
            changed = staging.with_links("[`R`](../src/main/java/io/disky/RecordReader.java)", "docs/order.md")
        self.assertEqual('<a href="../javadoc/io.disky/io/disky/RecordReader.html">`R`</a>', changed)


class ExportsTest(unittest.TestCase):
    def test_an_internal_package(self):
        with tempfile.TemporaryDirectory() as folder:
            for package in ("io/disky", "io/disky/formats", "io/disky/loader", "io/disky/engine"):
                page = Path(folder, "io.disky", package, "A.html")
                page.parent.mkdir(parents=True, exist_ok=True)
                page.touch()
            listed = "module:io.disky\nio.disky\nio.disky.formats\nio.disky.files\n"
            Path(folder, "element-list").write_text(listed)
            found = links.check_exports(Path(folder))
        self.assertEqual(4, len(found), found)
        for name in ("io.disky.engine", "io.disky.files", "io.disky.loader"):
            self.assertTrue(any(name in problem for problem in found), found)


if __name__ == "__main__":
    unittest.main()
