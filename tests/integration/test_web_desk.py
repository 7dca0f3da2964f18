"""The page and the API: a question takes the inbox, and whoever asked follows it, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from integration.talking import (
    CLIENT,
    ENGLISH,
    ENGLISH_SAYS,
    LEAVE,
    LEAVE_SAYS,
    RETURNS,
    RETURNS_SAYS,
    SICK,
    SICK_SAYS,
    Talk,
)

from bots.errors import NotServed, TooMany
from bots.messages import Reply, ReplyPart, Visitor
from bots.ports import Asked, Progress
from rag_core.errors import RagError

EMPLOYEE = Visitor("e", frozenset({"employees"}))
CUSTOMER = Visitor("c", frozenset({"customers"}))
NOBODY = Visitor("n", frozenset())
ERP = CLIENT.name


def put(talk: Talk, question: str, message: str = "m1", visitor: Visitor = EMPLOYEE, window: str = "hr") -> None:
    talk.desk.put(visitor, window, message, question, "en" if question.isascii() else "zh-TW")


def answered(talk: Talk, question: str, message: str = "m1", visitor: Visitor = EMPLOYEE, window: str = "hr") -> Asked:
    """Ask, have it answered, and return it as the page shows it."""
    put(talk, question, message, visitor, window)
    talk.work()
    return talk.desk.asked(visitor, window)[-1]


def reply_to(talk: Talk, question: str, message: str = "m1", visitor: Visitor = EMPLOYEE, window: str = "hr") -> Reply:
    reply = answered(talk, question, message, visitor, window).reply
    assert reply is not None
    return reply


def followed(talk: Talk, after: str = "") -> list[Progress]:
    """Follow the question while it is answered, a step for each sentence; return all steps."""
    steps = (step for step in talk.desk.follow(EMPLOYEE, "hr", "m1", after) if step)
    seen: list[Progress] = []

    def look(_question: str) -> None:
        while len([one for one in seen if one.item]) < talk.value("select count(*) from parts"):
            seen.append(next(steps))

    talk.answers.between = look
    talk.work()
    return [*seen, *steps]


# --- who is served ---


def test_a_visitor_sees_the_windows_that_serve_them(talk):
    """And whoever belongs to no group sees none."""
    shown = [{card.name for card in talk.desk.windows(who, "zh-TW")} for who in (EMPLOYEE, CUSTOMER, NOBODY)]
    assert shown == [{"hr", "sales"}, {"sales"}, set()]


@pytest.mark.parametrize(("who", "window"), [(CUSTOMER, "hr"), (NOBODY, "sales"), (EMPLOYEE, "nowhere")])
def test_a_window_that_does_not_serve_the_visitor_does_nothing(talk, who, window):
    """Neither takes, nor shows, nor forgets; an unknown window is the same. Nothing is stored."""
    for act in (
        lambda: put(talk, LEAVE, visitor=who, window=window),
        lambda: next(talk.desk.follow(who, window, "m1")),
        lambda: talk.desk.asked(who, window),
        lambda: talk.desk.forget(who, window),
    ):
        with pytest.raises(NotServed):
            act()
    assert talk.value("select count(*) from inbox") == 0


def test_another_visitors_message_is_not_followed(talk):
    """Nor the own one at another window, nor one that was never put."""
    answered(talk, LEAVE)
    other = Visitor("other", EMPLOYEE.groups)
    for who, window, message in ((other, "hr", "m1"), (EMPLOYEE, "sales", "m1"), (EMPLOYEE, "hr", "m2")):
        with pytest.raises(NotServed):
            next(talk.desk.follow(who, window, message))
    assert talk.desk.asked(other, "hr") == []


# --- putting ---


def test_a_question_is_stored_once_for_each_id(talk):
    """A page that sends it again changes nothing, whatever it says; another visitor's id is another one."""
    put(talk, LEAVE)
    put(talk, SICK)
    put(talk, RETURNS, visitor=CUSTOMER, window="sales")
    talk.work()
    assert sorted(talk.answers.questions) == sorted([LEAVE, RETURNS])
    assert [len(talk.jobs()), talk.value("select count(*) from inbox")] == [0, 2]


def test_twenty_questions_a_minute_are_enough(talk):
    """The next one is told when to come again; one that was stored may be sent again, and others may ask."""
    for number in range(20):
        put(talk, LEAVE, f"m{number}")
    with pytest.raises(TooMany) as told:
        put(talk, LEAVE, "m20")
    assert told.value.retry_s == 60
    put(talk, LEAVE, "m19")
    put(talk, RETURNS, visitor=CUSTOMER, window="sales")
    talk.change("update inbox set received_at = received_at - interval '61 seconds'")
    put(talk, LEAVE, "m20")
    assert talk.value("select count(*) from inbox") == 22


# --- following ---


def test_what_streams_is_the_reply(talk):
    """Sentence by sentence, then the whole with its source; afterwards the whole at once."""
    put(talk, ENGLISH)
    *parts, end = followed(talk)
    assert parts
    assert all(isinstance(step.item, ReplyPart) for step in parts)
    assert isinstance(end.item, Reply)
    assert "".join(step.item.text for step in parts).strip() == end.item.text
    [source] = end.item.sources
    assert (source.number, source.document, source.page, source.has_image) == (1, "documents/leave.pdf", 2, True)
    assert source.quote == ENGLISH_SAYS
    assert list(talk.desk.follow(EMPLOYEE, "hr", "m1")) == [end]
    assert {step.delivery for step in (*parts, end)} == {talk.desk.asked(EMPLOYEE, "hr")[0].delivery}


def test_a_page_that_comes_back_goes_on_where_it_was(talk):
    """After the mark of the last sentence it saw; a mark that is none begins at the start."""
    put(talk, LEAVE)
    again: list[Progress | None] = []
    seen: list[Progress | None] = []

    def look(_question: str) -> None:
        if not seen:
            talk.change("insert into parts select delivery, made_by, number + 1, 'more' from parts")
            seen.extend(next(talk.desk.follow(EMPLOYEE, "hr", "m1", mark)) for mark in ("", "x.y"))
            again.append(next(talk.desk.follow(EMPLOYEE, "hr", "m1", seen[0].mark)))

    talk.answers.between = look
    talk.work()
    assert seen[0] == seen[1]
    assert LEAVE_SAYS in seen[0].item.text
    assert [step.item for step in again] == [ReplyPart("more")]


def test_after_another_attempt_took_over_the_page_starts_anew(talk):
    """The worker died after a sentence: the page is told that what it has is void, and gets all of the second."""
    put(talk, LEAVE)
    marks: list[str] = []

    def die(_question: str) -> None:
        marks.append(next(talk.desk.follow(EMPLOYEE, "hr", "m1")).mark)
        raise SystemExit

    talk.answers.between = die
    with pytest.raises(SystemExit):
        talk.work()
    talk.sweeper.sweep()
    restart, *parts, end = followed(talk, marks[0])
    assert restart.item is None
    assert LEAVE_SAYS in "".join(step.item.text for step in parts)
    assert isinstance(end.item, Reply)


@pytest.mark.parametrize("state", ["withdrawn", "sent"])
def test_following_ends_where_nothing_is_kept_any_more(talk, state):
    """Taken back, or forgotten after its time: an empty reply, not a page that waits for ever."""
    answered(talk, LEAVE)
    talk.change("update outbox set reply = null, state = %s", state)
    [end] = talk.desk.follow(EMPLOYEE, "hr", "m1")
    assert end.item == Reply("", refused=True)


# --- the conversation so far ---


def test_the_page_shows_what_was_asked_also_what_waits(talk):
    """In its order, one window's only."""
    answered(talk, LEAVE, "m1")
    answered(talk, RETURNS, "m2", window="sales")
    put(talk, SICK, "m3")
    first, second = talk.desk.asked(EMPLOYEE, "hr")
    assert (first.id, first.question, second.id, second.question) == ("m1", LEAVE, "m3", SICK)
    assert first.reply is not None
    assert LEAVE_SAYS in first.reply.text
    assert (second.reply, second.delivery) == (None, "")


def test_a_page_answers_a_greeting_and_thanks_in_kind(talk):
    """Neither is a question that no document answers; what the window can do is there to tap."""
    can = reply_to(talk, "你可以做什麼？")
    assert (can.text, can.refused) == ("請直接輸入問題，例如：", False)
    assert reply_to(talk, "謝謝", "m2").text == "不客氣！還有問題請直接輸入。"


def test_a_new_conversation_knows_nothing_of_the_old_one(talk):
    """Nothing is shown of it and nothing taken up, at this window only."""
    answered(talk, LEAVE, "m1")
    answered(talk, RETURNS, "m2", window="sales")
    talk.desk.forget(EMPLOYEE, "hr")
    assert [len(talk.desk.asked(EMPLOYEE, window)) for window in ("hr", "sales")] == [0, 1]
    assert [one.id for one in [answered(talk, SICK, "m3"), *talk.desk.asked(EMPLOYEE, "hr")]] == ["m3", "m3"]


def test_a_refusal_offers_what_can_be_asked(talk):
    """It has no sources, and the window's own questions to tap."""
    reply = reply_to(talk, "火星殖民地何時完工？", visitor=CUSTOMER, window="sales")
    assert (reply.refused, reply.sources, reply.suggestions) == (True, (), (RETURNS,))


def test_trouble_is_told_in_a_written_sentence(talk):
    """It says whom to ask, and nothing of what went wrong."""

    def broken(_question: str) -> None:
        raise RagError("the model at 10.0.0.1 is gone")

    talk.answers.before = broken
    reply = reply_to(talk, ENGLISH)
    assert reply.text.startswith("I cannot answer right now.")
    assert "人資部" in reply.text
    assert "10.0.0.1" not in reply.text


# --- page images ---


def test_a_page_opens_for_its_visitor_with_the_groups_they_have_now(talk):
    """For no other visitor of the same groups, and not for the same one after the groups were taken away."""
    delivery = answered(talk, ENGLISH).delivery
    image = talk.desk.page_image(EMPLOYEE, delivery, 1)
    assert image is not None
    assert image.startswith(b"\x89PNG")
    for who in (Visitor("other", EMPLOYEE.groups), Visitor("e", CUSTOMER.groups), Visitor("e", frozenset())):
        assert talk.desk.page_image(who, delivery, 1) is None
    assert [talk.desk.page_image(EMPLOYEE, delivery, number) for number in (0, 2)] == [None, None]
    assert [talk.desk.page_image(EMPLOYEE, made_up, 1) for made_up in ("", "x", "0" * 32)] == [None] * 3


def test_a_file_that_changed_since_shows_no_page(talk):
    """A page that may no longer hold the quote is not shown."""
    delivery = answered(talk, ENGLISH).delivery
    path = talk.company / "documents" / "leave.pdf"
    content = path.read_bytes()
    try:
        path.write_bytes(content + b"\n")
        assert talk.desk.page_image(EMPLOYEE, delivery, 1) is None
        path.unlink()
        assert talk.desk.page_image(EMPLOYEE, delivery, 1) is None
    finally:
        path.write_bytes(content)


def test_a_source_without_pages_has_no_image(talk):
    """A text file is quoted, not drawn."""
    asked = answered(talk, RETURNS, visitor=CUSTOMER, window="sales")
    [source] = asked.reply.sources
    assert (source.page, source.has_image, source.heading) == (None, False, "退貨")
    assert talk.desk.page_image(CUSTOMER, asked.delivery, 1) is None


# --- the API ---


def test_the_same_key_gets_the_same_answer(talk):
    """First it takes too long, later it is there; it was stored and answered once."""
    assert talk.api.ask(ERP, "k1", RETURNS, "", 0) is None
    talk.work()
    first = talk.api.ask(ERP, "k1", RETURNS, "", 0)
    assert first is not None
    assert RETURNS_SAYS in first.reply.text
    assert [talk.api.ask(ERP, "k1", "another", "sales", 0), talk.api.ask(ERP, "k1", "", "", 0)] == [first, first]
    assert (talk.value("select count(*) from inbox"), talk.answers.questions) == (1, [RETURNS])


def test_a_client_that_waits_gets_the_answer_when_it_is_written(talk):
    """Within the time it gave."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(talk.api.ask, ERP, "k1", RETURNS, "sales", 60)
        while not talk.jobs() and not waiting.done():
            sleep(0.02)
        talk.work()
        assert RETURNS_SAYS in waiting.result().reply.text


@pytest.mark.parametrize(("question", "window"), [("", ""), (LEAVE, "hr"), (LEAVE, "nowhere")])
def test_the_api_does_not_serve_what_is_not_the_clients(talk, question, window):
    """A key it never used, a window it may not ask, one there is not: nothing is stored."""
    with pytest.raises(NotServed):
        talk.api.ask(ERP, "k1", question, window, 0)
    assert talk.value("select count(*) from inbox") == 0


def test_questions_of_a_client_do_not_know_of_one_another(talk):
    """Each key is a conversation of its own."""
    for key, question in (("k1", RETURNS), ("k2", SICK)):
        talk.api.ask(ERP, key, question, "", 0)
    assert len({conversation for _, conversation in talk.jobs()}) == 2
    talk.work()
    assert SICK_SAYS not in talk.api.ask(ERP, "k2", "", "", 0).reply.text
