"""Executions that run: what AWS does with what it was told.

`clock`: simulated time. `script`: how long work takes, and what fails. `account`: what moto holds.
`authorization`: what roles may. `context`: condition keys of requests. `kinds`, `work`, `jobs`,
`container` and `descriptions`: what steps create, and jobs. `graph`, `values` and `conditions`: how
steps go together. `steps`: their types. `callbacks`: what waits for an answer. `executions`:
pipelines. `packages`: what EventBridge is told of models. `starts`: how rules and schedules start
pipelines. `events`: EventBridge. `scheduler`: EventBridge Scheduler. `objects`: what S3 tells
EventBridge. `metrics` and `alarms`: CloudWatch. `deliveries`: messages to topics and queues.
`records`: what happened. `problems`: what of it went wrong. `api`: the layer that answers.

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
* A step that depends on a Condition step waits for it, and for no step of its branches. One that
  refers to a step that does not run does not run, and the execution can still succeed.
* IAM is asked for the ARN of something in SageMaker as its name stands, and in lower case: both
  have been seen, so both must be allowed.
* A key of IAM that the request says nothing about is missing; sagemaker:AddTags has only the tags
  and sagemaker:TaggingAction.
* Tuning and AutoML jobs end within their own limits. One training job stands for all of a tuning
  job, and no jobs of an AutoML job are shown.
* A check without a baseline finds no violations; the new baseline then counts as the one used.
* For a baseline in the model registry, the pipeline's role lists and describes the packages.
* The pipeline's role lists the training jobs of a tuning job: the SDK's steps have them as
  properties.
* Property files are read with s3:GetObject, and with kms:Decrypt where a key of the account
  encrypts them; so are the archives that RegisterModel registers.
* RegisterModel creates the group each time, unless it is of another account.
* Lambda functions, EMR clusters and EMR Serverless applications exist, and let the pipeline's role
  in. Who is asked by a Callback step answers as the script says, or after a time with anything.
* What nobody has written down: EMR Serverless steps call StartJobRun, GetJobRun and CancelJobRun,
  and with an application of their own CreateApplication, GetApplication, StartApplication,
  StopApplication and DeleteApplication; no rule of EventBridge.
* A step with a runtime role on an EMR cluster does not pass it (iam:PassRole); EMR's guide names
  only elasticmapreduce:ExecutionRoleArn.
* PipelineExperimentConfig needs nothing of the pipeline's role: SageMaker itself creates the
  experiment, as CloudTrail has shown. Nothing is said of MlflowConfig.
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
