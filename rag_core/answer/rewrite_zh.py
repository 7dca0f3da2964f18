"""Follow-ups in Chinese: which they are, and how the earlier question completes them."""

import re

_POLITE = re.compile(
    r"^(?:請問一下|請問|想請問|想請教|請教|我想知道|想知道|想問|你好|您好|不好意思|對了|好的|了解|謝謝)[，,、 ]*"
)
_END = re.compile(r"[\s？?！!。.，,]+$")
_LEAD = re.compile(r"^(?:那麼|那|那就|還有|至於|另外|然後|所以|以及|和|跟)(?:如果是|如果|若是|換成|改成|是)?[，, ]?")
_CONDITION_LEAD = re.compile(r"^(?:那麼|那)?(?:如果是|如果|若是|換成|改成)")
_TAIL = re.compile(r"(?:的話)?(?:呢|咧)?$")
_ASKS = re.compile(
    r"什麼|甚麼|怎麼|怎樣|如何|為何|為什麼|何時|何地|何處|哪|誰|多少|多久|多長|多大|多遠|幾|嗎|是否|能否|可否|有沒有|是不是|可不可以|能不能|會不會|要不要"
)
_PRONOUN = re.compile(
    r"(?:它們|他們|她們|牠們|這些|它|前者|後者|上述(?:的)?|(?:這|那|該)(?:一)?(?:項|種|件|份|筆|張))"
    r"|(?:這|那)個(?!月|禮拜|星期|週|周|年|季|學期|人|部門|窗口|問題|時候)"
    r"|^這(?=要|可以|是|怎麼|如何|需要|能|會|該|有|算)"
)
_MODAL = re.compile(r"^(?:可以|需要|要|會|能|能夠|應該|該|還|也|必須|得|有)")
_EMPTY_WORDS = re.compile(
    r"申請|辦理|計算|核准|批准|審核|簽核|報銷|報帳|查詢|查|取消|修改|更改|使用|設定|處理|聯絡|找|準備|提出|提供|繳交|繳|領取|領|付款|付|給付|"
    r"發放|請|辦|算|用|做|寫|填|給|送|交|拿|看|文件|證件|資料|表單|手續|流程|程序|步驟|條件|資格|規定|限制|期限|時間|費用|錢|天|年|月|日|小時|"
    r"次|個|元|地方|單位|部門|主管|人|原因|差別|最多|最少|最晚|最快|一次|一年|一天|一個月|之前|以前|以後|之後|才|就|都|再|又|先|在|去|到|向|跟|和|"
    r"可以|需要|應該|必須|需|要|會|能|有|是|的|了|得|嗎|呢|吧|啊|還|也|該|什麼|甚麼|怎麼辦|怎麼|怎樣|如何|為何|為什麼|何時|何地|何處|哪裡|哪|誰|"
    r"多少|多久|多長|多大|幾|是否|能否|可否|時候|[\s，,？?。！!]"
)
_BOUNDARY = re.compile(
    r"應該|可以|需要|必須|怎麼|怎樣|如何|為何|為什麼|什麼|甚麼|何時|何處|哪|誰|多少|多久|多長|幾|是否|能否|可否|有沒有|是不是|最多|最少|一年|"
    r"有|是|要|會|能|該|在|由|被|嗎|呢|，|,|、|得|才|算|請(?!假)|申請|辦理|計算|報銷|領|付|查"
)
_PERSON = re.compile(
    r"主管|經理|員工|同仁|正職|約聘|約僱|工讀生|實習生|實習|新人|新進人員|外籍|兼職|計時人員|部分工時|臨時工|移工|派遣|顧問|客戶|會員|廠商|"
    r"男性|女性|男生|女生|孕婦|爸爸|媽媽|父親|母親|老闆|董事|人員|勞工|雇主|童工|學生"
)
_TIME = re.compile(
    r"今年|明年|去年|後年|本月|上個月|下個月|這個月|今天|明天|昨天|後天|週末|周末|假日|平日|國定假日|例假日|休息日|上午|下午|早上|晚上|夜間|"
    r"第[一二三四五六七八九十\d]+年|星期[一二三四五六日]|週[一二三四五六日]"
)
_CONDITION = re.compile(r"^(?:滿|未滿|不滿|超過|不到|低於|高於|沒有|沒|不|已經|剛|做滿|工作)")
_KINDS = "費假金票單卡證險津貼稅"  # 費 in 住宿費: what of a kind is put against another
_LONGEST_CONTRAST = 14
_LONGEST_MODAL = 12
_LITTLE = 9


def completed(asked: str, before: str) -> str | None:
    """Return the follow-up as a whole question, or None if it stands alone already or nothing can complete it."""
    stem = _END.sub("", _POLITE.sub("", asked))
    contrast = _contrast(stem)
    if contrast:
        return _contrasted(contrast, before)
    about = topic(before)
    if not about:
        return None
    pronoun = _PRONOUN.search(stem)
    if pronoun and about not in stem and _leans(stem[: pronoun.start()], stem[pronoun.end() :]):
        return f"{stem[: pronoun.start()]}{about}{stem[pronoun.end() :]}？"
    led = _LEAD.match(stem)
    bare = stem[led.end() :] if led else stem
    if bare and not _EMPTY_WORDS.sub("", bare) and _ASKS.search(bare):
        return f"{about}{bare}？"
    if led and _MODAL.match(bare) and len(bare) <= _LONGEST_MODAL and _ASKS.search(bare):
        return f"{about}{bare}？"
    return None


def _leans(before: str, after: str) -> bool:
    """Return whether nothing before a pronoun could be what it stands for, and little else is said."""
    return not _EMPTY_WORDS.sub("", _LEAD.sub("", before)) and len(_EMPTY_WORDS.sub("", after)) <= _LITTLE


def topic(question: str) -> str:
    """Return what the question is about: its first run of words that neither ask nor say what is done."""
    stem = _END.sub("", _POLITE.sub("", question))
    for run in _BOUNDARY.split(stem):
        kept = re.sub(
            r"^(?:我們公司|公司|我們|我|你們|你|您|的|去|到|向|跟|把|想|對|了)+|(?:的|了|時|人|們|都|之後|以後)+$",
            "",
            run,
        ).strip()
        if len(kept) >= 2 and _EMPTY_WORDS.sub("", kept):
            return kept
    return ""


def _contrast(stem: str) -> str:
    """Return the part that is put against the earlier question: 病假 in 那病假呢; empty if there is none."""
    tail = _TAIL.search(stem)
    ends = bool(tail and tail[0])
    lead = _LEAD.match(stem) or _CONDITION_LEAD.match(stem)
    if not ends and not (lead and lead[0] not in ("和", "跟", "所以", "然後")):
        return ""
    core = stem[lead.end() if lead else 0 : tail.start() if tail else len(stem)].strip("，, 的")
    if not core or len(core) > _LONGEST_CONTRAST or _ASKS.search(core) or _PRONOUN.fullmatch(core):
        return ""
    return core if ends or len(core) <= _LONGEST_CONTRAST // 2 else ""


def _contrasted(core: str, before: str) -> str:
    """Put the contrast into the earlier question, in the place of what it contrasts with."""
    frame = _END.sub("", _POLITE.sub("", before)) + "？"
    for pattern, joint in ((_PERSON, "的"), (_TIME, "")):
        if pattern.search(core):
            return pattern.sub(core, frame, count=1) if pattern.search(frame) else f"{core}{joint}{frame}"
    if _CONDITION.match(core):
        return f"{core}的話，{frame}"
    about = topic(before)
    if about and "的" in about:
        about = _closest(core, about.split("的"))
    if (kind := re.search(f"[^的]{{1,2}}{core[-1]}(?=.)", about)) and core[-1] in _KINDS:
        about = kind[0]
    return frame.replace(about, core, 1) if about else f"{core}：{frame}"


def _closest(core: str, parts: list[str]) -> str:
    """Return the part most like the contrast in its characters; the last part if none is."""
    return max(parts, key=lambda part: (len(set(part) & set(core)), parts.index(part)))
