"""The platforms for which a release can have native libraries, and where the libraries lie."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "target"
STAGED = TARGET / "packaging"

# The name of each platform as io.disky.library.NativePlatform has it, and the Rust target.
TRIPLES = {
    "linux-x86_64": "x86_64-unknown-linux-gnu",
    "linux-aarch_64": "aarch64-unknown-linux-gnu",
    "linux-x86_64-musl": "x86_64-unknown-linux-musl",
    "osx-x86_64": "x86_64-apple-darwin",
    "osx-aarch_64": "aarch64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-gnu",
}

# Libraries for other platforms than this one, and libraries of a release, which take the place of this machine's.
BUILT = TARGET / "natives"

# The library that Maven has built with the classes.
OWN = TARGET / "classes" / "io" / "disky" / "native"


class PackagingError(Exception):
    """Something that is wrong with what is to be packed; the message is for the person who packs it."""


def library_name(platform):
    """The name of a platform's library file."""
    if platform.startswith("windows"):
        return "disky_capi.dll"
    return "libdisky_capi.dylib" if platform.startswith("osx") else "libdisky_capi.so"


def module_name(platform):
    """The name of the module of the jar that contains only this platform's library."""
    return "io.disky.natives." + platform.replace("-", "_")


def libraries():
    """The library file of each platform that has one, by the name of the platform."""
    found = {}
    for directory in (OWN, BUILT):
        for folder in sorted(directory.iterdir()) if directory.is_dir() else []:
            if folder.name not in TRIPLES:
                raise PackagingError(f"{folder} is not a platform: {', '.join(sorted(TRIPLES))}")
            library = folder / library_name(folder.name)
            if library.is_file():
                found[folder.name] = library
    if not found:
        raise PackagingError(f"there is no native library in {OWN} or {BUILT}")
    for library in found.values():
        refuse_old(library)
    return dict(sorted(found.items()))


def refuse_old(library):
    """Refuses a library that is older than the sources in Rust."""
    newest = max(sources(), key=lambda path: path.stat().st_mtime)
    if BUILT in library.parents and newest.stat().st_mtime > library.stat().st_mtime:
        raise PackagingError(
            f"{library} is older than {newest.relative_to(ROOT)}: build it again, or delete {library.parent}"
        )


def sources():
    """All files from which a native library is built."""
    for folder in ("disky/src", "disky-capi/src"):
        for directory, _, files in os.walk(ROOT / folder):
            for name in files:
                yield Path(directory) / name
    yield ROOT / "Cargo.lock"
