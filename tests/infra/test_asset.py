"""The packaged asset: reproducible, small, ready to start, and named by what it is made of."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from infra import asset
from infra.asset import Platform
from infra.permissions import FUNCTIONS, sdk_services
from infra.plan_compiler import CompiledPlan, compile_plan
from infra.sources import Sources


@pytest.fixture(scope="module")
def compiled() -> CompiledPlan:
    return compile_plan(Sources().plan)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, compiled: CompiledPlan) -> Path:
    """Built for this machine."""
    return asset.build(Sources(cache=tmp_path_factory.mktemp("host")), compiled, Platform.HOST).path


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, compiled: CompiledPlan) -> Path:
    """Built for Lambda."""
    return asset.build(Sources(cache=tmp_path_factory.mktemp("lambda")), compiled, Platform.LAMBDA).path


def test_two_builds_are_the_same_byte_for_byte(deployed: Path, compiled: CompiledPlan, tmp_path: Path) -> None:
    again = asset.build(Sources(cache=tmp_path), compiled, Platform.LAMBDA).path
    assert asset.digest_of_tree(again) == asset.digest_of_tree(deployed)


def test_a_finished_build_is_taken_again_and_leaves_nothing_beside_it(compiled: CompiledPlan, deployed: Path) -> None:
    first = deployed.stat()
    again = asset.build(Sources(cache=deployed.parent), compiled, Platform.LAMBDA).path
    assert (again, again.stat().st_ino) == (deployed, first.st_ino)
    assert list(deployed.parent.iterdir()) == [deployed]


def test_it_is_at_most_six_tenths_of_everything_unpruned(deployed: Path, tmp_path: Path) -> None:
    unpruned = tmp_path / "unpruned"
    asset.install(unpruned, Sources().lock, Platform.LAMBDA)
    assert _zipped_size(deployed) <= 0.6 * _zipped_size(unpruned)


def test_it_holds_the_functions_their_plan_and_its_words_and_no_tests_or_stubs(deployed: Path) -> None:
    for name in FUNCTIONS:
        assert (deployed / name / "handler.py").is_file()
    assert (deployed / "emergency" / "compiled" / "plan.json").is_file()
    words = {path.name for path in (deployed / "emergency" / "compiled" / "words").iterdir()}
    assert words == {"en.mo", "zh-Hant.mo", "zh-Hans.mo"}
    left_out = ("*.pyi", "py.typed", "RECORD", "INSTALLER", "*.yaml")
    assert not [path for pattern in left_out for path in deployed.rglob(pattern)]
    assert not [path for path in deployed.rglob("tests") if path.is_dir()]
    assert not (deployed / "bin").exists()


def test_its_machine_code_is_for_the_functions_processor(deployed: Path) -> None:
    libraries = [path.name for path in deployed.rglob("*.so")]
    assert libraries
    assert all("cpython-313-aarch64" in name for name in libraries)


def test_licences_stay_with_their_packages(deployed: Path) -> None:
    for package in deployed.glob("*.dist-info"):
        assert [path for path in package.rglob("*") if path.name.upper().startswith(("LICEN", "NOTICE", "COPYING"))]


def test_times_and_modes_are_the_same_everywhere(deployed: Path) -> None:
    entries = list(deployed.rglob("*"))
    assert {int(entry.stat().st_mtime) for entry in entries} == {315532800}
    assert {entry.stat().st_mode & 0o777 for entry in entries} == {0o755, 0o644}


def test_every_source_has_bytecode_that_holds_whatever_its_time_is(host: Path) -> None:
    for source in host.rglob("*.py"):
        bytecode = Path(importlib.util.cache_from_source(str(source))).read_bytes()
        assert bytecode[:4] == importlib.util.MAGIC_NUMBER
        assert _is_unchecked(bytecode), f"{source} is checked against its source"


def test_what_is_deployed_has_the_runtime_s_bytecode_which_names_the_runtime_s_paths(deployed: Path) -> None:
    if asset.find_interpreter(Platform.LAMBDA) is None:
        pytest.skip(f"There is no Python {asset.RUNTIME_VERSION} on this machine to write the runtime's bytecode.")
    compiled = deployed / "intake" / "__pycache__" / "handler.cpython-313.pyc"
    assert _is_unchecked(compiled.read_bytes())
    assert b"/var/task/intake/handler.py" in compiled.read_bytes()
    assert len(list(deployed.rglob("*.cpython-313.pyc"))) == len(list(deployed.rglob("*.py")))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_can_be_imported_from_the_pruned_packages_alone(host: Path, name: str) -> None:
    done = _python(host, f"import {name}.handler; assert callable({name}.handler.handler)")
    assert done.returncode == 0, done.stderr


def test_clients_of_every_service_that_functions_call_can_be_made(host: Path) -> None:
    services = ", ".join(repr(service) for service in sdk_services())
    done = _python(host, f"import boto3; [boto3.client(service) for service in ({services})]")
    assert done.returncode == 0, done.stderr


def test_its_name_changes_with_what_it_is_made_of(tmp_path: Path) -> None:
    sources = Sources()
    lock = tmp_path / "functions.txt"
    lock.write_text(sources.lock.read_text(encoding="utf-8") + "# another\n", encoding="utf-8")
    plan = tmp_path / "plan"
    shutil.copytree(sources.plan, plan)
    (plan / "organisation.yaml").open("a").write("# another\n")
    interpreter = asset.find_interpreter(Platform.HOST)
    digests = {
        asset.digest_of_inputs(sources, Platform.HOST, interpreter),
        asset.digest_of_inputs(sources, Platform.HOST, None),
        asset.digest_of_inputs(sources, Platform.LAMBDA, None),
        asset.digest_of_inputs(replace(sources, lock=lock), Platform.HOST, interpreter),
        asset.digest_of_inputs(replace(sources, plan=plan), Platform.HOST, interpreter),
    }
    assert len(digests) == 5
    assert asset.digest_of_inputs(sources, Platform.HOST, interpreter) in digests


def test_without_the_runtime_s_python_it_says_so_and_builds_all_the_same(
    compiled: CompiledPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(asset, "_candidates", lambda: iter([]))
    built = asset.build(Sources(cache=tmp_path), compiled, Platform.LAMBDA)
    assert "No Python 3.13 was found" in capsys.readouterr().err
    assert not list(built.path.rglob("*.pyc"))


def test_a_lock_that_can_t_be_met_is_named_and_leaves_no_build(compiled: CompiledPlan, tmp_path: Path) -> None:
    lock = tmp_path / "functions.txt"
    lock.write_text("boto3==1.44.5\n", encoding="utf-8")  # no hash
    with pytest.raises(asset.BuildFailed, match="hash"):
        asset.build(Sources(cache=tmp_path / "cache", lock=lock), compiled, Platform.LAMBDA)
    assert list((tmp_path / "cache").iterdir()) == []


def _is_unchecked(bytecode: bytes) -> bool:
    """PEP 552: the flags say that the bytecode is known by a hash, and that nobody is to check it."""
    return int.from_bytes(bytecode[4:8], "little") == 0b01


def _zipped_size(folder: Path) -> int:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return content.getbuffer().nbytes


def _python(packages: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Runs code that sees nothing but the standard library and the asset."""
    environment = {**os.environ, "PYTHONPATH": str(packages), "AWS_DEFAULT_REGION": "ap-northeast-1"}
    return subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, env=environment
    )
