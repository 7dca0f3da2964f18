"""A request is decided once, by the right person, as they are at that moment; and all of it stands in the log."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from integration.approving import BOSS, CLERK_OF_HR, FANG, OUTSIDER, SECOND_OF_HR, Company
from integration.talking import Talk, line_person, slack_channel

from bots.conversations.approvals import store
from bots.messages import InboundEvent, Kind, Place

CUSTOMER = line_person("Ucustomer", "shop")


@pytest.fixture
def company(talk: Talk) -> Iterator[Company]:
    """A company whose window for HR has forms."""
    return Company(talk)


# --- one after the other ---


def test_a_request_is_asked_for_and_approved(company):
    """The approver sees what it says, taps, and the requester hears of it."""
    submission = company.hand_in("leave", reason="搬家")
    [asked] = company.heard(BOSS)
    [card] = asked.cards
    assert "HR-LEAVE-2026-0001" in card.title
    assert "申請人：方思齊" in card.text
    assert "事由：搬家" in card.text
    assert [(one.label, one.style) for one in card.choices] == [("核准", "primary"), ("駁回", "danger"), ("看全部", "")]
    assert company.tap(BOSS, company.data(BOSS)) == "已核准 HR-LEAVE-2026-0001。"
    assert company.state(submission) == "approved"
    assert "已核准" in company.heard(FANG)[-1].text


def test_the_next_step_is_asked_when_the_one_before_has_approved(company):
    """And only where its condition holds."""
    short, long = company.hand_in("leave"), company.hand_in("leave", days="4")
    assert company.heard(CLERK_OF_HR) == []
    for submission in (short, long):
        company.tap(BOSS, f"decide={company.task(submission)}/approve")
    assert (company.state(short), company.state(long)) == ("approved", "waiting")
    assert len(company.heard(CLERK_OF_HR)) == len(company.heard(SECOND_OF_HR)) == 1
    company.tap(SECOND_OF_HR, company.data(SECOND_OF_HR))
    assert company.state(long) == "approved"
    actions = company.talk.rows("select action, actor from submission_history where submission = %s order by id", long)
    assert actions == [("handed_in", FANG), ("approved", BOSS), ("approved", SECOND_OF_HR)]


def test_where_no_condition_holds_it_is_approved_at_once(company):
    """Nobody is asked."""
    submission = company.hand_in("long")
    assert (company.state(submission), company.tasks(submission)) == ("approved", [])
    assert company.notices("outcome") == 1


def test_of_all_asked_together_each_has_to_approve(company):
    """The first approval is noted, the last one decides."""
    submission = company.hand_in("both")
    company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR))
    assert company.state(submission) == "waiting"
    company.tap(BOSS, company.data(BOSS))
    assert company.state(submission) == "approved"


def test_of_any_asked_together_one_is_enough(company):
    """The others are told so if they come later; one rejection is not the end."""
    submission = company.hand_in("either")
    company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR, "駁回"))
    company.write(CLERK_OF_HR, "不行")
    assert company.state(submission) == "waiting"
    company.tap(BOSS, company.data(BOSS))
    assert company.state(submission) == "approved"


def test_whoever_approved_and_is_alone_in_the_next_step_decides_once(company):
    """The log says why there was no second question."""
    submission = company.hand_in("twice")
    company.tap(BOSS, company.data(BOSS))
    assert company.state(submission) == "approved"
    assert company.tasks(submission) == [("manager:A3", "approved", BOSS), ("group:managers", "approved", BOSS)]
    assert company.log(submission).count(("approved", BOSS)) == 2


def test_nobody_approves_a_request_of_their_own(company):
    """In a group the others do; who names themselves is decided by their manager."""
    of_group = company.hand_in("hr", CLERK_OF_HR)
    assert "refused" not in dict(company.log(of_group))
    task = company.task(of_group)
    assert "不能決定" in company.tap(CLERK_OF_HR, f"decide={task}/approve")
    assert company.state(of_group) == "waiting"
    company.tap(SECOND_OF_HR, company.data(SECOND_OF_HR))
    assert company.state(of_group) == "approved"
    named = company.hand_in("named", FANG, lead=FANG)
    assert company.tasks(named) == [("manager:A3", "waiting", None)]


# --- rejection ---


def test_a_rejection_asks_for_its_reason_first(company):
    """The next message is the reason, which the requester reads."""
    submission = company.hand_in("leave")
    asked = company.tap(BOSS, company.data(BOSS, "駁回"))
    assert "原因" in asked
    assert company.state(submission) == "waiting"
    assert "已駁回" in company.write(BOSS, "那週要盤點")
    assert company.state(submission) == "rejected"
    assert company.heard(FANG)[-1].text.endswith("說明：那週要盤點")
    assert "盤點" not in str(company.talk.rows("select * from audit_log"))
    assert "沈若蘭" in company.heard(FANG)[-1].text


def test_a_rejection_may_do_without_a_reason(company):
    """One tap more; and the next message is a question again."""
    submission = company.hand_in("leave")
    company.tap(BOSS, company.data(BOSS, "駁回"))
    skip = company.heard(BOSS)[-1].choices[0].data
    company.tap(BOSS, skip)
    assert company.state(submission) == "rejected"
    assert company.talk.rows("select * from awaited_comments") == []


def test_whoever_thinks_better_of_it_rejects_nothing(company):
    """The next message is not taken for a reason."""
    submission = company.hand_in("leave")
    company.tap(BOSS, company.data(BOSS, "駁回"))
    keep = company.heard(BOSS)[-1].choices[1].data
    assert "維持原狀" in company.tap(BOSS, keep)
    company.write(BOSS, "選單")
    assert company.state(submission) == "waiting"


def test_who_taps_something_else_is_not_asked_for_a_reason_any_more(company):
    """What is written then answers that."""
    submission = company.hand_in("leave")
    company.tap(BOSS, company.data(BOSS, "駁回"))
    company.tap(BOSS, "windows")
    company.write(BOSS, "運費怎麼算？")
    assert company.state(submission) == "waiting"


def test_a_reason_that_comes_after_half_an_hour_is_none(company):
    """It may be a question of the next day."""
    submission = company.hand_in("leave")
    company.tap(BOSS, company.data(BOSS, "駁回"))
    company.talk.change("update awaited_comments set at = at - interval '31 minutes'")
    company.write(BOSS, "運費怎麼算？")
    assert company.state(submission) == "waiting"


def test_a_reason_that_comes_too_late_decides_nothing(company):
    """Somebody else approved while it was written."""
    submission = company.hand_in("hr")
    company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR, "駁回"))
    company.tap(SECOND_OF_HR, company.data(SECOND_OF_HR))
    assert "已由 林書豪" in company.write(CLERK_OF_HR, "不行")
    assert company.state(submission) == "approved"


# --- at once, too late, again ---


def test_two_who_decide_at_once_give_one_decision(company):
    """The second is told what the first decided."""
    submission = company.hand_in("hr")
    task = company.data(CLERK_OF_HR).removeprefix("decide=").partition("/")[0]
    said = company.at_once((CLERK_OF_HR, f"decide={task}/approve"), (SECOND_OF_HR, f"decide={task}/skip"))
    state = company.state(submission)
    decided = "approved" if state == "approved" else "rejected"
    assert sum("已由" in one for one in said) == 1
    assert [action for action, _ in company.log(submission)].count(decided) == 1
    decisions = "select 1 from submission_history where action in ('approved', 'rejected')"
    assert len(company.talk.rows(decisions)) == 1
    assert company.notices("outcome") == 1


def test_two_of_a_step_that_needs_all_at_once_complete_it(company):
    """Each has its own decision, and the step is over once."""
    submission = company.hand_in("both")
    said = company.at_once((BOSS, company.data(BOSS)), (CLERK_OF_HR, company.data(CLERK_OF_HR)))
    assert [one[:3] for one in said] == ["已核准", "已核准"]
    assert company.state(submission) == "approved"
    assert [action for action, _ in company.log(submission)].count("completed") == 1


def test_a_tap_after_the_decision_says_what_was_decided(company):
    """By whom and when, also to the one who tapped twice."""
    submission = company.hand_in("hr")
    data = company.data(CLERK_OF_HR)
    company.tap(CLERK_OF_HR, data)
    for who in (CLERK_OF_HR, SECOND_OF_HR):
        assert company.tap(who, data).startswith("HR-HR-2026-0001 已由 葉佳蓉 於 ")
    assert company.log(submission)[-1] == ("too_late", SECOND_OF_HR)
    assert company.tasks(submission) == [("group:hr", "approved", CLERK_OF_HR)]


def test_a_replayed_tap_decides_nothing(company):
    """The same event is not taken in again; and under another id it finds the decision taken."""
    submission = company.hand_in("hr")
    told = company.talk.say(company.at(CLERK_OF_HR), kind=Kind.POSTBACK, data=company.data(CLERK_OF_HR))
    assert company.talk.take_in(told) == 0
    company.tap(CLERK_OF_HR, told.data)
    assert [action for action, _ in company.log(submission)].count("approved") == 1


def test_a_tap_after_the_withdrawal_says_so(company):
    """The request is over, and nobody is asked for it any more."""
    submission = company.hand_in("leave")
    assert company.tap(FANG, f"task=withdraw/{submission}") == "已撤回 HR-LEAVE-2026-0001。"
    assert "撤回" in company.tap(BOSS, company.data(BOSS))
    assert company.state(submission) == "withdrawn"
    assert company.tasks(submission) == [("manager:A3", "cancelled", None)]
    assert "不能再撤回" in company.tap(FANG, f"task=withdraw/{submission}")


def test_withdrawal_and_approval_at_once_are_one_of_them(company):
    """Whichever came first."""
    submission = company.hand_in("leave")
    said = company.at_once((FANG, f"task=withdraw/{submission}"), (BOSS, company.data(BOSS)))
    withdrawn = company.state(submission) == "withdrawn"
    assert company.state(submission) in ("withdrawn", "approved")
    assert ("不能再撤回" in said[0], "撤回" in said[1]) == (not withdrawn, withdrawn)


def test_nobody_withdraws_what_is_not_theirs(company):
    """Not even who may decide it."""
    submission = company.hand_in("leave")
    for who in (BOSS, OUTSIDER, CUSTOMER):
        assert "不是您的" in company.tap(who, f"task=withdraw/{submission}")
    assert company.state(submission) == "waiting"


# --- by the wrong person ---


@pytest.mark.parametrize("verb", ["approve", "reject", "skip"])
@pytest.mark.parametrize("who", [OUTSIDER, FANG, CUSTOMER], ids=["a colleague", "the requester", "a customer"])
def test_a_forged_tap_is_refused(company, who, verb):
    """It says nothing of the request, and stands in the log."""
    submission = company.hand_in("hr", reason="秘密")
    forged = company.data(CLERK_OF_HR).replace("approve", verb)
    said = company.tap(who, forged)
    assert company.state(submission) == "waiting"
    assert "HR-HR" not in said
    assert "秘密" not in said
    action, actor, note = company.talk.rows("select action, actor, note from audit_log order by id desc limit 1")[0]
    assert (action, note) == ("refused", "nobody we know" if who == CUSTOMER else "not an approver")
    assert actor == ("line:shop:Ucustomer" if who == CUSTOMER else who)


@pytest.mark.parametrize("data", ["decide=999/approve", "decide=x/approve", "decide=", "task=' or 1=1", "task=²/close"])
def test_nonsense_is_refused(company, data):
    """Whatever it is, it decides nothing."""
    company.hand_in("hr")
    assert "不能決定" in company.tap(CLERK_OF_HR, data)


def test_a_page_of_tasks_that_cannot_be_is_the_first(company):
    """Whatever number a tap brings."""
    company.hand_in("hr")
    assert company.tap(CLERK_OF_HR, f"task=more/{'9' * 30}") == "等您處理的有這些："


def test_a_stranger_who_looks_sees_nothing(company):
    """The details of a task are for those it concerns."""
    company.hand_in("hr", reason="秘密")
    details = company.data(CLERK_OF_HR, "看全部")
    assert "秘密" in company.tap(CLERK_OF_HR, details)
    assert "秘密" not in company.tap(OUTSIDER, details)


def test_an_approver_who_lost_the_role_is_refused(company):
    """Who was asked is not who may decide: that is looked up at the tap."""
    submission = company.hand_in("hr", reason="秘密")
    company.talk.change("update people set groups = '{employees}' where employee_number = %s", CLERK_OF_HR)
    said = company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR))
    assert "不能決定" in said
    assert (company.state(submission), company.log(submission)[-1]) == ("waiting", ("refused", CLERK_OF_HR))
    company.tap(SECOND_OF_HR, company.data(SECOND_OF_HR))
    assert company.state(submission) == "approved"


def test_an_approver_who_lost_the_role_between_the_look_and_the_decision_is_refused(company):
    """The transaction that decides looks again."""
    submission = company.hand_in("hr")
    task = int(company.data(CLERK_OF_HR).removeprefix("decide=").partition("/")[0])
    company.talk.change("update people set groups = '{employees}' where employee_number = %s", CLERK_OF_HR)
    from bots.conversations.handled import Overtaken

    with (
        pytest.raises(Overtaken),
        company.talk.database.viewer(frozenset({"employees"}), f"person:{CLERK_OF_HR}") as viewer,
    ):
        company.approvals.decide(viewer, task, CLERK_OF_HR, "approved")
    assert company.state(submission) == "waiting"


def test_a_new_manager_decides(company):
    """And the old one no longer does."""
    submission = company.hand_in("leave")
    company.talk.change("update people set manager = %s where employee_number = %s", OUTSIDER, FANG)
    data = company.data(BOSS)
    assert "不能決定" in company.tap(BOSS, data)
    company.tap(OUTSIDER, data)
    assert company.state(submission) == "approved"


def test_in_a_group_nothing_is_decided(company):
    """Everybody there would read along, and nobody knows for certain who taps."""
    submission = company.hand_in("hr")
    said = company.tap(slack_channel(), company.data(CLERK_OF_HR), sender=f"U{CLERK_OF_HR}")
    assert "私訊" in said
    assert (company.state(submission), company.log(submission)[-1][0]) == ("waiting", "refused")


def test_on_the_web_the_signed_in_person_decides(company):
    """A session that vouches for nobody decides nothing, whatever groups it has."""
    submission = company.hand_in("hr")
    data = company.data(CLERK_OF_HR)
    place = Place("web", "web", "visitor-1", direct=True, thread="hr")
    groups = frozenset({"employees", "hr"})

    def tapped(person: str) -> Any:
        told = InboundEvent(f"web-{person}", place, Kind.POSTBACK, "", company.now(), data=data, groups=groups)
        from dataclasses import replace

        return company.handler.handle(replace(told, person=person), lambda _: None)

    assert "綁定" in tapped("").reply.text
    assert "不能決定" in tapped(OUTSIDER).reply.text
    handled = tapped(CLERK_OF_HR)
    with company.talk.database.viewer(handled.viewer.groups, handled.viewer.reader) as viewer:
        for effect in handled.effects:
            effect(viewer)
    assert company.state(submission) == "approved"


# --- deputies ---


def test_a_deputy_decides_for_a_while(company):
    """Asked for what waits already; and no longer when it is over."""
    first, second = company.hand_in("leave"), company.hand_in("leave")
    company.talk.change("insert into delegations values (%s, %s, now() + interval '1 day')", BOSS, OUTSIDER)
    data = {one: f"decide={company.task(one)}/approve" for one in (first, second)}
    company.tap(OUTSIDER, data[first])
    assert company.tasks(first) == [("manager:A3", "approved", OUTSIDER)]
    company.talk.change("update delegations set until = now() - interval '1 second'")
    assert "不能決定" in company.tap(OUTSIDER, data[second])


def test_a_deputy_is_named_in_words(company):
    """Until the end of that day; what waits is asked of them at once."""
    submission = company.hand_in("leave")
    said = company.write(BOSS, "代理 賴怡君 到 12/31")
    assert "賴怡君" in said
    company.tap(OUTSIDER, company.data(OUTSIDER))
    assert company.state(submission) == "approved"
    assert "取消" in company.write(BOSS, "取消代理")
    assert company.talk.rows("select * from delegations") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [("代理 沈若蘭 到 12/31", "不能是自己"), ("代理 無此人 到 12/31", "找不到"), ("代理 葉佳蓉 到 昨天", "看不懂")],
)
def test_a_deputy_who_cannot_be_is_refused(company, text, says):
    """With what to write instead."""
    assert says in company.write(BOSS, text)
    assert company.talk.rows("select * from delegations") == []


def test_a_deputy_does_not_decide_their_own_request(company):
    """Nor does the requester's deputy decide on the requester's account."""
    company.talk.change("insert into delegations values (%s, %s, now() + interval '1 day')", BOSS, FANG)
    company.talk.change("insert into delegations values (%s, %s, now() + interval '1 day')", CLERK_OF_HR, OUTSIDER)
    mine, of_hr = company.hand_in("leave", FANG), company.hand_in("hr", CLERK_OF_HR)
    with company.talk.database.application() as connection:
        tasks = [store.of_submission(connection, one)[0] for one in (mine, of_hr)]
        assert [store.entitled(connection, one.rule, one.requester) for one in tasks] == [[BOSS], [SECOND_OF_HR]]


# --- time ---


def test_half_way_whoever_is_asked_is_reminded_once(company):
    """However many sweep at once, and however often."""
    company.hand_in("late")
    company.sweeper.sweep()
    assert company.notices("remind") == 0
    company.hours_pass(5.5)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: company.sweeper.sweep(), range(6)))
    company.talk.work()
    assert company.notices("remind") == 1
    assert company.heard(BOSS)[-1].text.startswith("提醒您")


def test_when_time_is_up_somebody_else_is_asked_too(company):
    """Once; and both may decide, one of them does."""
    submission = company.hand_in("late")
    company.hours_pass(10.5)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: company.sweeper.sweep(), range(6)))
    company.talk.work()
    assert [task[:2] for task in company.tasks(submission)] == [("manager:A3", "waiting"), ("group:hr", "waiting")]
    assert company.heard(CLERK_OF_HR)[-1].text.startswith("這件申請過了期限")
    assert [action for action, _ in company.log(submission)].count("escalated") == 1
    company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR))
    assert company.state(submission) == "approved"
    assert "已由 葉佳蓉" in company.tap(BOSS, company.data(BOSS))


def test_two_who_escalate_at_once_ask_once(company):
    """Without the lock that only saves the work."""
    submission = company.hand_in("late")
    company.hours_pass(10.5)
    with company.talk.database.application() as connection:
        [late] = store.overdue(connection, 10)

    def escalates(_: int) -> None:
        with company.talk.database.viewer(frozenset(), late.reader) as viewer:
            company.approvals.escalate(viewer, late)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(escalates, range(4)))
    assert len(company.tasks(submission)) == 2


def test_what_is_decided_is_not_reminded_of(company):
    """Nor escalated, nor asked for when the question comes late."""
    company.hand_in("late")
    company.tap(BOSS, company.data(BOSS))
    company.hours_pass(20)
    company.sweeper.sweep()
    company.talk.work()
    assert (company.notices("remind"), company.heard(CLERK_OF_HR)) == (0, [])


def test_a_question_that_is_due_no_longer_is_not_asked(company):
    """It was withdrawn before it could be told."""
    place = company.at(FANG)
    company.talk.take_in(
        InboundEvent("hand-in", place, Kind.POSTBACK, f"U{FANG}", company.now(), data='file=leave/{"days": "1"}')
    )
    company.talk.clerk.handle_next(place.conversation)
    company.talk.lose_jobs()
    company.talk.change("update approval_tasks set state = 'cancelled'")
    company.talk.clerk.handle_next(company.at(BOSS).conversation)
    company.talk.work()
    assert company.heard(BOSS) == []


# --- nobody ---


def test_where_nobody_can_decide_people_are_told(company):
    """The requester and whoever looks after the window; it goes on when somebody is there."""
    submission = company.hand_in("nobody")
    assert (company.state(submission), company.tasks(submission)) == ("waiting", [("group:legal", "stuck", None)])
    assert "找不到可以簽核" in company.heard(FANG)[-1].text
    assert "群組 legal" in company.heard(BOSS)[-1].text
    with company.talk.database.application() as connection:
        assert [one.number for one in store.stuck(connection, 10)] == ["HR-NOBODY-2026-0001"]
    company.talk.change("update people set groups = '{employees,legal}' where employee_number = %s", OUTSIDER)
    company.sweeper.sweep()
    company.sweeper.sweep()
    company.talk.work()
    assert len(company.heard(OUTSIDER)) == 1
    company.tap(OUTSIDER, company.data(OUTSIDER))
    assert company.state(submission) == "approved"


def test_who_has_no_account_finds_it_in_the_list(company):
    """That nobody could be reached stands in the log."""
    company.talk.change("delete from identities where employee_number = %s", BOSS)
    submission = company.hand_in("leave")
    assert ("not_reached", BOSS) in company.log(submission)
    company.talk.bind(company.at(BOSS), BOSS)
    assert company.write(BOSS, "待辦") == "等您處理的有這些："
    company.tap(BOSS, company.data(BOSS))
    assert company.state(submission) == "approved"


# --- lists and work ---


def test_the_list_holds_what_waits_for_this_person(company):
    """A page of it, and nothing of others."""
    for _ in range(8):
        company.hand_in("leave")
    company.hand_in("hr")
    company.write(BOSS, "我的待辦")
    listed = company.heard(BOSS)[-1]
    assert len(listed.cards) == 6
    company.tap(BOSS, listed.choices[0].data)
    assert len(company.heard(BOSS)[-1].cards) == 2
    assert company.write(OUTSIDER, "待辦") == "目前沒有等您簽核或處理的事。"
    assert "綁定" in company.write(CUSTOMER, "待辦")


def test_work_is_taken_and_closed(company):
    """By one; the requester reads what was done."""
    submission = company.hand_in("repair")
    take = company.data(CLERK_OF_HR, "我來處理")
    assert "由您處理" in company.tap(CLERK_OF_HR, take)
    assert "葉佳蓉 接手" in company.tap(SECOND_OF_HR, take)
    assert company.write(SECOND_OF_HR, "待辦") == "目前沒有等您簽核或處理的事。"
    company.tap(CLERK_OF_HR, take.replace("take", "close"))
    company.write(CLERK_OF_HR, "換了滑鼠")
    assert company.state(submission) == "done"
    assert company.heard(FANG)[-1].text.endswith("說明：換了滑鼠")


def test_what_a_customer_hands_in_is_worked_on_and_answered(company):
    """Where the customer wrote."""
    customer = Place("slack", "main", "Ustranger", direct=True)
    submission = company.hand_in("repair", customer)
    assert "申請人：客戶" in company.heard(CLERK_OF_HR)[-1].cards[0].text
    company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR, "結案"))
    company.tap(CLERK_OF_HR, company.heard(CLERK_OF_HR)[-1].choices[0].data)
    assert company.state(submission) == "done"
    assert "已處理完成" in [one for one in company.talk.slack.arrived if one.place == customer][-1].reply.text


def test_work_after_an_approval_is_asked_for_then(company):
    """Approved, worked on, done: the requester hears of both."""
    submission = company.hand_in("checked_repair")
    company.tap(BOSS, company.data(BOSS))
    assert company.state(submission) == "open"
    company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR, "結案"))
    company.write(CLERK_OF_HR, "好了")
    assert company.state(submission) == "done"
    assert company.notices("outcome") == 2


def test_work_nobody_is_assigned_to_is_done_when_it_is_handed_in(company):
    """Where the condition of ``assign`` does not hold; whoever is to hear of it does. Else they are asked."""
    short, long = company.hand_in("long_repair"), company.hand_in("long_repair", days="4")
    assert (company.state(short), company.state(long)) == ("done", "open")
    assert [one[:2] for one in company.tasks(short)] == [("group:managers", "heard")]
    assert [one[:2] for one in company.tasks(long)] == [("group:hr", "waiting")]
    assert "已處理完成" in company.heard(BOSS)[-1].text


def test_work_nobody_is_assigned_to_is_done_when_it_is_approved(company):
    """And nobody is promised that somebody will work on it."""
    short, long = company.hand_in("checked_long_repair"), company.hand_in("checked_long_repair", days="4")
    company.tap(BOSS, f"decide={company.task(short)}/approve")
    assert company.heard(FANG)[-1].text.endswith("已核准。")
    company.tap(BOSS, f"decide={company.task(long)}/approve")
    assert company.heard(FANG)[-1].text.endswith("已核准，接著會有人處理。")
    assert (company.state(short), company.state(long)) == ("approved", "open")
    assert company.tasks(short) == [("manager:A3", "approved", BOSS)]


def test_requests_that_waited_on_line_are_decided_there(company):
    """Two pushes are what the window may; the rest comes with the next message, each with its own taps."""
    on_line = line_person("Uboss")
    company.talk.change("delete from identities where employee_number = %s", BOSS)
    company.talk.bind(on_line, BOSS)
    handed_in = [company.hand_in("leave", reason=f"事由{number}") for number in range(4)]
    assert [one.may_push for one in company.talk.line.arrived] == [True, True]
    company.write(on_line, "選單")
    cards = {card.title[-4:]: card for card in company.talk.line.arrived[-1].reply.cards if "-LEAVE-" in card.title}
    assert sorted(cards) == ["0003", "0004"]
    for submission, card in zip(handed_in[2:], cards.values(), strict=True):
        approve, reject, _ = card.choices
        assert [approve.label, reject.label] == ["核准", "駁回"]
        company.tap(on_line, approve.data)
        assert company.state(submission) == "approved"


def test_outcomes_that_waited_on_line_are_told_there(company):
    """Two are pushed; of the others whoever handed in reads with their next message, and can look at each."""
    on_line = line_person("Ufang")
    company.talk.change("delete from identities where employee_number = %s", FANG)
    company.talk.bind(on_line, FANG)
    handed_in = [company.hand_in("leave", on_line) for _ in range(4)]
    for submission in handed_in:
        company.tap(BOSS, f"decide={company.task(submission)}/approve")
    company.write(on_line, "選單")
    waited = [card for card in company.talk.line.arrived[-1].reply.cards if "已核准" in card.text]
    assert [re.findall("2026-000.", card.text) for card in waited] == [["2026-0003"], ["2026-0004"]]
    assert [[one.data for one in card.choices] for card in waited] == [[f"request={one}"] for one in handed_in[2:]]


def test_others_hear_of_the_outcome(company):
    """They may read the request from then on, and decide nothing."""
    submission = company.hand_in("told")
    company.tap(BOSS, company.data(BOSS))
    assert "方思齊" in company.heard(CLERK_OF_HR)[-1].text
    assert "已核准" in company.heard(CLERK_OF_HR)[-1].text
    with company.talk.database.viewer(frozenset({"hr"}), f"person:{CLERK_OF_HR}") as viewer:
        changed = viewer.connection.execute("update submissions set state = 'open' where id = %s", [submission])
        assert changed.rowcount == 0
        assert viewer.connection.execute("select 1 from submissions where id = %s", [submission]).fetchone()


# --- what stays ---


@pytest.mark.parametrize("reader", ["person:A5", "line:shop:Ucustomer", "person:", ""])
def test_the_database_shows_a_request_to_nobody_else(company, reader):
    """Whatever our code forgets to ask."""
    company.hand_in("hr")
    with company.talk.database.viewer(frozenset({"hr", "employees"}), reader) as viewer:
        for table in ("submissions", "submission_history"):
            assert viewer.connection.execute(f"select 1 from {table}").fetchall() == []


def test_the_log_has_every_step(company):
    """Who did it, and by which event."""
    submission = company.hand_in("leave", days="4")
    task = company.task(submission)
    company.tap(OUTSIDER, f"decide={task}/approve")
    company.tap(BOSS, f"decide={task}/approve")
    company.tap(CLERK_OF_HR, company.data(CLERK_OF_HR))
    assert company.log(submission) == [
        ("handed_in", FANG),
        ("asked", "transom"),
        ("refused", OUTSIDER),
        ("approved", BOSS),
        ("asked", "transom"),
        ("approved", CLERK_OF_HR),
        ("completed", "transom"),
    ]
    events = company.talk.rows("select event from audit_log where action in ('approved', 'refused')")
    keys = company.talk.rows("select platform || ':' || account || ':' || event_id from inbox")
    assert set(events) <= set(keys)


@pytest.mark.parametrize("change", ["update audit_log set actor = 'x'", "delete from audit_log", "truncate audit_log"])
@pytest.mark.parametrize("who", ["the owner", "the application"])
def test_the_log_is_not_changed(company, change, who):
    """Not even by the owner, who would have to take the table itself away."""
    company.hand_in("hr")
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        company.talk.database.owner() if who == "the owner" else company.talk.database.application() as connection,
    ):
        connection.execute(change)
