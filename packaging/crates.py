"""What is inside the native library: the crates, the C libraries in them, and their licences."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from platforms import ROOT, TRIPLES, PackagingError

LICENSE_FILE = re.compile(r"(licen[cs]e|copying|copyright|notice)", re.IGNORECASE)

# Crates of the same repository as another crate, which has the licence file of both.
SAME_REPOSITORY = {"alloc-stdlib": "alloc-no-stdlib"}

# C libraries whose sources are in a crate.
BUNDLED = {"zstd-sys": ("zstd", "BSD-3-Clause", "zstd/LICENSE")}


@dataclass(frozen=True)
class Crate:
    """A crate that is compiled into a native library."""

    name: str
    version: str
    license: str
    directory: Path
    repository: str
    is_ours: bool


def crates(names):
    """The crates inside the libraries of the named platforms, by name: not what only builds or tests them."""
    wanted = sorted(set().union(*(tree(TRIPLES[name]) for name in names)))
    known = packages()
    return [crate(known[key]) for key in wanted]


def packages():
    """The packages of the workspace and all that it may need, by name and version."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    return {(package["name"], package["version"]): package for package in json.loads(output)["packages"]}


def tree(triple):
    """The names and versions of the crates in the library for a Rust target."""
    command = ["cargo", "tree", "--locked", "-p", "disky-capi", "-e", "normal,no-proc-macro", "--target", triple]
    command += ["--prefix", "none", "--format", "{p}"]
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {tuple(line.replace(" v", " ", 1).split()[:2]) for line in output.splitlines()}


def crate(package):
    return Crate(
        name=package["name"],
        version=package["version"],
        license=(package["license"] or "").replace("/", " OR "),
        directory=Path(package["manifest_path"]).parent,
        repository=package["repository"] or "",
        is_ours=package["source"] is None,
    )


def license_files(wanted, all_crates):
    """The files with the licences of a crate."""
    directory = wanted.directory
    if wanted.name in SAME_REPOSITORY:
        other = SAME_REPOSITORY[wanted.name]
        directory = next(crate.directory for crate in all_crates if crate.name == other)
    files = [file for file in sorted(directory.iterdir()) if file.is_file() and LICENSE_FILE.match(file.name)]
    if files:
        return files
    own = ROOT / "packaging" / "licenses" / f"{wanted.name}.txt"
    if not own.is_file():
        raise PackagingError(
            f"the crate {wanted.name} {wanted.version} contains no licence file: write {own} from what its manifest says"
        )
    return [own]


def standard_library_license():
    """The file with the licences of Rust's standard library."""
    sysroot = subprocess.run(
        ["rustc", "--print", "sysroot"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    for name in ("COPYRIGHT-library.html", "COPYRIGHT"):
        file = Path(sysroot) / "share" / "doc" / "rust" / name
        if file.is_file():
            return file
    raise PackagingError(f"{sysroot}/share/doc/rust has no licences of Rust's standard library: install the component rustc")


def write_licenses(inside, target):
    """Writes the licences of the crates into target/META-INF/licenses, with a list of them."""
    directory = target / "META-INF" / "licenses"
    lines = ["The native libraries contain:", ""]
    for crate in inside:
        if crate.is_ours:
            continue
        folder = directory / f"{crate.name}-{crate.version}"
        folder.mkdir(parents=True)
        for file in license_files(crate, inside):
            shutil.copyfile(file, folder / file.name)
        lines.append(f"{crate.name} {crate.version}, a crate: {crate.license}")
        if crate.name in BUNDLED:
            name, license, file = BUNDLED[crate.name]
            shutil.copyfile(crate.directory / file, folder / f"{name}-{Path(file).name}")
            lines.append(f"{name}, a C library in {crate.name} {crate.version}: {license}")
    standard = standard_library_license()
    (directory / "rust").mkdir()
    shutil.copyfile(standard, directory / "rust" / standard.name)
    lines.append("the standard library of Rust: MIT OR Apache-2.0, and others for its parts")
    (directory / "LIST.txt").write_text("\n".join(lines) + "\n")
