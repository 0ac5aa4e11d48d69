"""Messages to topics and queues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from emulated_aws.runtime import account
from emulated_aws.runtime.authorization import AccessDenied
from emulated_aws.runtime.records import Message
from emulated_aws.runtime.world import World

_ACTIONS = {"sns": "sns:Publish", "sqs": "sqs:SendMessage"}


@dataclass
class Deliveries:
    """Sends messages.

    Attributes:
        world: that they are in.
        all: what rules, schedules and alarms sent, or could not.
    """

    world: World
    all: list[Message] = field(default_factory=list)

    def by_service(
        self,
        service: str,
        source_arn: str,
        target_arn: str,
        text: str,
        attributes: Mapping[str, str] | None = None,
    ) -> Message:
        """Send a message as a service, which the policy of the target has to let in.

        Args:
            service: such as "events".
            source_arn: of the rule or alarm.
            target_arn: of the topic or queue.
            text: of the message.
            attributes: of a message to a queue.
        """

        def allow() -> None:
            action = _ACTIONS.get(target_arn.split(":")[2])
            if action is None:
                raise AccessDenied("Emulated AWS tells topics and queues only.")
            self.world.authorization.by_service(service, action, target_arn, source_arn)

        return self.send(source_arn, target_arn, text, attributes or {}, allow)

    def send(
        self,
        source_arn: str,
        target_arn: str,
        text: str,
        attributes: Mapping[str, str],
        allow: Callable[[], None],
    ) -> Message:
        """Send a message, without empty attributes, unless ``allow`` raises AccessDenied."""
        present = {name: value for name, value in attributes.items() if value}
        try:
            allow()
            reason = account.send(target_arn, text, present)
        except AccessDenied as error:
            reason = str(error)
        message = Message(self.world.clock.time, source_arn, target_arn, text, reason)
        self.all.append(message)
        return message
