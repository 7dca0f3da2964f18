import io
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from fakes.line import FAIL_BEFORE
from PIL import Image, ImageChops
from werkzeug.serving import make_server

from bots.accounts import LineAccount
from bots.errors import SettingError
from bots.messages import WindowCard
from bots.platforms.line import check, set_up
from bots.platforms.line.menu import draw, find_font, layout, rich_menu

WINDOWS = [
    WindowCard(name, mark, title, (), "")
    for name, mark, title in [
        ("sales", "銷", "客服窗口"),
        ("hr", "人", "人資窗口"),
        ("it", "資", "資訊窗口"),
        ("finance", "財", "財務窗口"),
        ("production", "產", "生產管理與品質保證窗口"),
        ("rnd", "發", "Research and Product Development"),
        ("seventh", "七", "第七窗口"),
    ]
]


@pytest.fixture(scope="module")
def font() -> Path:
    try:
        return find_font()
    except SettingError as error:
        pytest.skip(str(error))


@pytest.fixture
def served(app):
    """The webhook on a port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("count", range(1, 8))
def test_the_picture_is_one_line_takes_and_its_doors_tile_it(font, count):
    """At most 1 MB, as large as the menu says; areas neither overlap nor leave a gap."""
    menu = rich_menu(WINDOWS[:count], font)
    image = Image.open(io.BytesIO(menu.png))
    size = menu.menu["size"]
    assert (image.format, image.size) == ("PNG", (size["width"], size["height"]))
    assert image.size == (2500, 843 if count <= 3 else 1686)
    assert len(menu.png) <= 1_000_000
    bounds = [area["bounds"] for area in menu.menu["areas"]]
    assert len(bounds) == min(count, 6) + 1
    assert sum(one["width"] * one["height"] for one in bounds) == 2500 * size["height"]


def test_each_door_shows_something_of_its_own(font):
    """The pictures of two windows differ where their doors are, and are the same elsewhere."""
    (first, second), strip, _ = layout(2)
    one, other = (
        Image.open(io.BytesIO(draw([WINDOWS[0], window], font))).convert("L") for window in (WINDOWS[1], WINDOWS[2])
    )
    difference = ImageChops.difference(one, other)
    most = [difference.crop(box).getextrema()[1] for box in (first, strip, second)]
    assert most[0] < 32  # the palettes differ a little
    assert most[1] < 32
    assert most[2] > 100


def test_a_tap_on_a_door_chooses_its_window(font):
    """The data name the window; the last area lists them all."""
    actions = [area["action"] for area in rich_menu(WINDOWS, font).menu["areas"]]
    assert [action["data"] for action in actions] == [
        *(f"window={window.name}" for window in WINDOWS[:6]),
        "windows",
    ]
    assert actions[5]["label"] == "Research and Produc…"
    assert actions[5]["displayText"] == "Research and Product Development"


def test_a_menu_is_named_by_what_it_shows(font):
    """The same windows give the same name, another title another."""
    assert rich_menu(WINDOWS, font).name == rich_menu(WINDOWS, font).name
    assert rich_menu([replace(WINDOWS[0], title="別的窗口")], font).name != rich_menu(WINDOWS[:1], font).name


def test_without_a_font_for_chinese_the_error_says_what_to_do(tmp_path):
    """A file that is no font names itself and the fix; so does the lack of any."""
    broken = tmp_path / "font.ttc"
    broken.write_text("not a font")
    with pytest.raises(SettingError, match=r"font\.ttc cannot be read: install one .*--font FILE"):
        find_font(broken)
    with pytest.raises(SettingError, match="cannot be read"):
        find_font(tmp_path / "missing.ttf")
    with pytest.raises(SettingError, match=r"none was found: install one \(Debian: apt-get install fonts-noto-cjk\)"):
        find_font(None, [tmp_path, tmp_path / "missing"])


def test_setting_up_sets_tries_and_shows(line, channel, account, font, served):
    """The webhook is set and reached, the menu is drawn, uploaded and shown; a second run changes nothing."""
    report = set_up(account, WINDOWS, served + "/", font=font, api_base=line.base_url)
    assert [(found.ok, found.what) for found in report.lines] == [
        (True, "the channel access token is valid: shop (@shop)"),
        (True, f"the webhook is {served}/line/shop/webhook"),
        (True, "LINE reaches the webhook"),
        (True, "webhooks are in use; see that Webhook redelivery is on, too"),
        (True, "the rich menu shows 6 windows"),
    ]
    assert report.ok
    kept = line.account(channel)
    assert kept.webhook == f"{served}/line/shop/webhook"
    assert list(kept.rich_menus) == [kept.default_menu]
    shown = kept.default_menu
    again = set_up(account, WINDOWS, served, font=font, api_base=line.base_url)
    assert again.lines[-1].what == "the rich menu is up to date"
    assert list(kept.rich_menus) == [shown]


def test_a_new_menu_takes_the_place_of_ours_and_of_nobody_elses(line, channel, account, font, served):
    """Older menus of ours are deleted, those the company made stay."""
    set_up(account, WINDOWS[:2], served, font=font, api_base=line.base_url)
    kept = line.account(channel)
    old = kept.default_menu
    kept.rich_menus["richmenu-theirs"] = replace(kept.rich_menus[old], menu={**kept.rich_menus[old].menu, "name": "X"})
    set_up(account, WINDOWS[:3], served, font=font, api_base=line.base_url)
    assert set(kept.rich_menus) == {"richmenu-theirs", kept.default_menu}
    assert kept.default_menu != old


def test_half_a_menu_is_taken_away_again(line, channel, account, font, served):
    """If the picture cannot be uploaded, no menu without one stays behind, and the old one stays shown."""
    set_up(account, WINDOWS[:2], served, font=font, api_base=line.base_url)
    kept = line.account(channel)
    before = dict(kept.rich_menus)
    line.faults.next(FAIL_BEFORE, path="/content")
    report = set_up(account, WINDOWS[:3], served, font=font, api_base=line.base_url)
    assert (report.ok, report.lines[-1].what) == (False, "the rich menu: LINE answered 500")
    assert kept.rich_menus == before
    assert set_up(account, WINDOWS[:3], served, font=font, api_base=line.base_url).ok


def test_an_address_that_line_cannot_call_is_said_before_it_is_set(line, channel, account, font):
    """LINE takes https only; the fix names the setting."""
    report = set_up(account, WINDOWS, "http://transom.a-company.example", font=font, api_base=line.base_url)
    wrong = next(found for found in report.lines if not found.ok)
    assert "TRANSOM_PUBLIC_URL=https://" in wrong.fix
    assert line.account(channel).webhook is None


def test_the_doctor_finds_nothing_wrong_with_a_good_account(line, channel, account, font, served):
    """Token, webhook and quota, and nothing is changed."""
    set_up(account, WINDOWS, served, font=font, api_base=line.base_url)
    line.set_quota(channel, 200, 12)
    line.requests.clear()
    found = check(account, served, api_base=line.base_url)
    assert [one.what for one in found] == [
        "the channel access token is valid: shop (@shop)",
        "webhooks are in use; see that Webhook redelivery is on, too",
        "LINE reaches the webhook",
        "12 of 200 pushes this month",
    ]
    assert all(one.ok for one in found)
    assert {(one.method, one.path) for one in line.requests if one.method != "GET"} == {
        ("POST", "/v2/bot/channel/webhook/test")
    }


def test_the_doctor_names_a_fix_for_each_fault(line, channel, account, served, font):
    """A revoked token, no webhook, another webhook, a wrong secret, a nearly spent month, webhooks switched off."""
    (token,) = check(LineAccount("shop", "s", "revoked", (), ""), served, api_base=line.base_url)
    assert (token.ok, token.what) == (False, "the channel access token: LINE answered 401")
    assert "long-lived channel access token" in token.fix

    line.set_quota(channel, 200, 190)
    missing = [one for one in check(account, served, api_base=line.base_url) if not one.ok]
    assert [one.what for one in missing] == ["no webhook is set", "190 of 200 pushes this month"]
    assert all(one.fix for one in missing)

    kept = line.account(channel)
    kept.webhook, kept.webhook_active = served + "/line/other/webhook", False
    wrong = [one for one in check(account, served, api_base=line.base_url) if not one.ok]
    assert [one.what for one in wrong] == [
        "the account does not use its webhook",
        f"the webhook is {served}/line/other/webhook, not {served}/line/shop/webhook",
        "LINE called the webhook and got ERROR_STATUS_CODE (404)",
        "190 of 200 pushes this month",
    ]
    assert all(one.fix for one in wrong)


def test_a_wrong_channel_secret_is_named(line, channel, account, served):
    """LINE signs with its own secret, our webhook answers 401, and the doctor says which line to correct."""
    wrong = line.add_channel("shop", account.token, "the channel's true secret")
    line.account(wrong).webhook = f"{served}/line/shop/webhook"
    found = next(one for one in check(account, served, api_base=line.base_url) if "401" in one.what)
    assert "channel secret" in found.fix


def test_when_line_cannot_be_reached_the_doctor_says_so(account):
    """Nothing hangs and nothing raises."""
    (found,) = check(account, api_base="http://127.0.0.1:9")
    assert (found.ok, found.what) == (False, "the channel access token: LINE answered nothing")
    assert "api.line.me" in found.fix
