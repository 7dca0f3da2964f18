"""What a window file looks like when it is right: which keys stand where, and how each is written."""

from bots.windows.faults import FileKind
from bots.windows.model import DEPARTMENTS, Contact, KnowledgeEntry, SlackChannel, WindowChannels, WindowFile
from bots.windows.modes.callback import Callback
from bots.windows.modes.field import FieldSpec, Option
from bots.windows.modes.form import Approver, Call, Check, Form, Step
from bots.windows.modes.lookup import HttpGet, Lookup
from bots.windows.modes.notification import Action, Notification, Recipients

_FIELD = {
    "": "- {name: reason, label: 事由}",
    ".name": "name: reason",
    ".type": "type: date",
    ".label": "label: 事由",
    ".help": "help: 寫給核准的人看的話",
    ".optional": "optional: true",
    ".choices": "choices: [特休, 事假, 病假]",
    ".choices.value": "- {value: annual, label: {zh-TW: 特休, en: Annual leave}}",
    ".choices.label": "- {value: annual, label: {zh-TW: 特休, en: Annual leave}}",
    ".choices_from": "choices_from: rooms",
    ".default": "default: 今天",
    ".defaults_from": "defaults_from: my_profile",
    ".min": "min: 1",
    ".max": "max: 30",
    ".longest": "longest: 200",
    ".pattern": "pattern: '[A-Z]{2}-[0-9]{4}'",
    ".example": "example: AB-1234",
    ".after": "after: starts",
    ".before": "before: ends",
}
"""By the key below a list of fields; "" is a field as a whole."""

_APPROVER = {"manager": "manager", "group": "{group: hr}", "field": "{field: deputy}"}


def _fields(path: str) -> dict[str, str]:
    whole = f"{path.rpartition('.')[2]}: [{{name: reason, label: 事由}}]"
    return {path: whole, f"{path}[]": _FIELD[""], **{path + key: example for key, example in _FIELD.items() if key}}


def _approvers(path: str, whole: str) -> dict[str, str]:
    when = '{group: hr, when: "days > 3"}'
    return {path: whole, f"{path}.when": when, **{f"{path}.{key}": example for key, example in _APPROVER.items()}}


_LOOKUPS = {
    "lookups": "lookups: {leave_balance: {sql: leave_balance.sql}}",
    "lookups.title": "title: {zh-TW: 特休餘額, en: Leave balance}",
    "lookups.examples": "examples: [我還有幾天特休, how many leave days do I have left]",
    "lookups.serves": "serves: [managers]",
    "lookups.sql": "sql: leave_balance.sql",
    "lookups.source": "source: erp",
    "lookups.http": 'http: {url: "https://erp.a-company.example/orders/{order}"}',
    "lookups.http.url": 'url: "https://erp.a-company.example/orders/{order}"',
    "lookups.http.items": "items: data.orders",
    "lookups.http.headers": 'headers: {X-Api-Key: "${ERP_KEY}"}',
    "lookups.http.timeout_s": "timeout_s: 5",
    "lookups.about_person": "about_person: true",
    **_fields("lookups.slots"),
    "lookups.reply": "reply: 你還有 {remaining} 天特休。",
    "lookups.columns": "columns: {item: 品項, stock: 庫存}",
    "lookups.none": "none: 沒有找到這張訂單。",
    "lookups.page": "page: 8",
    "lookups.forms": "forms: [leave]",
}
_FORMS = {
    "forms": "forms: {leave: {title: 請假單, fields: [{name: reason, label: 事由}]}}",
    "forms.title": "title: {zh-TW: 請假單, en: Leave request}",
    "forms.examples": "examples: [我要請假, I want to take Friday off]",
    "forms.serves": "serves: [managers]",
    "forms.anonymous": "anonymous: true",
    "forms.kind": "kind: complaint",
    **_fields("forms.fields"),
    "forms.computed": 'computed: {days: "workdays(starts, ends)"}',
    "forms.checks": 'checks: [{when: "days > 30", say: 一次最多 30 天。}]',
    "forms.checks.when": 'when: "days > 30"',
    "forms.checks.say": "say: 一次最多 30 天。",
    "forms.summary": 'summary: "{kind} {days} 天"',
    "forms.approval": "approval: [manager, {group: hr}]",
    "forms.approval[]": "- manager",
    **_approvers("forms.approval.together", "- {together: [{group: hr}, {group: finance}], need: any}"),
    "forms.approval.together[]": "- manager",
    "forms.approval.need": "- {together: [{group: hr}, {group: finance}], need: any}",
    "forms.due_hours": "due_hours: 48",
    **_approvers("forms.escalate", "escalate: {group: hr}"),
    **_approvers("forms.assign", "assign: {group: it}"),
    **_approvers("forms.tell", "tell: [{group: hr}]"),
    "forms.on_approved": "on_approved: {http: https://hris.a-company.example/leaves}",
    "forms.on_approved.http": "http: https://hris.a-company.example/leaves",
    "forms.on_approved.secret": 'secret: "${HRIS_SECRET}"',
    "forms.note": "note: 收據正本請在三天內送到財務部。",
}
_NOTIFICATIONS = {
    "notifications": "notifications: {clock_in: {text: 記得打卡。, to: {groups: [employees]}}}",
    "notifications.title": "title: {zh-TW: 打卡提醒, en: Clock in}",
    "notifications.text": "text: 還有 10 分鐘上班，記得打卡。",
    "notifications.schedule": 'schedule: "50 8 * * 1-5"',
    "notifications.to": "to: {groups: [employees]}",
    "notifications.to.groups": "to: {groups: [employees]}",
    "notifications.to.people": "to: {people: [A0012, A0023]}",
    "notifications.to.sql": "to: not_clocked_in.sql",
    "notifications.actions": "actions: [已打卡, {label: 我今天請假, form: leave}]",
    "notifications.actions.label": "- {label: 已打卡, value: done}",
    "notifications.actions.value": "- {label: 已打卡, value: done}",
    "notifications.actions.form": "- {label: 我今天請假, form: leave}",
    "notifications.actions.lookup": "- {label: 看明細, lookup: leave_balance}",
    "notifications.workdays": "workdays: true",
    "notifications.quiet": "quiet: 22:00-08:00",
    "notifications.optional": "optional: true",
    "notifications.remind_hours": "remind_hours: 4",
}

WINDOW_FILE = FileKind(
    noun="a window file",
    sample="serves: [employees]",
    outline="name: hr, department: 人, title: …, serves: [employees], a line each",
    models={
        "": WindowFile,
        "contact": Contact,
        "knowledge": KnowledgeEntry,
        "channels": WindowChannels,
        "channels.slack": SlackChannel,
        "lookups": Lookup,
        "lookups.http": HttpGet,
        "lookups.slots": FieldSpec,
        "lookups.slots.choices": Option,
        "forms": Form,
        "forms.fields": FieldSpec,
        "forms.fields.choices": Option,
        "forms.checks": Check,
        "forms.approval": Step,
        "forms.approval.together": Approver,
        "forms.escalate": Approver,
        "forms.assign": Approver,
        "forms.tell": Approver,
        "forms.on_approved": Call,
        "notifications": Notification,
        "notifications.to": Recipients,
        "notifications.actions": Action,
        "callbacks": Callback,
    },
    examples={
        "name": "name: hr",
        "department": "department: 人",
        "title": "title: {zh-TW: 人資窗口, en: HR desk}",
        "serves": "serves: [employees]",
        "persona": "persona: 你是 A 公司的人資窗口，語氣親切。",
        "contact": "contact: {name: 人資部, email: hr@a-company.example}",
        "knowledge": "knowledge:  and below it  - {path: ../documents/hr/*.pdf}",
        "knowledge[]": "- {path: ../documents/hr/*.pdf}",
        "knowledge.path": "- {path: ../documents/hr/*.pdf}",
        "knowledge.audience": "- {path: ../documents/hr/managers/*.md, audience: [managers, hr]}",
        "knowledge.may_leave_company": "may_leave_company: true",
        "may_leave_company": "may_leave_company: true",
        **_LOOKUPS,
        **_FORMS,
        **_NOTIFICATIONS,
        "callbacks": 'callbacks: [{http: "https://vpn.a-company.example", secret: "${VPN_SECRET}"}]',
        "callbacks.http": "http: https://vpn.a-company.example",
        "callbacks.secret": 'secret: "${VPN_SECRET}"',
        "questions": "questions: [特休有幾天？, 加班費怎麼算？]",
        "contributors": "contributors: [hr]",
        "channels": 'channels: {slack: [{channel: "#ask-hr", groups: [employees]}], line: [a-company-staff]}',
        "channels.line_pushes": "line_pushes: 200",
    },
    literals={
        "department": f'is "{{input}}", but must be one of {" ".join(DEPARTMENTS)}',
        "title": 'has the language "{input}", but the languages are zh-TW and en',
        "label": 'has the language "{input}", but the languages are zh-TW and en',
    },
    named=frozenset({"lookups", "lookups.http.headers", "lookups.columns", "forms", "forms.computed", "notifications"}),
)
