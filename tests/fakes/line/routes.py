"""Which operation of LINE's OpenAPI is answered by which function. What is not here, the fake does not model."""

from collections.abc import Callable, Mapping

from fakes.line import chats, menus, messaging
from fakes.line.records import Answer

Handler = Callable[..., Answer]

_MENU, _ALL = "/v2/bot/richmenu/{richMenuId}", "/v2/bot/user/all/richmenu"
_GROUP, _ROOM = "/v2/bot/group/{groupId}", "/v2/bot/room/{roomId}"
_CONTENT, _USER = "/v2/bot/message/{messageId}/content", "/v2/bot/user/{userId}"

ROUTES: Mapping[tuple[str, str], Handler] = {
    ("POST", "/v2/bot/message/reply"): messaging.reply,
    ("POST", "/v2/bot/message/push"): messaging.push,
    ("POST", "/v2/bot/message/multicast"): messaging.multicast,
    ("POST", "/v2/bot/message/validate/reply"): messaging.validate,
    ("POST", "/v2/bot/message/validate/push"): messaging.validate,
    ("POST", "/v2/bot/message/validate/multicast"): messaging.validate,
    ("GET", "/v2/bot/message/quota"): messaging.quota,
    ("GET", "/v2/bot/message/quota/consumption"): messaging.consumption,
    ("POST", "/v2/bot/chat/loading/start"): messaging.show_loading,
    ("GET", _CONTENT): chats.content,
    ("GET", f"{_CONTENT}/preview"): chats.content,
    ("GET", f"{_CONTENT}/transcoding"): chats.transcoding,
    ("GET", "/v2/bot/info"): chats.bot_info,
    ("GET", "/v2/bot/profile/{userId}"): chats.profile,
    ("GET", f"{_GROUP}/summary"): chats.group_summary,
    ("GET", f"{_GROUP}/members/count"): chats.members_count,
    ("GET", f"{_GROUP}/member/{{userId}}"): chats.member_profile,
    ("POST", f"{_GROUP}/leave"): chats.leave,
    ("GET", f"{_ROOM}/members/count"): chats.members_count,
    ("GET", f"{_ROOM}/member/{{userId}}"): chats.member_profile,
    ("POST", f"{_ROOM}/leave"): chats.leave,
    ("POST", f"{_USER}/linkToken"): chats.link_token,
    ("GET", "/v2/bot/channel/webhook/endpoint"): chats.get_webhook,
    ("PUT", "/v2/bot/channel/webhook/endpoint"): chats.set_webhook,
    ("POST", "/v2/bot/channel/webhook/test"): chats.test_webhook,
    ("POST", "/v2/bot/richmenu"): menus.create,
    ("POST", "/v2/bot/richmenu/validate"): menus.validate,
    ("GET", "/v2/bot/richmenu/list"): menus.listed,
    ("GET", _MENU): menus.get,
    ("DELETE", _MENU): menus.delete,
    ("POST", f"{_MENU}/content"): menus.upload,
    ("GET", f"{_MENU}/content"): menus.picture,
    ("POST", f"{_ALL}/{{richMenuId}}"): menus.set_default,
    ("GET", _ALL): menus.get_default,
    ("DELETE", _ALL): menus.cancel_default,
    ("POST", f"{_USER}/richmenu/{{richMenuId}}"): menus.link,
    ("DELETE", f"{_USER}/richmenu"): menus.unlink,
    ("GET", f"{_USER}/richmenu"): menus.of_user,
}

# it calls the product, which may call the fake before it answers: no lock may be held meanwhile
WITHOUT_LOCK: frozenset[Handler] = frozenset({chats.test_webhook})
