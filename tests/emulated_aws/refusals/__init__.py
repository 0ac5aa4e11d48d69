"""What AWS refuses beyond its service models, a module a service.

Each module has ``CHECKS``: operation to a function that gets the request and raises
:class:`Refused`. What a check has to know of the account, :mod:`.held` tells.
"""

from __future__ import annotations

from collections.abc import Callable

from emulated_aws.wire import Answer, Request

Check = Callable[[Request], None]


class Refused(Exception):
    """AWS would not take the request; carries its answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = Answer(status, code, message)
