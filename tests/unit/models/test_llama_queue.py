"""Who is next: persons first, windows in turn by what they took, and room for who has little waiting."""

from collections import Counter
from itertools import count
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rag_core.models.llama.queue import FairQueue
from rag_core.models.llama.request import Job, Priority, Ticket

PERSON, BATCH = Priority.PERSON, Priority.BATCH


def ticket(tenant: str = "hr", priority: Priority = PERSON, *, prompt: int = 1, most: int = 1, until: float = inf):
    """Return a request of a window, whose deadline is ``until``."""
    return Ticket(Job((0,) * prompt, most, tenant=tenant, priority=priority, deadline=None if until == inf else until))


def serve(queue: FairQueue) -> Ticket:
    """Let the next request be served whole, as the engine charges it: its prompt when it begins, then its answer."""
    served = queue.peek()
    assert served is not None
    queue.remove(served)
    queue.charge(served.job.tenant, len(served.job.prompt), starts=True)
    queue.charge(served.job.tenant, served.job.max_tokens)
    return served


def shares(costs: dict[str, tuple[int, int]], enough: int) -> Counter[str]:
    """Return the tokens of each window once they are so many together, all of them having some waiting all the time."""
    queue, taken = FairQueue(len(costs) * 2), Counter[str]()
    for tenant, (prompt, most) in costs.items():
        for _ in range(2):
            queue.put(ticket(tenant, prompt=prompt, most=most))
    while taken.total() < enough:
        served = serve(queue)
        taken[served.job.tenant] += len(served.job.prompt) + served.job.max_tokens
        queue.put(ticket(served.job.tenant, prompt=len(served.job.prompt), most=served.job.max_tokens))
    return taken


COSTS = st.tuples(st.integers(1, 200), st.integers(1, 200))


@given(st.fixed_dictionaries({"hr": COSTS, "it": COSTS, "fees": COSTS}))
def test_no_window_gets_less_than_half_its_share(costs):
    """Three windows that always wait, whatever one request costs them, take about the same number of tokens."""
    taken = shares(costs, 12 * max(map(sum, costs.values())))  # so that one request more or less does not matter
    assert min(taken[tenant] for tenant in costs) >= taken.total() / 3 / 2


def test_a_flood_does_not_hold_up_a_single_question():
    """A window with forty waiting lets another's first question go before its own second."""
    queue = FairQueue(64)
    for _ in range(40):
        queue.put(ticket("flood", most=100))
    serve(queue)
    queue.put(single := ticket("hr", most=100))
    assert serve(queue) is single


def test_a_window_that_was_away_gets_no_credit():
    """While it was away others took a thousand tokens; back again, they share from now on."""
    queue = FairQueue(64)
    queue.put(ticket("away", most=9))
    serve(queue)
    for _ in range(100):
        queue.put(ticket("busy", most=9))
        serve(queue)
    for tenant in ("away", "busy"):
        for _ in range(20):
            queue.put(ticket(tenant, most=9))
    order = [serve(queue).job.tenant for _ in range(20)]
    assert 9 <= order.count("away") <= 11


def test_tokens_taken_while_nobody_else_was_there_are_no_debt():
    """A window that used an idle machine shares evenly with one that comes then, at most one request behind."""
    queue = FairQueue(64)
    for _ in range(50):
        queue.put(ticket("early", most=9))
        serve(queue)
    for _ in range(10):
        queue.put(ticket("late", most=9))
        queue.put(ticket("early", most=9))
    order = [serve(queue).job.tenant for _ in range(10)]
    assert 4 <= order.count("early") <= 6


def test_persons_go_before_batch_jobs():
    """Also those of a window that has had much more, and each kind in the order in which it came."""
    queue = FairQueue(8)
    queue.charge("hr", 10_000)
    jobs = [ticket("it", BATCH), ticket("hr", BATCH), ticket("hr"), ticket("hr")]
    for job in jobs:
        queue.put(job)
    assert [serve(queue) for _ in jobs] == [jobs[2], jobs[3], jobs[0], jobs[1]]
    assert queue.peek() is None


def test_one_window_is_served_in_order():
    """First come, first served."""
    queue = FairQueue(8)
    jobs = [ticket(most=n + 1) for n in range(5)]
    for job in jobs:
        queue.put(job)
    assert [serve(queue) for _ in jobs] == jobs


def test_the_longest_line_gives_way():
    """In a full queue the flood's last request goes for a window with fewer, its batch jobs before its persons'."""
    queue = FairQueue(4)
    flood = [ticket("flood", BATCH), *(ticket("flood") for _ in range(3))]
    for job in flood:
        assert queue.put(job) is None
    assert queue.put(ticket("hr")) is flood[0]
    assert queue.put(late := ticket("flood")) is late
    assert queue.put(ticket("it")) is flood[3]
    assert queue.put(ticket("fees")) is flood[2]
    assert queue.put(even := ticket("law")) is even  # it would be no shorter than the others' lines
    assert len(queue) == 4


def test_a_person_does_not_wait_behind_a_queue_full_of_batch_jobs():
    """A full queue of one window's batch jobs has a place for its own person, not for one more batch job."""
    queue = FairQueue(3)
    jobs = [ticket("hr", BATCH) for _ in range(3)]
    for job in jobs:
        queue.put(job)
    assert queue.put(more := ticket("hr", BATCH)) is more
    assert queue.put(person := ticket("hr")) is jobs[2]
    assert queue.peek() is person


@pytest.mark.parametrize("cancelled", [True, False])
def test_who_has_ended_is_taken_out(cancelled):
    """Cancelled requests, and those whose deadline has come, once."""
    queue = FairQueue(8)
    ended = ticket(until=inf if cancelled else 5.0)
    stays = [ticket(until=5.5), ticket()]
    for job in (stays[0], ended, stays[1]):
        queue.put(job)
    if cancelled:
        ended.cancel()
    assert queue.take_ended(5.0) == [ended]
    assert queue.take_ended(5.0) == []
    assert [serve(queue), serve(queue)] == stays


def test_windows_that_are_gone_are_forgotten():
    """A thousand names that each came once take no room once others have been served as much."""
    queue = FairQueue(8)
    for number in range(1000):
        queue.put(ticket(f"window {number}"))
        serve(queue)
    for _ in range(3):
        queue.put(ticket("hr"))
        serve(queue)
    queue.take_ended(0.0)
    assert len(queue._lines) <= 1


TENANTS = st.sampled_from(["hr", "it", "fees", "law"])


class QueueMachine(RuleBasedStateMachine):
    """Random use, against the plainest queue: a list of who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = FairQueue(6)
        self.waiting: list[Ticket] = []
        self.clock = count(1)

    def length(self, tenant: str) -> int:
        """How many of a window wait."""
        return sum(each.job.tenant == tenant for each in self.waiting)

    @rule(tenant=TENANTS, priority=st.sampled_from(Priority), until=st.sampled_from([inf, 3.0, 30.0]))
    def put(self, tenant: str, priority: Priority, until: float) -> None:
        """One comes; in a full queue exactly one is refused, and never one of a shorter line."""
        new = ticket(tenant, priority, until=until)
        full = len(self.waiting) == 6
        refused = self.queue.put(new)
        self.waiting.append(new)
        assert (refused is not None) == full
        if refused is not None:
            assert refused in self.waiting
            assert self.length(refused.job.tenant) == max(self.length(t) for t in ("hr", "it", "fees", "law"))
            self.waiting.remove(refused)

    @precondition(lambda self: self.waiting)
    @rule(prompt=st.integers(1, 50), answer=st.integers(0, 50))
    def serve(self, prompt: int, answer: int) -> None:
        """The next one is the first of its kind of its window, and a person if one waits."""
        served = self.queue.peek()
        assert served is not None
        alike = [each for each in self.waiting if each.job.tenant == served.job.tenant]
        assert served is next(each for each in alike if each.job.priority == served.job.priority)
        assert served.job.priority == min(each.job.priority for each in self.waiting)
        self.queue.remove(served)
        self.waiting.remove(served)
        self.queue.charge(served.job.tenant, prompt, starts=True)
        self.queue.charge(served.job.tenant, answer)

    @rule(tenant=TENANTS, tokens=st.integers(1, 50))
    def charge(self, tenant: str, tokens: int) -> None:
        """A window takes tokens, also one of which nobody waits."""
        self.queue.charge(tenant, tokens)

    @precondition(lambda self: self.waiting)
    @rule(which=st.integers(0, 5))
    def cancel(self, which: int) -> None:
        """Somebody no longer wants his."""
        self.waiting[which % len(self.waiting)].cancel()

    @rule()
    def take_ended(self) -> None:
        """Those that have ended come out, all and once."""
        now = float(next(self.clock))
        ended = [t for t in self.waiting if t.cancelled or (t.job.deadline is not None and t.job.deadline <= now)]
        assert sorted(map(id, self.queue.take_ended(now))) == sorted(map(id, ended))
        self.waiting = [each for each in self.waiting if each not in ended]

    @rule()
    def take_all(self) -> None:
        """All come out, once."""
        assert sorted(map(id, self.queue.take_all())) == sorted(map(id, self.waiting))
        self.waiting = []

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """The queue holds who waits, and has a next one exactly if somebody waits."""
        assert sorted(map(id, self.queue._all())) == sorted(map(id, self.waiting))
        assert len(self.queue) == len(self.waiting)
        assert (self.queue.peek() is None) == (not self.waiting)


TestQueueMachine = QueueMachine.TestCase
