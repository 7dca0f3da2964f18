"""Who asks, and what they may read: decided anew for every event, and cut at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from integration.talking import (
    BOSS,
    BOTH_CHANNEL,
    CLERK_OF_HR,
    FANG,
    HR_CHANNEL,
    LEAVE,
    LEAVE_SAYS,
    NAMED_CHANNEL,
    PEOPLE,
    RAISES,
    RAISES_SAYS,
    RETURNS,
    RETURNS_SAYS,
    TWICE_CHANNEL,
    Talk,
    event,
    line_group,
    line_person,
    slack_channel,
    slack_person,
)

from bots.compose.modes import name_of
from bots.conversations.people import binding, store
from bots.conversations.people.viewers import NOBODY, Viewer
from bots.messages import CUSTOMERS, FileOffer, Kind, Place, Profile
from rag_core.database import Database

ME, ON_SLACK = line_person(), slack_person()
WRONG, TOO_MANY = "這個綁定碼不對", "試太多次了"


def viewer(talk: Talk, place: Place) -> Viewer:
    """Who reads at the place now."""
    return talk.viewers.of_event(event(place))


def code_for(talk: Talk, number: str) -> str:
    """What ``transom people bind-code`` prints."""
    with talk.database.application() as connection:
        return binding.new_code(connection, number)


def sync(talk: Talk, *people: store.Person) -> None:
    """Take over another people.csv."""
    with talk.database.owner() as connection:
        store.replace_people(connection, people)


# --- who it is ---


def test_a_person_is_called_as_people_csv_has_them(talk):
    """The page of a log-in link shows it; whom it does not have, and all while the database is away, by number."""
    assert name_of(talk.database, CLERK_OF_HR) == PEOPLE[1].name
    assert name_of(talk.database, "A9999") == "A9999"
    nowhere = Database("postgresql://nobody@127.0.0.1:1/transom", pool_size=1)
    with closing(nowhere):
        assert name_of(nowhere, CLERK_OF_HR) == CLERK_OF_HR


@pytest.mark.parametrize("place", [ME, ON_SLACK, line_person(account="shop")])
def test_whom_nobody_knows_is_a_customer(talk, place):
    """On every platform."""
    who = viewer(talk, place)
    assert (who.groups, who.person, who.windows) == (CUSTOMERS, None, None)


def test_slack_tells_who_it_is_by_a_verified_address(talk):
    """Whatever its case; and it is asked once."""
    talk.slack.profiles["UEMP"] = Profile("JIA@A.example", "en")
    assert viewer(talk, ON_SLACK).person == replace(PEOPLE[1])
    assert viewer(talk, ON_SLACK).groups == {"employees", "hr"}
    assert (viewer(talk, ON_SLACK).reader, talk.slack.asked) == (f"person:{CLERK_OF_HR}", ["main:UEMP"])


@pytest.mark.parametrize("profile", [Profile(), Profile("stranger@b.example"), None])
def test_without_an_address_of_ours_it_is_a_customer(talk, profile):
    """A guest, somebody of another company, an address Slack did not verify: the platform tells none of them."""
    if profile:
        talk.slack.profiles["UEMP"] = profile
    assert viewer(talk, ON_SLACK).groups == CUSTOMERS


def test_an_empty_address_is_nobodys(talk):
    """People without an address in people.csv are not found by having none."""
    sync(talk, *PEOPLE, store.Person("A9", "無信箱", "", None, frozenset({"managers"})))
    talk.slack.profiles["UEMP"] = Profile("")
    assert viewer(talk, ON_SLACK).person is None


def test_a_customer_on_slack_is_asked_for_again_after_some_hours(talk):
    """Whoever was put on the list meanwhile need do nothing."""
    viewer(talk, ON_SLACK)
    talk.slack.profiles["UEMP"] = Profile("jia@a.example")
    talk.change("update identities set checked_at = now() - interval '7 hours'")
    assert viewer(talk, ON_SLACK).person is not None


# --- cut ---


def test_who_was_unbound_sees_nothing_any_more(talk):
    """Neither documents, nor windows, nor what was said before, nor what an old link shows."""
    talk.slack.profiles["UEMP"] = Profile("jia@a.example")
    assert LEAVE_SAYS in talk.ask(ON_SLACK, LEAVE).text
    link = talk.slack.arrived[0].id
    assert talk.links.reply(link) is not None
    with talk.database.application() as connection:
        [cut] = store.unbind(connection, CLERK_OF_HR)
    assert (cut.platform, cut.user_id) == ("slack", "UEMP")
    talk.change("update identities set checked_at = now() - interval '7 hours'")
    assert viewer(talk, ON_SLACK) == Viewer("slack:main:UEMP", CUSTOMERS)
    assert talk.links.reply(link) is None
    assert "特別休假" not in talk.ask(ON_SLACK, LEAVE).text
    assert "特別休假" not in talk.ask(ON_SLACK, "那病假呢？").text


def test_a_verified_address_does_not_bind_again_what_was_cut(talk):
    """Somebody cut it on purpose; only a code, given on purpose, binds it again."""
    talk.slack.profiles["UEMP"] = Profile("jia@a.example")
    viewer(talk, ON_SLACK)
    talk.say(ON_SLACK, "解除綁定")
    for asked in ("now() - interval '7 hours'", "null"):
        talk.change(f"update identities set checked_at = {asked}")
        assert viewer(talk, ON_SLACK).person is None


def test_only_the_named_platform_is_cut(talk):
    """The other accounts of the person stay."""
    talk.bind(ME, CLERK_OF_HR)
    talk.bind(ON_SLACK, CLERK_OF_HR)
    with talk.database.application() as connection:
        store.unbind(connection, CLERK_OF_HR, "line")
    assert [viewer(talk, place).person is None for place in (ME, ON_SLACK)] == [True, False]


def test_who_left_the_list_is_a_customer_at_once(talk):
    """On every account; whoever stays keeps theirs, and their new groups hold at once."""
    talk.bind(ME, CLERK_OF_HR)
    talk.bind(line_person("Uboss"), BOSS)
    assert LEAVE_SAYS in talk.ask(ME, LEAVE).text
    link = talk.line.arrived[0].id
    sync(talk, replace(PEOPLE[0], groups=frozenset({"employees"})))
    assert viewer(talk, ME) == Viewer("line:staff:Uline", CUSTOMERS)
    assert viewer(talk, line_person("Uboss")).groups == {"employees"}
    assert talk.links.reply(link) is None
    assert LEAVE_SAYS not in talk.ask(ME, LEAVE).text


def test_two_people_may_swap_their_addresses(talk):
    """The list is taken over as a whole."""
    boss, jia, fang = PEOPLE
    sync(talk, replace(boss, email=jia.email), replace(jia, email=boss.email), fang)
    talk.slack.profiles["UEMP"] = Profile("jia@a.example")
    assert viewer(talk, ON_SLACK).person == replace(boss, email=jia.email)


def test_a_wrong_list_changes_nobody(talk):
    """It is one transaction."""
    twice = replace(PEOPLE[1], email=PEOPLE[0].email)
    with pytest.raises(Exception, match="people_email"):
        sync(talk, PEOPLE[0], twice)
    assert talk.value("select count(*) from people where email <> ''") == 3


# --- places others read too ---


def test_a_line_group_reads_what_customers_read(talk):
    """Nobody can know who is in it, whoever writes."""
    talk.bind(ME, BOSS)
    group = line_group()
    assert viewer(talk, group).groups == CUSTOMERS
    talk.say(group, LEAVE, sender="Uline")
    talk.say(group, RETURNS, sender="Uline")
    assert [LEAVE_SAYS in talk.line.said[0], RETURNS_SAYS in talk.line.said[1]] == [False, True]


@pytest.mark.parametrize(
    ("channel", "groups", "windows"),
    [
        (HR_CHANNEL, {"employees"}, {"hr"}),
        (NAMED_CHANNEL, {"employees"}, {"hr"}),
        (BOTH_CHANNEL, {"employees"}, {"hr", "sales"}),  # hr says employees and managers, sales says also customers
        ("C0OTHER", NOBODY, set()),
    ],
)
def test_a_slack_channel_reads_what_all_its_windows_say(talk, channel, groups, windows):
    """By id or by name; where two windows say different things, what both say; unlisted, nothing."""
    who = viewer(talk, slack_channel(channel))
    assert (who.groups, who.windows) == (groups, windows)


def test_a_channel_that_one_window_lists_twice_reads_what_both_lines_say(talk):
    """Once by its id for employees and managers, once by its name for employees: employees."""
    talk.names[TWICE_CHANNEL] = "ask-hr"
    assert viewer(talk, slack_channel(TWICE_CHANNEL)).groups == {"employees"}


def test_a_manager_in_a_channel_reads_what_the_channel_reads(talk):
    """Not what is the manager's own."""
    talk.slack.profiles["UBOSS"] = Profile("boss@a.example")
    talk.say(slack_channel(BOTH_CHANNEL), RAISES, sender="UBOSS")
    talk.say(slack_person("UBOSS"), RAISES)
    assert [RAISES_SAYS in said for said in talk.slack.said] == [False, True]


def test_in_a_channel_that_nobody_listed_nothing_is_answered(talk):
    """It says how to set it up."""
    talk.say(slack_channel("C0OTHER"), RETURNS)
    assert talk.slack.said[0].startswith("這個頻道還沒有設定窗口")
    assert talk.answers.questions == []


def test_a_channels_turns_are_the_channels(talk):
    """The same person alone does not take them up, nor does the channel what was said alone."""
    talk.slack.profiles["Umember"] = Profile("jia@a.example")
    talk.say(slack_channel(), LEAVE)
    talk.say(slack_person("Umember"), LEAVE)
    assert talk.rows("select reader from turns order by event") == [
        (f"slack:main:{HR_CHANNEL}",),
        (f"person:{CLERK_OF_HR}",),
    ]


# --- bind codes ---


def test_a_code_from_slack_binds_the_account_on_line(talk):
    """The whole way: asked for where we know the person, sent where we do not."""
    talk.slack.profiles["UEMP"] = Profile("jia@a.example")
    said = talk.ask(ON_SLACK, "綁定").text
    code = next(word for word in said.replace("，", " ").split() if binding.looks_like_code(word))
    reply = talk.ask(ME, f"綁定 {code.lower()}")
    assert reply.text.startswith("葉佳蓉您好")
    assert [card.title for card in reply.cards] == ["hr", "sales"]
    assert LEAVE_SAYS in talk.ask(ME, LEAVE).text


def test_who_was_cut_off_on_slack_comes_back_by_a_code(talk):
    """The verified address alone binds nobody again whom somebody has cut; a code from whoever runs this does."""
    talk.slack.profiles["UEMP"] = Profile("jia@a.example")
    assert LEAVE_SAYS in talk.ask(ON_SLACK, LEAVE).text
    with talk.database.application() as connection:
        store.unbind(connection, CLERK_OF_HR)
    assert talk.ask(ON_SLACK, "綁定").text.startswith("目前無法確認您的身分")
    assert talk.ask(ON_SLACK, code_for(talk, CLERK_OF_HR)).text.startswith("葉佳蓉您好")
    assert LEAVE_SAYS in talk.ask(ON_SLACK, LEAVE).text


def test_a_code_works_once(talk):
    """Also for two accounts that send it at the same moment."""
    code = code_for(talk, CLERK_OF_HR)
    places = [line_person(f"U{number}") for number in range(6)]

    def bind(place: Place) -> store.Person | None:
        with talk.database.application() as connection:
            return binding.bind_by_code(connection, "line", "staff", place.channel, code)

    with ThreadPoolExecutor(6) as pool:
        bound = [person for person in pool.map(bind, places) if person]
    assert [person.employee_number for person in bound] == [CLERK_OF_HR]
    assert talk.ask(line_person("Ulate"), code).text.startswith(WRONG)


def test_a_wrong_code_binds_nobody(talk):
    """And one that has run out, and one that a newer one replaced."""
    old = code_for(talk, CLERK_OF_HR)
    new = code_for(talk, CLERK_OF_HR)
    talk.change("update bind_codes set expires_at = now() - interval '1 second'")
    assert [talk.ask(ME, code).text[:7] for code in ("ABCDEFG2", old, new)] == [WRONG] * 3
    assert viewer(talk, ME).person is None


def test_nobody_finds_a_code_by_trying(talk):
    """After six tries within the hour even the right one is refused; another account is not."""
    code = code_for(talk, CLERK_OF_HR)
    said = [talk.ask(ME, f"ABCDEFG{digit}").text for digit in "234567"]
    assert [text[:7] for text in said] == [WRONG] * 6
    assert talk.ask(ME, code).text.startswith(TOO_MANY)
    talk.change("update bind_attempts set at = at - interval '61 minutes'")
    assert talk.ask(ME, code).text.startswith("葉佳蓉您好")


def test_a_code_in_a_group_binds_nobody(talk):
    """Everyone there has read it, so it is void from then on."""
    code = code_for(talk, CLERK_OF_HR)
    talk.say(line_group(), code, sender="Uline")
    assert talk.line.said[0].startswith("綁定碼請私下傳給我")
    assert talk.ask(ME, code).text.startswith(WRONG)
    assert viewer(talk, ME).person is None


@pytest.mark.parametrize("text", ["password", "ABCDEFGH", "病假一年最多幾日", "2026-1101", "ABCDEFG20", "請問綁定碼"])
def test_what_is_no_code_is_a_question(text):
    """A word of eight letters, a date, a sentence."""
    assert binding.looks_like_code(text) is None


@pytest.mark.parametrize("text", ["ABCDEFG2", " abcd efg2 ", "綁定 ABCDEFG2", "bind: ABCDEFG2", "綁定：ABCDEFG2"])
def test_a_code_is_read_however_it_is_typed(text):
    """With blanks, in small letters, after the word for it."""
    assert binding.looks_like_code(text) == "ABCDEFG2"


@pytest.mark.parametrize(
    ("place", "says"),
    [(ME, "請輸入綁定碼"), (slack_channel(), "請輸入綁定碼"), (ON_SLACK, "目前無法確認您的身分")],
)
def test_who_asks_to_bind_is_told_how(talk, place, says):
    """A code is shown to a person we know, alone, and to nobody else."""
    assert talk.ask(place, "綁定").text.startswith(says)
    assert talk.value("select count(*) from bind_codes") == 0


def test_a_code_is_not_kept(talk):
    """Only its hash is."""
    code = code_for(talk, FANG)
    [row] = talk.rows("select encode(code_hash, 'escape') from bind_codes")
    assert code not in row[0]


# --- files, greetings ---


def test_who_may_offer_a_file_offers_it(talk):
    """It waits for a decision; nothing of it is searched."""
    talk.bind(ME, CLERK_OF_HR)
    talk.line.files["f1"] = b"%PDF"
    talk.say(ME, kind=Kind.FILE, file=FileOffer("f1", "新規定.pdf", "application/pdf"), token="t", token_until=None)
    assert talk.rows("select name, content, window_name, employee_number from offers") == [
        ("新規定.pdf", b"%PDF", "hr", CLERK_OF_HR)
    ]


@pytest.mark.parametrize(
    ("number", "name", "kept", "says"),
    [
        (None, "a.pdf", True, "這裡只收文字問題"),
        (FANG, "a.pdf", True, "請洽人資部"),
        (CLERK_OF_HR, "a.exe", True, "不在其中"),
        (CLERK_OF_HR, "a.pdf", False, "讀不到"),
    ],
)
def test_other_files_are_declined_politely(talk, number, name, kept, says):
    """From customers, from people who may not, of the wrong kind, gone."""
    if number:
        talk.bind(ON_SLACK, number)
    if kept:
        talk.slack.files["f1"] = b"x"
    talk.say(ON_SLACK, kind=Kind.FILE, file=FileOffer("f1", name, "application/octet-stream"))
    assert says in talk.slack.said[0]
    assert talk.value("select count(*) from offers") == 0


def test_a_new_friend_is_greeted_with_what_is_open_to_them(talk):
    """A customer hears how employees bind, too; on Slack the greeting comes once."""
    reply = talk.ask(ME, kind=Kind.FOLLOW)
    assert [card.title for card in reply.cards] == ["sales"]
    assert "綁定碼" in reply.text
    talk.say(ON_SLACK, kind=Kind.FOLLOW)
    talk.say(ON_SLACK, kind=Kind.FOLLOW)
    assert len(talk.slack.said) == 1
