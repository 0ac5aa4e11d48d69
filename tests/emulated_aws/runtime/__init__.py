"""Executions that run: what AWS does with what it was told.

`clock`: simulated time. `script`: how long jobs take, and what fails. `account`: what moto holds.
`authorization`: what roles may. `work` and `jobs`: training and processing jobs. `executions`:
pipelines. `starts`: how rules and schedules start them. `events`: EventBridge. `scheduler`:
EventBridge Scheduler. `objects`: what S3 tells EventBridge. `metrics` and `alarms`: CloudWatch.
`deliveries`: messages to topics and queues. `records`: what happened. `problems`: what of it went
wrong. `api`: the layer that answers.

Where AWS documents nothing, this is assumed; a night on a real account (``make live``) would tell:

* SageMaker sends the execution's ARN as aws:SourceArn when it assumes a pipeline's role, and the
  job's when it assumes a job's role.
* The pipeline's role, not the caller's, stops the jobs of an execution that is stopped.
* A job without permission for its log stream fails, as it documentedly does without one for
  its log group; without cloudwatch:PutMetricData it fails, too.
* A job that reaches its time limit is Stopped, and its step Failed. A training job then still has
  its model written; a processing job writes nothing.
* A processing job that fails has written nothing, unless its outputs are Continuous.
* ExpireAfterMin counts from the start of the step. A retry that would come later does not come.
* What SageMaker retries by itself (Step.SERVICE_FAULT, Step.THROTTLING), it retries five times.
* What a step reused from the cache is not found in the cache again: the first execution is.
* Starting instances takes no time. Independent steps run one after another; AWS runs them side by
  side.
* EventBridge and Scheduler repeat a start after 1, 2, 4, ... minutes when it is throttled. Other
  refusals are for good; this is documented of EventBridge, and not of Scheduler.
* A rate counts from when the clock first saw its rule or schedule.
* EventBridge takes a second to tell a pipeline of an event.
* A schedule with a flexible window starts in the middle of it. at() in an hour that clocks skip
  does not fire, as cron() documentedly does not.
* Scheduler writes its dead letters with a role that it assumes anew. Their text is the request.
* CloudWatch knows a datapoint at once. An alarm looks at exactly as many periods as it says; on
  AWS at a few more, so that an alarm for missing data rings a few periods later there.
* An alarm that is new looks at once. One that waits for a success rings until the first one.
* An alarm on "missing" data stays as it is while there is too little of it.
* A topic without a policy of its own lets CloudWatch in, but not EventBridge.
* Images and KMS keys of other accounts exist, and their policies let everybody in; so does a key
  of this account that nobody has created.
* The managed policies of AWS itself are not here: attached they allow nothing, and as a boundary
  they forbid nothing.
"""
