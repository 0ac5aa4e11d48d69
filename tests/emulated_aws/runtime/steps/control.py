"""Condition and Fail steps, which make no call of their own."""

from __future__ import annotations

from emulated_aws.runtime import conditions
from emulated_aws.runtime.steps.attempt import Attempt
from emulated_aws.runtime.world import StepFailed, Wait


def decide(attempt: Attempt) -> Wait:
    """Find out whether all conditions hold.

    Raises:
        StepFailed: they say nothing that can be decided.
    """
    yield from ()
    try:
        outcome = all(conditions.holds(one) for one in attempt.arguments["Conditions"])
    except ValueError as error:
        raise StepFailed(f"ClientError: {error}") from error
    attempt.step.properties = {"Outcome": str(outcome)}
    attempt.step.metadata = {"Condition": {"Outcome": str(outcome)}}


def fail(attempt: Attempt) -> Wait:
    """Fail the execution.

    Raises:
        StepFailed: always, with the message of the step.
    """
    yield from ()
    message = str(attempt.arguments.get("ErrorMessage", ""))
    attempt.step.metadata = {"Fail": {"ErrorMessage": message}}
    raise StepFailed(message)
