"""A bundle is what Maven Central receives: a zip or a directory with the files of a release, their checksums and signatures.

A directory to which Maven has deployed also has a list of versions, maven-metadata.xml, which is not part of the bundle.
"""

import hashlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

from platforms import TRIPLES

NAMESPACE = {"m": "http://maven.apache.org/POM/4.0.0"}
GROUP = Path("io") / "disky"
LIBRARY = "disky"

# The ends of the names of the files of each artifact, after its name and version; the natives of the library are in addition
# to these. A bundle can be without the modules of stores.
STORE = [".pom", ".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json"]
REQUIRED = {LIBRARY: [*STORE, "-no-natives.jar"], "disky-s3": STORE, "disky-gcs": STORE}

# Maven Central demands the first two, and accepts the others.
CHECKSUMS = {".md5": "md5", ".sha1": "sha1", ".sha256": "sha256", ".sha512": "sha512"}
DEMANDED = (".md5", ".sha1", ".asc")


def check(bundle, is_release=False, without=()):
    """The problems of a bundle, each as a line of text."""
    if bundle.is_dir():
        return check_directory(bundle, is_release, without)
    with tempfile.TemporaryDirectory() as directory, zipfile.ZipFile(bundle) as archive:
        archive.extractall(directory)
        return check_directory(Path(directory), is_release, without)


def check_directory(root, is_release, without):
    problems = []
    expected = set()
    versions = set()
    for artifact in REQUIRED:
        if artifact != LIBRARY and not (root / GROUP / artifact).exists():
            continue
        directories = versions_of(root / GROUP / artifact)
        if len(directories) != 1:
            names = [path.name for path in directories]
            problems.append(f"{root / GROUP / artifact} has not exactly one version: {names}")
            continue
        expected.add(directories[0])
        versions.add(directories[0].name)
        problems += check_artifact(artifact, directories[0], is_release, without)
    if len(versions) > 1:
        problems.append(f"the artifacts have different versions: {sorted(versions)}")
    return problems + [
        f"{path.relative_to(root)} does not belong into the bundle"
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.parent not in expected and not is_index(path)
    ]


def versions_of(artifact):
    return [path for path in sorted(artifact.iterdir()) if not is_index(path)] if artifact.is_dir() else []


def check_artifact(artifact, directory, is_release, without):
    problems = check_names(artifact, directory)
    for file in published(directory):
        problems += check_file(file)
    pom = directory / f"{artifact}-{directory.name}.pom"
    if pom.is_file():
        problems += check_pom(pom, directory.name)
        if is_release:
            problems += check_release(pom, directory)
    if is_release and artifact == LIBRARY:
        problems += check_natives(directory, without)
    return problems


def is_index(path):
    return path.name.startswith("maven-metadata.xml")


def published(directory):
    """The files themselves, without checksums and signatures."""
    suffixes = tuple(CHECKSUMS) + (".asc",)
    return [file for file in sorted(directory.iterdir()) if not file.name.endswith(suffixes) and not is_index(file)]


def check_names(artifact, directory):
    names = {file.name for file in published(directory)}
    prefix = f"{artifact}-{directory.name}"
    wanted = {prefix + end for end in REQUIRED[artifact]}
    if artifact != LIBRARY:
        return missing(names, wanted, set())
    natives = {name for name in names if re.fullmatch(re.escape(prefix) + r"-natives-.*\.jar", name)}
    problems = missing(names, wanted, natives)
    if not natives:
        problems.append("no jar of natives is in the bundle")
    known = {f"{prefix}-natives-{platform}.jar" for platform in TRIPLES}
    problems += [f"{name} is not a jar of a known platform" for name in sorted(natives - known)]
    return problems


def missing(names, wanted, optional):
    problems = [f"{name} is missing" for name in sorted(wanted - names)]
    return problems + [f"{name} does not belong into the bundle" for name in sorted(names - wanted - optional)]


def check_file(file):
    problems = [f"{file.name}{end} is missing" for end in DEMANDED if not file.with_name(file.name + end).is_file()]
    for end, algorithm in CHECKSUMS.items():
        stated = file.with_name(file.name + end)
        if stated.is_file() and stated.read_text().split()[:1] != [digest(file, algorithm)]:
            problems.append(f"{stated.name} is not the checksum of {file.name}")
    signature = file.with_name(file.name + ".asc")
    if signature.is_file():
        command = ["gpg", "--batch", "--verify", str(signature), str(file)]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode != 0:
            problems.append(f"{signature.name} is not a signature of {file.name}: {result.stdout.strip()}")
    return problems


def digest(file, algorithm):
    return hashlib.new(algorithm, file.read_bytes()).hexdigest()


def check_pom(file, version):
    """Maven Central demands these elements, in the POM itself."""
    pom = ElementTree.parse(file)
    wanted = ["groupId", "artifactId", "version", "name", "description", "url"]
    wanted += ["licenses/license/name", "licenses/license/url", "developers/developer/name"]
    wanted += ["scm/connection", "scm/developerConnection", "scm/url"]
    problems = []
    for path in wanted:
        text = element(pom, path)
        if not text or "${" in text:
            problems.append(f"{file.name} lacks {path}, which Maven Central demands: {text}")
    if pom.find("m:parent", NAMESPACE) is not None:
        problems.append(f"{file.name} has a parent, which is not published")
    if element(pom, "version") != version:
        problems.append(f"{file.name} states the version {element(pom, 'version')}")
    return problems + check_dependencies(file, pom, version)


def check_dependencies(file, pom, version):
    """The library needs annotations only. The modules of stores need the library of the same version, and nothing of tests."""
    needed = {}
    for node in pom.iterfind("m:dependencies/m:dependency", NAMESPACE):
        needed[element(node, "artifactId")] = (element(node, "version"), element(node, "scope"))
    if element(pom, "artifactId") == LIBRARY:
        return [] if list(needed) == ["jspecify"] else [f"{file.name} has other dependencies than jspecify: {list(needed)}"]
    problems = [f"{file.name} has the dependency {name} of tests" for name, (_, scope) in needed.items() if scope == "test"]
    if needed.get(LIBRARY, ("", ""))[0] != version:
        problems.append(f"{file.name} does not depend on the library of version {version}")
    return problems


def element(pom, path):
    return pom.findtext("/".join(f"m:{name}" for name in path.split("/")), namespaces=NAMESPACE)


def check_release(pom, directory):
    """What differs between a rehearsal and a release."""
    problems = []
    if not re.fullmatch(r"\d+\.\d+\.\d+", directory.name):
        problems.append(f"{directory.name} is not the version of a release: scripts/set-version")
    if ".example" in pom.read_text():
        problems.append(f"{pom.name} names no real address: -Dproject.home=URL")
    return problems


def check_natives(directory, without):
    return [
        f"the bundle has no natives for {platform}: build them, or state --without {platform}"
        for platform in sorted(TRIPLES.keys() - set(without))
        if not (directory / f"{LIBRARY}-{directory.name}-natives-{platform}.jar").is_file()
    ]
