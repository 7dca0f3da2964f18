"""The fake LINE keeps what people sent, and rich menus with their pictures."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.line import Answered, Channel, LineServer, ask, line_server, of_user, user_id
from linebot.v3.messaging import ApiClient, ApiException, Configuration, MessagingApi, MessagingApiBlob
from linebot.v3.messaging import models as sdk
from PIL import Image

AMY = user_id("amy")


@pytest.fixture
def line(public_data: Path) -> Iterator[LineServer]:
    with line_server(public_data / "line" / "messaging-api.openapi.yml") as server:
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


class TestContent:
    def test_content_is_prepared_then_fetched_then_gone(self, line, hr, api):
        """202 while preparing, the bytes when ready, 410 once unsent, 404 if never sent."""
        message = line.add_content(hr, b"%PDF", "application/pdf", state="preparing")
        path = f"/v2/bot/message/{message}/content"
        assert get(line, hr, path).status == 202
        assert MessagingApiBlob(api).get_message_content_transcoding_by_message_id(message).status == "processing"
        line.set_content_state(hr, message, "ready")
        assert bytes(MessagingApiBlob(api).get_message_content(message)) == b"%PDF"
        line.events(hr).unsend(of_user(AMY), message)
        assert get(line, hr, path).status == 410
        assert get(line, hr, "/v2/bot/message/1/content").status == 404


def menu(**changes) -> dict:
    area = {"bounds": {"x": 0, "y": 0, "width": 800, "height": 540}, "action": {"type": "message", "text": "help"}}
    whole = {"size": {"width": 800, "height": 540}, "selected": True, "name": "m", "chatBarText": "Menu"}
    return {**whole, "areas": [area], **changes}


def picture(width: int = 800, height: int = 540, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, kind)
    return file.getvalue()


class TestRichMenus:
    def test_a_menu_lives_from_creation_to_deletion(self, line, hr, api):
        """By the SDK: create, refuse as default without a picture, upload, set as default, list, delete."""
        bot, blob = MessagingApi(api), MessagingApiBlob(api)
        request = sdk.RichMenuRequest.from_dict(menu())
        bot.validate_rich_menu_object(request)
        menu_id = bot.create_rich_menu(request).rich_menu_id
        with pytest.raises(ApiException, match="must upload richmenu image"):
            bot.set_default_rich_menu(menu_id)
        blob.set_rich_menu_image(menu_id, bytearray(picture()), _headers={"Content-Type": "image/png"})
        bot.set_default_rich_menu(menu_id)
        assert bot.get_default_rich_menu_id().rich_menu_id == menu_id
        assert [found.rich_menu_id for found in bot.get_rich_menu_list().richmenus] == [menu_id]
        bot.delete_rich_menu(menu_id)
        assert bot.get_rich_menu_list().richmenus == []
        assert line.account(hr).default_menu is None

    @pytest.mark.parametrize(
        ("content", "media"),
        [
            (picture(), "image/jpeg"),
            (picture(810, 540), "image/png"),
            (b"no picture", "image/png"),
            (picture() + b"\0" * 1_000_000, "image/png"),
            (picture(), "image/webp"),
        ],
        ids=["another type", "another size", "no image", "over 1 MB", "unknown type"],
    )
    def test_a_wrong_picture_is_refused(self, line, hr, content, media):
        """The picture has to be a PNG or JPEG of the menu's size and at most 1 MB."""
        created = ask(line.base_url, "POST", "/v2/bot/richmenu", menu(), token=hr.token)
        path = f"/v2/bot/richmenu/{created.body['richMenuId']}/content"
        wrong = ask(line.base_url, "POST", path, content, token=hr.token, headers={"content-type": media})
        assert wrong.status == 400
        assert len(line.violations) == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            menu(size={"width": 799, "height": 540}),
            menu(size={"width": 800, "height": 600}),
            menu(chatBarText="x" * 15),
            menu(areas=menu()["areas"] * 21),
            menu(areas=[{**menu()["areas"][0], "bounds": {"x": 1, "y": 0, "width": 800, "height": 540}}]),
            {key: value for key, value in menu().items() if key != "selected"},
        ],
        ids=["narrow", "tall", "long bar text", "21 areas", "area outside", "selected missing"],
    )
    def test_a_wrong_menu_is_refused(self, line, hr, wrong):
        """Width, ratio, texts, number of areas and their bounds are checked."""
        assert ask(line.base_url, "POST", "/v2/bot/richmenu/validate", wrong, token=hr.token).status == 400
