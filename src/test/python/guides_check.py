"""Runs the Python programs of the guides, docs/guides/*.md.

    guides_check.py JAVA JAR DIRECTORY

JAVA is a Java launcher, JAR the command line, which contains the library, and DIRECTORY takes the
files. A guide with Python programs begins with a Java program. That program runs first, with a
directory of its own, and writes files there. Then each Python program runs with the same
directory. If a Python program has made directories in it, the Java program runs again with each of
them: it must read the files of Python and print the same. What a program prints must be what the
guide states. Prints what differs; exit status 1 if anything does. scripts/check-array-record runs
it.
"""

import pathlib
import re
import subprocess
import sys
import typing

from failures import Failures

GUIDES = pathlib.Path("docs/guides")
PROGRAM = re.compile(r"^```(java|python)\n(.*?)^```\n(?:\nprints:\n\n```text\n(.*?)^```\n)?", re.M | re.S)


class Program(typing.NamedTuple):
    """A block of a page; `output` is what the page says that it prints, if it says so."""

    language: str
    text: str
    output: str | None


def programs(page):
    """The programs in Python, after the Java program with which the page begins."""
    found = [Program(*block.groups()) for block in PROGRAM.finditer(page.read_text())]
    if not any(program.language == "python" for program in found):
        return []
    if found[0].language != "java":
        raise ValueError(f"{page} does not begin with a program in Java")
    return found[:1] + [program for program in found if program.language == "python"]


def run(command, program, where, failures):
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    failures.check(
        result.returncode == 0, f"{where} ends with {result.returncode}:\n{result.stderr}"
    )
    if result.returncode == 0 and program.output is not None:
        failures.check(
            result.stdout == program.output,
            f"{where} prints\n{result.stdout}and not\n{program.output}",
        )


def java_command(java, jar, sources, text):
    name = re.search(r"^public (?:final )?class (\w+)", text, re.M)[1]
    source = sources / f"{name}.java"
    source.write_text(text)
    return [java, "--enable-native-access=ALL-UNNAMED", "-cp", jar, source]


def check_page(page, java, jar, directory, failures):
    begin, *others = programs(page)
    sources = directory / f"{page.stem}-programs"
    files = directory / page.stem
    sources.mkdir()
    files.mkdir()
    command = java_command(java, jar, sources, begin.text)
    run([*command, files], begin, f"{page}: Java", failures)
    for number, program in enumerate(others, 1):
        source = sources / f"program_{number}.py"
        source.write_text(program.text)
        run([sys.executable, source, files], program, f"{page}: Python program {number}", failures)
    for made in sorted(path for path in files.iterdir() if path.is_dir()):
        run([*command, made], begin, f"{page}: Java with {made.name}", failures)
    return 1 + len(others)


def main(java, jar, directory):
    failures = Failures()
    count = 0
    for page in sorted(GUIDES.glob("*.md")):
        if programs(page):
            print(f"  {page}", flush=True)
            count += check_page(page, java, jar, directory, failures)
    failures.check(count > 0, f"no guide in {GUIDES} has a program in Python")
    print("FAILED" if failures.count else f"all {count} programs run")
    return min(failures.count, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])))
