"""Checks and writes the bill of materials of a module of an object store, as Maven makes it.

    store_bill.py MAVEN_BOM RESULT             fails if a component or a licence is not in the list
    store_bill.py --update MAVEN_BOM RESULT    writes the list anew

The list packaging/components/MODULE.txt has a line for each jar that the module needs: the jar, and its licences. So a new
dependency of a dependency, and a changed licence, are seen when they come.
"""

import json
import sys
from pathlib import Path

from platforms import ROOT, PackagingError

LISTS = ROOT / "packaging" / "components"

# Names that POMs use, and the identifiers of SPDX.
SPDX = {
    "Apache License, Version 2.0": "Apache-2.0",
    "The Apache License, Version 2.0": "Apache-2.0",
    "The Apache Software License, Version 2.0": "Apache-2.0",
}

# Licences with which a program can be delivered under any licence, if it keeps their texts.
ACCEPTED = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MIT-0"}


def write(maven_file, result_file, update=False):
    if not Path(maven_file).is_file():
        raise PackagingError(f"{maven_file} is missing: its plugin does not run if Maven is offline (-o)")
    bill = json.loads(Path(maven_file).read_text())
    # No time and no list of tools, so that the bill is the same in each build.
    bill["metadata"] = {"component": bill["metadata"]["component"]}
    problems = check(bill, update)
    if problems:
        raise PackagingError("\n".join(problems))
    Path(result_file).write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n")


def check(bill, update):
    module = bill["metadata"]["component"]["name"]
    found = {}
    problems = []
    for component in bill["components"]:
        name = f"{component['group']}:{component['name']}"
        found[name] = licenses(component)
        refused = found[name] - ACCEPTED
        if refused or not found[name]:
            problems.append(f"{module} needs {name}, whose licence is {sorted(refused) or 'not stated'}")
        if not component.get("purl") or (not component.get("hashes") and component["group"] != "io.disky"):
            problems.append(f"the bill of materials of {module} has no address or checksum of {name}")
    return problems + references(bill, module) + compare(module, found, update)


def licenses(component):
    """The identifiers of the licences of a component; names for which no identifier is known."""
    found = set()
    for entry in component.get("licenses", []):
        stated = entry.get("license", {})
        name = entry.get("expression") or stated.get("id") or stated.get("name")
        found.add(SPDX.get(name, name))
    return found


def references(bill, module):
    """Dependencies of components that the bill does not describe."""
    known = {bill["metadata"]["component"]["bom-ref"]} | {entry["bom-ref"] for entry in bill["components"]}
    needed = {ref for entry in bill["dependencies"] for ref in [entry["ref"], *entry.get("dependsOn", [])]}
    return [f"the bill of materials of {module} refers to {ref}, which it does not describe" for ref in sorted(needed - known)]


def compare(module, found, update):
    file = LISTS / f"{module}.txt"
    lines = {f"{name} {' '.join(sorted(names))}" for name, names in found.items()}
    if update:
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in sorted(lines)))
    wanted = set(file.read_text().splitlines())
    problems = [f"{module} needs '{line}', which is not in {file}" for line in sorted(lines - wanted)]
    return problems + [f"{module} does not need '{line}' of {file}" for line in sorted(wanted - lines)]


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--update"]
    try:
        write(*arguments, update="--update" in sys.argv)
    except PackagingError as error:
        sys.exit(f"packaging: {error}")
