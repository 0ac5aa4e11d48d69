"""What S3 tells EventBridge: of new objects, in buckets that are told to.

moto tells EventBridge, too: at the machine's time, and only queues and logs among the targets. What
is here takes its place. And moto does not say, when it is asked, that a bucket is told to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.s3 import notifications
from moto.s3.responses import S3Response

#: moto's word for what made an object to that of the event.
_REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}
_get_bucket_notification = S3Response.get_bucket_notification

#: Is told the source, detail-type, region and detail of an event, and the ARNs that it is about.
Announce = Callable[[str, str, str, dict[str, Any], list[str]], None]


@contextmanager
def announced(announce: Announce) -> Iterator[None]:
    """As long as the context lasts, every new object is announced, whoever puts it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """

    def tell(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
        if reason := _REASONS.get(event_name):
            version = {"version-id": key.version_id} if bucket.is_versioned else {}
            detail = {
                "version": "0",
                "bucket": {"name": bucket.name},
                "object": {"key": key.name, "size": key.size, "etag": key.etag.strip('"')}
                | version,
                "requester": account_id,
                "reason": reason,
            }
            announce("aws.s3", "Object Created", bucket.region_name, detail, [bucket.arn])

    with (
        mock.patch.object(notifications, "_send_event_bridge_message", tell),
        mock.patch.object(S3Response, "get_bucket_notification", _whole_notification),
    ):
        yield


def _whole_notification(response: S3Response) -> Any:
    status, headers, text = _get_bucket_notification(response)
    found = response.backend.get_bucket_notification_configuration(response.bucket_name)
    if found and found.event_bridge is not None:
        assert isinstance(text, str)
        end = "</NotificationConfiguration>"
        text = re.sub("/>$", f">{end}", text).replace(end, f"<EventBridgeConfiguration/>{end}")
    return status, headers, text
