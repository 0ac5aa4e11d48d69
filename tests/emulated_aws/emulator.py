"""Emulated AWS: moto in this process, behind a server on a free port of the loopback interface."""

from __future__ import annotations

import functools
import os
import threading
import traceback
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ClassVar

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import MockRawResponse
from moto.core.model_instances import reset_model_data
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import EnvironBuilder, run_wsgi_app

from emulated_aws import infrastructure, wire
from emulated_aws.faults import Faults
from emulated_aws.runtime import objects
from emulated_aws.runtime.api import Runtime
from emulated_aws.strict import Strict

# moto would make thousands of images at every reset; nothing here starts an instance.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")


@dataclass(frozen=True)
class Call:
    """A request that came in, in the order of the answers.

    Attributes:
        service: its name in IAM's actions, such as "sagemaker", "events", "sts", "cloudwatch".
        operation: such as "CreatePipeline"; of S3 the method and the path, "HEAD /my-bucket".
        status: of the answer; None when the connection was dropped instead.
        body: parameters of the request (:attr:`emulated_aws.wire.Request.body`).
    """

    service: str
    operation: str
    status: int | None
    body: Mapping[str, Any]


class EmulatedAWS:
    """One AWS account in one region, from ``with`` to its end.

    moto keeps its state in the process, so there is one at a time.

    Args:
        strict: refuse what AWS refuses (:mod:`emulated_aws.strict`).
        port: to listen on; 0 is a free one.

    Attributes:
        account_id: "123456789012".
        region: "us-east-1".
        endpoint: URL of all services.
        faults: the layer that makes calls fail; does nothing until told to.
        runtime: the layer that runs executions, and fires rules, schedules and alarms.
        strict: the layer that refuses what AWS refuses; its `enabled` switches it on and off.
        calls: every request since the start or :meth:`reset`, except from `client(behind=True)`.
        crashes: calls in which emulated AWS itself failed, since the start, and where.

    Raises:
        RuntimeError: from ``with``, when another one is running.
        SystemExit: from ``with``, when the port is taken, after saying so.
    """

    account_id: ClassVar[str] = DEFAULT_ACCOUNT_ID
    region: ClassVar[str] = "us-east-1"
    _running: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, *, strict: bool = True, port: int = 0) -> None:
        self.endpoint = ""
        self._port = port
        self.calls: list[Call] = []
        self.crashes: list[str] = []
        self._moto: wire.Application = _Dispatcher(create_backend_app)
        # moto is not made for threads: it goes through its tables while other calls change them.
        self._one_at_a_time = threading.RLock()
        self.runtime = Runtime(self._moto, self._one_at_a_time)
        self.faults = Faults(self.runtime)
        self._strict = strict
        self.strict = Strict(self.faults, enabled=strict)
        self._clients: dict[tuple[str, int, bool, bool, str], Any] = {}
        self._session: boto3.Session | None = None
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._objects: AbstractContextManager[None] | None = None

    def __enter__(self) -> EmulatedAWS:
        if not self._running.acquire(blocking=False):
            raise RuntimeError("another EmulatedAWS is running in this process; leave it first")
        self._objects = objects.announced(self.runtime.announce)
        self._objects.__enter__()
        self.reset()
        # By address, not by name: the SDKs then use path-style URLs for S3, so that a plain
        # provider block works (no bucket as a part of a host name that nothing resolves).
        self._server = make_server(
            "127.0.0.1", self._port, self._serve, threaded=True, request_handler=_RequestHandler
        )
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        self._session = boto3.Session(
            aws_access_key_id="emulated",
            aws_secret_access_key="emulated",
            region_name=self.region,
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        assert self._objects is not None
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._clients.clear()
        self._objects.__exit__(kind, error, traceback)
        self._running.release()

    @property
    def environment(self) -> dict[str, str]:
        """The ``AWS_*`` variables with which the provider, the CLI and the SDKs come here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "emulated",
            "AWS_SECRET_ACCESS_KEY": "emulated",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(
        self,
        service: str,
        *,
        attempts: int = 1,
        validate: bool = True,
        behind: bool = False,
        region: str = "us-east-1",
    ) -> Any:
        """A boto3 client (kept, so asking again costs nothing).

        Args:
            service: such as "sagemaker".
            attempts: how often it sends a request that fails in passing.
            validate: False: the client sends what it is given, without looking at it.
            behind: True: past all layers and the log of calls, straight to moto.
            region: that it asks.
        """
        assert self._session is not None, "use it in a with statement"
        key = (service, attempts, validate, behind, region)
        if key not in self._clients:
            config = Config(
                parameter_validation=validate,
                proxies={},
                retries={"mode": "standard", "total_max_attempts": attempts},
            )
            client = self._session.client(
                service, region, endpoint_url=self.endpoint, config=config
            )
            if behind:
                client.meta.events.register("before-send", self._ask_moto)
            self._clients[key] = client
        return self._clients[key]

    def _ask_moto(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answer without a network, in half the time: seeding sends a hundred requests."""
        headers = {name: _text(value) for name, value in request.headers.items()}
        environ = EnvironBuilder(
            base_url=self.endpoint,
            path=request.url.removeprefix(self.endpoint),
            method=request.method,
            headers=headers,
            data=request.body,
        ).get_environ()
        with self._one_at_a_time:
            body, status, answered = run_wsgi_app(self._moto, environ, buffered=True)
        raw = MockRawResponse(b"".join(body))
        return AWSResponse(request.url, int(status.split()[0]), dict(answered), raw)

    def reset(self) -> None:
        """Empty the account and the log of calls, stop all faults, and be as strict as at first."""
        with self._one_at_a_time:
            self.strict.enabled = self._strict
            BackendDict.reset()
            reset_model_data()
            self.calls.clear()
            self.faults.reset()
            self.runtime.reset()

    def seed(self) -> None:
        """Create what the examples take as given (:mod:`emulated_aws.infrastructure`)."""
        infrastructure.create(lambda service: self.client(service, behind=True))

    def inventory(self) -> dict[str, list[str]]:
        """What the account holds (:func:`emulated_aws.infrastructure.inventory`)."""
        return infrastructure.inventory(lambda service: self.client(service, behind=True))

    def _serve(self, environ: wire.Environ, start_response: wire.StartResponse) -> Iterable[bytes]:
        request = wire.read(environ)
        environ[wire.KEY] = request
        status: int | None = None

        def start(line: str, *arguments: Any) -> Any:
            nonlocal status
            status = int(line.split()[0])
            return start_response(line, *arguments)

        try:
            with self._one_at_a_time:
                return self.strict(environ, start)
        except ConnectionError:
            status = None
            raise
        except Exception:
            # The answer is a 500, after which SDKs send the call again, so nobody would notice.
            crash = f"{request.service} {request.operation}: {traceback.format_exc()}"
            self.crashes.append(crash)
            status = 500
            raise
        finally:
            self.calls.append(Call(request.service, request.operation, status, request.body))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


class _Dispatcher(DomainDispatcherApplication):
    """Finds out once for each host which service it is; moto lists folders at every request."""

    @functools.cache  # noqa: B019 - there is one, and few hosts
    def get_backend_for_host(self, host: str | None) -> Any:
        return super().get_backend_for_host(host)


class _RequestHandler(MotoRequestHandler):
    """Says nothing, and lets a layer drop the connection by raising ConnectionError."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Keep silent: :attr:`EmulatedAWS.calls` is the log."""

    def connection_dropped(self, *_: Any, **__: Any) -> None:
        """Close without an answer."""
        self.close_connection = True
