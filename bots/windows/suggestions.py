"""Look-ups and forms that a department's documents hint at, for a draft to show as remarks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

_ENOUGH = 3  # mentions; a word that stands in a text once or twice is no process of the department
_MOST = {"lookups": 2, "forms": 3}
_CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A look-up or form that is likely where the documents speak of ``words``. ``text`` is its part of the file."""

    section: Literal["lookups", "forms"]
    words: tuple[str, ...]
    text: str
    for_customers: bool = False  # works for people whom nobody knows


@dataclass(frozen=True, slots=True)
class Found:
    """A suggestion, the word that speaks for it, how often the documents hold it, and one that does."""

    suggestion: Suggestion
    word: str
    count: int
    document: str


def found(texts: Mapping[str, str], serves: Sequence[str]) -> list[Found]:
    """Return what the documents speak for, the likeliest first: at most two look-ups and three forms.

    ``texts`` are what the documents say, by their names.
    """
    fitting = [one for one in SUGGESTIONS if one.for_customers or set(serves) != {_CUSTOMERS}]
    likely = sorted((hit for one in fitting for hit in _hits(one, texts)), key=lambda hit: -hit.count)
    kept: list[Found] = []
    for section, most in _MOST.items():
        kept += [hit for hit in likely if hit.suggestion.section == section][:most]
    return kept


def _hits(suggestion: Suggestion, texts: Mapping[str, str]) -> Iterator[Found]:
    counts = {(word, name): (name + text).count(word) for word in suggestion.words for name, text in texts.items()}
    total, named = sum(counts.values()), any(word in name for word in suggestion.words for name in texts)
    if total >= _ENOUGH or named:  # a document that is named for it says enough
        word = max(suggestion.words, key=lambda one: sum(count for (held, _), count in counts.items() if held == one))
        document = max(texts, key=lambda name: counts[word, name])
        yield Found(suggestion, word, total, document)


SUGGESTIONS = (
    Suggestion(
        "lookups",
        ("特休", "特別休假", "剩餘假"),
        """\
leave_balance:
  title: 特休餘額
  examples: [我還有幾天特休, 特休剩多少]
  sql: leave_balance.sql   # 公司資料夾的 lookups/；:person 是本人的員工編號
  reply: 你還有 {remaining} 天特休。
""",
    ),
    Suggestion(
        "lookups",
        ("訂單", "出貨"),
        """\
order_status:
  title: 訂單進度
  examples: [訂單進度, 我的訂單到哪了]
  sql: order_status.sql    # 用 :order_no 查
  slots:
    - {name: order_no, label: 訂單編號, example: SO-2026-0001}
  columns: {order_no: 訂單, status: 狀態, ships_on: 出貨日}
  none: 查不到這張訂單，請再確認編號。
""",
    ),
    Suggestion(
        "lookups",
        ("庫存", "品項", "料號"),
        """\
stock:
  title: 品項與庫存
  examples: [查庫存, 這個料號還有多少]
  sql: stock.sql           # 用 :item 查
  slots:
    - {name: item, label: 品名或料號}
  columns: {item: 品項, stock: 庫存, place: 儲位}
  none: 沒有這個品項。
""",
    ),
    Suggestion(
        "lookups",
        ("通訊錄", "分機"),
        """\
contacts:
  title: 通訊錄
  examples: [查分機, 某某的分機幾號]
  sql: contacts.sql        # 用 :who 查
  slots:
    - {name: who, label: 姓名或部門}
  columns: {who: 姓名, department: 部門, extension: 分機}
""",
    ),
    Suggestion(
        "forms",
        ("請假", "事假", "特別休假"),
        """\
leave:
  title: 請假單
  examples: [我要請假, 幫我請明天下午的假]
  fields:
    - {name: kind, type: choice, label: 假別, choices: [特休, 事假, 病假]}
    - {name: starts, type: datetime, label: 開始}
    - {name: ends, type: datetime, label: 結束, after: starts}
    - {name: reason, label: 事由, optional: true}
  computed: {days: "workdays(starts, ends)"}
  approval: [manager]
""",
    ),
    Suggestion(
        "forms",
        ("加班",),
        """\
overtime:
  title: 加班單
  examples: [我要申請加班, 報加班]
  fields:
    - {name: day, type: date, label: 日期}
    - {name: hours, type: number, label: 時數, min: 0.5, max: 12}
    - {name: reason, label: 事由}
  approval: [manager]
""",
    ),
    Suggestion(
        "forms",
        ("報支", "報帳", "報銷"),
        """\
expense:
  title: 費用報支單
  examples: [我要報帳, 報支計程車費]
  fields:
    - {name: day, type: date, label: 消費日期}
    - {name: amount, type: money, label: 金額, min: 1}
    - {name: purpose, label: 用途}
    - {name: receipt, type: file, label: 發票或收據}
  approval: [manager]
""",
    ),
    Suggestion(
        "forms",
        ("請購", "採購"),
        """\
purchase:
  title: 請購單
  examples: [我要請購, 想買一台螢幕]
  fields:
    - {name: item, label: 品名與規格}
    - {name: amount, type: money, label: 預估金額, min: 1}
    - {name: needed_by, type: date, label: 需要日期}
    - {name: purpose, label: 用途}
  approval: [manager]
""",
    ),
    Suggestion(
        "forms",
        ("叫修", "報修", "故障"),
        """\
repair:
  title: 叫修單
  examples: [我要叫修, 電腦壞了]
  fields:
    - {name: device, label: 設備}
    - {name: trouble, label: 狀況}
    - {name: photo, type: file, label: 照片, optional: true}
  assign: {group: GROUP}   # 由誰處理
""",
    ),
    Suggestion(
        "forms",
        ("派工", "工單", "待辦"),
        """\
dispatch:
  title: 派工單
  examples: [我要派工, 開一張工單]
  fields:
    - {name: worker, type: person, label: 交給誰}
    - {name: task, label: 工作內容}
    - {name: due, type: date, label: 期限}
  assign: {field: worker}
""",
    ),
    Suggestion(
        "forms",
        ("預約", "借用", "會議室"),
        """\
booking:
  title: 預約單
  examples: [我要預約, 借會議室]
  fields:
    - {name: what, type: choice, label: 項目, choices: [會議室, 公務車, 投影機]}
    - {name: starts, type: datetime, label: 開始}
    - {name: ends, type: datetime, label: 結束, after: starts}
  assign: {group: GROUP}   # 由誰安排
""",
    ),
    Suggestion(
        "forms",
        ("客訴", "抱怨", "客服案件"),
        """\
complaint:
  title: 意見與客訴
  examples: [我要客訴, 我要反映問題]
  anonymous: true          # 客戶不必先綁定身分
  kind: complaint
  fields:
    - {name: subject, label: 商品或訂單}
    - {name: trouble, label: 發生什麼事, longest: 1000}
    - {name: phone, label: 聯絡電話, optional: true}
  assign: {group: GROUP}   # 由誰回覆
""",
        for_customers=True,
    ),
)
"""``GROUP`` stands for the group of the window's own people."""
