"""How something is said: whether it asks after a rule, orders, or wants to see how things are. No certainties."""

import re
from collections.abc import Mapping

# Folded as the index folds: Simplified characters, half width, lower case.
_CUES: Mapping[str, str] = {
    "mark": r"[?？]",
    "particle": r"[吗嘛]|呢$|(?<!还)没$|[了过]没|了吗",
    "what": r"什么|甚么|啥|\bwhat\b|哪(?:些|个|种|几|一)|\bwhich\b",
    "how": r"(?<!得)(?:怎么(?!样)|怎样|如何)|怎办|咋|\bhow (?:do|to|can|should|does|is|are)\b",
    "why": r"为何|为什么|为啥|\bwhy\b",
    "when": r"什么时候|何时|几点|几号|哪(?:天|时)|多久|几天内|\bwhen\b|\bhow long\b|\bhow soon\b",
    "who": r"谁|哪位|找哪|\bwho\b|\bwhose\b",
    "where": r"哪里|哪边|在哪|\bwhere\b",
    "amount": (
        r"多少|几(?:天|次|小时|个|件|台|元|块|趴|%|成|家|人|年|级|岁|公|分|位|笔|张)"
        r"|\bhow (?:much|many|often|big|far|loud)\b"
    ),
    "may": (
        r"可以|能不能|可不可以|能否|可否|能(?:不|用|报|带|退|换|请|申|拿|领)"
        r"|\b(?:can|could|may|am i|are we) (?:i|we|you|allowed)\b|\bcan\b"
    ),
    "must": (
        r"要不要|需不需要|一定要|需要.*吗|要.*吗|必须|得(?:先|要)"
        r"|\b(?:do|does|should|must|have to|need to)\b (?:i|we|it|the)\b|\bis it\b|\bdo you\b"
    ),
    "whether": (
        r"有没有|是不是|会不会|是否|会.*吗|算不算|会被|会怎"
        r"|\b(?:is|are|does|do|will|did) (?:there|it|the|my|this|we|you|they|i)\b"
    ),
    "rule": (
        r"规定|办法|条件|资格|流程|程序|期限|最晚|最慢|最多|至少|几天内|多久内|意思|差别|差在|怎么算|怎么分"
        r"|标准|定义|依据|要附|附什么|准备什么|原则"
        r"|\b(?:policy|rule|rules|allowed|procedure|process|difference)\b"
        r"|\b(?:mean|means|limit|deadline|required|requirement|flow|eligible)\b"
    ),
    "if": r"如果|的话|假如|万一|超过|以上|以后|之后|未满|满|\bif\b|\bover\b|\bafter\b|\bwithout\b",
    "want": (
        r"我(?:想|要|需要)|想要?|^要|我们?(?:想|要|需要)"
        r"|\b(?:i want|i need|i'd like|i would like|we need|need|want|gotta|would like)\b"
    ),
    "help": (
        r"帮(?:我|忙|我们)?|麻烦|拜托|替我|给我|请(?!问|购|款|假|签|教)"
        r"|\b(?:please|pls|can you|could you|help me|let's|let me)\b"
    ),
    "do": (
        r"申请|登记|填|开(?:一)?[张个单]|提出|送出|新增|报名|通报|回报"
        r"|\b(?:submit|raise|file|fill|request|apply|register|log|report|book)\b"
        r"|\b(?:reserve|assign|create|add|sign me|claim|order|send|install|fix)\b"
    ),
    "then": r"一下|吧|喔|啦|先|谢|感谢|急|[!！]",
    "mine": (
        r"我的|自己的|我(?:这|那|们)|我(?:上|昨|今|前|还|有|目前|现在|手|送|这)|本人"
        r"|\b(?:my|mine|our|i have|do i have|i've|me)\b"
    ),
    "see": (
        r"查|看|找|列|给我|调出|显示|秀"
        r"|\b(?:show|list|look up|lookup|check|see|find|search|view|give me|display|track|pull up)\b"
    ),
    "done": (
        r"了没|了吗|没有?[?？]?$|好了|完了|过了|结果|下文|到哪|进度|状况|状态|卡在|怎么样|得怎样|得如何|如何了|还没"
        r"|\b(?:status|progress|yet|update|already|going|news|stage)\b"
    ),
    "left": r"剩|还有|余额|用掉|可用|\b(?:left|remaining|balance|available|remain)\b",
    "now": (
        r"现在|目前|今天|最近|这周|这个?月|上次|昨天|明天|本周|下周|下个月"
        r"|\b(?:now|today|currently|this week|this month|latest|recent|tomorrow|yesterday)\b"
    ),
    "past": r"了(?![没吗])|坏|忘|漏|掉|已经|\b(?:forgot|broke|broken|lost|was|were|didn't|has|have)\b",
    "others": r"别人|别家|台积|其他公司|听说|新闻|政府|法律|劳基法",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _CUES.items()}
_SHORT, _LONG = 6, 30


def manner_of(folded: str) -> list[str]:
    """Return the cues of a folded text, with how long it is: a bare title is an order, a story mostly is none."""
    found = [name for name, pattern in _PATTERNS.items() if pattern.search(folded)]
    length = sum(1 if ord(character) > 0x2E7F else 0.35 for character in folded)
    size = ["short"] if length <= _SHORT else ["long"] if length > _LONG else []
    asked = {"mark", "particle", "what", "how", "why", "when", "who", "where", "amount", "must", "whether"} & set(found)
    return [*found, *size, "asked" if asked else "told"]
