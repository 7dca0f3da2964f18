"""The fake LINE: its accounts, what was sent and refused, and how a test steers it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from fakes.line.accounts import Accounts
from fakes.line.faults import DROP_AFTER, DROP_BEFORE, FAIL_AFTER, FAIL_BEFORE, Fault, Faults, Matches
from fakes.line.listener import Listener
from fakes.line.records import (
    Answer,
    Call,
    Delivered,
    LoadingShown,
    RefusedError,
    Request,
    Violation,
)
from fakes.line.routes import ROUTES, WITHOUT_LOCK
from fakes.line.spec import LineSpec, Operation, line_spec

Hook = Callable[[str, Any, str], object]  # path, body, "before" or "after" acting


class LineServer(Accounts):
    """``clock`` tells seconds; ``strict`` adds openapi-core to the fake's own checks of every request.

    The lists grow in the order in which things happened; a test may read them at any time, and clear them.
    """

    def __init__(self, spec: LineSpec, base_url: str, *, strict: bool, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.base_url = base_url
        self.strict = strict
        self.delivered: list[Delivered] = []
        self.requests: list[Request] = []
        self.violations: list[Violation] = []
        self.loading: list[LoadingShown] = []
        self.crashes: list[BaseException] = []  # defects of the fake or of a hook
        self.faults = Faults()
        self.on_request: Hook | None = None
        self.closing = Event()
        self._spec = spec

    def chaos(
        self,
        rate: float,
        seed: int,
        kinds: Sequence[Fault] = (DROP_BEFORE, DROP_AFTER, FAIL_BEFORE, FAIL_AFTER),
        path: Matches = "/v2/bot/message/",
    ) -> None:
        """From now on let this share of the matching requests meet one of these faults; 0 ends it."""
        self.faults.chaos(rate, seed, kinds, path)

    def wait_for(self, is_true: Callable[["LineServer"], object], timeout_s: float = 10.0) -> bool:
        """Wait until the condition holds, looking when requests come and when they are done; say whether it does."""
        with self.lock:
            return bool(self.lock.wait_for(lambda: is_true(self), timeout_s))

    # what happens to a request

    def handle(self, call: Call) -> Answer | None:
        """Return the answer, or nothing where the connection is to end without one."""
        fault = self.faults.take(call.path)
        self._record(call, fault)
        self._tell(call, "before")
        try:
            return self._faulty(call, fault) if fault else self._acted(call)
        finally:
            with self.lock:
                self.lock.notify_all()

    def _faulty(self, call: Call, fault: Fault) -> Answer | None:
        self.closing.wait(fault.delay_s)
        answer = self._acted(call) if fault.acts else None
        with self.lock:
            self.lock.notify_all()  # what was delivered can be seen before the late answer
        self.closing.wait(fault.late_s)
        if fault.drops:
            return None
        if fault.status == 429:
            return Answer(429, {"message": "The API rate limit has been exceeded. Try again later."})
        if fault.status is not None:
            return Answer(fault.status, {"message": "Internal Server Error"})
        return answer

    def _acted(self, call: Call) -> Answer:
        try:
            answer = self._answer(call)
        except RefusedError as refused:
            answer = refused.answer
            if refused.is_violation:
                self._accuse(call, refused)
        self._tell(call, "after")
        return answer

    def _answer(self, call: Call) -> Answer:
        account = self.account_of(call)
        operation = self._spec.operation(call.method, call.path)
        if operation is None:
            raise RefusedError(404, "Not found", is_violation=True)
        handler = ROUTES.get((operation.method, operation.template))
        if handler is None:
            raise RefusedError(501, "This fake does not model the endpoint", is_violation=True)
        if account is None:
            raise RefusedError(401, "Authentication failed. Confirm that the access token is valid.")
        self._check(call, operation)
        if handler in WITHOUT_LOCK:
            return handler(self, account, call, *operation.arguments)
        with self.lock:
            return handler(self, account, call, *operation.arguments)

    def _check(self, call: Call, operation: Operation) -> None:
        problems = self._spec.problems(call, operation)
        if not problems and self.strict:
            problems = self._spec.openapi_problems(call, operation)
        if problems:
            text = f"The request body has {len(problems)} error(s)"
            raise RefusedError(400, text, tuple(problems), is_violation=True)

    def _record(self, call: Call, fault: Fault | None) -> None:
        account = self.account_of(call)
        headers = {name: value for name, value in call.headers.items() if name != "authorization"}
        self.requests.append(
            Request(
                method=call.method,
                path=call.path,
                headers=headers,
                body=call.body,
                channel=account.channel.name if account else None,
                fault=fault.name if fault else None,
                at=self.clock(),
            )
        )
        with self.lock:
            self.lock.notify_all()

    def _accuse(self, call: Call, refused: RefusedError) -> None:
        self.violations.append(Violation(call.method, call.path, refused.message, refused.problems))

    def _tell(self, call: Call, phase: str) -> None:
        if self.on_request is not None:
            self.on_request(call.path, call.body, phase)


@contextmanager
def line_server(
    spec_path: Path, *, port: int = 0, strict: bool = True, clock: Callable[[], float] = time.time
) -> Iterator[LineServer]:
    """Yield a fake LINE on this port of 127.0.0.1, or a free one; ``spec_path`` is ``messaging-api.openapi.yml``.

    Raises ExceptionGroup at the end if the fake or a hook crashed meanwhile.
    """
    listener = Listener(port)
    server = LineServer(line_spec(Path(spec_path)), listener.base_url, strict=strict, clock=clock)
    listener.server = server
    thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        listener.shutdown()
        thread.join()
        listener.server_close()
    if server.crashes:
        raise BaseExceptionGroup("the fake LINE crashed", server.crashes)
