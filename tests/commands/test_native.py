"""tests/native: what somebody without Python can run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repository import copy_folder, copy_module
from terraform.native import run_tests
from terraform.provider import Installation
from terraform.root import Root

#: mock_provider came with Terraform 1.7; it applies, so --plan-only and the matrix leave it out
pytestmark = pytest.mark.applies


@pytest.fixture
def module(tmp_path: Path, installation: Installation, shared_environment: dict[str, str]) -> Root:
    """The module as a root, with its native tests."""
    copy_module(tmp_path)
    copy_folder("tests/native", tmp_path)
    return Root(tmp_path, installation, shared_environment)


def test_pass(module: Root) -> None:
    text = (module.directory / "tests/native/module.tftest.hcl").read_text()
    runs = len(re.findall('(?m)^run "', text))
    said = run_tests(module, "-test-directory=tests/native")
    assert f"Success! {runs} passed, 0 failed." in said


def test_fail_where_the_module_is_wrong(module: Root) -> None:
    schedules = module.directory / "schedules.tf"
    text = schedules.read_text()
    value = "value = pipeline_parameter_list.value"
    assert value in text
    schedules.write_text(text.replace(value, 'value = "7"'))
    said = run_tests(module, "-test-directory=tests/native")
    assert "The rule does not pass the parameter on." in said
    assert ", 1 failed." in said
