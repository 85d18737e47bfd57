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
ARTIFACT = Path("io") / "disky" / "disky"

# The ends of the names of the files after disky-<version>; natives are in addition to these.
REQUIRED = [".pom", ".jar", "-no-natives.jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json"]

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
    artifact = root / ARTIFACT
    versions = [path for path in sorted(artifact.iterdir()) if not is_index(path)] if artifact.is_dir() else []
    if len(versions) != 1:
        return [f"{root / ARTIFACT} has not exactly one version: {[path.name for path in versions]}"]
    directory = versions[0]
    problems = [
        f"{path.relative_to(root)} does not belong into the bundle"
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.parent != directory and not is_index(path)
    ]
    problems += check_names(directory)
    for file in published(directory):
        problems += check_file(file)
    pom = directory / f"disky-{directory.name}.pom"
    if pom.is_file():
        problems += check_pom(pom, directory.name)
        if is_release:
            problems += check_release(pom, directory, without)
    return problems


def is_index(path):
    return path.name.startswith("maven-metadata.xml")


def published(directory):
    """The files themselves, without checksums and signatures."""
    suffixes = tuple(CHECKSUMS) + (".asc",)
    return [file for file in sorted(directory.iterdir()) if not file.name.endswith(suffixes) and not is_index(file)]


def check_names(directory):
    names = {file.name for file in published(directory)}
    prefix = f"disky-{directory.name}"
    wanted = {prefix + end for end in REQUIRED}
    natives = {name for name in names if re.fullmatch(re.escape(prefix) + r"-natives-.*\.jar", name)}
    problems = [f"{name} is missing" for name in sorted(wanted - names)]
    problems += [f"{name} does not belong into the bundle" for name in sorted(names - wanted - natives)]
    if not natives:
        problems.append("no jar of natives is in the bundle")
    known = {f"{prefix}-natives-{platform}.jar" for platform in TRIPLES}
    problems += [f"{name} is not a jar of a known platform" for name in sorted(natives - known)]
    return problems


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
    needed = [node.text for node in pom.iterfind("m:dependencies/m:dependency/m:artifactId", NAMESPACE)]
    if needed != ["jspecify"]:
        problems.append(f"{file.name} has other dependencies than jspecify: {needed}")
    return problems


def element(pom, path):
    return pom.findtext("/".join(f"m:{name}" for name in path.split("/")), namespaces=NAMESPACE)


def check_release(pom, directory, without):
    """What differs between a rehearsal and a release."""
    problems = []
    version = directory.name
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        problems.append(f"{version} is not the version of a release: scripts/set-version")
    if ".example" in pom.read_text():
        problems.append(f"{pom.name} names no real address: -Dproject.home=URL")
    for platform in sorted(TRIPLES.keys() - set(without)):
        if not (directory / f"disky-{version}-natives-{platform}.jar").is_file():
            problems.append(f"the bundle has no natives for {platform}: build them, or state --without {platform}")
    return problems
