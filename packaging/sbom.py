"""Merges the bill of materials of the jars, which Maven makes, with that of the crates in the native library.

    sbom.py MAVEN_BOM RESULT
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from crates import BUNDLED, crates
from platforms import ROOT, PackagingError, libraries


def merge(maven_file, result_file):
    if not Path(maven_file).is_file():
        raise PackagingError(f"{maven_file} is missing: its plugin does not run if Maven is offline (-o)")
    bom = json.loads(Path(maven_file).read_text())
    inside = crates(libraries())
    locked = locked_crates()
    # No time and no list of tools, so that the bill is the same in each build.
    bom["metadata"] = {"component": bom["metadata"]["component"]}
    own = bom["metadata"]["component"]["bom-ref"]
    components = [crate_component(crate, locked) for crate in inside if crate.name != "disky-capi"]
    extra = bundled_components(inside) + [standard_library()]
    bom["components"] = bom.get("components", []) + components + extra
    bom["dependencies"] = merged_dependencies(bom, own, inside, locked, extra)
    Path(result_file).write_text(json.dumps(bom, indent=2, sort_keys=True) + "\n")


def locked_crates():
    """The entries of Cargo.lock, by name and version."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {(entry["name"], entry["version"]): entry for entry in lock["package"]}


def reference(name, version):
    return f"pkg:cargo/{name}@{version}"


def crate_component(crate, locked):
    component = {
        "type": "library",
        "bom-ref": reference(crate.name, crate.version),
        "purl": reference(crate.name, crate.version),
        "name": crate.name,
        "version": crate.version,
        "licenses": [{"expression": crate.license}],
    }
    checksum = locked[(crate.name, crate.version)].get("checksum")
    if checksum:
        component["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if crate.repository:
        component["externalReferences"] = [{"type": "vcs", "url": crate.repository}]
    return component


def bundled_components(inside):
    """C libraries whose sources are in a crate; the crate's version names theirs after a plus sign."""
    components = []
    for crate in inside:
        if crate.name in BUNDLED:
            name, license, _ = BUNDLED[crate.name]
            version = crate.version.partition(f"+{name}.")[2]
            components.append(generic(name, version, license))
    return components


def standard_library():
    command = ["rustc", "--version"]
    words = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return generic("rust-std", words[1], "MIT OR Apache-2.0")


def generic(name, version, license):
    return {
        "type": "library",
        "bom-ref": f"pkg:generic/{name}@{version}",
        "purl": f"pkg:generic/{name}@{version}",
        "name": name,
        "version": version,
        "licenses": [{"expression": license}],
    }


def merged_dependencies(bom, own, inside, locked, extra):
    by_reference = {entry["ref"]: set(entry.get("dependsOn", [])) for entry in bom.get("dependencies", [])}
    refs = {crate.name: reference(crate.name, crate.version) for crate in inside}
    refs["disky-capi"] = own
    for crate in inside:
        needed = locked[(crate.name, crate.version)].get("dependencies", [])
        names = [name.split()[0] for name in needed]
        by_reference.setdefault(refs[crate.name], set()).update(refs[name] for name in names if name in refs)
    for component in extra:
        by_reference.setdefault(component["bom-ref"], set())
    for crate in inside:
        if crate.name in BUNDLED:
            by_reference[refs[crate.name]].update(
                entry["bom-ref"] for entry in extra if entry["name"] == BUNDLED[crate.name][0]
            )
    by_reference[own].add(next(entry["bom-ref"] for entry in extra if entry["name"] == "rust-std"))
    return [{"ref": ref, "dependsOn": sorted(needs)} for ref, needs in sorted(by_reference.items())]


if __name__ == "__main__":
    try:
        merge(sys.argv[1], sys.argv[2])
    except PackagingError as error:
        sys.exit(f"packaging: {error}")
