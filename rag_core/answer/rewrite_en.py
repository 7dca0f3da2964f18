"""Follow-ups in English: which they are, and how the earlier question completes them."""

import re

_END = re.compile(r"[\s?!.,]+$")
_POLITE = re.compile(r"^(?:thanks|thank you|ok|okay|great|hi|hello|please|so|also|then)\b[,.! ]*", re.IGNORECASE)
_CONTRAST = re.compile(
    r"^(?:and |but |so |ok(?:ay)?,? )*(?:what about|how about|what if it(?:'s| is)|same for|and)\s+(?P<core>.+)$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|should|would|will|may|must)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(?:for|in|on|at|with|without|from|to|if|when|after|before|during|under|over|by|as)\b", re.IGNORECASE
)
_DUMMY = re.compile(
    r"\bit(?:'s| is)? (?:possible|ok|okay|allowed|true|necessary|required|safe|better|take\w* .*\bto\b)"
    r"|\bis it\b .*\b(?:to|that|if)\b|\bdoes it take .*\bto\b|\bdoes it matter\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(?:they|them|it)\b"
    r"|\b(?:those|these|that|this)\b"
    r"(?=\s*(?:$|[?.!,]|ones?\b|cost|work|apply|take|happen|mean|include|count|expire|is\b|are\b|be\b|too\b|also\b|for\b|from\b))",
    re.IGNORECASE,
)
_OWNS = re.compile(r"\b(?:its|their)\b", re.IGNORECASE)
_STOP_WORDS = (
    "a an the i me my mine we us our you your it its they them their this that these those of to in on at for "
    "from by with as and or if is are was were be been am do does did can could should would will may must "
    "shall have has had get got not no yes any some all what which who whom whose when where why how many much "
    "long often far soon there here then so also please ok okay about"
)
_STOP = frozenset(_STOP_WORDS.split())
_EMPTY_WORDS = (
    "apply approve approves approved request requests submit book find change reset use using need needed "
    "needs take takes taken ask pay paid cost costs expire expires work works happen happens mean means know "
    "tell show give file fill send see go make claim report cancel start end day days week weeks month months "
    "year years hour hours time times money form forms document documents step steps process rule rules "
    "deadline limit carry set up require required requires contact want come"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())
_PERSON = re.compile(
    r"\b(?:managers?|employees?|staff|contractors?|interns?|supervisors?|part-?timers?|customers?|new hires?|"
    r"directors?|students?|visitors?|vendors?|freelancers?|executives?|consultants?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9][\w'’.-]*")
_LONGEST_CONTRAST = 6
_SHORTEST_FULL = 2


def completed(asked: str, before: str) -> str | None:
    """Return the follow-up as a whole question, or None if it stands alone already or nothing can complete it."""
    stem = _END.sub("", _POLITE.sub("", asked))
    if (match := _CONTRAST.match(stem)) and (core := _core(match["core"])):
        return _contrasted(core, _END.sub("", before))
    about = topic(before)
    if not about:
        return None
    pronoun = None if _DUMMY.search(stem) else _POINTS.search(stem) or _OWNS.search(stem)
    if pronoun and about.lower() not in stem.lower() and not topic(stem[: pronoun.start()]):
        named = f"the {about}'s" if _OWNS.fullmatch(pronoun[0]) else about
        return f"{stem[: pronoun.start()]}{named}{stem[pronoun.end() :]}?"
    if _ASKS.match(stem) and not topic(stem) and len(_WORD.findall(stem)) <= _LONGEST_CONTRAST:
        return f"{stem}, {about}?" if len(_WORD.findall(stem)) <= _SHORTEST_FULL else f"{stem} for {about}?"
    return None


def topic(question: str) -> str:
    """Return the last run of words that neither ask nor say what is done: sick leave in How do I request sick leave?"""
    runs: list[list[str]] = [[]]
    for word in _WORD.findall(question):
        if word.lower().strip(".'’") in _STOP | _EMPTY:
            runs.append([])
        else:
            runs[-1].append(word.rstrip("."))
    return " ".join(next((run for run in reversed(runs) if run), []))


def _core(text: str) -> str:
    """Return what is contrasted, or nothing if the text is a question of its own."""
    words = _WORD.findall(text)
    asks = _ASKS.search(text) and not re.match(r"(?:if|when|after)\b", text, re.IGNORECASE)
    return "" if asks or _POINTS.fullmatch(text) or len(words) > _LONGEST_CONTRAST else text


def _contrasted(core: str, frame: str) -> str:
    """Put the contrast into the earlier question, in the place of what it contrasts with."""
    if _PERSON.search(core) and _PERSON.search(frame):
        return _PERSON.sub(re.sub(r"^for\s+", "", core), frame, count=1) + "?"
    if preposition := _PREPOSITION.match(core):
        place = re.compile(rf"\b{preposition[0]} (?:the )?[\w-]+$", re.IGNORECASE)
        return f"{place.sub(core, frame) if place.search(frame) else f'{frame} {core}'}?"
    if alike := _same_kind(core, frame):
        return frame.replace(alike, core, 1) + "?"
    return f"{frame} for {core}?"


def _same_kind(core: str, frame: str) -> str:
    """Return the words of the frame that end in the contrast's last word: annual leave for sick leave."""
    last = core.rsplit(maxsplit=1)[-1]
    found = re.search(rf"(?:[\w-]+ )?\b{re.escape(last)}\b", frame, re.IGNORECASE)
    if not found:
        return ""
    words = found[0].split(" ")
    return " ".join(word for word in words if word.lower() not in _STOP | _EMPTY or word == words[-1])
