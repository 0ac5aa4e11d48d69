"""The SageMaker SDKs without AWS, for the scripts that write tests/corpus.

Nothing leaves the machine: S3 takes what an SDK uploads and keeps nothing, STS knows the tests'
account, and any other request is an error. The clock stands still, and the Makefile leaves out the
environment's settings, so that every run writes the same.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from definitions import CORPUS
from inputs import ACCOUNT

REGION = "us-east-1"
BUCKET = "my-ml-bucket"

_CALLER = f"""\
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult><Account>{ACCOUNT}</Account></GetCallerIdentityResult>
</GetCallerIdentityResponse>"""
_BUCKETS = f"""\
<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Buckets>
    <Bucket><Name>{BUCKET}</Name><CreationDate>2027-01-01T00:00:00Z</CreationDate></Bucket>
  </Buckets>
</ListAllMyBucketsResult>"""


def _answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
    """What AWS says: who asks, which buckets there are, and yes to an upload."""
    answers = {("POST", "sts"): _CALLER, ("GET", "s3"): _BUCKETS, ("PUT", BUCKET): ""}
    asked = request.method, request.url.split("/")[2].split(".")[0]
    if asked not in answers:
        raise ConnectionError(f"the SDK wants to send {request.method} {request.url}")
    return AWSResponse(request.url, 200, {"ETag": '"0"'}, _Body(answers[asked].encode()))


class _Body(BytesIO):
    """The body of a response, as botocore reads it from urllib3."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def boto_session() -> Any:
    """A session of boto3 in the tests' account and region."""
    session = boto3.Session("nobody", "nothing", region_name=REGION)
    session.events.register("before-send.*.*", _answer)
    return session


@contextmanager
def same_in_every_run() -> Iterator[None]:
    """Stop the clock, allow no connection, and go where the files are that pipelines name."""

    def refuse(_: socket.socket, address: Any) -> None:
        raise ConnectionError(f"the SDK wants to reach {address}")

    with (
        tempfile.TemporaryDirectory() as directory,
        mock.patch.object(time, "time", return_value=1800000000.123),
        mock.patch.object(socket.socket, "connect", refuse),
    ):
        logging.disable()
        before = Path.cwd()
        os.chdir(directory)
        Path("code").mkdir()
        for name in ("evaluate.py", "inference.py", "report.ipynb"):
            Path("code", name).write_text("{}\n")
        try:
            yield
        finally:
            os.chdir(before)


def write(texts: Mapping[str, str]) -> None:
    """Write definitions, name to text; a name may have a folder."""
    for name, text in texts.items():
        path = CORPUS / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(json.loads(text), indent=2) + "\n")
