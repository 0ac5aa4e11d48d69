"""Types of steps: what an attempt to run one does, through IAM.

`attempt`: what they have in common. `jobs`: those with jobs of SageMaker. `checks`: QualityCheck
and ClarifyCheck. `models`: Model and RegisterModel. `outside`: Lambda and Callback. `emr`: EMR and
EMRServerless. `control`: Condition and Fail. `types`: all of them.
"""
