"""Tests scripts/check-bundle: signs the packed files with a key made for the test, and then damages the bundle in each way."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bundle import GROUP, LIBRARY, REQUIRED, check
from check import version
from platforms import ROOT, TARGET


def make_bundle(root):
    """Lays out the files as Maven uploads them."""
    for artifact, ends in REQUIRED.items():
        directory = root / GROUP / artifact / version()
        directory.mkdir(parents=True)
        prefix = f"{artifact}-{version()}"
        packed = TARGET if artifact == LIBRARY else ROOT / "stores" / artifact.removeprefix("disky-") / "target"
        shutil.copyfile(packed / ".flattened-pom.xml", directory / f"{prefix}.pom")
        names = [prefix + end for end in ends if end != ".pom"]
        names += [file.name for file in packed.glob(f"{prefix}-natives-*.jar")]
        for name in names:
            shutil.copyfile(packed / name, directory / name)
        for file in sorted(directory.iterdir()):
            subprocess.run(["gpg", "--batch", "--quiet", "--armor", "--detach-sign", str(file)], check=True)
            for algorithm in ("md5", "sha1"):
                checksum = hashlib.new(algorithm, file.read_bytes()).hexdigest()
                file.with_name(f"{file.name}.{algorithm}").write_text(checksum)


def rewrite(file, change):
    file.write_bytes(change(file.read_bytes()))


def damages(root):
    """Pairs of a damage to the bundle and a part of the message that it must cause."""
    directory = root / GROUP / LIBRARY / version()
    names = [(LIBRARY, end) for end in REQUIRED[LIBRARY]]
    names += [(artifact, "-cyclonedx.json") for artifact in REQUIRED if artifact != LIBRARY]
    for artifact, end in names:
        name = f"{artifact}-{version()}{end}"
        yield (root / GROUP / artifact / version() / name).unlink, f"{name} is missing"
    s3 = root / GROUP / "disky-s3"
    pom_s3 = s3 / version() / f"disky-s3-{version()}.pom"
    dependency = f"<artifactId>disky</artifactId>\n      <version>{version()}</version>".encode()
    other = dependency.replace(version().encode(), b"9")
    yield lambda: shutil.copytree(s3 / version(), s3 / "9"), "has not exactly one version"
    yield lambda: (s3 / version()).rename(s3 / "9"), "the artifacts have different versions"
    yield lambda: rewrite(pom_s3, lambda text: text.replace(dependency, other)), "does not depend on the library"
    yield lambda: rewrite(pom_s3, lambda text: text.replace(b"<scope>compile", b"<scope>test", 1)), "of tests"
    prefix = f"disky-{version()}"
    jar = directory / f"{prefix}.jar"
    pom = directory / f"{prefix}.pom"
    for end in (".md5", ".sha1", ".asc"):
        yield (directory / f"{prefix}.jar{end}").unlink, f"{prefix}.jar{end} is missing"
    yield lambda: [file.unlink() for file in directory.glob("*-natives-*")], "no jar of natives"
    yield lambda: rewrite(directory / f"{prefix}.jar.sha1", lambda text: text[::-1]), "is not the checksum"
    yield lambda: rewrite(jar, lambda data: data + b"\0"), "is not a signature"
    yield lambda: shutil.copyfile(jar, directory / f"{prefix}-tests.jar"), "does not belong into the bundle"
    yield lambda: shutil.copyfile(jar, directory.parent.parent / "x.jar"), "does not belong into the bundle"
    yield lambda: shutil.copyfile(jar, directory / f"{prefix}-natives-plan9.jar"), "not a jar of a known platform"
    yield lambda: rewrite(pom, lambda text: text.replace(b"<scm", b"<!--").replace(b"</scm>", b"-->")), "lacks scm/url"
    yield lambda: rewrite(pom, lambda text: text.replace(b"jspecify</artifactId>", b"other</artifactId>")), "other dependencies"
    yield lambda: rewrite(pom, lambda text: text.replace(version().encode(), b"9")), "states the version 9"


def test(root):
    original = root / "original"
    make_bundle(original)
    problems = check(original)
    assert problems == [], problems
    for message in ("names no real address", "has no natives for windows-x86_64"):
        assert any(message in problem for problem in check(original, is_release=True)), message
    assert not any("windows" in problem for problem in check(original, is_release=True, without=["windows-x86_64"]))
    directory = root / "damaged"
    count = len(list(damages(original)))
    for i in range(count):
        shutil.copytree(original, directory)
        damage, message = list(damages(directory))[i]
        damage()
        problems = check(directory)
        assert any(message in problem for problem in problems), (message, problems)
        shutil.rmtree(directory)
    print(f"check-bundle: a complete bundle is accepted, and {count} damages are found")


def main():
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "gnupg"
        home.mkdir(mode=0o700)
        os.environ["GNUPGHOME"] = str(home)
        try:
            command = ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "test@disky.example", "ed25519", "sign"]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            test(Path(name))
        finally:
            subprocess.run(["gpgconf", "--kill", "all"], check=False)


if __name__ == "__main__":
    main()
