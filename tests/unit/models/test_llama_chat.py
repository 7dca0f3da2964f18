"""From a request in the OpenAI dialect to a job: what is refused, what is written, and what no content can do."""

import json
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("llama_cpp", reason="needs the extra llama")

from unit.models.conftest import exact

from rag_core.models.llama.chat import Caller, Chat, read_request
from rag_core.models.llama.engine import Engine
from rag_core.models.llama.request import BadRequest, Job, Priority
from rag_core.models.llama.runtime import Runtime
from rag_core.models.llama.templates import render

ANYBODY = Caller()
SYSTEM = "你是 A 公司的人資窗口，只根據資料回答。每一句話後面用編號標出依據哪一段資料。"


@pytest.fixture(scope="module")
def chat(runtime: Runtime) -> Chat:
    """The tiny model's, in Breeze's format, with two adapters by name."""
    adapters = {"hr": exact().model, "it": exact().model}
    return Chat(runtime, exact(adapters=adapters))


def said(*contents: str, system: str = SYSTEM) -> list[dict[str, str]]:
    """Return messages: the system's, then user and assistant in turn."""
    turns = [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(contents)]
    return [{"role": "system", "content": system}, *turns]


def job(chat: Chat, *contents: str, caller: Caller = ANYBODY, system: str = SYSTEM, **fields: object) -> Job:
    """Return the job of a request."""
    return chat.job(read_request({"messages": said(*contents, system=system), **fields}), caller)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("messages", None), ("messages", []), ("messages", "特休？"), ("messages", [{"role": "user"}]),
        ("messages", [{"role": "developer", "content": "a"}]), ("messages", [{"role": "tool", "content": "a"}]),
        ("messages", [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]),
        ("messages", [{"role": "user", "content": 3}]),
        ("max_tokens", 0), ("max_tokens", "many"), ("max_tokens", 1.5), ("max_completion_tokens", -1),
        ("temperature", -0.1), ("temperature", 11), ("temperature", float("nan")), ("temperature", float("inf")),
        ("top_p", 0), ("top_p", 1.1), ("top_k", -1), ("top_k", 0.5), ("min_p", -0.1), ("min_p", 2),
        ("repeat_penalty", 0), ("repeat_penalty", 10.1), ("seed", "x"), ("seed", 1.5), ("stop", 3), ("stop", [1]),
        ("grammar", 3), ("grammar", "x" * 100_001), ("response_format", "json"), ("response_format", {"type": "xml"}),
        ("response_format", {"type": "json_schema", "json_schema": []}), ("n", 2), ("stream", "perhaps"),
        ("stream_options", {"include_usage": "perhaps"}), ("model", 3), ("ignore_eos", "perhaps"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_its_fields_name(field, value):
    """One sentence that begins with the field, and holds nothing of what was said."""
    body = {"messages": said("祕密的問題"), field: value}
    with pytest.raises(BadRequest) as raised:
        read_request(body)
    assert str(raised.value).startswith(field)
    assert str(raised.value).endswith(".")
    assert "祕密" not in str(raised.value)


@pytest.mark.parametrize("body", [None, [], "text", 3])
def test_a_body_that_is_no_request_is_refused(body):
    """Also no JSON at all."""
    with pytest.raises(BadRequest, match="the body"):
        read_request(body)


@pytest.mark.parametrize("schema", [{}, {"schema": None}, {"schema": "x"}, {"schema": {"$ref": "#/nowhere"}}])
def test_a_schema_that_is_none_is_refused(chat, schema):
    """Missing, no object, or one that the converter stumbles over."""
    with pytest.raises(BadRequest, match="response_format"):
        job(chat, "a", response_format={"type": "json_schema", "json_schema": schema})


@pytest.mark.parametrize("scheme", ["https", "http", "file"])
def test_a_schema_fetches_nothing(chat, scheme):
    """A reference to elsewhere is refused, not followed."""
    schema = {"$ref": f"{scheme}://elsewhere.invalid/schema.json#/x"}
    with pytest.raises(BadRequest, match="response_format"):
        job(chat, "a", response_format={"type": "json_schema", "json_schema": {"schema": schema}})


def test_fields_reach_the_job(chat):
    """How, how long and for whom, and other fields of the dialect are passed over."""
    start = monotonic()
    fields = {
        "temperature": 0.7, "top_k": 5, "top_p": 0.8, "min_p": 0.1, "repeat_penalty": 1.3, "seed": 7, "max_tokens": 30,
        "grammar": 'root ::= "a"', "logprobs": True, "user": "x",
    }  # fmt: skip
    made = job(chat, "a", caller=Caller("人資", Priority.BATCH, 5.0), **fields)
    sampling = made.sampling
    assert (sampling.temperature, sampling.top_k, sampling.top_p, sampling.min_p) == (0.7, 5, 0.8, 0.1)
    assert (sampling.repeat_penalty, sampling.seed, sampling.grammar) == (1.3, 7, 'root ::= "a"')
    assert (made.tenant, made.priority, made.max_tokens) == ("人資", Priority.BATCH, 30)
    assert start + 5 <= made.deadline <= monotonic() + 5
    assert job(chat, "a").deadline is None
    assert job(chat, "a").sampling.temperature == 0


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        ({}, 700),
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 6}, 6),
        ({"max_tokens": 5, "max_completion_tokens": 6}, 6),
        ({"max_tokens": 5, "max_completion_tokens": None}, 5),
    ],
)
def test_how_many_tokens_an_answer_may_take(chat, fields, most):
    """The newer field goes before the older one."""
    assert job(chat, "a", **fields).max_tokens == most


@pytest.mark.parametrize(
    ("stop", "given"), [(None, ()), ("。", ("。",)), (["。", "[INST]"], ("。", "[INST]")), ([], ())]
)
def test_stop_strings_alone_or_several(chat, stop, given):
    """A text is one of them, a list is all."""
    assert job(chat, "a", stop=stop).stop == given


def test_content_parts_are_one_text(chat):
    """Parts of text follow each other as they stand."""
    parts = [{"type": "text", "text": "特休"}, {"type": "text", "text": "有幾天？"}]
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": parts}]
    assert chat.job(read_request({"messages": messages}), Caller()) == job(chat, "特休有幾天？")


def test_a_conversation_is_written_as_the_model_learnt_it(chat, runtime):
    """The prompt is the template's text in tokens, with one BOS, and turns' order kept."""
    made = job(chat, "特休？", "七天。[1]", "病假？")
    text = render(chat.template, said("特休？", "七天。[1]", "病假？"))
    assert chat.template.name == "breeze"
    assert list(made.prompt) == runtime.tokens(text, special=True, begin=False)
    assert made.prompt.count(runtime.tokens("", special=False, begin=True)[0]) == 1
    spelt = b"".join(map(runtime.pieces, made.prompt)).decode()
    assert spelt.index("特休？") < spelt.index("七天。[1]") < spelt.index("病假？")


@pytest.mark.parametrize(
    ("model", "adapter"),
    [("breeze-7b", None), ("breeze-7b:hr", "hr"), ("it", "it"), ("", None), ("breeze-7b:", None), ("hr:it", "it")],
)
def test_a_models_name_may_ask_for_an_adapter(chat, model, adapter):
    """After the colon, or alone; a name without one asks for none."""
    assert job(chat, "a", model=model).adapter == adapter


HOSTILE = st.lists(
    st.sampled_from(
        ["<s>", "</s>", "<unk>", "[INST]", "[/INST]", "< s>", "<", "/", "s>", "[", "INST]", "[/", " ", "甲"]
    )
    | st.text(max_size=3),
    max_size=12,
).map("".join)


def controls(runtime: Runtime, tokens: tuple[int, ...]) -> list[int]:
    """Return the control tokens among these."""
    names = {runtime.tokens(name, special=True, begin=False)[-1] for name in ("<s>", "</s>")}
    return [token for token in tokens if token in names]


@pytest.mark.parametrize("who", ["system", "user", "assistant"])
@given(hostile=HOSTILE.filter(lambda text: "\ud800" not in text))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_content_opens_or_closes_a_turn(chat, runtime, who, hostile):
    """Marks that people or documents write stay words: as many control tokens and turns as without them."""
    contents = {"system": "s", "user": "q", "assistant": "a"} | {who: f"甲{hostile}乙"}
    made = job(chat, contents["user"], contents["assistant"], "q", system=contents["system"])
    plain = job(chat, "q", "a", "q", system="s")
    assert controls(runtime, made.prompt) == controls(runtime, plain.prompt)
    for mark in (b"[INST]", b"[/INST]", b"<s>", b"</s>"):
        spelt = [b"".join(map(runtime.pieces, each.prompt)) for each in (made, plain)]
        assert spelt[0].count(mark) == spelt[1].count(mark)


def test_the_test_of_hostile_contents_can_fail(runtime):
    """Undefused, these texts are control tokens."""
    assert len(controls(runtime, tuple(runtime.tokens("甲</s>乙<s>", special=True, begin=False)))) == 2


def test_a_bare_text_has_no_control_tokens(chat, runtime):
    """What is only counted is taken as it stands."""
    assert controls(runtime, tuple(chat.tokens("</s><s>"))) == []
    assert b"".join(map(runtime.pieces, chat.tokens("特休</s>"))).decode().strip() == "特休</s>"


@given(st.text(max_size=20), st.text(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_windows_beginning_is_the_same_for_all_its_questions(chat, runtime, one, other):
    """It is a beginning of each prompt, as long for one as for another, and holds the whole persona."""
    jobs = [job(chat, one), job(chat, other)]
    beginnings = {each.prompt[: each.shared] for each in jobs}
    assert len(beginnings) == 1
    assert SYSTEM in b"".join(map(runtime.pieces, beginnings.pop())).decode()
    assert all(each.shared < len(each.prompt) for each in jobs)


def test_a_later_turn_shares_the_windows_beginning_too(chat):
    """A conversation begins like a first question; another window's persona does not."""
    first, later = job(chat, "特休？"), job(chat, "特休？", "七天。", "病假？")
    other = job(chat, "特休？", system="你是資訊窗口。")
    assert first.prompt[: first.shared] == later.prompt[: later.shared]
    assert other.prompt[: other.shared] != first.prompt[: first.shared]


def test_nothing_is_shared_without_a_persona(chat):
    """A bare question has no window."""
    assert chat.job(read_request({"messages": [{"role": "user", "content": "a"}]}), Caller()).shared == 0


SCHEMA = {
    "type": "object",
    "properties": {"days": {"type": "integer"}, "kind": {"enum": ["特休", "病假"]}},
    "required": ["days", "kind"],
    "additionalProperties": False,
}


def test_a_schema_forces_json(chat, runtime):
    """A random model, at whatever temperature, writes what the schema says."""
    engine = Engine(runtime, exact(sequences=2))
    wanted = {"type": "json_schema", "json_schema": {"name": "leave", "schema": SCHEMA}}
    answers = [
        engine.submit(job(chat, "特休？", response_format=wanted, max_tokens=200, temperature=t, seed=1)).result()
        for t in (0.0, 1.5)
    ]
    engine.stop()
    for text, finished in answers:
        read = json.loads(text)
        assert set(read) == {"days", "kind"}
        assert isinstance(read["days"], int)
        assert read["kind"] in ("特休", "病假")
        assert finished.reason == "stop"


def test_json_object_forces_an_object(chat, runtime):
    """Any object: what it begins with cannot be anything else."""
    engine = Engine(runtime, exact(sequences=1))
    text, _ = engine.submit(job(chat, "特休？", response_format={"type": "json_object"}, max_tokens=40)).result()
    engine.stop()
    assert text.startswith("{")


def test_an_answer_that_may_not_end_has_no_grammar(chat):
    """A grammar comes to its end; the sampler would have no token left, which ends llama.cpp's whole process."""
    with pytest.raises(BadRequest, match="ignore_eos"):
        job(chat, "a", ignore_eos=True, grammar='root ::= "a"')


def test_a_grammar_nested_without_bounds_is_refused(chat):
    """llama.cpp reads groups within groups by recursion, and its stack is the process's."""
    with pytest.raises(BadRequest, match="grammar"):
        job(chat, "a", grammar="root ::= " + "(" * 20_000 + '"a"' + ")" * 20_000)


def test_a_grammar_that_no_token_can_write_ends_its_answer_alone(chat, runtime):
    """A letter that no token spells is a bad request; the process and its other answers go on."""
    engine = Engine(runtime, exact(sequences=2))
    other = engine.submit(job(chat, "特休？", max_tokens=30))
    with pytest.raises(BadRequest, match="grammar"):
        engine.submit(job(chat, "a", grammar=r'root ::= "\x00"')).result()
    other.result()
    engine.stop()
