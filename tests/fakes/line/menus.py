"""Rich menus: create, check, picture, default, a person's own, list, delete."""

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from fakes.line.records import Answer, Call, RefusedError
from fakes.line.richmenus import image_problem
from fakes.line.state import Account, RichMenu

if TYPE_CHECKING:
    from fakes.line.server import LineServer

MOST_MENUS = 1000


def create(server: "LineServer", account: Account, call: Call) -> Answer:
    """Keep a rich menu."""
    if len(account.rich_menus) >= MOST_MENUS:
        raise RefusedError(400, "You have reached the maximum number of rich menus")
    menu_id = f"richmenu-{secrets.token_hex(16)}"
    account.rich_menus[menu_id] = RichMenu(call.json)
    return Answer(body={"richMenuId": menu_id})


def validate(server: "LineServer", account: Account, call: Call) -> Answer:
    """Say that the rich menu is fine; what is not fine was refused before."""
    return Answer()


def listed(server: "LineServer", account: Account, call: Call) -> Answer:
    """Return all rich menus."""
    menus = [{"richMenuId": menu_id, **kept.menu} for menu_id, kept in account.rich_menus.items()]
    return Answer(body={"richmenus": menus})


def get(server: "LineServer", account: Account, call: Call, menu_id: str) -> Answer:
    """Return one rich menu."""
    return Answer(body={"richMenuId": menu_id, **_kept(account, menu_id).menu})


def delete(server: "LineServer", account: Account, call: Call, menu_id: str) -> Answer:
    """Forget a rich menu, also where it was shown."""
    _kept(account, menu_id)
    del account.rich_menus[menu_id]
    account.default_menu = None if account.default_menu == menu_id else account.default_menu
    account.menu_of_user = {user: own for user, own in account.menu_of_user.items() if own != menu_id}
    return Answer()


def upload(server: "LineServer", account: Account, call: Call, menu_id: str) -> Answer:
    """Keep a rich menu's picture, once."""
    kept = _kept(account, menu_id)
    if kept.image is not None:
        raise RefusedError(400, "An image has already been uploaded to the richmenu", is_violation=True)
    content_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    problem = image_problem(call.raw, content_type, kept.menu["size"])
    if problem is not None:
        raise RefusedError(400, problem, is_violation=True)
    account.rich_menus[menu_id] = replace(kept, image=call.raw, content_type=content_type)
    return Answer()


def picture(server: "LineServer", account: Account, call: Call, menu_id: str) -> Answer:
    """Return a rich menu's picture."""
    kept = _kept(account, menu_id)
    if kept.image is None:
        raise RefusedError(404, "Not found")
    return Answer(200, kept.image, {"content-type": kept.content_type})


def set_default(server: "LineServer", account: Account, call: Call, menu_id: str) -> Answer:
    """Show a rich menu to everybody who has none of their own."""
    _pictured(account, menu_id)
    account.default_menu = menu_id
    return Answer()


def get_default(server: "LineServer", account: Account, call: Call) -> Answer:
    """Return which rich menu everybody sees."""
    if account.default_menu is None:
        raise RefusedError(404, "no default richmenu")
    return Answer(body={"richMenuId": account.default_menu})


def cancel_default(server: "LineServer", account: Account, call: Call) -> Answer:
    """Show no default rich menu any more."""
    account.default_menu = None
    return Answer()


def link(server: "LineServer", account: Account, call: Call, user: str, menu_id: str) -> Answer:
    """Show a rich menu to one person."""
    _pictured(account, menu_id)
    account.menu_of_user[user] = menu_id
    return Answer()


def unlink(server: "LineServer", account: Account, call: Call, user: str) -> Answer:
    """Take a person's own rich menu away."""
    account.menu_of_user.pop(user, None)
    return Answer()


def of_user(server: "LineServer", account: Account, call: Call, user: str) -> Answer:
    """Return a person's own rich menu."""
    if user not in account.menu_of_user:
        raise RefusedError(404, "the user has no richmenu")
    return Answer(body={"richMenuId": account.menu_of_user[user]})


def _kept(account: Account, menu_id: str) -> RichMenu:
    if menu_id not in account.rich_menus:
        raise RefusedError(404, "richmenu not found")
    return account.rich_menus[menu_id]


def _pictured(account: Account, menu_id: str) -> None:
    if _kept(account, menu_id).image is None:
        raise RefusedError(400, "must upload richmenu image before applying it to user", is_violation=True)
