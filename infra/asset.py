"""The one packaged asset that every function runs from, built without Docker.

A build is a plain folder: the locked packages, the functions, the compiled plan, and bytecode. It is named by a digest
of everything it is made of, so it is built once and a deployment changes nothing when nothing changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from infra.permissions import sdk_services
from infra.plan_compiler import CompiledPlan
from infra.sources import REPOSITORY, Sources

RUNTIME_VERSION = "3.13"
"""The Python of the functions' runtime."""

_LAMBDA_PLATFORM = "aarch64-manylinux2014"
_EPOCH = 315532800
"""1 January 1980, 00:00 UTC: the earliest time that a zip file can hold, and the one that deployments put in."""

_SDK_ROOT_FILES = frozenset({"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"})
"""What botocore reads for every client, whatever the service."""

_CREDENTIAL_SERVICES = ("sts",)
"""botocore's own credential providers use these."""

_KEPT_METADATA = frozenset({"METADATA", "entry_points.txt"})
_NOT_SHIPPED = ("__pycache__", "*.pyc", "tests", "py.typed", "*.pyi")


class BuildFailed(Exception):
    """A tool that the build needs is missing or gave up; the message holds what it said."""


class Platform(StrEnum):
    """What the asset is built for."""

    LAMBDA = "lambda"
    HOST = "host"


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """A Python that can write the runtime's bytecode. `magic` names the bytecode's format."""

    path: Path
    magic: str


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A finished build: where it lies and the digest of what it was made from."""

    path: Path
    digest: str


def build(sources: Sources, plan: CompiledPlan, platform: Platform) -> Asset:
    """Builds the asset, or finds it built already.

    Args:
        sources: What goes in, and the folder that builds are kept in.
        plan: The compiled plan.
        platform: The machine that it is for.

    Raises:
        BuildFailed: A package can't be had, or a tool gave up.
    """
    interpreter = find_interpreter(platform)
    if interpreter is None:
        sys.stderr.write(
            f"No Python {RUNTIME_VERSION} was found: the asset holds no bytecode and every cold start takes about "
            f"twice as long. Install Python {RUNTIME_VERSION}, then synthesise again.\n"
        )
    digest = digest_of_inputs(sources, platform, interpreter)
    finished = sources.cache / f"{platform}-{digest[:32]}"
    if not finished.is_dir():
        _build_aside(finished, sources, plan, platform, interpreter)
    return Asset(path=finished, digest=digest)


def digest_of_inputs(sources: Sources, platform: Platform, interpreter: Interpreter | None) -> str:
    """A digest of everything that the build is made of: sources, lock, plan, this code, platform, bytecode's format."""
    inputs = hashlib.sha256()
    inputs.update(repr((platform.value, _runtime(platform), interpreter and interpreter.magic)).encode())
    inputs.update(sources.lock.read_bytes())
    for root in (sources.functions, sources.plan, REPOSITORY / "infra" / "plan_compiler"):
        _digest_tree(inputs, root, _shipped_files(root))
    for module in ("asset.py", "permissions.py"):
        inputs.update((REPOSITORY / "infra" / module).read_bytes())
    return inputs.hexdigest()


def digest_of_tree(root: Path) -> str:
    """A digest of a finished build: every name, mode, time and byte."""
    tree = hashlib.sha256()
    files = [path for path in _walk(root) if path.is_file()]
    for path in files:
        status = path.stat()
        tree.update(f"{status.st_mode:o} {int(status.st_mtime)} ".encode())
    _digest_tree(tree, root, files)
    return tree.hexdigest()


def install(target: Path, lock: Path, platform: Platform) -> None:
    """Installs the locked packages into a folder, as they come. Raises BuildFailed."""
    command = [*_uv(), "pip", "install", "--target", str(target), "--requirements", str(lock)]
    command += [
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--no-compile",
        "--no-deps",
        "--link-mode",
        "copy",
        "--quiet",
    ]
    if platform is Platform.LAMBDA:
        command += ["--python-platform", _LAMBDA_PLATFORM, "--python-version", RUNTIME_VERSION]
    _run([*command, "--python", sys.executable])


def prune(target: Path) -> None:
    """Takes out what no function reads: other services' descriptions, examples, tests, stubs, installers' notes."""
    _remove(target / "bin", target / ".lock", target / "boto3" / "examples")
    services = {*sdk_services(), *_CREDENTIAL_SERVICES}
    for data in (target / "botocore" / "data", target / "boto3" / "data"):
        _remove(*(path for path in data.iterdir() if path.name not in services | _SDK_ROOT_FILES))
    _remove(*target.rglob("examples-1.json*"), *target.rglob("*.pyi"), *target.rglob("py.typed"))
    _remove(*(path for path in target.rglob("tests") if path.is_dir()))
    for metadata in target.glob("*.dist-info"):
        _remove(*(path for path in metadata.iterdir() if not _is_kept_metadata(path)))


def find_interpreter(platform: Platform) -> Interpreter | None:
    """The first Python at hand whose bytecode the platform's runtime reads, or None."""
    if platform is Platform.HOST:
        return Interpreter(path=Path(sys.executable), magic=importlib.util.MAGIC_NUMBER.hex())
    for candidate in _candidates():
        magic = _magic_of(candidate)
        if magic:
            return Interpreter(path=candidate, magic=magic)
    return None


def _build_aside(
    finished: Path, sources: Sources, plan: CompiledPlan, platform: Platform, interpreter: Interpreter | None
) -> None:
    """Builds beside the final place and moves there at the end: a build that was cut off is never taken for one."""
    finished.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=finished.parent, prefix="building-") as folder:
        target = Path(folder) / "asset"
        install(target, sources.lock, platform)
        prune(target)
        _copy_functions(sources.functions, target)
        plan.write(target / "emergency" / "compiled")
        if interpreter is not None:
            _compile(target, interpreter)
        _normalise(target)
        if not finished.is_dir():
            target.rename(finished)


def _copy_functions(functions: Path, target: Path) -> None:
    shutil.copytree(functions, target, ignore=shutil.ignore_patterns(*_NOT_SHIPPED), dirs_exist_ok=True)


def _compile(target: Path, interpreter: Interpreter) -> None:
    """Writes bytecode that is valid whatever its source's time: deployments reset times.

    One process with a fixed hash seed, since the order of sets and the sharing of constants go into bytecode.
    """
    command = [str(interpreter.path), "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(target), "-p", "/var/task", str(target)]
    _run(command, {"PYTHONHASHSEED": "0"})


def _normalise(target: Path) -> None:
    for path in (*_walk(target), target):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_EPOCH, _EPOCH))


def _candidates() -> Iterator[Path]:
    """Where the runtime's Python may be: this one, uv's, the path's, pyenv's."""
    yield Path(sys.executable)
    found = subprocess.run(  # noqa: S603 - our own arguments
        [*_uv(), "python", "find", "--no-project", RUNTIME_VERSION],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode == 0:
        yield Path(found.stdout.strip())
    if on_path := shutil.which(f"python{RUNTIME_VERSION}"):
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{RUNTIME_VERSION}*/bin/python{RUNTIME_VERSION}"))


def _magic_of(candidate: Path) -> str | None:
    """The bytecode format of an interpreter of the runtime's version, or None for anything else."""
    question = "import importlib.util as u, sys; print('%d.%d' % sys.version_info[:2], u.MAGIC_NUMBER.hex())"
    answer = subprocess.run(  # noqa: S603 - our own arguments
        [str(candidate), "-I", "-c", question], capture_output=True, text=True, check=False
    )
    version, _, magic = answer.stdout.strip().partition(" ")
    return magic if answer.returncode == 0 and version == RUNTIME_VERSION else None


def _runtime(platform: Platform) -> str:
    if platform is Platform.LAMBDA:
        return f"{_LAMBDA_PLATFORM} {RUNTIME_VERSION}"
    return f"{sys.platform} {os.uname().machine} {sys.version_info.major}.{sys.version_info.minor}"


def _uv() -> list[str]:
    return [sys.executable, "-m", "uv"]


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})}
    )
    if done.returncode != 0:
        raise BuildFailed(f"{' '.join(command[:5])} … gave up: {done.stderr.strip() or done.stdout.strip()}")


def _digest_tree(digest: hashlib._Hash, root: Path, files: Iterable[Path]) -> None:
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)


def _shipped_files(root: Path) -> list[Path]:
    return [path for path in _walk(root) if path.is_file() and "__pycache__" not in path.parts]


def _walk(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


def _is_kept_metadata(path: Path) -> bool:
    return path.name in _KEPT_METADATA or path.name.upper().startswith(("LICEN", "NOTICE", "COPYING"))


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
