"""What look-ups say of themselves, in both languages."""

from collections.abc import Mapping

from bots.messages import Language

ZH: Mapping[str, str] = {
    "ask": "「{title}」：請告訴我{label}。",
    "ask_choice": "「{title}」：請選擇{label}，或直接輸入。",
    "again": "{why}\n請再告訴我{label}一次；不查了請輸入「取消」。",
    "not_understood": "看不懂這個值。",
    "today": "今天",
    "yesterday": "昨天",
    "tomorrow": "明天",
    "pick_date": "選日期",
    "pick_time": "選時間",
    "cancel": "取消",
    "cancelled": "好的，不查「{title}」了。",
    "none": "「{title}」查不到資料。",
    "one": "「{title}」",
    "some": "「{title}」共 {total} 筆。",
    "page": "「{title}」第 {first} 到 {last} 筆，共 {total} 筆。",
    "cut": "資料很多，只列出前 {total} 筆；請用更精確的條件再查一次。",
    "no_more": "「{title}」沒有更多資料了。",
    "more": "看更多",
    "directly": "「{title}」是個人資料，請私訊我查詢，不要在群組或頻道裡查。",
    "not_open": "這項查詢沒有對您開放。",
    "gone": "這個按鈕已經失效，請再查一次。",
    "sign_in": "「{title}」要知道您是哪一位同仁，請先登入，再查一次。",
    "api": "「{title}」要知道是哪一位同仁在查，這個管道無法確認身分，請改用 LINE、Slack 或網頁。",
    "down": "「{title}」的資料來源目前連不上，請稍後再試。如果一直這樣，請聯絡：{contact}",
    "slow": "「{title}」的資料來源回應太慢，請稍後再試。如果一直這樣，請聯絡：{contact}",
    "large": "「{title}」的資料太多，沒辦法在這裡列出。請用更精確的條件，或聯絡：{contact}",
    "set_up": "「{title}」目前無法查詢，設定有問題，請聯絡：{contact}",
    "values": "用這些條件無法查詢「{title}」。請換個寫法再試一次。",
    "someone": "系統管理者",
}

EN: Mapping[str, str] = {
    "ask": "“{title}”: please tell me {label}.",
    "ask_choice": "“{title}”: please choose {label}, or write it.",
    "again": "{why}\nPlease tell me {label} once more, or write “cancel”.",
    "not_understood": "I do not understand this value.",
    "today": "today",
    "yesterday": "yesterday",
    "tomorrow": "tomorrow",
    "pick_date": "Pick a date",
    "pick_time": "Pick a time",
    "cancel": "cancel",
    "cancelled": "All right, I have dropped “{title}”.",
    "none": "“{title}”: nothing was found.",
    "one": "“{title}”",
    "some": "“{title}”: {total} found.",
    "page": "“{title}”: {first} to {last} of {total}.",
    "cut": "There is a lot; these are the first {total} only. Please ask more precisely.",
    "no_more": "“{title}”: there is nothing more.",
    "more": "More",
    "directly": "“{title}” is personal. Please write to me directly, not in a group or channel.",
    "not_open": "This look-up is not open to you.",
    "gone": "This button no longer works. Please look it up again.",
    "sign_in": "“{title}” has to know who you are. Please sign in, then look it up again.",
    "api": "“{title}” has to know who asks, which cannot be told here. Please use LINE, Slack or the web page.",
    "down": (
        "The data behind “{title}” cannot be reached now. Please try again in a moment; if it stays like this,"
        " contact {contact}"
    ),
    "slow": (
        "The data behind “{title}” take too long to answer. Please try again in a moment; if it stays like this,"
        " contact {contact}"
    ),
    "large": "“{title}” finds too much to be shown here. Please ask more precisely, or contact {contact}",
    "set_up": "“{title}” cannot be looked up now, for it is not set up right. Please contact {contact}",
    "values": "“{title}” cannot be looked up with these values. Please write them in another way.",
    "someone": "your administrator",
}

CANCEL_WORDS = frozenset({"取消", "取消查詢", "不查了", "不用了", "算了", "cancel", "never mind", "stop"})

_ALL: Mapping[Language, Mapping[str, str]] = {"zh-TW": ZH, "en": EN}


def say(language: Language, key: str, **values: object) -> str:
    """Return one of our sentences."""
    return _ALL[language][key].format(**values)
