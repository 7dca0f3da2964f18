"""Everyday and formal words for the same thing: people ask for 特休, the law says 特別休假, and no term is shared.

A phrase of the question that the collection does not know at all is put into the words it knows best; a phrase it
knows is left alone, since there the words already meet. What it knows are the document frequencies of the visible
shards, so neither the words chosen nor an answer's change tells of a chunk unseen. The list covers what is asked in
Taiwanese offices and shops and under their labour law; what was tried beside: docs/decisions.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from rag_core.database import ViewerConnection
from rag_core.search import store
from rag_core.search.fuse import language
from rag_core.search.postings import find, term_hash
from rag_core.search.store import Shard
from rag_core.search.terms import fold, is_bigram, terms

# A line holds the names of one thing, any of which may be put for any other; names before an arrow are only replaced.
_LEAVE = """
特休、特休假、特別休假、年假、年休、PTO
生病、普通傷病、傷病、患病、身體不舒服、身體不適
婚假、結婚
喪假、喪亡、奔喪
過世、去世、往生、死亡、喪亡、身故
產假、分娩、娩假
生小孩、生孩子、分娩
流產、小產
陪產假、陪產檢及陪產假、陪產
產檢、產前檢查、產檢假
育嬰假、育嬰留停、育嬰留職停薪
留停、留職停薪
生理假、生理期、月經、經期
家庭照顧假、家庭照顧、照顧家人、照顧小孩
公傷假、公傷、工傷、職災、職業災害、職業傷病
補休、換休、抵休
颱風假、停班停課、天然災害
請假、給假、告假
國定假日、紅字日、紀念日及節日、應放假之日
週休二日、一例一休、例假
假單、請假單、請假申請單
連假、連續假期
曠職、曠工、無故缺勤、無故不到
"""

_HOURS = """
加班、延長工作時間、延長工時、OT
加班費、加班工資、延長工作時間之工資、延長工時工資
上班時間、工作時間、工時、出勤時間
上班、出勤、到勤
打卡、簽到、出勤紀錄
忘打卡、漏打卡、忘記打卡、未打卡、漏刷卡、未刷卡
遲到、晚到、逾時到班
早退、提早下班、提前離開
夜班、大夜班、夜間工作、深夜工作
班表、排班表、輪值表
調班、換班
午休、中午休息、休息時間
彈性上班、彈性上下班、彈性工時、彈性出勤
在家上班、在家工作、居家辦公、居家上班、遠距工作、遠距辦公、遠端工作、遠端辦公、WFH
出差、差旅、公出
"""

_PAY = """
薪水、薪資、工資、薪酬、薪俸
月薪、底薪 → 薪資、工資、本薪
最低薪資、最低工資、基本工資、最低薪水
發薪日、發薪、發薪水、領薪水、薪資發放、工資給付、工資之給付
加薪、調薪、薪資調整、調整薪資、晉薪
扣薪、扣錢、扣發
欠薪、欠薪水、拖欠薪水、沒發薪水、不發薪水、積欠工資、積欠薪資
薪資單、薪水單、薪資條、薪資明細、工資清冊
年終、年終獎金
分紅、紅利、員工酬勞
紅包、禮金、賀禮
勞退、勞退金、勞工退休金、退休金
勞保、勞工保險
健保、全民健康保險
團保、團體保險
失業補助、失業救濟、失業給付
健檢、體檢、健康檢查、身體檢查
補助、補貼、津貼
"""

_STAFF = """
離職、辭職、請辭、自請離職、終止勞動契約、終止契約
開除、解僱、炒魷魚、解聘、免職、終止勞動契約、終止契約
資遣、裁員、遣散
資遣費、遣散費
預告期間、提前通知、提前告知、提早告知、事先告知、預告
離職證明、離職證明書、服務證明書、服務證明
報到、到職、入職、到任
新人、新進員工、新進人員、新進同仁、新員工
徵人、徵才、招募、招聘
面試、面談
升職、升遷、晉升、升官、升等
調職、職務調動、轉調、調動、調派
考績、績效考核、考核、考評
老闆、雇主、負責人
主管、上司、上級
員工、勞工、同仁、受僱人、受僱者、職員
工讀生、打工、計時人員、部分工時
約聘、約僱、定期契約、契約工
兼差、副業、兼職、兼業
外勞、移工、外籍移工、外籍勞工
跳槽、競業、競業禁止
保密協議、保密契約、保密切結書、保密合約、NDA
合約、契約
老婆、太太、妻子、老公、丈夫、配偶
小孩、孩子、子女、兒女
爸媽、爸爸媽媽、雙親、父母
爸爸 → 父親、父母
媽媽 → 母親、父母
爺爺、阿公、外公 → 祖父母、祖父、外祖父
奶奶、阿嬤、外婆 → 祖父母、祖母、外祖母
公婆、岳父母 → 配偶之父母、配偶父母、岳父母
兄弟姊妹、兄弟姐妹、手足
家人、家屬、親屬、眷屬
女生 → 女性、女工
懷孕、妊娠、懷胎
餵奶、餵母乳、哺乳、擠奶、集乳、哺集乳
霸凌、職場霸凌、不法侵害、職場暴力
檢舉、舉報、告發、申訴
罰錢、罰款、罰鍰、罰金
賠錢、賠償、損害賠償
培訓、受訓、教育訓練、訓練課程
"""

_MONEY = """
報帳、報支、核銷、報銷、費用報銷
請款、付款申請、申請付款
發票 → 統一發票、憑證、單據、收據
收據 → 單據、憑證、發票
統編、統一編號
預支、借支、預借、暫借款、暫支
墊錢、先墊、代墊、墊付
車錢、車資、車馬費、交通費、計程車費
油錢、油資、油費、燃料費
餐費、膳費、伙食費、膳食費、誤餐費
電話費、通訊費、通信費
簽核、核准、批准、核可、核定、簽准
採買、採購、請購、購置
報價、報價單、估價單
貨款、價金、款項
匯款、轉帳
帳單、對帳單、繳費單、繳款單
蓋章、用印
大小章、印鑑、公司章
"""

_SHOP = """
運費、寄送費、配送費、郵資、宅配費
退錢、退款、退費、還錢
退貨、退換貨、退回商品
鑑賞期、猶豫期
保固、保修、產品保證
壞掉、壞了、故障、損壞、毀損
修理、維修、修繕、檢修、送修
叫修、報修、維修申請、送修
打折、折扣、優惠、折價
折價券、優惠券、折扣碼、優惠碼、抵用券、coupon
取消訂單、退訂、取消訂購、訂單取消
下單、訂購、訂貨
缺貨、沒貨、斷貨、無庫存、售完
出貨、發貨、寄出、寄送
宅配、快遞、配送、貨運
超商取貨、超取、店到店
客人、顧客、客戶、消費者、買家
客訴、投訴、申訴
少寄、漏寄、缺件、短少
瑕疵、不良品、瑕疵品、缺陷
說明書、使用手冊、操作手冊、使用說明
門市、店面、實體店、實體店面、分店
營業時間、開放時間、服務時間
"""

_OFFICE = """
忘記密碼、忘了密碼、密碼忘了、密碼忘記、重設密碼、重置密碼
筆電、筆記型電腦、laptop
桌機、桌上型電腦
手機、行動電話、智慧型手機、行動裝置
登不進去、登入不了、不能登入、無法登入、登入失敗
連不上、連不上線、無法連線、連線失敗、斷線
不能上網、上不了網、無法上網
印表機、事務機、影印機
隨身碟、可攜式儲存媒體、外接儲存裝置、USB
無線網路、無線上網、WiFi、Wi-Fi
電子郵件、電郵、email、e-mail
中毒、電腦病毒、惡意程式、惡意軟體
釣魚信、釣魚郵件、詐騙信、社交工程
雙重驗證、兩步驟驗證、多因子驗證、多重要素驗證、MFA、2FA
當機、當掉、死機、沒有回應、停止回應
個資、個人資料
門禁卡、員工證、識別證、感應卡
工安、職安、職業安全衛生、安全衛生
護具、防護具、個人防護具、防護裝備
意外、事故
失火、著火、起火、火災
逃生、避難、疏散
看醫生、看病、就醫、就診、診療
醫生證明、診斷證明、診斷書、就醫證明
倉庫、倉儲、庫房
庫存、存貨
車位、停車位、停車場
"""

_ENGLISH = """
PTO、paid time off、annual leave、vacation days、vacation
sick day、sick leave
time off、leave of absence
maternity leave、parental leave
public holiday、national holiday、bank holiday
overtime、extended working hours
salary、wage
pay raise、salary increase、pay rise
quit my job、resign、resignation
fired、dismissed、dismissal、terminated
laid off、layoff、redundancy
severance pay、severance、redundancy pay
boss、supervisor、line manager、employer
work from home、working from home、remote work、telework、WFH
expense claim、expense report、reimbursement
shipping fee、shipping cost、delivery charge、postage
money back、refund
wife、husband、spouse
kid、child、children
"""

_LONGEST_QUESTION = 2_000  # characters that are looked through
_WORDS = "(?<![a-z0-9]){}s?(?![a-z0-9])"  # whole words, also between Chinese characters


@dataclass(frozen=True, slots=True)
class Known:
    """A phrase of the list in a question: where it stands, and what else the thing is called."""

    start: int
    end: int
    phrase: str
    others: tuple[str, ...]


def in_known_words(viewer: ViewerConnection, shards: Sequence[Shard], question: str) -> str:
    """Return the question in the words of these shards; reads the database only if it holds a phrase of the list."""
    held = known_phrases(question)
    if not held:
        return question
    wanted = {term for one in held for phrase in (one.phrase, *one.others) for term in _telling(phrase)}
    return reworded(question, held, _frequencies(viewer, shards, wanted))


def known_phrases(question: str) -> list[Known]:
    """Return the phrases of the list that the question holds, in order; of two that overlap the longer one.

    A Chinese question may hold loan words; an English one gets English alternatives only, lest it turn into a mixture.
    """
    folded, places = _folded(question[:_LONGEST_QUESTION])
    english = language(question) == "en"
    held = []
    for found in _pattern().finditer(folded):
        phrase = found[0] if found[0] in phrases() else found[0].removesuffix("s")
        others = tuple(other for other in phrases()[phrase] if other.isascii() or not english)
        held.append(Known(places[found.start()], places[found.end() - 1] + 1, phrase, others))
    return [one for one in held if one.others]


_RATHER = 3
"""How many times as many chunks must know the alternative: a slide that says 特休 once must not hide the rules."""


def reworded(question: str, held: Sequence[Known], frequencies: Mapping[str, int]) -> str:
    """Return the question with each phrase replaced by the alternative that is in the most chunks, if far more know it.

    Where the question itself names such an alternative elsewhere, the words meet already and the phrase stays.
    ``frequencies`` are the document frequencies of the phrases' terms; a missing one is 0.
    """
    written = question
    for one in reversed(held):
        met = [other for other in one.others if _presence(other, frequencies)]
        beside = fold(f"{written[: one.start]}\n{written[one.end :]}")
        if not met or any(fold(other) in beside for other in met):
            continue
        best = max(met, key=lambda other: _presence(other, frequencies))
        if _presence(one.phrase, frequencies) * _RATHER > _presence(best, frequencies):
            continue
        question = question[: one.start] + best + question[one.end :]
    return question


def _presence(phrase: str, frequencies: Mapping[str, int]) -> int:
    """Return in how many chunks the phrase can stand at most: the document frequency of its rarest term."""
    return min(frequencies.get(term, 0) for term in _telling(phrase))


@cache
def _telling(phrase: str) -> frozenset[str]:
    """Return the phrase's bigrams and words; its single characters say nothing that these do not."""
    found = frozenset(terms(phrase))
    return frozenset(term for term in found if is_bigram(term) or term.isascii()) or found


def _frequencies(viewer: ViewerConnection, shards: Sequence[Shard], wanted: set[str]) -> dict[str, int]:
    """Return in how many visible chunks each term stands, with one read of the database."""
    counts = dict.fromkeys(wanted, 0)
    rows: dict[tuple[int, int], list[str]] = defaultdict(list)
    for shard in shards:
        for term in wanted:
            row = shard.spread.row_of(term_hash(term))
            if row < 0:  # a common term, whose number of chunks is known unread
                counts[term] += shard.spread.length_of(row)
            else:
                rows[shard.id, row].append(term)
    for key, payload in store.payloads(viewer, list(rows)).items():
        hashes = np.array([term_hash(term) for term in rows[key]], np.uint32)
        for term, (slots, _) in zip(rows[key], find(payload, hashes), strict=True):
            counts[term] += len(slots)
    return counts


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the text folded, and for each of its characters the place it came from."""
    pairs = [(folded, place) for place, character in enumerate(text) for folded in fold(character)]
    return "".join(folded for folded, _ in pairs), [place for _, place in pairs]


@cache
def phrases() -> Mapping[str, tuple[str, ...]]:
    """Return the list: what else a thing is called, by each of its folded names that people use."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for line in (_LEAVE + _HOURS + _PAY + _STAFF + _MONEY + _SHOP + _OFFICE + _ENGLISH).split("\n"):
        asked, _, meant = line.partition(" → ")
        for phrase in filter(None, asked.split("、")):
            others = (other for other in (meant or asked).split("、") if fold(other) != fold(phrase))
            found[fold(phrase)].update(dict.fromkeys(others))
    return {phrase: tuple(others) for phrase, others in found.items()}


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(phrases(), key=lambda phrase: (-len(phrase), phrase))
    return re.compile("|".join(_WORDS.format(re.escape(p)) if p.isascii() else re.escape(p) for p in longest_first))
