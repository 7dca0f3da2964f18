"""The fake LINE refuses what LINE refuses, and says which property is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.line import Channel, LineServer, ask, line_server, user_id
from linebot.v3.messaging import ApiClient, ApiException, Configuration, MessagingApi
from linebot.v3.messaging import models as sdk

AMY = user_id("amy")
URL = "https://example.com/a.png"
EVERYBODY = {"type": "mention", "mentionee": {"type": "all"}}


@pytest.fixture(scope="module")
def line(public_data: Path) -> Iterator[LineServer]:
    with line_server(public_data / "line" / "messaging-api.openapi.yml") as server:
        server.set_quota(server.add_channel("hr", "hr-token", "hr-secret"), None)
        yield server


@pytest.fixture
def hr(line: LineServer) -> Channel:
    line.violations.clear()
    line.delivered.clear()
    return line.account(Channel("hr", "", "", "")).channel


def text(content: str = "hello", **more: object) -> dict:
    return {"type": "text", "text": content, **more}


def quick(action: dict, count: int = 1) -> dict:
    return text(quickReply={"items": [{"type": "action", "action": action}] * count})


def postback(**changes: object) -> dict:
    return {"type": "postback", "label": "Yes", "data": "yes", **changes}


def uri(target: str) -> dict:
    return {"type": "uri", "label": "Open", "uri": target}


def picker(**changes: object) -> dict:
    return {"type": "datetimepicker", "label": "When", "data": "when", "mode": "date", **changes}


def bubble(*contents: dict, **more: object) -> dict:
    return {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": list(contents)}, **more}


def flex(contents: dict, alt_text: str = "alt") -> dict:
    return {"type": "flex", "altText": alt_text, "contents": contents}


def words(content: str = "x", **more: object) -> dict:
    return {"type": "text", "text": content, **more}


def template(**fields: object) -> dict:
    return {"type": "template", "altText": "alt", "template": fields}


def button(action: dict) -> dict:
    return {"type": "button", "action": action}


def push(line: LineServer, *messages: dict) -> tuple[int, list[str]]:
    """Return the status and the properties that are said to be wrong."""
    body = {"to": AMY, "messages": list(messages)}
    answer = ask(line.base_url, "POST", "/v2/bot/message/push", body, token="hr-token")
    return answer.status, [detail["property"] for detail in answer.body.get("details", [])]


GOOD = {
    "5,000 characters": text("x" * 5000),
    "2,500 emoji": text("🍎" * 2500),
    "textV2": {
        "type": "textV2",
        "text": "hi {who}",
        "substitution": {"who": {"type": "mention", "mentionee": {"type": "all"}}},
    },
    "sticker": {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    "image": {"type": "image", "originalContentUrl": URL, "previewImageUrl": URL},
    "13 quick replies": quick(postback(label="x" * 20, data="d" * 300, displayText="t" * 300), 13),
    "camera in a quick reply": quick({"type": "camera", "label": "Photo"}),
    "phone": quick(uri("tel:0212345678")),
    "line": quick(uri("line://nv/camera/")),
    "picker": quick(
        picker(mode="datetime", initial="2026-11-02T09:00", min="2026-11-01T00:00", max="2026-12-01t00:00")
    ),
    "confirm": template(type="confirm", text="Sure?", actions=[postback(), postback(label="No")]),
    "buttons": template(type="buttons", text="x" * 160, actions=[postback()] * 4),
    "bubble": flex(bubble(words(size="sm", color="#112233", margin="4px"), button(postback()))),
    "12 bubbles": flex({"type": "carousel", "contents": [bubble(words())] * 12}, "a" * 1500),
    "spans": flex(bubble({"type": "text", "contents": [{"type": "span", "text": "a", "weight": "bold"}]})),
    "hero": flex(bubble(words(), hero={"type": "image", "url": URL, "size": "full"})),
}

BAD = {
    "empty text": (text(""), "messages[0].text"),
    "no text": ({"type": "text"}, "messages[0].text"),
    "5,001 characters": (text("x" * 5001), "messages[0].text"),
    "2,501 emoji are 5,002 units": (text("🍎" * 2501), "messages[0].text"),
    "unknown type": ({"type": "markdown", "text": "x"}, "messages[0].type"),
    "misspelt field": (text(quickreply={}), "messages[0].quickreply"),
    "a number for text": ({"type": "text", "text": 5}, "messages[0].text"),
    "placeholder left open": ({"type": "textV2", "text": "hi {who}"}, "messages[0].substitution.who"),
    "14 quick replies": (quick(postback(), 14), "messages[0].quickReply.items"),
    "label of 21": (quick(postback(label="x" * 21)), "messages[0].quickReply.items[0].action.label"),
    "no label": (quick({"type": "message", "text": "x"}), "messages[0].quickReply.items[0].action.label"),
    "data of 301": (quick(postback(data="x" * 301)), "messages[0].quickReply.items[0].action.data"),
    "no data": (quick({"type": "postback", "label": "x"}), "messages[0].quickReply.items[0].action.data"),
    "displayText of 301": (
        quick(postback(displayText="x" * 301)),
        "messages[0].quickReply.items[0].action.displayText",
    ),
    "unknown action": (quick({"type": "call", "label": "x"}), "messages[0].quickReply.items[0].action.type"),
    "ftp": (quick(uri("ftp://example.com")), "messages[0].quickReply.items[0].action.uri"),
    "javascript": (quick(uri("javascript:alert(1)")), "messages[0].quickReply.items[0].action.uri"),
    "unescaped address": (quick(uri("https://example.com/請假")), "messages[0].quickReply.items[0].action.uri"),
    "picker of weeks": (quick(picker(mode="week")), "messages[0].quickReply.items[0].action.mode"),
    "date in a time picker": (
        quick(picker(mode="time", initial="2026-11-01")),
        "messages[0].quickReply.items[0].action.initial",
    ),
    "picker backwards": (quick(picker(min="2026-11-02", max="2026-11-01")), "messages[0].quickReply.items[0].action"),
    "menu switch outside a menu": (
        quick({"type": "richmenuswitch", "label": "x", "data": "x", "richMenuAliasId": "a"}),
        "messages[0].quickReply.items[0].action.type",
    ),
    "http image": (
        {"type": "image", "originalContentUrl": "http://example.com/a.png", "previewImageUrl": URL},
        "messages[0].originalContentUrl",
    ),
    "altText of 1,501": (flex(bubble(words()), "x" * 1501), "messages[0].altText"),
    "no altText": ({"type": "flex", "contents": bubble(words())}, "messages[0].altText"),
    "13 bubbles": (flex({"type": "carousel", "contents": [bubble(words())] * 13}), "messages[0].contents.contents"),
    "bubble over 30 KB": (flex(bubble(words("x" * 30_000))), "messages[0].contents"),
    "carousel over 50 KB": (
        flex({"type": "carousel", "contents": [bubble(words("字" * 7000))] * 3}),
        "messages[0].contents",
    ),
    "empty bubble": (flex({"type": "bubble"}), "messages[0].contents"),
    "unknown component": (flex(bubble({"type": "table"})), "messages[0].contents.body.contents[0].type"),
    "flex text without text": (flex(bubble({"type": "text"})), "messages[0].contents.body.contents[0]"),
    "unknown size": (flex(bubble(words(size="small"))), "messages[0].contents.body.contents[0].size"),
    "colour by name": (flex(bubble(words(color="red"))), "messages[0].contents.body.contents[0].color"),
    "text for a body": (flex({"type": "bubble", "body": words()}), "messages[0].contents.body.type"),
    "action deep in flex": (
        flex(bubble({"type": "box", "layout": "vertical", "contents": [button(uri("mailto:a@b.c"))]})),
        "messages[0].contents.body.contents[0].contents[0].action.uri",
    ),
    "confirm with three": (
        template(type="confirm", text="Sure?", actions=[postback()] * 3),
        "messages[0].template.actions",
    ),
    "long text beside a title": (
        template(type="buttons", title="t", text="x" * 61, actions=[postback()]),
        "messages[0].template.text",
    ),
    "unknown template": (template(type="list"), "messages[0].template.type"),
}


class TestMessages:
    @pytest.mark.parametrize("message", GOOD.values(), ids=GOOD)
    def test_what_line_takes_is_delivered(self, line, hr, message):
        """Messages up to each limit are delivered as they came."""
        assert push(line, message) == (200, [])
        assert line.delivered[0].messages == (message,)
        assert line.violations == []

    @pytest.mark.parametrize(("message", "wrong"), BAD.values(), ids=BAD)
    def test_what_line_refuses_is_recorded(self, line, hr, message, wrong):
        """A message beyond a limit gets 400 with the property, is a violation, and is not delivered."""
        status, properties = push(line, message)
        assert status == 400
        assert wrong in properties
        assert [problem.property for problem in line.violations[0].problems] == properties
        assert line.delivered == []

    def test_the_second_message_is_named(self, line, hr):
        """The property counts messages from 0."""
        assert push(line, text(), text("")) == (400, ["messages[1].text"])

    @pytest.mark.parametrize("count", [0, 6])
    def test_one_to_five_messages(self, line, hr, count):
        """None and six messages are refused."""
        assert push(line, *[text()] * count) == (400, ["messages"])

    @pytest.mark.parametrize("body", [b"{", b"", b"null", b"[]", b'"text"'])
    def test_a_body_has_to_be_a_json_object(self, line, hr, body):
        """Broken JSON and other kinds of JSON are refused, not crashed upon."""
        assert ask(line.base_url, "POST", "/v2/bot/message/push", body, token="hr-token").status == 400

    @pytest.mark.parametrize("to", ["", "amy", "U123", AMY.upper()])
    def test_an_id_has_line_s_shape(self, line, hr, to):
        """A push to something that is no id of a user, group or room is refused."""
        body = {"to": to, "messages": [text()]}
        assert ask(line.base_url, "POST", "/v2/bot/message/push", body, token="hr-token").status == 400

    def test_the_sdk_is_told_what_is_wrong(self, line, hr):
        """What the SDK lets through, the fake refuses: a text of 5,001 characters."""
        with ApiClient(Configuration(host=line.base_url, access_token="hr-token")) as client:
            request = sdk.PushMessageRequest(to=AMY, messages=[sdk.TextMessage(text="x" * 5001)])
            with pytest.raises(ApiException, match=r"messages\[0\]\.text"):
                MessagingApi(client).push_message(request)
            client.rest_client.pool_manager.clear()

    def test_messages_can_be_validated_without_sending(self, line, hr):
        """The validation endpoint applies the same rules and delivers nothing."""
        path = "/v2/bot/message/validate/reply"
        assert ask(line.base_url, "POST", path, {"messages": [text()]}, token="hr-token").status == 200
        assert ask(line.base_url, "POST", path, {"messages": [text("")]}, token="hr-token").status == 400
        assert line.delivered == []
