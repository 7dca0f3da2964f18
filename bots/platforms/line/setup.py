"""Setting a LINE account up, and finding out what is wrong with one: webhook, token, quota, rich menu.

What LINE has no API for (using webhooks at all, redelivery, the automatic replies) is told as a step to take by hand.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from bots.accounts import LineAccount
from bots.messages import WindowCard
from bots.platforms.line.client import LineApi, NotToldError
from bots.platforms.line.menu import NAME_PREFIX, RichMenu, find_font, rich_menu

CONSOLE: Final = "https://developers.line.biz/console/"
MANAGER: Final = "https://manager.line.biz/"
_LOW: Final = 0.9  # of the month's pushes


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report: what was done or found; where ``ok`` is false, ``fix`` says what to do."""

    ok: bool
    what: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class SetUpReport:
    """What setting an account up did, in order."""

    account: str
    lines: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is left to be done."""
        return all(line.ok for line in self.lines)


def webhook_address(public_url: str, account: str) -> str:
    """Return where LINE has to send this account's events."""
    return f"{public_url.rstrip('/')}/line/{quote(account, safe='')}/webhook"


def set_up(
    account: LineAccount,
    windows: Sequence[WindowCard],
    public_url: str,
    *,
    font: Path | None = None,
    api_base: str | None = None,
) -> SetUpReport:
    """Set the webhook's address, try it, and show the windows as a rich menu. Running it again changes nothing.

    ``windows`` are those of the account, in order. Raises SettingError if no font with Chinese characters is found.
    """
    menu = rich_menu(windows, find_font(font)) if windows else None
    api = LineApi(account, api_base)
    lines = [_token(api)]
    if lines[0].ok:
        lines += [*_set_webhook(api, webhook_address(public_url, account.name)), _by_hand(api)]
        lines.append(_show(api, menu) if menu else Finding(False, "no rich menu", "Give the account windows to show."))
    return SetUpReport(account.name, tuple(lines))


def check(account: LineAccount, public_url: str = "", *, api_base: str | None = None) -> tuple[Finding, ...]:
    """Return what ``transom doctor`` has to say about the account. Nothing is changed, nothing is sent to people."""
    api = LineApi(account, api_base)
    token = _token(api)
    if not token.ok:
        return (token,)
    expected = webhook_address(public_url, account.name) if public_url else ""
    return (token, *_check_webhook(api, expected), _check_quota(api))


# --- the token ---


def _token(api: LineApi) -> Finding:
    def found() -> Finding:
        bot = api.told("get_bot_info")
        return Finding(True, f"the channel access token is valid: {bot.get('displayName')} ({bot.get('basicId')})")

    return _finding("the channel access token", found)


# --- the webhook ---


def _set_webhook(api: LineApi, address: str) -> Iterable[Finding]:
    if not _is_reachable(address):
        fix = "LINE calls https addresses only: set TRANSOM_PUBLIC_URL=https://… (docs/line.md shows a tunnel)."
        return [Finding(False, f"the webhook would be {address}", fix)]

    def done() -> Finding:
        api.set_webhook(address)
        return Finding(True, f"the webhook is {address}")

    return [_finding("setting the webhook", done), _tried(api, address)]


def _tried(api: LineApi, address: str) -> Finding:
    def found() -> Finding:
        said = api.test_webhook(address)
        if said.get("success") is True:
            return Finding(True, "LINE reaches the webhook")
        what = f"LINE called the webhook and got {said.get('reason')} ({said.get('statusCode')})"
        return Finding(False, what, _webhook_fix(said))

    return _finding("the webhook test", found)


def _webhook_fix(said: dict[str, Any]) -> str:
    status = said.get("statusCode")
    if status == 401:
        return "The channel secret is not this channel's: copy it from Basic settings into channels.yaml (secret)."
    if status == 404:
        return "Something else answers there, or the account has another name in channels.yaml."
    return "Start transom serve and let its address be reached from outside; the certificate has to be a public one."


def _check_webhook(api: LineApi, expected: str) -> Iterable[Finding]:
    try:
        webhook = api.told("get_webhook_endpoint")
    except NotToldError as error:
        if error.answer.status == 404:
            return [Finding(False, "no webhook is set", "Run transom line setup.")]
        return [_failed("the webhook", error)]
    endpoint = str(webhook.get("endpoint", ""))
    findings = [_by_hand(api)]
    if expected and endpoint != expected:
        findings.append(Finding(False, f"the webhook is {endpoint}, not {expected}", "Run transom line setup."))
    return [*findings, _tried(api, endpoint)]


def _by_hand(api: LineApi) -> Finding:
    def found() -> Finding:
        if api.told("get_webhook_endpoint").get("active") is True:
            return Finding(True, "webhooks are in use; see that Webhook redelivery is on, too")
        fix = f"{CONSOLE} → Messaging API: switch Use webhook and Webhook redelivery on."
        return Finding(False, "the account does not use its webhook", fix)

    return _finding("the use of webhooks", found)


def _is_reachable(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost")  # a stand-in for LINE allows these


# --- the quota ---


def _check_quota(api: LineApi) -> Finding:
    def found() -> Finding:
        limit = api.told("get_message_quota")
        used = int(api.told("get_message_quota_consumption").get("totalUsage", 0))
        if limit.get("type") != "limited":
            return Finding(True, f"{used} pushes this month, no limit")
        most = int(limit.get("value", 0))
        what = f"{used} of {most} pushes this month"
        fix = (
            f"Late answers wait for a tap once they are spent. A larger plan: {MANAGER}; smaller budgets: line_pushes."
        )
        return Finding(used < most * _LOW, what, fix if used >= most * _LOW else "")

    return _finding("the quota", found)


# --- the rich menu ---


def _show(api: LineApi, menu: RichMenu) -> Finding:
    def done() -> Finding:
        ours = _our_menus(api)
        current = _default_menu(api)
        if current is not None and ours.get(current) == menu.name:
            _delete(api, [menu_id for menu_id in ours if menu_id != current])
            return Finding(True, "the rich menu is up to date")
        created = api.create_rich_menu(menu.menu)
        try:
            api.upload_menu_image(created, menu.png)
            api.told("set_default_rich_menu", created)
        except NotToldError:
            _delete(api, [created])  # half a menu would be in the way next time
            raise
        _delete(api, list(ours))
        return Finding(True, f"the rich menu shows {len(menu.menu['areas']) - 1} windows")

    return _finding("the rich menu", done)


def _our_menus(api: LineApi) -> dict[str, str]:
    menus = api.told("get_rich_menu_list").get("richmenus", [])
    named = {str(menu.get("richMenuId")): str(menu.get("name", "")) for menu in menus if isinstance(menu, dict)}
    return {menu_id: name for menu_id, name in named.items() if name.startswith(NAME_PREFIX)}


def _default_menu(api: LineApi) -> str | None:
    try:
        return str(api.told("get_default_rich_menu_id").get("richMenuId"))
    except NotToldError as error:
        if error.answer.status == 404:
            return None
        raise


def _delete(api: LineApi, menu_ids: Sequence[str]) -> None:
    for menu_id in menu_ids:
        try:
            api.told("delete_rich_menu", menu_id)
        except NotToldError as error:
            if error.answer.status != 404:  # gone is as good as deleted
                raise


# --- trouble ---


def _finding(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except NotToldError as error:
        return _failed(what, error)


def _failed(what: str, error: NotToldError) -> Finding:
    status = error.answer.status
    if status in (401, 403):
        fix = (
            f"Issue a long-lived channel access token ({CONSOLE} → Messaging API) and put it into the variable that"
            " channels.yaml names."
        )
    elif status == 0:
        fix = "Let this machine reach api.line.me and api-data.line.me by https."
    elif status == 429:
        fix = "LINE takes no more of these now; try again in an hour (the webhook test: 60 an hour)."
    else:
        fix = "Try again; if it stays, look at https://status.line.me/ and at the account in LINE's console."
    return Finding(False, f"{what}: LINE answered {status or 'nothing'}", fix)
