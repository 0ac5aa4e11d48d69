"""What AWS refuses beyond its service models, a module a service.

Each module of a service has ``CHECKS``: operation to a function that gets the request and raises
:class:`Refused`. Some have ``CREATED``: operation to a function that finds what a request creates,
where it exists already. What they have to know of the account, :mod:`.held` tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulated_aws.wire import Answer, Request

Check = Callable[[Request], None]
#: Gives moto's object, and what AWS answers to the request that has created it.
Created = Callable[[Request], tuple[object, dict[str, Any]] | None]


class Refused(Exception):
    """AWS would not take the request; carries its answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer = Answer(status, code, message)
