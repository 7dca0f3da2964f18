"""Criterion 1 on LINE: every kind of event gets what a person would expect; and the page and the API beside it."""

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from acceptance.installation import Server
from acceptance.office import CUSTOMER_ON_SLACK, EMPLOYEE, LEAVE, RETURNS, SHOP, STAFF, TEAM, Office, office
from acceptance.samples import Outcome, Seen, Watch, line_event, line_samples, words
from conftest import PUBLIC_DATA
from fakes.line import Delivered, group_id, in_group, mention, of_user, redelivered, send_webhook, user_id

REFUSED = Outcome("message/done", ("reply",), "I could not find an answer")
DECLINED = Outcome("file/done", ("reply",), "只收文字問題")
STALE = Outcome("postback/done", ("reply",), "這個按鈕已經失效")
FRIENDLY = Outcome("sticker/done", ("reply",), "Thank you!")
GREETED = Outcome("follow/done", ("reply",), "您好，我是A公司的窗口")
JOINED = Outcome("join/done", ("reply",), "大家好，我是A公司的窗口")
NOTHING_SAID = Outcome("message/done")
IGNORED = Outcome()

# Each of LINE's samples, sent to the customers' account by somebody it has not met: what is stored, called and said.
BOTH = {
    "00 message text user": REFUSED,
    "01 message image room": Outcome("file/done"),  # to the room, not to us
    "02 message video user": DECLINED,
    "03 message audio user": DECLINED,
    "04 message location user": REFUSED,
    "05 message sticker user": FRIENDLY,
    "06 follow user": GREETED,
    "07 unfollow user": Outcome("unfollow/done"),
    "08 join group": JOINED,
    "09 leave group": Outcome("leave/done"),
    "10 postback user": STALE,  # another bot's data
    "11 beacon user": IGNORED,
    "12 beacon user": IGNORED,
    "13 accountLink user": IGNORED,
    "14 message text group": NOTHING_SAID,
    "15 message text room": NOTHING_SAID,
    "16 postback user": STALE,
    "17 postback user": STALE,
    "18 postback user": STALE,
    "19 memberJoined group": IGNORED,
    "20 memberLeft group": IGNORED,
    "21 message file user": DECLINED,
    "22 unsend group": Outcome("unsend/done"),
    "23 videoPlayComplete user": IGNORED,
    "24 message image user": DECLINED,
    "25 message text user": REFUSED,  # redelivered, and the first to arrive
}
TABLE = {
    **{f"v2 {name}": outcome for name, outcome in BOTH.items()},
    "v2 26 undefined user": IGNORED,
    **{f"v3 {name}": outcome for name, outcome in BOTH.items()},
    "v3 26 messageEdited user": Outcome("edit/done", ("reply",), "I could not find an answer"),
    "v3 27 undefined user": IGNORED,
}


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Office]:
    """One office for the module; in the end nobody has broken a rule of LINE or Slack, and the logs are clean."""
    with server.database() as url, office(url, tmp_path_factory.mktemp("line")) as running:
        yield running
        assert running.line.violations == []
        assert running.slack.violations == []
        assert running.count("inbox", "state = 'failed'") == 0
        assert "Traceback" not in running.logs()


class Someone:
    """A person on one of the company's LINE accounts: what they do, and what they get."""

    def __init__(self, running: Office, account: str = SHOP) -> None:
        self.office, self.account = running, account
        self.channel, self.id = running.channels[account], user_id(str(uuid4()))
        self.events, self.chat = running.line.events(self.channel), of_user(self.id)

    def sends(self, *events: dict[str, Any]) -> Seen:
        """Send the events in one request and return what came of them."""
        watch = Watch(self.office)
        return watch.seen(send_webhook(self.office.hook(self.account), self.channel, events))

    def says(self, text: str) -> Seen:
        return self.sends(self.events.text(self.chat, text))

    def taps(self, action: dict[str, Any]) -> Seen:
        """Tap what we sent: it says its text, or posts its data back."""
        if action["type"] == "message":
            return self.says(action["text"])
        return self.sends(self.events.postback(self.chat, action["data"]))

    def got(self) -> list[Delivered]:
        """Return what has arrived in the person's chat so far."""
        return [one for one in self.office.line.delivered if one.to == self.id]

    def taps_on(self, label: str) -> Seen:
        """Tap what bears the label in the newest message."""
        return self.taps(next(one for one in actions(self.got()[-1].messages) if label in words(one)))


def actions(value: Any) -> Iterator[dict[str, Any]]:
    """Yield everything that can be tapped in messages."""
    if isinstance(value, dict):
        if isinstance(value.get("action"), dict):
            yield value["action"]
        for inner in value.values():
            yield from actions(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from actions(inner)


# --- the table ---


def test_the_table_names_every_sample(public_data: Path) -> None:
    """A sample that is new in the data has no row yet, and this fails."""
    assert set(line_samples(public_data)) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_sample_has_its_outcome(running: Office, name: str) -> None:
    """Sent signed, the sample is answered 200, stored, and followed by its call and no other."""
    channel = running.channels[SHOP]
    event = line_event(running.line, channel, name, line_samples(PUBLIC_DATA)[name])
    watch = Watch(running)
    seen = watch.seen(send_webhook(running.hook(SHOP), channel, [event]))
    assert seen.differs_from(TABLE[name]) == ""


# --- one person and we ---


def test_from_following_to_an_answer_takes_at_most_three_taps(running: Office) -> None:
    """Whoever follows sees the window, taps it, taps a question, and has the answer with its source."""
    amy = Someone(running)
    assert amy.sends(amy.events.follow(amy.chat)).calls == ("reply",)
    assert amy.taps_on("問這個窗口").stored == "postback/done"
    assert "七日內可以退貨" in amy.taps_on(RETURNS[:15]).said


def test_a_question_of_the_greeting_is_answered_at_the_first_tap(running: Office) -> None:
    """The greeting shows questions that can be tapped right away."""
    amy = Someone(running)
    amy.sends(amy.events.follow(amy.chat))
    assert "七日內可以退貨" in amy.taps_on(RETURNS[:15]).said


def test_a_question_is_answered_by_reply_with_its_source(running: Office) -> None:
    """The answer uses the free reply token, cites, shows the source, and offers 👍 and 👎."""
    amy = Someone(running)
    seen = amy.says(RETURNS)
    assert (seen.stored, seen.calls) == ("message/done", ("reply",))
    assert "收到商品七日內可以退貨，請保留發票。[1]" in seen.said
    assert "出處" in seen.said
    assert [one.via for one in amy.got()] == ["reply"]


def test_three_questions_in_one_request_are_answered_in_their_order(running: Office) -> None:
    """A batch of events is as good as single ones."""
    people = [Someone(running) for _ in range(3)]
    seen = people[0].sends(*(one.events.text(one.chat, RETURNS) for one in people))
    assert seen.calls == ("reply",) * 3
    assert all(len(one.got()) == 1 for one in people)


def test_a_redelivered_question_is_answered_once(running: Office) -> None:
    """LINE sends an event again when in doubt; the second is 200 and no second answer."""
    amy = Someone(running)
    event = amy.events.text(amy.chat, RETURNS)
    assert amy.sends(event).calls == ("reply",)
    again = amy.sends(redelivered(running.line, amy.channel, event))
    assert (again.status, again.stored, again.calls) == (200, "", ())


def test_a_rating_is_kept_and_thanked_for(running: Office) -> None:
    """👍 below an answer is stored with its turn."""
    amy = Someone(running)
    amy.says(RETURNS)
    delivery = next(one["data"] for one in actions(amy.got()[-1].messages) if one.get("data", "").startswith("up:"))
    seen = amy.taps_on("👍")
    assert "謝謝您的回饋" in seen.said
    assert running.query("select feedback from turns where delivery = %s", [delivery.partition(":")[2]]) == [("up",)]


def test_a_rating_of_somebody_elses_answer_changes_nothing(running: Office) -> None:
    """The id of a delivery alone lets nobody rate it."""
    amy, eve = Someone(running), Someone(running)
    amy.says(RETURNS)
    rated = next(one for one in actions(amy.got()[-1].messages) if one.get("data", "").startswith("down:"))
    eve.taps(rated)
    assert running.query("select feedback from turns where delivery = %s", [rated["data"][5:]]) == [(None,)]


def test_a_greeting_again_after_a_block_is_a_greeting(running: Office) -> None:
    """Whoever blocks us and comes back is told again what we can do; meanwhile nothing was sent."""
    amy = Someone(running)
    amy.sends(amy.events.follow(amy.chat))
    assert amy.sends(amy.events.unfollow(amy.chat)).calls == ()
    assert "您好" in amy.sends(amy.events.follow(amy.chat, unblocked=True)).said


@pytest.mark.parametrize("word", ["選單", "help", "窗口"])
def test_asking_for_the_menu_shows_the_windows(running: Office, word: str) -> None:
    """A word is enough to see what there is."""
    assert "sales" in Someone(running).says(word).said


def test_a_new_beginning_is_confirmed(running: Office) -> None:
    """重新開始 forgets the conversation and says so."""
    assert "重新開始" in Someone(running).says("重新開始").said


# --- taken back, changed ---


def test_a_message_taken_back_before_its_answer_is_not_answered(running: Office) -> None:
    """Unsent in the same breath: no answer, and none of its words are kept."""
    amy = Someone(running)
    said = amy.events.text(amy.chat, RETURNS)
    seen = amy.sends(said, amy.events.unsend(amy.chat, said["message"]["id"]))
    assert (seen.stored, seen.calls) == ("message/withdrawn unsend/done", ())
    assert running.count("inbox", f"sender = '{amy.id}' and kind = 'message' and body is not null") == 0


def test_an_unsend_that_comes_first_counts_too(running: Office) -> None:
    """Events arrive in any order: what was taken back before it came is never answered."""
    amy = Someone(running)
    said = amy.events.text(amy.chat, RETURNS)
    amy.sends(amy.events.unsend(amy.chat, said["message"]["id"]))
    assert (seen := amy.sends(said)).calls == ()
    assert seen.stored == "message/withdrawn"


def test_a_message_taken_back_after_its_answer_is_forgotten(running: Office) -> None:
    """Nothing of it remains: not the words, not the turn, not what we said."""
    amy = Someone(running)
    said = amy.events.text(amy.chat, RETURNS)
    amy.sends(said)
    assert running.count("turns", f"reader ~ '{amy.id}$'") == 1
    assert amy.sends(amy.events.unsend(amy.chat, said["message"]["id"])).calls == ()
    assert running.count("turns", f"reader ~ '{amy.id}$'") == 0
    kept = "i.sender = %s and i.kind = 'message' and (i.body is not null or o.reply is not null)"
    assert running.query(f"select 1 from inbox i left join outbox o on o.event = i.id where {kept}", [amy.id]) == []


def test_an_edited_question_is_answered_as_it_reads_now(running: Office) -> None:
    """The new words are answered, and the old ones are gone."""
    amy = Someone(running)
    said = amy.events.text(amy.chat, "單筆消費滿多少免運費？")
    assert "一千元" in amy.sends(said).said
    seen = amy.sends(amy.events.edited(amy.chat, said["message"]["id"], RETURNS))
    assert (seen.stored, seen.calls) == ("edit/done", ("reply",))
    assert "七日內可以退貨" in seen.said
    assert running.query("select question from turns where reader ~ %s", [f"{amy.id}$"]) == [(RETURNS,)]


def test_an_edit_in_a_group_that_is_not_meant_for_us_is_not_answered(running: Office) -> None:
    """People change their own words among themselves, and we keep out of it."""
    amy, room = Someone(running), in_group(group_id(str(uuid4())), user_id("among themselves"))
    said = amy.events.text(room, RETURNS)
    assert amy.sends(said).calls == ()
    assert amy.sends(amy.events.edited(room, said["message"]["id"], RETURNS + "！")).calls == ()


# --- groups ---


def test_in_a_group_we_answer_only_when_mentioned(running: Office) -> None:
    """The same question: passed over without a mention, answered with one, to the group."""
    amy, group = Someone(running), group_id(str(uuid4()))
    room = in_group(group, amy.id)
    assert amy.sends(amy.events.text(room, RETURNS)).calls == ()
    asked = f"@公司窗口 {RETURNS}"
    us = mention(asked, "@公司窗口", amy.channel.destination, is_self=True)
    seen = amy.sends(amy.events.text(room, asked, mentions=[us]))
    assert seen.calls == ("reply",)
    assert "七日內可以退貨" in seen.said
    assert running.line.delivered[-1].to == group


def test_a_mention_of_somebody_else_is_not_for_us(running: Office) -> None:
    """@小明 is not @us."""
    amy, text = Someone(running), f"@小明 {RETURNS}"
    other = mention(text, "@小明", user_id("ming"))
    said = amy.events.text(in_group(group_id("of two"), amy.id), text, mentions=[other])
    assert amy.sends(said).calls == ()


def test_a_sticker_or_file_in_a_group_is_not_for_us(running: Office) -> None:
    """Among people we say nothing about pictures and stickers."""
    amy = Someone(running)
    room = in_group(group_id("of pictures"), amy.id)
    seen = amy.sends(amy.events.sticker(room), amy.events.image(room, b"\xff\xd8"))
    assert (seen.stored, seen.calls) == ("sticker/done file/done", ())


# --- staff ---


def bound(running: Office) -> Someone:
    """Return a person of the group hr, bound on LINE with a code from Slack."""
    jia = Someone(running, STAFF)
    watch = Watch(running)
    running.slack.send(running.events_url, running.slack.events.message(TEAM, f"D{EMPLOYEE}", EMPLOYEE, "綁定"))
    code = re.search(r"綁定碼是 (\S+?)，", watch.seen(200).said)
    assert code
    assert "葉佳蓉" in jia.says(code[1]).said
    return jia


def test_a_code_from_slack_opens_the_staff_windows_on_line(running: Office) -> None:
    """A stranger does not get what employees read; with the code of 綁定 they do, and the code works once."""
    stranger = Someone(running, STAFF)
    assert "十四日" not in stranger.says(LEAVE).said
    jia = bound(running)
    assert "十四日" in jia.says(LEAVE).said
    assert "已解除綁定" in jia.says("解除綁定").said
    assert "十四日" not in jia.says(LEAVE).said


def test_a_code_has_no_language(running: Office) -> None:
    """Whoever has LINE in Chinese and sends nothing but a code is greeted in Chinese."""
    assert "葉佳蓉您好" in words(bound(running).got()[-1].messages)


def test_a_wrong_code_binds_nobody(running: Office) -> None:
    """A code that nobody was given is refused, and the windows stay shut."""
    stranger = Someone(running, STAFF)
    stranger.says("綁定")
    assert "七日" not in stranger.says("ABCD-2345").said
    assert running.query("select employee_number from identities where user_id = %s", [stranger.id]) == [(None,)]


def test_a_guest_on_slack_gets_no_code(running: Office) -> None:
    """A guest's address proves nothing."""
    watch = Watch(running)
    asked = running.slack.events.message(TEAM, f"D{CUSTOMER_ON_SLACK}", CUSTOMER_ON_SLACK, "綁定")
    running.slack.send(running.events_url, asked)
    said = watch.seen(200).said
    assert "綁定碼是" not in said
    assert "無法確認您的身分" in said


def test_a_file_from_someone_allowed_to_is_offered_to_the_window(running: Office) -> None:
    """A PDF of a person in hr is kept for review with its bytes; a customer's is not kept at all."""
    jia, customer, pdf = bound(running), Someone(running), b"%PDF-1.4 " + bytes(range(256))
    before = running.count("offers")
    assert "已收下「規章.pdf」" in jia.sends(jia.events.file(jia.chat, "規章.pdf", pdf)).said
    offered = running.query("select employee_number, window_name, name, content from offers order by id desc limit 1")
    assert offered == [("A2", "hr", "規章.pdf", pdf)]
    assert "只收文字問題" in customer.sends(customer.events.file(customer.chat, "規章.pdf", pdf)).said
    assert "已收下" in jia.sends(jia.events.image(jia.chat, b"\xff\xd8\xff\xe0 a photo")).said
    assert running.count("offers") == before + 2


# --- the page and the API ---


class Page:
    """A browser on the web chat, as far as a test needs it."""

    def __init__(self, running: Office) -> None:
        self._netloc, self._cookie = f"127.0.0.1:{running.port}", ""
        _, _, headers = self.request("GET", "/")
        self._cookie = "; ".join(f"{m.key}={m.value}" for m in SimpleCookie(headers["Set-Cookie"]).values())

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, str, Any]:
        connection = HTTPConnection(self._netloc, timeout=30)
        headers = {"Cookie": self._cookie, "Origin": f"http://{self._netloc}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()


def test_the_page_asks_and_follows_through_the_same_processes(running: Office) -> None:
    """The stream ends with the whole reply; opened again it tells the same; asked again it is answered once."""
    page, message = Page(running), str(uuid4())
    asked = {"window": "sales", "message": message, "question": RETURNS}
    status, stream, _ = page.request("POST", "/chat/ask", asked)
    told = re.findall(r"event: (\w+)\ndata: (.*)", stream)
    assert status == 200
    assert told[-1][0] == "reply"
    assert "七日內可以退貨" in told[-1][1].encode().decode("unicode_escape")
    assert "七日" in page.request("GET", f"/chat/stream?window=sales&message={message}")[1].encode().decode(
        "unicode_escape"
    )
    page.request("POST", "/chat/ask", asked)
    running.settled()
    assert running.count("inbox", f"event_id ~ '{message}$'") == 1
    assert running.count("turns", "reader ~ '^web:'") == 1


def test_another_visitor_does_not_follow_it(running: Office) -> None:
    """An id that was overheard opens nothing: the stream tells a fault and no reply."""
    mine, theirs, message = Page(running), Page(running), str(uuid4())
    mine.request("POST", "/chat/ask", {"window": "sales", "message": message, "question": RETURNS})
    stream = theirs.request("GET", f"/chat/stream?window=sales&message={message}")[1]
    assert "event: reply" not in stream
    assert "event: fault" in stream


def test_the_api_answers_with_sources_once_for_a_key(running: Office) -> None:
    """POST /api/v1/ask gives answer and sources; the same key gives the same answer without a second one."""

    def ask(token: str, key: str, **fields: Any) -> tuple[int, Any]:
        connection = HTTPConnection(f"127.0.0.1:{running.port}", timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/ask", json.dumps({"question": RETURNS, **fields}), headers)
        answer = connection.getresponse()
        status, body = answer.status, json.loads(answer.read())
        connection.close()
        return status, body

    status, first = ask("erp-token-0123456789", "order-1")
    assert status == 200
    assert "七日內可以退貨" in first["answer"]
    assert [source["document"] for source in first["sources"]] == ["documents/sales.md"]
    assert ask("erp-token-0123456789", "order-1") == (200, first)
    assert running.count("inbox", "platform = 'api'") == 1
    assert ask("erp-token-0123456789", "order-2", window="hr")[0] == 403
    assert ask("wrong", "order-3")[0] == 401
    assert running.count("inbox", "platform = 'api'") == 1
