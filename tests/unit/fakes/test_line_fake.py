"""The fake LINE sends, refuses, counts and fails as LINE does."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes.line import (
    Answered,
    Channel,
    LineServer,
    ask,
    group_id,
    line_server,
    user_id,
)
from fakes.line.client import push, reply
from linebot.v3.messaging import ApiClient, ApiException, Configuration, MessagingApi
from linebot.v3.messaging import models as sdk

AMY, BEN = user_id("amy"), user_id("ben")
HELLO = {"type": "text", "text": "hello"}


class Clock:
    """Tells the time a test wants."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spec_path(public_data: Path) -> Path:
    return public_data / "line" / "messaging-api.openapi.yml"


@pytest.fixture
def line(spec_path: Path, clock: Clock) -> Iterator[LineServer]:
    with line_server(spec_path, clock=clock) as server:
        yield server


@pytest.fixture
def hr(line: LineServer) -> Channel:
    return line.add_channel("hr", "hr-token", "hr-secret")


@pytest.fixture
def api(line: LineServer, hr: Channel) -> Iterator[ApiClient]:
    with ApiClient(Configuration(host=line.base_url, access_token=hr.token)) as client:
        yield client
        client.rest_client.pool_manager.clear()


def get(line: LineServer, channel: Channel, path: str) -> Answered:
    return ask(line.base_url, "GET", path, token=channel.token)


class TestReply:
    def test_a_reply_reaches_the_chat_its_token_belongs_to(self, line, hr, api):
        """A reply by the SDK is delivered to the token's chat, with the messages and the request's id."""
        token = line.new_reply_token(hr, to=AMY)
        message = sdk.TextMessage(text="安安", quick_reply=None)
        answer = MessagingApi(api).reply_message_with_http_info(
            sdk.ReplyMessageRequest(reply_token=token, messages=[message])
        )
        [delivered] = line.delivered
        assert (delivered.to, delivered.via, delivered.messages[0]["text"]) == (AMY, "reply", "安安")
        assert delivered.request_id == answer.headers["x-line-request-id"]
        assert delivered.message_ids == (answer.data.sent_messages[0].id,)
        assert line.violations == []

    def test_a_token_answers_once(self, line, hr):
        """The second use of a reply token is refused, and nothing more is delivered."""
        token = line.new_reply_token(hr)
        assert reply(line, hr, token).status == 200
        again = reply(line, hr, token)
        assert (again.status, again.body) == (400, {"message": "Invalid reply token"})
        assert len(line.delivered) == 1

    def test_one_of_many_at_the_same_moment_wins(self, line, hr):
        """Eight replies at once with one token deliver one."""
        token = line.new_reply_token(hr)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: reply(line, hr, token).status, range(8)))
        assert sorted(answers) == [200] + [400] * 7
        assert len(line.delivered) == 1

    def test_an_expired_or_foreign_token_is_refused(self, line, hr, clock):
        """A token is refused after its life, on another channel, and if LINE never gave it."""
        other = line.add_channel("it", "it-token", "it-secret")
        old, foreign = line.new_reply_token(hr, life_s=60), line.new_reply_token(other)
        clock.now += 60
        for token in (old, foreign, "made-up"):
            assert reply(line, hr, token).body == {"message": "Invalid reply token"}
        assert line.violations == []

    def test_a_retry_key_is_refused(self, line, hr):
        """A reply with X-Line-Retry-Key gets 400, and its token stays good."""
        token = line.new_reply_token(hr)
        assert reply(line, hr, token, headers={"X-Line-Retry-Key": str(uuid.uuid4())}).status == 400
        assert reply(line, hr, token).status == 200
        assert len(line.violations) == 1

    def test_a_bad_message_leaves_the_token_unspent(self, line, hr):
        """A reply that is refused for its messages can be sent again, corrected."""
        token = line.new_reply_token(hr)
        bad = {"replyToken": token, "messages": [{"type": "text", "text": ""}]}
        assert ask(line.base_url, "POST", "/v2/bot/message/reply", bad, token=hr.token).status == 400
        assert reply(line, hr, token).status == 200


class TestPush:
    def test_the_same_key_does_not_deliver_twice(self, line, hr, api):
        """A repeat answers 409 with the first request's id; the SDK raises ApiException."""
        key = str(uuid.uuid4())
        request = sdk.PushMessageRequest(to=AMY, messages=[sdk.TextMessage(text="hello")])
        first = MessagingApi(api).push_message_with_http_info(request, x_line_retry_key=key)
        with pytest.raises(ApiException) as caught:
            MessagingApi(api).push_message(request, x_line_retry_key=key)
        assert caught.value.status == 409
        assert caught.value.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
        assert len(line.delivered) == 1
        assert line.account(hr).consumed == 1

    def test_the_same_key_at_the_same_moment_delivers_once(self, line, hr):
        """Of eight pushes at once under one key, one is delivered and seven get 409."""
        key = str(uuid.uuid4())
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: push(line, hr, key=key).status, range(8)))
        assert sorted(answers) == [200] + [409] * 7
        assert len(line.delivered) == line.account(hr).consumed == 1

    def test_a_key_is_forgotten_after_a_day(self, line, hr, clock):
        """24 hours later the same key sends again."""
        key = str(uuid.uuid4())
        push(line, hr, key=key)
        clock.now += 24 * 3600
        assert push(line, hr, key=key).status == 200
        assert len(line.delivered) == 2

    def test_a_key_must_be_a_uuid_and_its_body_the_same(self, line, hr):
        """A key that is no UUID gets 400; another body under an accepted key is a violation."""
        assert push(line, hr, key="not-a-uuid").status == 400
        key = str(uuid.uuid4())
        push(line, hr, key=key, text="one")
        assert push(line, hr, key=key, text="one").status == 409
        assert len(line.violations) == 1
        assert push(line, hr, key=key, text="two").status == 409
        assert len(line.violations) == 2

    def test_the_month_has_a_limit(self, line, hr):
        """Over the quota a push gets 429; a repeat of what was accepted still gets 409, and replies stay free."""
        line.set_quota(hr, 1)
        key = str(uuid.uuid4())
        assert push(line, hr, key=key).status == 200
        over = push(line, hr)
        assert (over.status, over.body["message"]) == (429, "You have reached your monthly limit.")
        assert push(line, hr, key=key).status == 409
        assert reply(line, hr, line.new_reply_token(hr)).status == 200

    def test_the_quota_can_be_asked_for(self, line, hr, api):
        """Quota and consumption are what was set and spent; without a limit the type is none."""
        push(line, hr)
        assert MessagingApi(api).get_message_quota().value == 200
        assert MessagingApi(api).get_message_quota_consumption().total_usage == 1
        line.set_quota(hr, None)
        assert MessagingApi(api).get_message_quota().type == "none"

    def test_a_group_costs_its_members(self, line, hr):
        """A push to a group is paid per member, and refused where the account is not a member."""
        group = group_id("lunch")
        assert push(line, hr, group).status == 400
        line.add_group(hr, group, members=[AMY, BEN])
        assert push(line, hr, group).status == 200
        assert line.account(hr).consumed == 2

    def test_who_blocked_us_gets_nothing(self, line, hr):
        """A push to a blocked person answers 200 and is not delivered; a profile is not found."""
        line.blocked.add(AMY)
        assert push(line, hr).status == 200
        assert line.delivered == []
        assert get(line, hr, f"/v2/bot/profile/{AMY}").status == 404
        assert get(line, hr, f"/v2/bot/profile/{BEN}").body["userId"] == BEN

    def test_a_multicast_reaches_each_once(self, line, hr):
        """A multicast delivers to each person named, twice named or not, and counts each."""
        body = {"to": [AMY, BEN, AMY], "messages": [HELLO]}
        assert ask(line.base_url, "POST", "/v2/bot/message/multicast", body, token=hr.token).body == {}
        assert [(one.to, one.via) for one in line.delivered] == [(AMY, "multicast"), (BEN, "multicast")]
        assert line.account(hr).consumed == 2

    def test_a_quote_stays_in_its_chat(self, line, hr):
        """A quote token of another chat is refused, one of the same chat is taken."""
        for chat, status in ((BEN, 400), (AMY, 200)):
            message = {**HELLO, "quoteToken": line.new_quote_token(hr, chat)}
            body = {"to": AMY, "messages": [message]}
            assert ask(line.base_url, "POST", "/v2/bot/message/push", body, token=hr.token).status == status


class TestRequests:
    def test_a_wrong_token_is_refused(self, line, hr):
        """Without a token, or with another's, LINE answers 401 and nothing happens."""
        for token in (None, "wrong"):
            assert ask(line.base_url, "GET", "/v2/bot/info", token=token).status == 401
        assert line.violations == []

    def test_an_unknown_path_is_not_found(self, line, hr):
        """A path LINE does not have gets 404; one the fake does not model says so with 501."""
        assert get(line, hr, "/v2/bot/message/nonsense").status == 404
        assert get(line, hr, "/v2/bot/followers/ids").status == 501
        assert len(line.violations) == 2

    def test_requests_are_kept_without_the_token(self, line, hr):
        """A request is recorded with its channel, body and headers, but never the token."""
        push(line, hr)
        [request] = line.requests
        assert (request.method, request.path, request.channel) == ("POST", "/v2/bot/message/push", "hr")
        assert request.body["messages"] == [HELLO]
        assert hr.token not in str(request)
        assert hr.token not in str(hr)

    def test_accounts_are_apart(self, line, hr):
        """Two channels on one server have their own quota and are named in what they deliver."""
        it = line.add_channel("it", "it-token", "it-secret")
        push(line, it)
        assert [one.channel for one in line.delivered] == ["it"]
        assert (line.account(hr).consumed, line.account(it).consumed) == (0, 1)

    def test_openapi_is_consulted_if_strict(self, spec_path, line, hr):
        """openapi-core refuses a media type that the fake's own checks let pass; strict=False leaves it out."""
        body, headers = {"to": AMY, "messages": [HELLO]}, {"content-type": "application/json-patch+json"}

        def sent_to(server: LineServer) -> int:
            return ask(server.base_url, "POST", "/v2/bot/message/push", body, token=hr.token, headers=headers).status

        with line_server(spec_path, strict=False) as lax:
            lax.add_channel("hr", hr.token, hr.secret)
            assert sent_to(lax) == 200
        assert sent_to(line) == 400
        assert line.delivered == []

    def test_the_sdk_reads_every_answer(self, line, hr, api):
        """The SDK's models accept the bot's info, a profile, a group's summary, members, and leaving."""
        bot, group = MessagingApi(api), group_id("lunch")
        line.add_group(hr, group, "Lunch", [AMY])
        line.people[AMY] = {"displayName": "Amy", "language": "en"}
        assert bot.get_bot_info().user_id == hr.destination
        assert bot.get_profile(AMY).display_name == "Amy"
        assert bot.get_group_summary(group).group_name == "Lunch"
        assert bot.get_group_member_count(group).count == 1
        assert bot.get_group_member_profile(group, AMY).display_name == "Amy"
        bot.leave_group(group)
        with pytest.raises(ApiException, match="404"):
            bot.get_group_summary(group)
        assert line.violations == []


class TestLoading:
    def test_the_animation_is_shown_one_to_one_only(self, line, hr):
        """Loading is accepted for a person with 202, refused for a group and for steps other than 5."""
        path = "/v2/bot/chat/loading/start"
        asked = [{"chatId": AMY, "loadingSeconds": 30}, {"chatId": group_id("g")}]
        asked += [{"chatId": AMY, "loadingSeconds": seconds} for seconds in (7, 0, 65)]
        answers = [ask(line.base_url, "POST", path, body, token=hr.token).status for body in asked]
        assert answers == [202, 400, 400, 400, 400]
        assert [(shown.to, shown.seconds) for shown in line.loading] == [(AMY, 30)]
