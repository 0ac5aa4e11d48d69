"""Fixtures: the engine, the provider, emulated AWS, and roots to plan and apply in."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from live import lane
from live import settings as live_settings
from live.lane import LIVE
from repository import copy_examples, copy_folder, copy_module
from terraform import engine as engines
from terraform import provider
from terraform.root import Root

if TYPE_CHECKING:
    from emulated_aws.emulator import EmulatedAWS

#: Rooms whose tests read one plan, which is made once (their conftest.py).
SHARE_A_PLAN = ("tests/behaviour", "tests/plans", "tests/roots")
#: Why fixtures failed: message to the first test that says it.
FAILED_SETUPS = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--plan-only",
        action="store_true",
        help="run what plans and leave out what applies: needs no AWS account, applies nothing",
    )
    parser.addoption(
        "--live",
        action="store_true",
        help="apply the examples to the AWS account of LIVE_ACCOUNT_ID, and destroy them",
    )
    parser.addoption(
        "--execute",
        action="store_true",
        help="with --live: start the pipelines, too, and follow them to their end (costs money)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "applies: applies to emulated AWS; left out by --plan-only")
    config.addinivalue_line("markers", "live: runs on a real account, too, with --live")
    if config.getoption("--live"):
        try:
            settings = live_settings.load(os.environ)
            config.stash[LIVE] = (settings, live_settings.authorize(settings))
        except live_settings.SettingsError as error:
            raise pytest.UsageError(str(error)) from None
        return
    if config.getoption("--execute"):
        raise pytest.UsageError("--execute needs --live.")
    # What the tests run must not reach a real account, whoever runs them.
    clean = engines.scrub(os.environ)
    for name in os.environ.keys() - clean.keys() - {"TF_PROVIDER_MIRROR", "TF_CLI_CONFIG_FILE"}:
        del os.environ[name]
    os.environ.update(clean)


def pytest_report_header(config: pytest.Config) -> str:
    if LIVE in config.stash:
        settings, _ = config.stash[LIVE]
        return (
            f"live: account {settings.account_id}, {settings.region}, "
            f"examples {', '.join(lane.examples(settings))}; states in {settings.state_directory}"
        )
    covers = (
        "plans only: examples, inputs, definitions, policies, README; nothing is applied"
        if config.getoption("--plan-only")
        else "plans, applies on emulated AWS, plans again, destroys"
    )
    engine = engines.find()
    return f"{engine.product} {engine.version}: {covers}"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers for whole folders: one engine does not use both cores of a small machine.

    A single file or test runs in this process, and so does the live lane.
    """
    whole = all(Path(argument).is_dir() for argument in config.args)
    return 2 if whole and not config.getoption("--live") else 0


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return OneWorkerARoom(config, log)


class OneWorkerARoom(LoadScopeScheduling):  # type: ignore[misc]
    """The tests of a file run on the same worker, and so do files that share a plan."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((room for room in SHARE_A_PLAN if file.startswith(f"{room}/")), file)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Short names of tests, which can be pasted into a shell between double quotes."""
    return (
        re.sub(r"[^\w.:/*-]+", " ", val, flags=re.ASCII).strip()[:50]
        if isinstance(val, str)
        else None
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--plan-only"):
        left_out = [item for item in items if item.get_closest_marker("applies")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if config.getoption("--live"):
        left_out = [item for item in items if not item.get_closest_marker("live")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say once why a shared plan failed, and not for each of the tests that read it."""
    report = yield
    if report.when == "setup" and report.failed:
        first = item.session.stash.setdefault(FAILED_SETUPS, {})
        said = first.setdefault(str(report.longrepr), item.nodeid)
        if said != item.nodeid:
            report.longrepr = f"The same as at {said}."
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was counted (``record_property``)."""
    for report in terminalreporter.getreports("passed"):
        for what, number in report.user_properties:
            terminalreporter.write_line(f"{what}: {number}")


@pytest.fixture(scope="session")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything is written to; tftest's plan files, too."""
    engines.scratch()  # for the provider's socket: while temporary files still go to a short path
    directory = tmp_path_factory.mktemp("session-" + 25 * "long")
    (directory / "tmp").mkdir()
    tempfile.tempdir = str(directory / "tmp")
    return directory


@pytest.fixture(scope="session")
def engine() -> engines.Engine:
    """Terraform or OpenTofu, as :func:`terraform.engine.find` finds it."""
    return engines.find()


@pytest.fixture(scope="session")
def installation(engine: engines.Engine, workdir: Path) -> provider.Installation:
    """The AWS provider, installed once."""
    return provider.install(engine, engines.environment(workdir, engine), workdir)


@pytest.fixture(scope="session")
def repository(workdir: Path) -> Path:
    """A copy of the module and its examples: tests write there, never to the committed tree."""
    copy = workdir / "module"
    copy.mkdir()
    copy_module(copy)
    copy_examples(copy)
    copy_folder("tests/roots/configurations", copy)
    return copy


@pytest.fixture(scope="session")
def double() -> Iterator[EmulatedAWS]:
    """The one emulated AWS; tests that do not share what is in it reset it."""
    from emulated_aws.emulator import EmulatedAWS  # takes a second, which not every process needs

    with EmulatedAWS() as emulated:
        yield emulated
    assert emulated.crashes == [], "\n".join(emulated.crashes)


@pytest.fixture(scope="module")
def aws(double: EmulatedAWS) -> EmulatedAWS:
    """Emulated AWS with the infrastructure that the examples name; anew for each test module."""
    double.reset()
    double.seed()
    return double


@pytest.fixture(scope="session")
def shared_environment(
    double: EmulatedAWS, engine: engines.Engine, installation: provider.Installation, workdir: Path
) -> Iterator[dict[str, str]]:
    """The environment of the roots: emulated AWS, and one provider process for all of them."""
    # Go's collector takes a quarter of the CPU at its default of 100; memory is not short here.
    faster = {"GOGC": "400"}
    base = faster | engines.environment(workdir, engine) | double.environment
    with provider.shared_provider(installation, base) as shared:
        yield shared


@pytest.fixture(scope="module")
def environment(aws: EmulatedAWS, shared_environment: dict[str, str]) -> dict[str, str]:
    """The same, when the examples' infrastructure is there."""
    assert aws.endpoint == shared_environment["AWS_ENDPOINT_URL"]
    return shared_environment


@pytest.fixture(scope="module")
def new_root(
    repository: Path,
    installation: provider.Installation,
    environment: dict[str, str],
) -> Callable[[], Root]:
    """Makes an empty root, beside which ``../module`` is the module."""
    return lambda: empty_root(repository, installation, environment)


def empty_root(
    repository: Path, installation: provider.Installation, environment: dict[str, str]
) -> Root:
    directory = Path(tempfile.mkdtemp(prefix="root-", dir=repository.parent))
    return Root(directory, installation, environment)


@pytest.fixture(scope="session")
def session_root(
    repository: Path,
    installation: provider.Installation,
    shared_environment: dict[str, str],
    double: EmulatedAWS,
) -> Callable[[], Root]:
    """The same for what test modules share, which is planned before any of them makes anything."""

    def make() -> Root:
        double.reset()
        double.seed()
        return empty_root(repository, installation, shared_environment)

    return make


@pytest.fixture(scope="module")
def committed_root(
    repository: Path, installation: provider.Installation, environment: dict[str, str]
) -> Callable[[str], Root]:
    """Makes the root of a folder of the repository, by its path."""
    return lambda path: Root(repository / path, installation, environment)


@pytest.fixture(scope="module")
def example_root(committed_root: Callable[[str], Root]) -> Callable[[str], Root]:
    """Makes the root of an example, by its name."""
    return lambda name: committed_root(f"examples/{name}")
