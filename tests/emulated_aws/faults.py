"""The layer that makes AWS fail: throttling, server errors, dropped connections, denied access."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random

from emulated_aws import wire


class Fault(Enum):
    """What can happen to a call."""

    THROTTLED = "throttled"
    INTERNAL_ERROR = "internal error, 500"
    UNAVAILABLE = "service unavailable, 503"
    DROPPED_BEFORE = "connection dropped before the call was carried out"
    DROPPED_AFTER = "connection dropped after the call was carried out"
    DENIED = "access denied"


PASSING = (Fault.THROTTLED, Fault.INTERNAL_ERROR, Fault.UNAVAILABLE, Fault.DROPPED_BEFORE)
"""Faults after which the same call, sent again, has its usual effect. DROPPED_AFTER is not among
them: AWS itself answers the second CreateRole with EntityAlreadyExists."""


@dataclass(frozen=True)
class _Rule:
    service: str
    operation: str
    fault: Fault
    first: int
    last: int | None

    def applies(self, request: wire.Request, number: int) -> bool:
        return (
            self.service in ("*", request.service)
            and self.operation in ("*", request.operation)
            and self.first <= number
            and (self.last is None or number <= self.last)
        )


class Faults:
    """A WSGI layer around ``application``; without orders it lets everything through.

    Calls are counted by service and operation, from 1, since the last order or :meth:`clear`.

    Attributes:
        injected: how many faults there were, by (service, operation, fault);
            `injected.total()` for all.
    """

    def __init__(self, application: wire.Application) -> None:
        self.injected: Counter[tuple[str, str, Fault]] = Counter()
        self._application = application
        self._lock = threading.Lock()
        self._seen: Counter[tuple[str, str]] = Counter()
        self._rules: list[_Rule] = []
        self._rate = 0.0
        self._seed = 0
        self._kinds: Sequence[Fault] = PASSING

    def on(self, service: str, operation: str, fault: Fault, *, call: int | None = None) -> None:
        """Let the ``call``-th call of an operation fail, or every call.

        Args:
            service: name in IAM's actions, such as "sagemaker"; "*" for all.
            operation: such as "CreatePipeline"; "*" for all.
            fault: what happens.
            call: its number, from 1 on; None for every call.
        """
        self._order(_Rule(service, operation, fault, call or 1, call))

    def deny(self, service: str, operation: str, *, since: int = 1) -> None:
        """Let an operation fail for good, from the ``since``-th call on."""
        self._order(_Rule(service, operation, Fault.DENIED, since, None))

    def at_random(self, rate: float, seed: int, kinds: Sequence[Fault] = PASSING) -> None:
        """Let a part of all calls fail.

        Which ones depends on ``seed`` and on a call's service, operation and number alone, so a
        run can be repeated although calls come in parallel.

        Args:
            rate: from 0 to 1.
            seed: any number.
            kinds: what happens, each as likely as the others.
        """
        with self._lock:
            self._rate, self._seed, self._kinds = rate, seed, tuple(kinds)
            self._seen.clear()

    def clear(self) -> None:
        """Stop all faults; :attr:`injected` stays."""
        with self._lock:
            self._rules.clear()
            self._rate = 0.0
            self._seen.clear()

    def reset(self) -> None:
        """Stop all faults and start counting anew."""
        self.clear()
        self.injected.clear()

    def __call__(
        self, environ: wire.Environ, start_response: wire.StartResponse
    ) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        request: wire.Request = environ[wire.KEY]
        fault = self._choose(request)
        if fault is None:
            return self._application(environ, start_response)
        if fault is Fault.DROPPED_AFTER:
            list(self._application(environ, lambda *_: None))
        if fault in (Fault.DROPPED_BEFORE, Fault.DROPPED_AFTER):
            raise ConnectionResetError(fault.value)
        return wire.answer(request, start_response, _answer(request, fault))

    def _order(self, rule: _Rule) -> None:
        with self._lock:
            self._rules.append(rule)
            self._seen.clear()

    def _choose(self, request: wire.Request) -> Fault | None:
        with self._lock:
            self._seen[request.service, request.operation] += 1
            number = self._seen[request.service, request.operation]
            fault = next(
                (rule.fault for rule in self._rules if rule.applies(request, number)), None
            )
            if fault is None and self._rate:
                random = Random(f"{self._seed} {request.service} {request.operation} {number}")
                fault = random.choice(self._kinds) if random.random() < self._rate else None
            if fault is not None:
                self.injected[request.service, request.operation, fault] += 1
            return fault


def _answer(request: wire.Request, fault: Fault) -> wire.Answer:
    """The error in the words of the request's service."""
    if fault is Fault.THROTTLED:
        if request.service == "ec2":
            return wire.Answer(503, "RequestLimitExceeded", "Request limit exceeded.")
        if request.service == "s3":
            return wire.Answer(503, "SlowDown", "Please reduce your request rate.")
        code = "ThrottlingException" if "json" in request.protocol else "Throttling"
        status = 429 if request.protocol == "rest-json" else 400
        return wire.Answer(status, code, "Rate exceeded")
    if fault is Fault.INTERNAL_ERROR:
        codes = {
            "ec2": "InternalError",
            "s3": "InternalError",
            "scheduler": "InternalServerException",
        }
        code = codes.get(request.service, "InternalFailure")
        return wire.Answer(500, code, "We encountered an internal error. Please try again.")
    if fault is Fault.UNAVAILABLE:
        code = "Unavailable" if request.service == "ec2" else "ServiceUnavailable"
        return wire.Answer(503, code, "The service is unavailable. Please try again.")
    action = f"{request.service}:{request.operation}"
    message = (
        f"User: arn:aws:iam::123456789012:user/emulated is not authorized to perform: {action} "
        "because no identity-based policy allows the action"
    )
    if "json" in request.protocol:
        status = 403 if request.protocol == "rest-json" else 400
        return wire.Answer(status, "AccessDeniedException", message)
    return wire.Answer(
        403, "UnauthorizedOperation" if request.service == "ec2" else "AccessDenied", message
    )
