"""The statements for queue and topic fit into the policies that users write.

docs: several calls of the module may share a queue, and a call may have no schedule.
"""

from __future__ import annotations

import json
from typing import Any

from inputs import QUEUE, TOPIC, VALID
from terraform.plan import Plan

NO_SCHEDULES = {"enable_training_schedule": False, "enable_processing_schedule": False}
SHARING = {"schedule_dead_letter_queue_arn": QUEUE, "notifications": {"topic_arn": TOPIC}}


def call(name: str, **inputs: Any) -> str:
    arguments = "".join(
        f"  {key} = {json.dumps(value)}\n" for key, value in (VALID | SHARING | inputs).items()
    )
    return f'module "{name}" {{\n  source = "../../module"\n{arguments}}}\n'


SHARED = (
    call("fraud", project_name="fraud")
    + call("churn", project_name="churn")
    + call("by_hand", **NO_SCHEDULES, project_name="by-hand", schedule_dead_letter_queue_arn=None)
    + """
data "aws_iam_policy_document" "queue" {
  source_policy_documents = [
    for statement in concat(
      module.fraud.dead_letter_queue_policy_statement[*],
      module.churn.dead_letter_queue_policy_statement[*],
      module.by_hand.dead_letter_queue_policy_statement[*],
    ) : jsonencode({ Version = "2012-10-17", Statement = [statement] })
  ]
}

data "aws_iam_policy_document" "topic" {
  source_policy_documents = [
    for statement in [
      module.fraud.notification_topic_policy_statement,
      module.churn.notification_topic_policy_statement,
    ] : jsonencode({ Version = "2012-10-17", Statement = [statement] })
  ]
}

output "policies" {
  value = {
    queue = jsondecode(data.aws_iam_policy_document.queue.json)
    topic = jsondecode(data.aws_iam_policy_document.topic.json)
  }
}
"""
)
PLANNED_ROOTS = {"shared-queue": SHARED}


def test_statements_of_several_calls_stand_side_by_side(plan_of_roots: Plan) -> None:
    policies = plan_of_roots.below("shared-queue").outputs["policies"]
    rules = [
        sorted(arn.split("/")[1] for arn in statement["Condition"]["ArnEquals"]["aws:SourceArn"])
        for statement in policies["queue"]["Statement"]
    ]
    assert sorted(rules) == [
        ["churn-test-processing-schedule", "churn-test-training-schedule"],
        ["fraud-test-processing-schedule", "fraud-test-training-schedule"],
    ]
    for policy, statements in policies.items():
        sids = {statement["Sid"] for statement in statements["Statement"]}
        assert len(sids) == 2, policy
        assert all(sid.isalnum() for sid in sids)
