"""Lambda and Callback steps: what others do.

https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Generator
from typing import Any, cast

import simpy

from emulated_aws.runtime import account
from emulated_aws.runtime.callbacks import Answer
from emulated_aws.runtime.steps.attempt import Attempt, failed
from emulated_aws.runtime.world import StepFailed, Wait

_QUEUE_URL = re.compile(r"https://[^/]+/(?P<account>\d{12})/(?P<name>[\w-]+(?:\.fifo)?)")
#: What somebody gives whom the script does not tell what to.
_OUTPUTS = {"String": "", "Integer": 0, "Float": 0.0, "Boolean": False}


def invoke(attempt: Attempt) -> Wait:
    """Invoke a function; stopped meanwhile, the execution waits for it.

    Raises:
        StepFailed: it may not be invoked, or fails.
        simpy.Interrupt: the execution was stopped.
    """
    step, function = attempt.step, attempt.content["FunctionArn"]
    action = "lambda:InvokeFunction"
    attempt.invoke(action, function)
    attempt.fail_request(action)
    step.metadata = {"Lambda": {"Arn": function}}
    stop = yield from _wait(attempt)
    if attempt.kind in ("algorithm", "internal", "hang"):
        raise StepFailed(f"ClientError: The function {function} failed: {_FAILS[attempt.kind]}")
    _finish(attempt, _scripted(attempt))
    if stop:
        raise stop


_FAILS = {
    "algorithm": "it raised an error",
    "internal": "it raised an error",
    "hang": "it timed out",
}


def _wait(attempt: Attempt) -> Generator[simpy.Event, Any, simpy.Interrupt | None]:
    """Let the function work; gives the order to stop, which it cannot."""
    clock = attempt.world.clock
    end = clock.time + attempt.script.duration(attempt.execution.pipeline, attempt.step.kind)
    try:
        yield clock.wait_until(end)
    except simpy.Interrupt as stop:
        yield clock.wait_until(end)
        return stop
    return None


def call_back(attempt: Attempt) -> Wait:
    """Send a message, and wait for the answer; stopped, too: then another message says so.

    Raises:
        StepFailed: the message could not be sent, or the answer is that it failed.
        simpy.Interrupt: the execution was stopped, and somebody answered.
    """
    step, url = attempt.step, attempt.content["SqsQueueUrl"]
    text = f"{attempt.execution.arn}/{step.name}/{step.attempts}"
    token = hashlib.sha256(text.encode()).hexdigest()[:10]
    step.metadata = {"Callback": {"CallbackToken": token, "SqsQueueUrl": url}}
    _send(attempt, token, {})
    attempt.fail_request("sqs:SendMessage")
    answered = attempt.callbacks.wait(token, attempt.execution.arn)
    stop: simpy.Interrupt | None = None
    while not answered.processed:
        try:
            yield from _until_answered(attempt, token, answered)
        except simpy.Interrupt as interrupt:
            stop = interrupt
            _send(attempt, token, {"status": "Stopping"})
    answer = cast(Answer, answered.value)
    if answer.reason:
        raise StepFailed(answer.reason)
    _finish(attempt, dict(answer.outputs))
    if stop:
        raise stop


def _until_answered(attempt: Attempt, token: str, answered: simpy.Event) -> Wait:
    """Let others answer, or do it for them when the time has come that the script says."""
    clock, step = attempt.world.clock, attempt.step
    duration = attempt.script.duration(attempt.execution.pipeline, step.kind)
    if attempt.kind == "hang":
        yield answered
        return
    yield answered | clock.wait_until(step.started + duration)
    if not answered.triggered:
        fails = attempt.kind in ("algorithm", "internal")
        reason = "The work outside of the pipeline failed" if fails else ""
        attempt.callbacks.answer(token, Answer(_scripted(attempt), reason))
        yield answered


def _send(attempt: Attempt, token: str, more: dict[str, str]) -> None:
    url = attempt.content["SqsQueueUrl"]
    found = _QUEUE_URL.fullmatch(url)
    if not found:
        raise failed("sqs:SendMessage", StepFailed(f"{url} is no URL of a queue"))
    region = url.split(".")[1] if url.startswith("https://sqs.") else attempt.region
    queue = f"arn:{attempt.partition}:sqs:{region}:{found['account']}:{found['name']}"
    attempt.invoke("sqs:SendMessage", queue)
    message = {
        "token": token,
        "pipelineExecutionArn": attempt.execution.arn,
        "arguments": attempt.arguments,
        **more,
    }
    if reason := account.send(queue, json.dumps(message), {}):
        raise failed("sqs:SendMessage", StepFailed(reason))


def _scripted(attempt: Attempt) -> dict[str, Any]:
    """The outputs that the step declares, as the script says them, or some of their types."""
    given = attempt.script.results.get(attempt.step.name, {})
    return {
        output["OutputName"]: given.get(output["OutputName"], _OUTPUTS[output["OutputType"]])
        for output in attempt.content.get("OutputParameters", [])
    }


def _finish(attempt: Attempt, outputs: dict[str, Any]) -> None:
    """Keep the outputs that the step declares.

    Raises:
        StepFailed: one is missing.
    """
    step = attempt.step
    declared = [output["OutputName"] for output in attempt.content.get("OutputParameters", [])]
    if missing := [name for name in declared if name not in outputs]:
        raise StepFailed(f"ClientError: The output {missing[0]} is missing: {json.dumps(outputs)}")
    found = {name: outputs[name] for name in declared}
    step.properties = {"OutputParameters": found}
    listed = [{"Name": name, "Value": str(value)} for name, value in found.items()]
    step.metadata[step.kind]["OutputParameters"] = listed
