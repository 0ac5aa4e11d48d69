"""What the targets of rules and of schedules have in common: places, queues, parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moto.utilities.utils import get_partition

from emulated_aws.refusals import Refused

_QUEUE = re.compile(r"arn:[^:]+:sqs:[^:]+:\d{12}:(?P<name>[\w-]+(\.fifo)?)", re.ASCII)


def check_form(arn: str) -> None:
    """Refuse what is no ARN at all.

    Raises:
        Refused: ValidationException.
    """
    if not re.match("arn(:[^:]*){5}", arn):
        raise invalid(
            f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )


def is_in(arn: str, region: str) -> bool:
    """Whether an ARN is of a region and its partition."""
    partition, _, there = arn.split(":")[1:4]
    return (partition, there) == (get_partition(region), region)


def check_dead_letters(target: Mapping[str, Any], region: str, name: str) -> None:
    """Refuse a dead-letter queue that is none, of another region, or FIFO.

    Args:
        target: that may have a queue.
        region: of the rule or schedule.
        name: of the target, for people.

    Raises:
        Refused: ValidationException.
    """
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if arn is None:
        return
    queue = _QUEUE.fullmatch(arn)
    if queue is None:
        raise invalid(f"Parameter {arn} is not valid. Reason: it is not the ARN of an SQS queue.")
    if queue["name"].endswith(".fifo"):
        raise invalid(f"Dead-letter queue {arn} of {name} must be a standard queue.")
    if not is_in(arn, region):
        raise invalid(f"Dead-letter queue {arn} of {name} must be in {region}.")


def check_pipeline_parameters(target: Mapping[str, Any], name: str) -> None:
    """Refuse empty values, names that come twice, and parameters of what is no pipeline.

    Args:
        target: that may have parameters.
        name: of the target, for people.

    Raises:
        Refused: ValidationException.
    """
    parameters = target.get("SageMakerPipelineParameters") or {}
    names = []
    for parameter in parameters.get("PipelineParameterList") or ():
        names.append(parameter["Name"])
        if parameter["Value"] == "":
            raise invalid(f"Parameter {parameter['Name']} of {name} has an empty value.")
    if parameters and not re.search(r":sagemaker:.*:pipeline/", target["Arn"]):
        raise invalid(f"SageMakerPipelineParameters is not supported for target {target['Arn']}.")
    if len(names) != len(set(names)):
        raise invalid(f"Parameter names of {name} are not unique: {names}.")


def invalid(message: str) -> Refused:
    """What EventBridge and its Scheduler answer to most mistakes."""
    return Refused("ValidationException", message)
