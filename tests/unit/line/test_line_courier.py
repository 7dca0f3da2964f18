import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import structlog
from fakes.line import (
    DROP_AFTER,
    DROP_BEFORE,
    FAIL_AFTER,
    FAIL_BEFORE,
    RATE_LIMITED,
    answers_late,
    group_id,
    user_id,
)

from bots.accounts import LineAccount
from bots.messages import (
    Again,
    Choice,
    Delivery,
    FileOffer,
    InboundEvent,
    Kind,
    Links,
    Parked,
    Place,
    Profile,
    Quota,
    Rejected,
    Reply,
    Sent,
    SourceCard,
    Table,
)
from bots.platforms.line import LineCourier

SOMEBODY = user_id("somebody")
PUSHES = "/v2/bot/message/push"
RICH = Reply(
    "七天內可以退貨。[1]",
    (SourceCard(1, 7, "退貨辦法", "returns.md", 2, "退貨", "七天內可以退貨。", True),),
    notice="以規則回答",
    suggestions=("運費呢？",),
    choices=(Choice("換窗口", data="windows"),),
    window="客服窗口",
    feedback=True,
)


def file_event(message_id, account="shop"):
    place = Place("line", account, SOMEBODY, direct=True)
    offer = FileOffer(message_id, "x.pdf", "application/pdf")
    return InboundEvent("e", place, Kind.FILE, SOMEBODY, datetime.now(UTC), message_id=message_id, file=offer)


@pytest.fixture
def token(line, channel):
    return line.new_reply_token(channel, to=SOMEBODY)


def test_a_reply_with_everything_arrives_as_it_was_rendered(line, deliver, token):
    """The SDK's models lose nothing; the outcome has the ids LINE gave; a reply costs nothing."""
    outcome = deliver(reply=RICH, links=Links(pages={1: "https://a-company.example/p"}), token=token)
    (delivered,) = line.delivered
    assert outcome == Sent(delivered.message_ids)
    assert (delivered.to, delivered.via, len(delivered.messages)) == (SOMEBODY, "reply", 2)
    assert delivered.messages[1]["quickReply"]["items"][0]["action"]["data"] == "windows"


def test_a_push_carries_the_deliverys_id_as_retry_key(line, deliver, channel):
    """A token that is there comes first; without one and with room the reply is pushed."""
    outcome = deliver(may_push=True)
    (delivered,) = line.delivered
    assert outcome == Sent(delivered.message_ids, pushed=True)
    assert (delivered.via, delivered.retry_key) == ("push", "123e4567-e89b-42d3-a456-426614174000")
    assert line.account(channel).consumed == 1


def test_a_group_is_pushed_to_as_a_group(line, deliver, channel):
    """The place's channel is whom it goes to."""
    group = group_id("lunch")
    line.add_group(channel, group, members=[SOMEBODY])
    assert isinstance(deliver(may_push=True, place=Place("line", "shop", group, direct=False)), Sent)
    assert line.delivered[0].to == group


def test_without_token_and_room_nothing_is_sent(line, deliver):
    """It waits for the next tap."""
    assert deliver() == Parked("no token")
    assert line.requests == []


def test_a_dead_token_waits_for_the_next_rung(line, deliver, channel):
    """Used up, run out or never given: LINE says the same."""
    assert deliver(token=line.new_reply_token(channel, 0.0, to=SOMEBODY)) == Parked("token dead")
    assert line.delivered == []


@pytest.mark.parametrize("fault", [DROP_AFTER, FAIL_AFTER])
def test_a_reply_whose_answer_got_lost_is_not_sent_twice(line, deliver, token, fault):
    """The first try has arrived; the second finds the token used and knows it."""
    line.faults.next(fault)
    first = deliver(token=token)
    assert (type(first), first.doubtful) == (Again, True)
    assert deliver(token=token, doubtful=True, attempt=2) == Sent()
    assert len(line.delivered) == 1


@pytest.mark.parametrize("fault", [DROP_BEFORE, FAIL_BEFORE])
def test_a_reply_that_got_lost_is_sent_again(line, deliver, token, fault):
    """The first try has not arrived; the second does."""
    line.faults.next(fault)
    assert deliver(token=token).doubtful
    assert deliver(token=token, doubtful=True, attempt=2) == Sent(line.delivered[0].message_ids)
    assert len(line.delivered) == 1


def test_a_doubtful_reply_is_never_pushed_by_itself(line, deliver, channel):
    """Its token has run out: nobody can find out any more, and the outcome says so."""
    assert deliver(doubtful=True, attempt=9) == Rejected("reply uncertain", uncertain=True)
    assert line.requests == []


@pytest.mark.parametrize("fault", [DROP_BEFORE, DROP_AFTER, FAIL_BEFORE, FAIL_AFTER])
def test_a_push_is_tried_again_with_the_same_key_and_arrives_once(line, deliver, channel, fault):
    """LINE knows the key: 409 is success, and the budget is spent once."""
    line.faults.next(fault)
    assert deliver(may_push=True).doubtful
    outcome = deliver(may_push=True, doubtful=True, attempt=2)
    assert (type(outcome), outcome.pushed, outcome.ids) == (Sent, True, line.delivered[0].message_ids)
    assert (len(line.delivered), line.account(channel).consumed) == (1, 1)


def test_a_late_answer_is_doubt(line, channel, account, token):
    """The courier waits its time and no longer; the reply is out all the same."""
    courier = LineCourier([account], line.base_url, timeout_s=0.3)
    line.faults.next(answers_late(2.0))
    began = time.monotonic()
    place = Place("line", "shop", SOMEBODY, direct=True)
    outcome = courier.deliver(Delivery("d", place, SOMEBODY, Reply("好。"), token=token))
    assert outcome == Again(1.0, "no answer", doubtful=True)
    assert time.monotonic() - began < 1.5
    assert len(line.delivered) == 1


def test_where_nobody_listens_nothing_is_in_doubt(account):
    """No connection was made, so nothing can have arrived."""
    courier = LineCourier([account], "http://127.0.0.1:9", timeout_s=2.0)
    place = Place("line", "shop", SOMEBODY, direct=True)
    delivery = Delivery("d", place, SOMEBODY, Reply("好。"), token="t")
    assert courier.deliver(delivery) == Again(1.0, "no connection")


def test_a_rate_limit_is_waited_for_and_a_spent_month_is_not(line, deliver, channel, token):
    """429 means either; the words tell."""
    line.faults.next(RATE_LIMITED)
    assert deliver(token=token) == Again(2.0, "429 rate")
    line.set_quota(channel, 200, 200)
    assert deliver(may_push=True) == Parked("quota")
    assert isinstance(deliver(token=token), Sent)


def test_a_wrong_token_of_the_account_is_rejected(line, deliver):
    """401 does not go away by itself."""
    line.add_channel("other", "another token", "s")
    place = Place("line", "stale", SOMEBODY, direct=True)
    courier = LineCourier([LineAccount("stale", "s", "revoked", (), "")], line.base_url)
    assert courier.deliver(Delivery("d", place, SOMEBODY, Reply("好。"), token="t")) == Rejected("401")
    assert deliver(place=Place("line", "unknown", SOMEBODY, direct=True), token="t") == Rejected("unknown account")


def test_an_account_token_that_ends_in_a_line_break_works(line, channel):
    """As it comes out of many a secrets file."""
    courier = LineCourier([LineAccount("shop", "s", "a token of no worth\n", (), "")], line.base_url)
    assert courier.profile("shop", SOMEBODY) == Profile(language="zh-TW")


def test_many_threads_share_one_account(line, channel, courier):
    """Every delivery arrives once, each with its own token."""
    tokens = [line.new_reply_token(channel, to=SOMEBODY) for _ in range(40)]
    place = Place("line", "shop", SOMEBODY, direct=True)
    start = threading.Barrier(8)

    def send(token):
        if tokens.index(token) < 8:
            start.wait(10)
        return courier.deliver(Delivery(token, place, SOMEBODY, Reply(token), token=token))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(send, tokens))
    assert {outcome.ids: token for outcome, token in zip(outcomes, tokens, strict=True)} == {
        delivered.message_ids: delivered.messages[0]["text"] for delivered in line.delivered
    }


def test_whatever_line_does_a_reply_arrives_once(line, channel, deliver):
    """Connections break and errors come at random: no reply is lost while its token lives, none comes twice."""
    line.chaos(0.4, seed=7)
    for number in range(40):
        token, outcome, attempt = line.new_reply_token(channel, to=SOMEBODY), Again(0, ""), 0
        while isinstance(outcome, Again):
            attempt += 1
            outcome = deliver(reply=Reply(str(number)), token=token, doubtful=outcome.doubtful, attempt=attempt)
        assert isinstance(outcome, Sent)
    assert [delivered.messages[0]["text"] for delivered in line.delivered] == [str(n) for n in range(40)]


def test_the_loading_animation_is_shown_in_one_to_one_chats_only(line, courier, channel):
    """A minute at most, and it goes with our first message; trouble is no trouble."""
    event = file_event("1")
    courier.working(event)
    assert [(shown.to, shown.seconds) for shown in line.loading] == [(SOMEBODY, 60)]
    group = Place("line", "shop", group_id("g"), direct=False)
    courier.working(InboundEvent("e", group, Kind.MESSAGE, SOMEBODY, datetime.now(UTC)))
    line.faults.next(FAIL_BEFORE, path="/loading/")
    courier.working(event)
    courier.working(file_event("1", account="unknown"))
    assert len(line.loading) == 1


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-TW", "zh-TW"), ("zh-Hant", "zh-TW"), ("en", "en"), ("en-GB", "en"), ("ja", None), ("", None)],
)
def test_a_profile_tells_the_language(line, courier, channel, tag, language):
    """What we have no sentences for is no language; LINE gives no e-mail."""
    line.people[SOMEBODY] = {"language": tag}
    assert courier.profile("shop", SOMEBODY) == Profile(language=language)


def test_who_blocked_us_has_no_profile(line, courier, channel):
    """LINE answers 404; nor is there one of an account we do not know."""
    line.blocked.add(SOMEBODY)
    assert courier.profile("shop", SOMEBODY) is None
    assert courier.profile("unknown", SOMEBODY) is None


def test_what_was_sent_is_fetched(line, courier, channel, waits):
    """At once where it is ready; after a little where LINE still prepares it."""
    assert courier.fetch(file_event(line.add_content(channel, b"%PDF", "application/pdf"))) == b"%PDF"
    assert waits == []


def test_a_content_in_preparation_is_waited_for_a_few_seconds(line, channel, account):
    """It is asked for again and again while 202 comes, and then given up."""
    slow = line.add_content(channel, b"mp4", "video/mp4", "preparing")
    waits = []
    assert LineCourier([account], line.base_url, sleep=waits.append).fetch(file_event(slow)) is None
    assert 3 <= sum(waits) <= 6

    def ready(_seconds):
        line.set_content_state(channel, slow, "ready")

    assert LineCourier([account], line.base_url, sleep=ready).fetch(file_event(slow)) == b"mp4"


def test_what_is_unsent_gone_or_too_large_is_none(line, courier, channel):
    """410, 404, more than 20 MB, no file at all, and a connection that breaks."""
    assert courier.fetch(file_event(line.add_content(channel, b"x", "image/jpeg", "unsent"))) is None
    assert courier.fetch(file_event("404404")) is None
    assert courier.fetch(file_event("../../v2/bot/info")) is None
    assert courier.fetch(file_event(line.add_content(channel, b"x" * (20 * 1024 * 1024 + 1), "video/mp4"))) is None
    assert courier.fetch(file_event("1", account="unknown")) is None
    line.faults.next(DROP_BEFORE)
    assert courier.fetch(file_event(line.add_content(channel, b"x", "image/jpeg"))) is None


def test_the_quota_is_lines_own_count(line, courier, channel):
    """A plan may have no limit; without an answer nothing is said."""
    line.set_quota(channel, 200, 12)
    assert courier.quota("shop") == Quota(200, 12)
    line.set_quota(channel, None, 12)
    assert courier.quota("shop") == Quota(None, 12)
    line.faults.next(FAIL_BEFORE)
    assert courier.quota("shop") is None
    assert courier.quota("unknown") is None


def test_nothing_streams_on_line(courier):
    """A sent message cannot be changed."""
    place = Place("line", "shop", SOMEBODY, direct=True)
    assert courier.live(Delivery("d", place, SOMEBODY, Reply("好。"))) is None


def test_the_log_has_outcomes_and_no_words(line, deliver, token, capsys):
    """Neither texts nor tokens nor people's ids are logged."""
    deliver(token=token)
    deliver(token=token, attempt=2)
    logged = capsys.readouterr().out
    assert "Parked" in logged
    for secret in ("七天內", token, SOMEBODY, "a token of no worth"):
        assert secret not in logged


def test_a_tap_that_line_cannot_carry_is_left_out_and_its_kind_logged(line, channel, deliver):
    """The reply arrives without it; what the tap would have sent is not in the log."""
    reply = Reply(
        "好。", choices=(Choice("選", data="fill=" + "祕" * 300, picker="date"), Choice("取消", data="cancel"))
    )
    with structlog.testing.capture_logs() as logs:
        assert isinstance(deliver(reply=reply, may_push=True), Sent)
    (told,) = [entry for entry in logs if entry["event"] == "line.taps_left_out"]
    assert told["kinds"] == ("fill",)
    assert "祕" not in str(logs)


def test_tables_pickers_and_decisions_are_taken_by_line(line, channel, deliver):
    """As its description and limits have them: the fake refuses whatever breaks one."""
    reply = Reply(
        "請選時間：",
        tables=(Table(("假別", "剩餘", "到期"), (("特休", "7", "2026-12-31"), ("病假", "30", ""))),),
        choices=(
            Choice("選日期", data="fill=on", picker="date"),
            Choice("選時間", data="fill=at", picker="datetime"),
            Choice("送出", data="fill=send", style="primary"),
            Choice("取消", data="fill=cancel", style="danger"),
        ),
    )
    assert isinstance(deliver(reply=reply, may_push=True), Sent)
