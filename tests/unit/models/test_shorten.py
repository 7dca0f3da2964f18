"""A request that is too long becomes smaller in a fixed order, and never loses what the answer stands on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_core.models.shorten import Overflow, overflow, smaller, weight
from rag_core.types import ChunkKind, Evidence, GenerationRequest, Passage, Turn

texts = st.text(alphabet="特休假a b.", max_size=60)
turns = st.lists(st.builds(Turn, texts, texts), max_size=5)
passages = st.lists(texts, min_size=1, max_size=6)


def made(passages: list[str], turns: list[Turn]) -> GenerationRequest:
    found = tuple(
        Passage(n, "hr", "a.md", "規則", None, (), text, ChunkKind.PROSE, -n) for n, text in enumerate(passages)
    )
    return GenerationRequest("特休有幾日？", "zh", "你是人資窗口。", found, Evidence({}, {}), tuple(turns), "hr")


requests = st.builds(made, passages, turns)
shares = st.floats(0, 1)


def steps(request: GenerationRequest, share: float) -> list[GenerationRequest]:
    """All the requests it becomes, one behind the other."""
    seen = []
    while (less := smaller(request, share)) is not None:
        seen.append(less)
        request = less
        assert len(seen) < 20
    return seen


@given(requests, shares)
def test_it_ends_and_each_is_smaller(request, share):
    """However often it is asked for less, the weight falls each time, until there is nothing to drop."""
    weights = [weight(one) for one in [request, *steps(request, share)]]
    assert weights == sorted(set(weights), reverse=True)


@given(requests, shares)
def test_the_question_the_rules_and_the_best_passage_stay(request, share):
    """Nothing but history and passages changes."""
    for one in steps(request, share):
        assert one.passages[0] == request.passages[0]
        assert (one.question, one.persona, one.language, one.tenant) == (
            request.question,
            request.persona,
            request.language,
            request.tenant,
        )


@given(requests, shares)
def test_the_order_stays(request, share):
    """What is left of the passages is their beginning, so that citations mean what they meant; of the turns the end."""
    for one in steps(request, share):
        assert tuple(one.passages) == tuple(request.passages)[: len(one.passages)]
        assert tuple(one.history) == tuple(request.history)[len(request.history) - len(one.history) :]


@given(requests, shares)
def test_a_passage_goes_only_when_one_turn_is_left_and_the_last_turn_only_when_one_passage_is(request, share):
    """Old turns first, then the worst passages, then the latest turn."""
    for one in steps(request, share):
        if len(one.passages) < len(request.passages):
            assert len(one.history) <= 1
        if request.history and not one.history:
            assert len(one.passages) == 1


@given(requests, shares)
def test_it_is_the_same_each_time(request, share):
    """The key that fences the passages differs from one prompt to the next; what is dropped does not."""
    assert smaller(request, share) == smaller(request, share)


@given(requests, shares)
def test_enough_goes_at_once(request, share):
    """A share that is known to be too much goes in one step, as far as there is something to drop."""
    less = smaller(request, share)
    if less is not None and smaller(less) is not None:
        assert weight(less) <= weight(request) * (1 - share)


def test_no_more_goes_than_has_to():
    """A little too long costs the oldest turn, not the passages."""
    request = made(["特" * 50] * 4, [Turn("問" * 20, "答" * 20)] * 3)
    less = smaller(request, 0.01)
    assert less is not None
    assert (len(less.history), len(less.passages)) == (2, 4)


def test_a_server_that_does_not_say_by_how_much_is_obeyed_to_the_end():
    """Each step drops one thing, until the question and the best passage are all there is."""
    left = steps(made(["特", "休", "假"], [Turn("一", "二"), Turn("三", "四")]), 0.0)
    assert [(len(one.history), len(one.passages)) for one in left] == [(1, 3), (1, 2), (1, 1), (0, 1)]


def test_a_turn_that_is_not_sent_is_no_step():
    """A turn without an answer is not in the prompt: dropping it alone would ask the same again."""
    assert smaller(made(["特"], [Turn("問", "")])) is None


@pytest.mark.parametrize(
    ("names", "text", "fields", "told"),
    [
        (
            {"context_length_exceeded"},
            "",
            {"n_prompt_tokens": 900, "n_max_tokens": 300, "n_ctx": 1000},
            Overflow(900, 1000, 300),
        ),
        ({"exceed_context_size_error"}, "x", {"n_prompt_tokens": 1407, "n_ctx": 256}, Overflow(1407, 256)),
        (
            {"invalid_request_error"},
            "request (9412 tokens) exceeds the available context size (8192 tokens), try increasing it",
            {},
            Overflow(9412, 8192),
        ),
        (
            set(),
            (
                "'max_tokens' or 'max_completion_tokens' is too large: 700. This model's maximum context length is "
                "2048 tokens and your request has 1500 input tokens (700 > 2048 - 1500)."
            ),
            {},
            Overflow(1500, 2048),
        ),
        (
            set(),
            (
                "This model's maximum context length is 6048 tokens. However, you requested 6616 tokens (568 in the "
                "messages, 6048 in the completion)."
            ),
            {},
            Overflow(568, 6048),
        ),
        (
            {"context_length_exceeded"},
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
            {},
            Overflow(9000, 8192),
        ),
        (
            set(),
            (
                "This model's maximum context length is 8192 tokens. However, you requested 64 output tokens and your "
                "prompt contains at least 8129 input tokens, for a total of at least 8193 tokens."
            ),
            {},
            Overflow(None, 8192),
        ),
        (
            set(),
            (
                "This model's maximum context length is 8192 tokens. However, you requested 64 output tokens and your "
                "prompt contains 10000 input tokens, for a total of 10064 tokens."
            ),
            {},
            Overflow(10000, 8192),
        ),
        (
            set(),
            "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
            {},
            Overflow(9000, 8192),
        ),
        (set(), "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)", {}, Overflow(15028, 7424)),
        (
            set(),
            (
                "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: "
                "13055>= n_ctx: 4096)."
            ),
            {},
            Overflow(13055, 4096),
        ),
        (
            set(),
            (
                "Trying to keep the first 10136 tokens when context the overflows. However, the model is loaded with "
                "context length of only 7866 tokens, which is not enough."
            ),
            {},
            Overflow(10136, 7866),
        ),
        (set(), "Context size has been exceeded.", {}, Overflow()),
        ({"unsupported_parameter"}, "Unsupported parameter: 'max_tokens'", {"n_ctx": 1}, None),
        (set(), "the queue has 512 tokens", {}, None),
    ],
)
def test_the_counts_are_read_from_each_server_s_words(names, text, fields, told):
    """Fields where there are some, else the sentence; a lower bound is no count."""
    assert overflow(names, text, fields) == told


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        (Overflow(900, 1000, 300), 200 / 900, 0.3),  # 200 tokens too many
        (Overflow(1500, 2048), (1500 + 700 - 2048) / 1500, 0.2),
        (Overflow(1000, 1000), 0.5, 0.6),  # room for the answer is half of a small context
        (Overflow(None, 8192), 0.2, 0.3),
        (Overflow(10, 8192), 0.0, 0.0),
    ],
)
def test_the_share_leaves_room_for_the_answer(told, least, most):
    """The prompt has to fit beside what the answer may become."""
    assert least <= told.share(700) <= most
