"""Checks the files that a release publishes, as Maven has packed them in target: entries, POM, bill of materials.

    check.py [--update] [--stores]    --update writes the lists of entries anew; --stores also checks the modules of stores
"""

import json
import re
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
import zipfile

from bundle import NAMESPACE, check_pom
from crates import tree
from platforms import ROOT, TARGET, TRIPLES, PackagingError, libraries

LISTS = ROOT / "packaging" / "entries"

# Classifier of each jar; the jar of each platform has one list, because all are alike.
CLASSIFIERS = ["", "no-natives", "sources", "javadoc"]


def version():
    pom = ElementTree.parse(ROOT / "modules.xml")
    return pom.findtext("m:version", namespaces=NAMESPACE)


def jar(classifier):
    name = f"disky-{version()}-{classifier}" if classifier else f"disky-{version()}"
    return TARGET / f"{name}.jar"


def entries(file):
    if not file.is_file():
        raise PackagingError(f"{file} is missing: mvn -f pom.xml -Partifacts package")
    with zipfile.ZipFile(file) as archive:
        return [name for name in archive.namelist() if not name.endswith("/")]


def pattern(name):
    """The line that stands for an entry in a list: one for all classes of a package, and for all pages of the Javadoc."""
    name = re.sub(r"-\d[^/]*/", "-VERSION/", name) if name.startswith("META-INF/licenses/") else name
    match = re.fullmatch(r"(.*/)?[^/]+\.(class|java)", name)
    if match and not re.search(r"(^|/)(module-info|Natives)\.", name):
        return f"{match[1] or ''}*.{match[2]}"
    return name


def javadoc_pattern(name):
    """Which files there are for the pages themselves depends on the JDK."""
    folder, _, file = name.rpartition("/")
    if name.startswith("io.disky/"):
        return f"{folder}/*.html" if file.endswith(".html") else name
    return name if name in ("META-INF/MANIFEST.MF", "index.html", "element-list") else "*"


def check_entries(update):
    packed = set(libraries())
    problems = []
    for classifier in CLASSIFIERS:
        shape = javadoc_pattern if classifier == "javadoc" else pattern
        found = {shape(name) for name in entries(jar(classifier))}
        problems += compare(classifier or "disky", found, packed, update)
    for platform in sorted(packed):
        found = {for_any_platform(pattern(name), platform) for name in entries(jar(f"natives-{platform}"))}
        problems += compare("natives", found, packed, update and platform == min(packed))
    return problems


def check_classes():
    """A class without a source is left over from an earlier state of the checkout: the lists do not name classes."""
    problems = []
    for classifier in ("", "no-natives"):
        for name in entries(jar(classifier)):
            source = re.sub(r"(\$[^/]*)?\.class$", ".java", name)
            if name.endswith(".class") and not any((ROOT / folder / source).is_file() for folder in ("src/main/java", "ffi/java")):
                problems.append(f"{jar(classifier).name} has the class {name}, which has no source: delete target/classes")
    return problems


def for_any_platform(name, platform):
    """Names in a jar of natives that do not depend on the platform."""
    name = name.replace(platform, "PLATFORM").replace(platform.replace("-", "_"), "PLATFORM")
    return re.sub(r"(lib)?disky_capi\.(so|dylib|dll)", "LIBRARY", name)


def compare(title, found, packed, update):
    file = LISTS / f"{title}.txt"
    if update:
        file.write_text("".join(f"{name}\n" for name in sorted(found)))
    wanted = {line for line in file.read_text().splitlines() if line}
    # Libraries are listed if they are packed; crates for one system only are packed with its libraries.
    optional = {name for name in wanted | found if belongs_to_platform(name, packed)}
    problems = [f"{title}.jar has the entry {name}, which is not in {file}" for name in sorted(found - wanted - optional)]
    problems += [f"{title}.jar lacks the entry {name} of {file}" for name in sorted(wanted - found - optional)]
    return problems


def belongs_to_platform(name, packed):
    library = re.match(r"io/disky/native/([^/]+)/", name)
    if library:
        return library[1] in TRIPLES
    crate = re.match(r"META-INF/licenses/(windows-|linux-|libc-|errno-)", name)
    return bool(crate) and any(not platform.startswith("linux") for platform in packed)


def check_bill():
    """Compares the bill of materials with Cargo.lock, and with what cargo tree prints."""
    bill = json.loads((TARGET / f"disky-{version()}-cyclonedx.json").read_text())
    components = {entry["purl"]: entry for entry in bill["components"]}
    lock = {
        f"pkg:cargo/{entry['name']}@{entry['version']}": entry
        for entry in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    }
    inside = tree_of_libraries()
    crates = {purl for purl in components if purl.startswith("pkg:cargo/")}
    problems = [f"the bill of materials lacks {purl}" for purl in sorted(inside - crates)]
    problems += [f"the bill of materials has {purl}, which is not in the library" for purl in sorted(crates - inside)]
    for purl in sorted(crates & lock.keys()):
        hashes = [entry["content"] for entry in components[purl].get("hashes", [])]
        checksum = lock[purl].get("checksum")
        if hashes != ([checksum] if checksum else []):
            problems.append(f"the checksum of {purl} in the bill of materials is not that of Cargo.lock")
    problems += [f"{purl} is not in Cargo.lock" for purl in sorted(crates - lock.keys())]
    if not any(purl.startswith("pkg:maven/org.jspecify/jspecify@") for purl in components):
        problems.append("the bill of materials lacks jspecify")
    references = set(components) | {bill["metadata"]["component"]["bom-ref"]}
    references |= {entry["bom-ref"] for entry in bill["components"]}
    for entry in bill["dependencies"]:
        for reference in [entry["ref"], *entry["dependsOn"]]:
            if reference not in references:
                problems.append(f"the bill of materials refers to {reference}, which it does not describe")
    return problems


def tree_of_libraries():
    found = set().union(*(tree(TRIPLES[platform]) for platform in libraries()))
    return {f"pkg:cargo/{name}@{number}" for name, number in found if name != "disky-capi"}


def check_stores():
    """The bills of the modules of stores were checked when they were made: store_bill.py."""
    problems = []
    for module in ("s3", "gcs"):
        target = ROOT / "stores" / module / "target"
        if not (target / f"disky-{module}-{version()}-cyclonedx.json").is_file():
            problems.append(f"the bill of materials of disky-{module} is missing: mvn -f modules.xml -Partifacts package")
        else:
            problems += check_pom(target / ".flattened-pom.xml", version())
    return problems


def main():
    problems = check_entries("--update" in sys.argv) + check_classes() + check_bill()
    problems += check_pom(TARGET / ".flattened-pom.xml", version())
    problems += check_stores() if "--stores" in sys.argv else []
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PackagingError as error:
        sys.exit(f"packaging: {error}")
