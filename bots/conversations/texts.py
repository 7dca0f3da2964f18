"""Our own sentences in a conversation, in both languages. They name what to do next."""

from collections.abc import Mapping

from bots.messages import InboundEvent, Language
from rag_core.answer.language import language_of

ZH: Mapping[str, str] = {
    "greeting": "您好，我是{company}的窗口。點一個窗口，或直接輸入問題；每個回答都附出處。",
    "greeting_bind": "如果您是同仁，請輸入綁定碼（向公司索取，或在 Slack 對我說「綁定」）。",
    "bind_hint": "如果您是同仁，請先輸入「綁定」，綁定後就能查詢同仁專用的文件。",
    "group_hint": "群組裡只能回答對外公開的內容；同仁的問題請私訊我。",
    "welcome": "不客氣！還有問題請直接輸入。",
    "joined": "大家好，我是{company}的窗口。想問事情時請先提及我（@），再寫問題。",
    "nothing_here": "目前沒有對您開放的窗口。如果您是同仁，請先綁定帳號：輸入綁定碼即可。",
    "channel_unknown": "這個頻道還沒有設定窗口，所以我不能在這裡回答。請私訊我，或請管理者把頻道加到窗口的設定裡。",
    "menu": "想問哪個窗口？也可以直接輸入問題，我會找最合適的窗口。",
    "chosen": "已切換到「{window}」，請輸入問題。",
    "automatic": "好的，之後會自動為您選擇最合適的窗口。",
    "auto_label": "自動選窗口",
    "switch": "改問{window}",
    "windows_label": "所有窗口",
    "ask_here": "問這個窗口",
    "begun": "好的，我們重新開始。",
    "sticker": "收到，謝謝！有想問的事，直接輸入就可以。",
    "file_declined": "目前這裡只收文字問題，您傳的照片或檔案沒有保存。請用文字描述想問的事。",
    "file_nobody": "謝謝您的檔案。要提供文件給窗口的知識庫，請洽{contact}。檔案我沒有留下。",
    "file_gone": "這個檔案我讀不到（太大、已收回或已過期），請再傳一次；上限是 20 MB。",
    "file_kind": "知識庫收 PDF、圖片和 Office 文件；這個檔案的類型不在其中，我沒有留下。",
    "file_offered": "已收下「{name}」，交給「{window}」的管理者審核；通過後才會加入知識庫。",
    "bind_slack": "綁定碼是 {code}，{minutes} 分鐘內有效，只能用一次。請在 LINE 上把它傳給公司的官方帳號。",
    "bind_who": "目前無法確認您的身分。如果您是同仁，請向公司索取綁定碼，再把它傳給我。",
    "bind_how": "請輸入綁定碼。綁定碼可以向公司索取，或在 Slack 對我說「綁定」。",
    "bound": "{name}您好，帳號已綁定，之後可以使用同仁的窗口了。",
    "bind_wrong": "這個綁定碼不對，或已經過期、用過了。請索取新的。",
    "bind_too_many": "試太多次了，請一小時後再試，或請人資協助。",
    "bind_group": "綁定碼請私下傳給我，不要在群組裡傳。這個碼已經不安全了，請索取新的。",
    "unbound": "已解除綁定，這個帳號不能再看同仁的資料。",
    "not_bound": "這個帳號沒有綁定。",
    "working": "還在幫您找答案，好了之後點下面的按鈕就能看。",
    "show_answer": "看回答",
    "already": "這則回答已經送出了。",
    "stale": "這個按鈕已經失效，請直接輸入問題。",
    "thanks_up": "謝謝您的回饋！",
    "thanks_down": "謝謝您告訴我們。這則回答會請負責的人看看。",
    "trouble": "系統暫時無法回答，請稍後再試。如果一直這樣，請聯絡：{contact}",
    "someone": "系統管理者",
    "not_served": "這個窗口沒有對您開放。",
    "home": "{company}的窗口",
    "home_text": "私訊我就能提問；在頻道裡請先提及我（@）。",
    "nothing_begun": "目前沒有正在進行的填寫或查詢。",
    "did_you_mean": "您是不是想要：",
    "tour": "第一次使用嗎？這是您能用的窗口。直接輸入問題就可以，也可以點下面的例子試試看：",
    "tour_lookups": "可以查：{names}",
    "abilities": "這個窗口可以直接回答問題，也可以幫您查資料、填單。點一下就開始：",
    "only_answers": "請直接輸入問題，例如：",
    "to_look_up": "可以查",
    "to_fill_in": "可以填",
    "tour_forms": "可以填：{names}",
    "list_comma": "、",
    "no_text": "請用文字寫下想問的事。",
    "too_long": "這則訊息太長了，請縮短到 2,000 字以內再傳一次。",
}

EN: Mapping[str, str] = {
    "greeting": "Hello, this is {company}. Tap a window or simply ask; every answer shows where it comes from.",
    "greeting_bind": "If you work here, send your bind code (from HR, or write “bind” to me on Slack).",
    "bind_hint": "If you work here, write “bind” first; then you can ask what only employees may read.",
    "group_hint": "In a group I can only say what is open to everybody; ask me privately what employees may read.",
    "welcome": "You are welcome! If there is anything else, simply ask.",
    "joined": "Hello, I am {company}'s window. To ask something here, mention me (@) and write the question.",
    "nothing_here": "No window is open to you yet. If you work here, bind your account: send your bind code.",
    "channel_unknown": (
        "No window is set up for this channel, so I may not answer here. Write to me directly, or have an"
        " administrator add the channel to a window."
    ),
    "menu": "Which window would you like to ask? You can also simply ask, and I will find the right one.",
    "chosen": "You are now at “{window}”. What would you like to know?",
    "automatic": "From now on I will find the best window for each question.",
    "auto_label": "Choose for me",
    "switch": "Ask {window}",
    "windows_label": "All windows",
    "ask_here": "Ask here",
    "begun": "All right, a fresh start.",
    "sticker": "Thank you! If you would like to know something, simply write it.",
    "file_declined": "I only take written questions here and have not kept your file. Please describe it in words.",
    "file_nobody": (
        "Thank you for the file. To offer a document to a window's knowledge, please ask {contact}."
        " I have not kept the file."
    ),
    "file_gone": "I cannot read this file (too large, taken back or expired). Please send it again; 20 MB is the most.",
    "file_kind": "The knowledge base takes PDFs, pictures and Office files; I have not kept this one.",
    "file_offered": "“{name}” has arrived. Whoever looks after “{window}” will review it before it is used.",
    "bind_slack": "Your bind code is {code}. It works once, for {minutes} minutes: send it to the company on LINE.",
    "bind_who": "I do not know you yet. If you work here, ask HR for a bind code and send it to me.",
    "bind_how": "Please send your bind code. HR has one for you, or write “bind” to me on Slack.",
    "bound": "Hello {name}, your account is bound; the employees' windows are open to you.",
    "bind_wrong": "This code is wrong, has run out or was used before. Please get a new one.",
    "bind_too_many": "Too many tries. Please wait an hour, or ask HR for help.",
    "bind_group": "Send bind codes to me privately, not in a group. This one is no longer safe; please get a new one.",
    "unbound": "Unbound: this account no longer sees what employees may read.",
    "not_bound": "This account is not bound.",
    "working": "I am still looking for the answer. When it is ready, the button below shows it.",
    "show_answer": "Show the answer",
    "already": "This answer has been sent already.",
    "stale": "This button no longer works. Please write your question.",
    "thanks_up": "Thank you for the feedback!",
    "thanks_down": "Thank you for telling us. Somebody will look at this answer.",
    "trouble": "I cannot answer right now. Please try again in a moment; if it stays like this, contact {contact}",
    "someone": "your administrator",
    "not_served": "This window is not open to you.",
    "home": "{company}'s windows",
    "home_text": "Write to me directly to ask; in a channel, mention me (@) first.",
    "nothing_begun": "There is nothing in progress to cancel.",
    "did_you_mean": "Did you mean:",
    "tour": "New here? These are your windows. Simply ask, or tap one of the examples:",
    "tour_lookups": "Look up: {names}",
    "abilities": "This window answers questions, looks things up and takes forms. Tap one to begin:",
    "only_answers": "Simply ask, for example:",
    "to_look_up": "Look up",
    "to_fill_in": "Fill in",
    "tour_forms": "Fill in: {names}",
    "list_comma": ", ",
    "no_text": "Please write what you would like to know.",
    "too_long": "This message is too long; please shorten it to 2,000 characters.",
}


def language_spoken(event: InboundEvent) -> Language | None:
    """Return the language to answer in: the one chosen, or the text's; None if there is neither."""
    if event.language or not any(character.isalpha() for character in event.text):
        return event.language
    return "zh-TW" if language_of(event.text) == "zh" else "en"


_ALL: Mapping[Language, Mapping[str, str]] = {"zh-TW": ZH, "en": EN}


def say(language: Language, key: str, **values: object) -> str:
    """Return one of our sentences."""
    return _ALL[language][key].format(**values)
