import json
from io import BytesIO

import pytest
from fakes.line import signed
from flask import Flask

from bots.accounts import LineAccount
from bots.platforms.line import LineWebhook

PATH = "/line/shop/webhook"
USER = "U206d25c2ea6bd87c17655609a1c37cb8"


def text_event(number=1, text="可以退貨嗎？"):
    return {
        "type": "message",
        "mode": "active",
        "timestamp": 1795424400000,
        "source": {"type": "user", "userId": USER},
        "webhookEventId": f"event-{number}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"token-{number}",
        "message": {"id": str(number), "type": "text", "text": text},
    }


def body_of(*events):
    return json.dumps({"destination": "Ubot", "events": list(events)}).encode()


@pytest.fixture
def post(app: Flask, account: LineAccount):
    """Posts a body with LINE's signature, or with other headers."""

    def posted(body, headers=None, path=PATH, **more):
        return app.test_client().post(path, data=body, headers=headers or signed(account.secret, body), **more)

    return posted


def test_signed_events_are_stored_and_answered_200(post, inbox):
    """The inbox gets every event of the body in one call, each with the JSON it was read from."""
    response = post(body_of(text_event(1), text_event(2)))
    assert (response.status_code, inbox.calls, list(inbox.arrivals)) == (200, 1, ["event-1", "event-2"])
    arrival = inbox.arrivals["event-1"]
    assert json.loads(arrival.body) == text_event(1)
    assert arrival.body.isascii()
    assert (arrival.event.text, arrival.event.place.account) == ("可以退貨嗎？", "shop")


def test_a_tap_on_a_picker_comes_in_with_what_was_picked(post, inbox, reader):
    """Signed as LINE sends it, and the worker reads the same of what was kept."""
    tap = {key: value for key, value in text_event().items() if key != "message"}
    tap |= {"type": "postback", "postback": {"data": "fill=starts", "params": {"datetime": "2026-05-12T09:00"}}}
    assert post(body_of(tap)).status_code == 200
    (arrival,) = inbox.arrivals.values()
    assert (arrival.event.data, arrival.event.picked) == ("fill=starts", "2026-05-12T09:00")
    assert reader.read("shop", json.loads(arrival.body)) == arrival.event


def test_a_redelivered_event_is_answered_200_and_known_again(post, inbox):
    """The second delivery differs in its flag only and is passed over."""
    event = text_event()
    assert post(body_of(event)).status_code == 200
    assert post(body_of({**event, "deliveryContext": {"isRedelivery": True}})).status_code == 200
    assert len(inbox.arrivals) == 1


def test_the_verify_button_of_lines_console_gets_200(post, inbox):
    """No events are no reason to bother the inbox."""
    assert (post(body_of()).status_code, inbox.calls) == (200, 0)


def test_the_header_may_be_written_in_any_case(post, account):
    """Proxies change the case of header names."""
    body = body_of(text_event())
    signature = signed(account.secret, body)["x-line-signature"]
    for name in ("X-Line-Signature", "x-line-signature", "X-LINE-SIGNATURE"):
        assert post(body, {name: signature}).status_code == 200


@pytest.mark.parametrize(
    "signature", [None, "", "nonsense", "簽名".encode().decode("latin-1"), "ÿ", "A" * 100_000, "=" * 44]
)
def test_without_lines_signature_nothing_is_stored(post, inbox, signature):
    """A missing, wrong or unreadable signature is 401."""
    headers = {"X-Other": "1"} if signature is None else {"x-line-signature": signature}
    assert (post(body_of(text_event()), headers).status_code, inbox.calls) == (401, 0)


def test_another_channels_signature_is_none(post, inbox):
    """The body is signed with another secret, or one byte of it was changed."""
    body = body_of(text_event())
    assert post(body, signed("another secret", body)).status_code == 401
    assert post(body + b" ", signed("a secret of no worth", body)).status_code == 401
    assert inbox.calls == 0


def test_an_account_without_a_secret_takes_nothing(inbox, reader):
    """An empty secret would let anybody sign."""
    app = Flask("bots.web", static_folder=None)
    app.register_blueprint(LineWebhook([LineAccount("shop", "", "t", (), "")], inbox, reader).blueprint())
    body = body_of(text_event())
    assert app.test_client().post(PATH, data=body, headers=signed("", body)).status_code == 401


def test_an_unknown_account_is_404(post):
    """Only the accounts of channels.yaml have an address, and only POST."""
    assert post(body_of(), path="/line/other/webhook").status_code == 404


def test_the_address_answers_post_only(app):
    """A browser that opens the address learns nothing."""
    assert app.test_client().get(PATH).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"events"',
        b"{}",
        b'{"events": {}}',
        b'{"events": null}',
        b"[" * 500_000,
        b'{"events": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
        b'{"events": [{"timestamp": ' + b"9" * 10_000 + b"}]}",
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_signed_but_no_webhook_is_400(post, inbox, body):
    """Broken or other JSON is refused and stores nothing."""
    assert (post(body).status_code, inbox.calls) == (400, 0)


def test_bytes_that_are_no_utf8_are_not_lines(post, inbox):
    """LINE signs UTF-8; a body that is something else cannot carry its signature."""
    assert (post(b"\xff\xfe").status_code, inbox.calls) == (401, 0)


@pytest.mark.parametrize("bad", [None, 7, "text", [], [text_event()]])
def test_one_bad_event_among_good_ones_costs_only_itself(post, inbox, bad):
    """What is no object is left out; the others are stored."""
    assert post(body_of(text_event(1), bad, text_event(2))).status_code == 200
    assert list(inbox.arrivals) == ["event-1", "event-2"]


def test_an_event_nobody_knows_is_stored_and_ignored(post, inbox):
    """LINE adds event types without notice."""
    assert post(body_of({"type": "new"}, {})).status_code == 200
    assert {arrival.event.kind for arrival in inbox.arrivals.values()} == {"ignored"}


def test_half_characters_and_nuls_break_nothing(post, inbox):
    """They are replaced in the stored body too, which Postgres could not keep as JSON otherwise."""
    assert post(body_of(text_event(1, "a\x00b\ud800"), {"type": "a\x00", "\x00": "\udfff"})).status_code == 200
    assert inbox.arrivals["event-1"].event.text == "a\ufffdb\ufffd"
    for arrival in inbox.arrivals.values():
        assert "\\u0000" not in arrival.body
        assert "\\ud800" not in arrival.body


def test_reading_a_stored_body_again_gives_the_same_event(post, inbox, reader):
    """The worker reads what the webhook has stored."""
    post(body_of(text_event(1, "a\x00b\ud800"), {"type": "a\x00", "\x00": "\udfff"}))
    for arrival in inbox.arrivals.values():
        assert reader.read("shop", json.loads(arrival.body)) == arrival.event


def test_while_the_inbox_is_down_line_is_asked_to_send_again(post, inbox):
    """503, and nothing is lost: LINE redelivers."""
    inbox.down = True
    assert post(body_of(text_event())).status_code == 503
    inbox.down = False
    assert post(body_of(text_event())).status_code == 200
    assert list(inbox.arrivals) == ["event-1"]


class LongStream(BytesIO):
    """Ten megabytes; its position tells how much of them was read."""

    def __init__(self):
        super().__init__(b" " * 10_000_000)


@pytest.mark.parametrize("length", ["10000000", None])
def test_a_body_of_ten_megabytes_is_refused_and_not_read_whole(post, inbox, length):
    """413, whether the length is declared or comes in chunks."""
    stream = LongStream()
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    environ = {"wsgi.input": stream, **({"CONTENT_LENGTH": length} if length else chunked)}
    response = post(b"", {"x-line-signature": "x"}, environ_overrides=environ)
    assert (response.status_code, inbox.calls) == (413, 0)
    assert stream.tell() < 2_000_000


def test_a_body_of_half_a_megabyte_passes_an_application_with_a_smaller_limit(app, post, inbox):
    """The application's limit is made for questions typed into a page."""
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    assert post(body_of(text_event(1, "退" * 80_000))).status_code == 200


def test_the_log_has_ids_and_no_words(post, capsys):
    """Neither texts nor tokens nor people's ids are logged."""
    post(body_of(text_event()))
    post(body_of(text_event()), {"x-line-signature": "x"})
    logged = capsys.readouterr().out
    assert "line.webhook.stored" in logged
    for secret in ("可以退貨", "token-1", USER, "\\u53ef"):
        assert secret not in logged
