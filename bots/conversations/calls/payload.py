"""What is sent to the company's systems, and how it is signed. Pure.

A receiver checks ``X-Transom-Signature``: the hex HMAC-SHA256, under the secret that both know, of the value of
``X-Transom-Timestamp`` (seconds since 1970), a full stop, and the body as it came. It should refuse timestamps that
are more than a few minutes old, and drop a call whose ``Idempotency-Key`` it has seen: after a crash between the call
and our noting it, the same call is made again.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bots.conversations.notifications.confirmations.store import Confirmation
from bots.conversations.submissions.store import Submission


def body_of(submission: Submission, decided_by: str, decided_at: datetime) -> bytes:
    """Return the JSON of a submission that is done: the same bytes each time it is sent."""
    told = {
        "number": submission.number,
        "window": submission.window,
        "form": submission.form,
        "employee_number": submission.employee_number,
        "values": submission.values,
        "computed": submission.computed,
        "decided_by": decided_by or None,
        "decided_at": decided_at.astimezone(UTC).isoformat(),
    }
    return _json(told)


def outcome_of(confirmation: Confirmation, decided_at: datetime) -> bytes:
    """Return the JSON of a confirmation that was answered or has expired: as it is asked for, and when that was."""
    at = decided_at.astimezone(UTC).isoformat()
    return _json({"id": confirmation.id, "status": confirmation.state, "at": at})


def headers_of(of: int | str, body: bytes, secret: str, timestamp: int) -> Mapping[str, str]:
    """Return the headers of one attempt. Without a secret nothing is signed.

    ``of``: a submission's id, or, as there are other numbers, "confirmation-ID".
    """
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": f"transom-{of}",
        "X-Transom-Timestamp": str(timestamp),
    }
    return {**headers, "X-Transom-Signature": signature(secret, timestamp, body)} if secret else headers


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the hex HMAC-SHA256 of the timestamp, a full stop and the body."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()
