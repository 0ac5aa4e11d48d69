"""Fixtures: the engine, the provider, emulated AWS, and roots to plan and apply in."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from harness import engine as engines
from harness import live, live_settings, provider
from harness.packing import explain
from harness.plan import Plan
from harness.root import Root, TerraformError
from harness.verification import Client
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from harness.emulator import EmulatedAWS

REPOSITORY = Path(__file__).parent.parent
#: With --live: the real account, and clients of it.
LIVE = pytest.StashKey[tuple[live_settings.Settings, Client]]()


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
    config.addinivalue_line("markers", "slow: plans hundreds of calls; left out by --plan-only")
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
            f"examples {', '.join(live.examples(settings))}; states in {settings.state_directory}"
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
    return PlansTogether(config, log)


class PlansTogether(LoadScopeScheduling):  # type: ignore[misc]
    """The files that share a plan run on the same worker, and so do the tests of a file."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid.partition("::")[0])


@functools.cache
def scope(file: str) -> str:
    """What runs together with the tests of a file: those that take the same shared plan."""
    text = (REPOSITORY / file).read_text()
    return next((plan for plan in ("_of_calls", "_of_roots") if f"{plan}: " in text), file)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--plan-only"):
        left_out = [
            item
            for item in items
            if item.get_closest_marker("applies") or item.get_closest_marker("slow")
        ]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if config.getoption("--live"):
        left_out = [item for item in items if not item.get_closest_marker("live")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


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
    """Terraform or OpenTofu, as :func:`harness.engine.find` finds it."""
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
    for source in REPOSITORY.glob("*.tf"):
        shutil.copy(source, copy)
    for directory in ("examples", "tests/configurations"):
        shutil.copytree(
            REPOSITORY / directory,
            copy / directory,
            ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"),
        )
    return copy


@pytest.fixture(scope="session")
def double() -> Iterator[EmulatedAWS]:
    """The one emulated AWS; tests that do not share what is in it reset it."""
    from harness.emulator import EmulatedAWS  # takes a second, which not every process needs

    with EmulatedAWS() as emulated:
        yield emulated


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


@pytest.fixture(scope="session")
def calls(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """The module calls that test modules declare: ``PLANNED_CALLS``, name to inputs."""
    return declared(request.session, "PLANNED_CALLS")


@pytest.fixture(scope="session")
def planned_calls(
    request: pytest.FixtureRequest,
    calls: dict[str, dict[str, Any]],
    session_root: Callable[[], Root],
    double: EmulatedAWS,
) -> tuple[Plan, Counter[str]]:
    """The plan, and the operations that it asked of AWS.

    A test module that packs several rows into a call says so for the day when the plan fails:
    ``PLANNED_ROWS``, name of the call to the names of its rows.
    """
    root = session_root()
    root.call_module(calls)
    try:
        plan = root.plan()
    except TerraformError as error:
        why = explain(error, declared(request.session, "PLANNED_ROWS"))
    else:
        return plan, Counter(request.operation for request in double.calls)
    pytest.fail(why, pytrace=False)


@pytest.fixture(scope="session")
def plan_of_calls(planned_calls: tuple[Plan, Counter[str]]) -> Plan:
    """One plan of all calls; the part of each: :meth:`Plan.call`.

    A plan costs seconds, a further call in it a tenth of one.
    """
    return planned_calls[0]


@pytest.fixture(scope="session")
def requests_of_calls(planned_calls: tuple[Plan, Counter[str]]) -> Counter[str]:
    """What that plan asked of AWS: operation to number."""
    return planned_calls[1]


@pytest.fixture(scope="session")
def plan_of_roots(request: pytest.FixtureRequest, session_root: Callable[[], Root]) -> Plan:
    """One plan of the whole roots that test modules declare.

    ``PLANNED_ROOTS`` of a test module: name to a folder of the repository, or to the text of a
    ``main.tf`` two folders below which the module is. The part of each: :meth:`Plan.below`.
    """
    root = session_root()
    sources = {}
    for name, source in declared(request.session, "PLANNED_ROOTS").items():
        if isinstance(source, Path):
            sources[name] = f"../module/{source}"
        else:
            sources[name] = f"./{name}"
            (root.directory / name).mkdir()
            (root.directory / name / "main.tf").write_text(source)
    root.call_roots(sources)
    return root.plan()


def declared(session: pytest.Session, name: str) -> dict[str, Any]:
    """The union of what the modules of the collected tests have under a name."""
    modules = {item.module for item in session.items if isinstance(item, pytest.Function)}
    found: dict[str, Any] = {}
    for module in sorted(modules, key=lambda module: str(module.__name__)):
        more = getattr(module, name, {})
        assert not found.keys() & more.keys(), f"{module.__name__}: {name} has names of another"
        found |= more
    return found


@pytest.fixture(scope="module")
def example_root(
    repository: Path, installation: provider.Installation, environment: dict[str, str]
) -> Callable[[str], Root]:
    """Makes the root of an example, by its name."""

    def make(name: str) -> Root:
        return Root(repository / "examples" / name, installation, environment)

    return make


@pytest.fixture(scope="module")
def configuration_root(
    repository: Path, installation: provider.Installation, environment: dict[str, str]
) -> Callable[[str], Root]:
    """Makes the root of one of tests/configurations, by its name."""

    def make(name: str) -> Root:
        return Root(repository / "tests/configurations" / name, installation, environment)

    return make
