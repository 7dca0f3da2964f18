"""One generator for all dialects of OpenAI's: any trouble is told as ours, and no odd text gets through."""

import json
from collections.abc import Iterator

import pytest
from fakes.dialects import Asked, FakeServer, Reply, event, failed, piece, reasoning_model, said, served, whole
from fakes.dialects import small_context as context_of

from rag_core.errors import GeneratorUnavailable
from rag_core.models.openai import OpenAIGenerator, Server, ping
from rag_core.types import ChunkKind, Evidence, GenerationRequest, Passage, Turn

AZURE = "2024-10-21"


def passage(number: int, text: str) -> Passage:
    return Passage(number, "hr", "leave.md", f"第{number}份", None, (), text, ChunkKind.PROSE, 1.0 / number)


def request(passages: int = 1, turns: int = 0, length: int = 10) -> GenerationRequest:
    return GenerationRequest(
        "特休有幾日？",
        "zh",
        "你是人資窗口。",
        tuple(passage(n, f"文{n}" + "字" * length) for n in range(1, passages + 1)),
        Evidence({}, {}),
        tuple(Turn(f"問{n}", f"答{n}" + "話" * length) for n in range(1, turns + 1)),
    )


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with served() as fake:
        yield fake


def generator(fake: FakeServer, *, timeout_s: float = 10, max_tokens: int = 700, azure: str = "") -> OpenAIGenerator:
    url = fake.url.removesuffix("/v1") if azure else fake.url
    return OpenAIGenerator(
        Server(url, "key", timeout_s, is_ours=True, azure_api_version=azure), "m", max_tokens=max_tokens
    )


def answer(fake: FakeServer, asked: GenerationRequest | None = None, **how) -> str:
    return "".join(generator(fake, **how).generate(asked or request()))


def replying(*replies: Reply):
    """Reply with these in turn."""
    left = list(replies)
    return lambda asked: left.pop(0)


def test_a_plain_server_streams_its_answer(fake):
    """LM Studio, vLLM and llama-server as they are: the pieces come as they were sent, asked for as before."""
    fake.reply = lambda asked: said("特休", "七日。[1]")
    assert list(generator(fake).generate(request())) == ["特休", "七日。[1]"]
    body = fake.asked[0].body
    assert (body["model"], body["stream"], body["temperature"], body["max_tokens"]) == ("m", True, 0, 700)
    assert fake.asked[0].headers["authorization"] == "Bearer key"


def test_azure_is_asked_by_deployment_and_version(fake):
    """The model's name is the deployment's, the key goes into Azure's header; the filter's first event is no piece."""
    fake.reply = lambda asked: Reply(
        [event(choices=[], prompt_filter_results=[{"prompt_index": 0}]), *said("好。").events]
    )
    assert answer(fake, azure=AZURE) == "好。"
    assert fake.asked[0].path == f"/openai/deployments/m/chat/completions?api-version={AZURE}"
    assert fake.asked[0].headers["api-key"] == "key"


def test_what_a_model_does_not_take_is_left_out_from_then_on(fake):
    """max_tokens and temperature are refused once each; the second question is asked right at once."""
    fake.reply = reasoning_model
    reasoning = generator(fake)
    assert [list(reasoning.generate(request())) for _ in range(2)] == [["好。"], ["好。"]]
    assert len(fake.asked) == 4
    assert fake.asked[-1].body["max_completion_tokens"] == 700
    assert not {"temperature", "max_tokens"} & set(fake.asked[-1].body)


def test_a_server_that_refuses_all_the_same_is_given_up(fake):
    """A parameter is left out once, not over and over."""
    refusal = {"message": "Unsupported parameter: 'max_tokens'", "code": "unsupported_parameter", "param": "max_tokens"}
    fake.reply = lambda asked: failed(400, refusal)
    with pytest.raises(GeneratorUnavailable, match="400"):
        answer(fake)
    assert len(fake.asked) == 2


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_in_a_field_of_their_own_are_not_the_answer(fake, name):
    """What vLLM, llama-server and LM Studio send beside the text stays there."""
    fake.reply = lambda asked: Reply([piece(**{name: "使用者想問"}), piece("七日。"), piece(finish="stop")])
    assert answer(fake) == "七日。"


@pytest.mark.parametrize("size", [1, 3, 100])
def test_thoughts_in_the_text_are_not_the_answer(fake, size):
    """However the pieces are cut, nothing between the marks gets out and nothing around them is lost."""
    text = "<think>\n查 <特休>\n</think>\n\n滿一年 <七> 日。<think>再想</think>[1] a < b"
    fake.reply = lambda asked: said(*(text[i : i + size] for i in range(0, len(text), size)))
    assert answer(fake).strip() == "滿一年 <七> 日。[1] a < b"


def test_what_only_looks_like_a_thought_is_said(fake):
    """An answer may end in what could have become a mark."""
    fake.reply = lambda asked: said("七日 <", "thi")
    assert answer(fake) == "七日 <thi"


def test_thoughts_without_a_beginning_are_asked_again_or_given_up(fake):
    """Where the prompt began the thought only its end comes: nobody may read it, and the next answer is right."""
    fake.reply = lambda asked: said("想一想", "</think>", "七日。")
    thinker = generator(fake)
    with pytest.raises(GeneratorUnavailable):
        list(thinker.generate(request()))
    assert list(thinker.generate(request())) == ["七日。"]
    fake.reply = lambda asked: said("想一想</think>七日。")
    assert answer(fake) == "七日。"  # nothing was out yet: asked again at once


def test_an_answer_cut_by_its_length_ends_with_its_last_sentence(fake):
    """The half sentence may say the opposite of the whole: it does not go out, the sentences before it do."""
    fake.reply = lambda asked: said("滿一年七日。[1]", "遲到者", "不得", finish="length")
    assert answer(fake, max_tokens=4) == "滿一年七日。[1]"


def test_a_long_answer_that_ends_by_itself_is_whole(fake):
    """What was held back for the cut goes out where there was none, also without a full stop."""
    fake.reply = lambda asked: said("滿一年", "七日。", "[1]", "以下", "略")
    assert answer(fake, max_tokens=4) == "滿一年七日。[1]以下略"


@pytest.mark.parametrize("pieces", [["遲到者不得"], ["滿一年七日。", "遲到者"], []])
def test_a_half_sentence_that_is_out_already_makes_the_answer_unavailable(fake, pieces):
    """A cut long before the limit (a small context, hidden thoughts) cannot be foreseen: the whole is given up."""
    fake.reply = lambda asked: said(*pieces, finish="length")
    with pytest.raises(GeneratorUnavailable, match="cut off") as told:
        answer(fake)
    assert told.value.reason == "refused"


def test_a_cut_behind_a_whole_sentence_is_fine(fake):
    """Nothing is half, so the answer stands."""
    fake.reply = lambda asked: said("滿一年七日。[1]", finish="length")
    assert answer(fake) == "滿一年七日。[1]"


def test_a_filtered_answer_is_unavailable(fake):
    """Azure stops in the middle with content_filter: what came is not the answer."""
    fake.reply = lambda asked: said("滿一年", finish="content_filter")
    with pytest.raises(GeneratorUnavailable, match="filtered") as told:
        answer(fake)
    assert told.value.reason == "refused"


def test_a_filtered_question_is_refused(fake):
    """Azure's 400 says nothing against the server."""
    fake.reply = lambda asked: failed(400, {"code": "content_filter", "message": "內容", "innererror": {}})
    with pytest.raises(GeneratorUnavailable, match="filtered") as told:
        answer(fake)
    assert told.value.reason == "refused"


@pytest.mark.parametrize(
    "broken",
    [
        'data: {"error": {"message": "秘密", "code": "deadline"}}',
        'event: error\ndata: {"error": "秘密"}',
        'data: {"error_type": "x", "error_message": "秘密"}',
        "data: {half",
        'data: {"choices": {"a": 1}}',
        "data: [1]",
    ],
)
def test_an_error_inside_the_stream_ends_it(fake, broken):
    """Pieces before it came; then it is unavailable, and nothing of what the server said is repeated."""
    fake.reply = lambda asked: Reply([piece("滿一年"), broken])
    pieces = generator(fake).generate(request())
    assert next(pieces) == "滿一年"
    if broken == "data: [1]":
        assert list(pieces) == []  # no choices: nothing to say, and no harm
        return
    with pytest.raises(GeneratorUnavailable) as told:
        list(pieces)
    assert "秘密" not in str(told.value)


@pytest.mark.parametrize("status", [200, 502])
def test_a_proxy_s_page_is_no_answer(fake, status):
    """A log-in page with 200 or an error page: unavailable, and no word of it gets through."""
    fake.reply = lambda asked: Reply(body="<html>秘密</html>", status=status, kind="text/html; charset=utf-8")
    with pytest.raises(GeneratorUnavailable) as told:
        answer(fake)
    assert "秘密" not in str(told.value)


def test_a_server_that_does_not_stream_is_understood(fake):
    """One JSON body, thoughts and all, although a stream was asked for."""
    fake.reply = lambda asked: whole("<think>嗯</think>滿一年七日。[1]")
    assert answer(fake) == "滿一年七日。[1]"


@pytest.mark.parametrize("body", [{"error": "秘密"}, {"choices": []}, {"choices": ["七日。"]}, [], None])
def test_json_that_is_no_answer_is_unavailable(fake, body):
    """An error with status 200, or something else altogether."""
    fake.reply = lambda asked: Reply(body=json.dumps(body), kind="application/json")
    with pytest.raises(GeneratorUnavailable):
        answer(fake)


def test_a_connection_that_ends_midway_is_unavailable(fake):
    """A server that dies does not make half an answer a whole one."""
    fake.reply = lambda asked: Reply([piece("滿一年七日。"), piece("遲到者不得")], dies=True)
    with pytest.raises(GeneratorUnavailable):
        answer(fake)
    fake.reply = lambda asked: Reply([piece("滿一年七日。"), piece("遲到者不得")], chunked=False)
    with pytest.raises(GeneratorUnavailable, match="cut off"):
        answer(fake)


def busy(pause_ms: str) -> Reply:
    return failed(429, {"code": "busy", "message": "queue full"}, retry_after_ms=pause_ms)


def test_a_busy_server_is_asked_once_more(fake):
    """A short wait that the server itself names is worth it."""
    fake.reply = replying(busy("20"), said("好。"))
    assert answer(fake) == "好。"


@pytest.mark.parametrize("replies", [[busy("20"), busy("20")], [busy("600000")], [failed(429, {"code": "busy"})]])
def test_a_server_that_stays_busy_is_told_apart(fake, replies):
    """One retry, and none where the wait is long or unknown: it is well, only nobody waits for it."""
    fake.reply = replying(*replies)
    with pytest.raises(GeneratorUnavailable, match="busy") as told:
        answer(fake)
    assert told.value.reason == "busy"
    assert len(fake.asked) == len(replies)


def test_an_account_without_credit_is_not_busy(fake):
    """The same 429, but no waiting mends it."""
    fake.reply = lambda asked: failed(429, {"code": "insufficient_quota"}, retry_after_ms="1")
    with pytest.raises(GeneratorUnavailable) as told:
        answer(fake)
    assert (told.value.reason, len(fake.asked)) == ("failed", 1)


@pytest.mark.parametrize(
    ("status", "named"), [(401, "TRANSOM_OPENAI__API_KEY"), (403, "TRANSOM_OPENAI__API_KEY"), (404, "__MODEL=m")]
)
def test_a_wrong_setting_is_named(fake, status, named):
    """Who reads the log knows what to set, and where was asked."""
    fake.reply = lambda asked: failed(status, {"message": "no", "code": "model_not_found"})
    with pytest.raises(GeneratorUnavailable, match=named) as told:
        answer(fake)
    assert fake.url in str(told.value)


@pytest.mark.parametrize("first", [": ping", 'data: {"choices": []}'])
def test_the_whole_answer_has_the_time(fake, first):
    """Neither silence nor a server that only shows that it lives holds a reader longer, and the server is told."""
    fake.reply = lambda asked: Reply([piece("好")] + [first] * 1000, pause_s=0.05)
    with pytest.raises(GeneratorUnavailable, match="too long"):
        answer(fake, timeout_s=0.6)
    assert fake.left.wait(5)
    fake.left.clear()
    fake.reply = lambda asked: Reply([piece("好"), *said("好").events], pause_s=0.5, headers={"X": "y"})
    with pytest.raises(GeneratorUnavailable):
        answer(fake, timeout_s=0.7)
    assert fake.left.wait(5)


def test_a_reader_who_leaves_closes_the_connection(fake):
    """The server sees it and can stop writing."""
    fake.reply = lambda asked: Reply([piece("好")] * 1000, pause_s=0.02)
    pieces = generator(fake).generate(request())
    assert next(pieces) == "好"
    pieces.close()
    assert fake.left.wait(5)


@pytest.mark.parametrize(
    "style", ["ours", "openai", "llama-server", "vllm", "vllm at least", "lm-studio", "in the stream"]
)
def test_a_prompt_that_is_too_long_is_asked_again_shorter(fake, style):
    """Whatever the server says it with: the history goes first, then the worst passages; two retries do."""
    fake.reply = context_of(1200, style)
    assert answer(fake, request(passages=5, turns=3, length=150), max_tokens=200) == "好。"
    assert len(fake.asked) <= 3 + (style == "vllm at least")
    last = fake.asked[-1].prompt
    assert "文1" in last
    assert "特休有幾日？" in last
    assert "答1" not in last
    assert "文5" not in last


def test_a_prompt_that_cannot_be_shorter_is_refused(fake):
    """The question and one passage are the least there is."""
    fake.reply = context_of(100, "ours")
    with pytest.raises(GeneratorUnavailable, match="context") as told:
        answer(fake, request(passages=3, turns=2, length=300))
    assert told.value.reason == "refused"


def test_nobody_there_is_unavailable():
    """A refused connection is told like any trouble."""
    server = Server("http://127.0.0.1:9/v1", "", 5, is_ours=True)
    with pytest.raises(GeneratorUnavailable, match="did not answer"):
        list(OpenAIGenerator(server, "m").generate(request()))


def test_azure_s_list_of_models_is_no_list_of_deployments(fake):
    """The doctor must not compare a deployment's name with it."""
    fake.reply = lambda asked: Reply(body='{"data": [{"id": "gpt-4o"}]}', kind="application/json")
    assert ping(fake.url, "key") == ["gpt-4o"]
    assert ping(fake.url.removesuffix("/v1"), "key", AZURE) == []
    assert "api-version" in fake.asked[1].path


def test_an_asked_request_is_seen_by_the_fake(fake):
    """The fake itself: what was asked is kept whole."""
    answer(fake)
    assert isinstance(fake.asked[0], Asked)
    assert "問題: 特休有幾日？" in fake.asked[0].prompt
