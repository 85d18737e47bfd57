"""Lays out what goes into each jar, in target/packaging: Maven packs these folders.

    all                  the classes and the native libraries of all platforms
    no-natives           the classes
    natives-<platform>   the native library of one platform, as a module
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from crates import crates, write_licenses
from platforms import ROOT, STAGED, TARGET, PackagingError, libraries, library_name, module_name

CLASSES = TARGET / "classes"


def stage():
    found = libraries()
    inside = crates(found)
    shutil.rmtree(STAGED, ignore_errors=True)
    STAGED.mkdir(parents=True)
    licenses = STAGED / "licenses"
    write_licenses(inside, licenses)
    stage_classes(STAGED / "no-natives")
    stage_classes(STAGED / "all")
    shutil.copytree(licenses, STAGED / "all", dirs_exist_ok=True)
    for platform, library in found.items():
        copy_library(platform, library, STAGED / "all")
        stage_natives(platform, library, licenses)
    print("packed natives: " + ", ".join(found))


def stage_classes(target):
    shutil.copytree(CLASSES, target, ignore=without_natives)
    copy_notices(target)


def without_natives(directory, names):
    return ["native"] if Path(directory) == CLASSES / "io" / "disky" and "native" in names else []


def copy_notices(target):
    folder = target / "META-INF"
    folder.mkdir(exist_ok=True)
    for name in ("LICENSE", "NOTICE"):
        shutil.copyfile(ROOT / name, folder / name)


def copy_library(platform, library, target):
    folder = target / "io" / "disky" / "native" / platform
    folder.mkdir(parents=True)
    shutil.copyfile(library, folder / library_name(platform))


def stage_natives(platform, library, licenses):
    target = STAGED / f"natives-{platform}"
    shutil.copytree(licenses, target)
    copy_notices(target)
    copy_library(platform, library, target)
    compile_module(platform, target)


def compile_module(platform, target):
    """Makes the module of a jar of natives. It provides a service, so that it is resolved wherever io.disky is."""
    module = module_name(platform)
    source = STAGED / "sources" / module
    package = source / module.replace(".", "/")
    package.mkdir(parents=True)
    (package / "Natives.java").write_text(
        f"package {module};\n\n"
        "/** The native library of disky for one platform is in this module. */\n"
        "public final class Natives implements io.disky.library.PackedNatives {}\n"
    )
    (source / "module-info.java").write_text(
        f"module {module} {{\n"
        "  requires io.disky;\n\n"
        f"  provides io.disky.library.PackedNatives with {module}.Natives;\n"
        "}\n"
    )
    # The jar plugin reads the descriptor with the JDK that runs Maven, which may be as old as 17.
    command = [java_tool("javac"), "-proc:none", "-Werror", "-Xlint:all,-options,-module", "--release", "17"]
    command += ["--module-path", CLASS_PATH, "-d", str(target)]
    command += [str(package / "Natives.java"), str(source / "module-info.java")]
    subprocess.run(command, check=True)


def java_tool(name):
    """The tool of the JDK in JAVA_HOME, or the one on PATH."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / name) if home else name


if __name__ == "__main__":
    CLASS_PATH = sys.argv[1]  # of the classes and their dependencies
    try:
        stage()
    except PackagingError as error:
        sys.exit(f"packaging: {error}")
