"""What notifications and confirmations say besides their own texts, in both languages."""

from collections.abc import Mapping

from bots.messages import Language

ZH: Mapping[str, str] = {
    "noted": "謝謝，已記下：{answer}。",
    "changed": "已改為：{answer}（原本是：{before}）。",
    "same": "已經記下您的回覆了：{answer}。",
    "not_yours": "這則通知不是發給您的，所以沒有記下任何回覆。",
    "over": "這則通知已經結束，不再收回覆。",
    "answers": "請點選：",
    "reminder": "提醒您，這則通知還沒有回覆：",
    "settings": "您可以自己決定要不要收這些通知：",
    "settings_none": "目前沒有可以關閉的通知。",
    "settings_who": "要設定通知，請先綁定同仁帳號：輸入「綁定」就會告訴您怎麼做。",
    "turned_off": "好的，之後不再通知您「{title}」。",
    "turned_on": "好的，之後會再通知您「{title}」。",
    "is_on": "目前：會通知",
    "is_off": "目前：不通知",
    "turn_off": "關閉通知",
    "turn_on": "開啟通知",
    "off_label": "不再通知我",
    "gone": "這項通知已經沒有了，或不能關閉。輸入「通知設定」可以看目前的清單。",
    "confirm_title": "請您確認",
    "confirm_who": "「{client}」請您確認；{until} 前有效。不是您本人的操作，請按「拒絕」。",
    "approve": "核准",
    "deny": "拒絕",
    "approved": "已核准。",
    "denied": "已拒絕。如果不是您本人的操作，請通知資訊部門。",
    "already_approved": "您已經核准過了，不能再更改。",
    "already_denied": "您已經拒絕過了，不能再更改。",
    "expired": "這項確認已經過期，沒有記下任何回覆。",
    "confirm_not_yours": "這項確認不是給您的，所以沒有記下任何回覆。",
}

EN: Mapping[str, str] = {
    "noted": "Thank you, noted: {answer}.",
    "changed": "Changed to: {answer} (it was: {before}).",
    "same": "Your answer has been noted already: {answer}.",
    "not_yours": "This notification was not sent to you, so no answer was noted.",
    "over": "This notification is over and takes no more answers.",
    "answers": "Please tap:",
    "reminder": "A reminder: this notification still waits for your answer.",
    "settings": "You decide whether you get these notifications:",
    "settings_none": "There is no notification that you could turn off.",
    "settings_who": "To set your notifications, bind your account first: write “bind” and I will tell you how.",
    "turned_off": "All right, you will not be told “{title}” any more.",
    "turned_on": "All right, you will be told “{title}” again.",
    "is_on": "Now: on",
    "is_off": "Now: off",
    "turn_off": "Turn off",
    "turn_on": "Turn on",
    "off_label": "Do not tell me again",
    "gone": "There is no such notification any more, or it cannot be turned off. “Notification settings” lists them.",
    "confirm_title": "Please confirm",
    "confirm_who": "“{client}” asks you to confirm this, until {until}. If this was not you, tap “Deny”.",
    "approve": "Approve",
    "deny": "Deny",
    "approved": "Approved.",
    "denied": "Denied. If this was not you, please tell the IT department.",
    "already_approved": "You have approved this already; it cannot be changed.",
    "already_denied": "You have denied this already; it cannot be changed.",
    "expired": "This confirmation has expired; no answer was noted.",
    "confirm_not_yours": "This confirmation was not sent to you, so no answer was noted.",
}

_ALL: Mapping[Language, Mapping[str, str]] = {"zh-TW": ZH, "en": EN}


def say(language: Language, key: str, **values: object) -> str:
    """Return one of our sentences."""
    return _ALL[language][key].format(**values)
