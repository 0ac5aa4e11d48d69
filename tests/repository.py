"""The committed tree, and copies of it to write to."""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent

ALL_OUTPUTS = """\
output "sagemaker_pipelines" {
  value = module.sagemaker_pipelines
}
"""


def copy_module(target: Path, source: Path = REPOSITORY) -> None:
    """Copy the module's .tf files, and the data that they read, into an existing folder."""
    for file in (*source.glob("*.tf"), *source.glob("*.json")):
        shutil.copy(file, target)


def copy_folder(path: str, target: Path) -> Path:
    """Copy a folder of the repository to the same path below `target`: that path.

    What Terraform left in it stays behind.
    """
    leave = shutil.ignore_patterns(".terraform*", "*.tfstate*")
    return Path(shutil.copytree(REPOSITORY / path, target / path, ignore=leave))


def copy_examples(target: Path) -> None:
    """Copy the examples, and give each one more output: all outputs of the module.

    A plan says nothing about outputs of a module, and the examples print only a few.
    """
    for example in copy_folder("examples", target).iterdir():
        (example / "all_outputs.tf").write_text(ALL_OUTPUTS)
