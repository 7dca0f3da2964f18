"""channels.yaml becomes the accounts that can be used, or a line for each thing that is wrong with it."""

import pytest

from bots.accounts import ApiClient, Channels, LineAccount, SlackWorkspace, Website
from bots.windows.channels import LoadedChannels, load_channels
from bots.windows.load import load_windows

GOOD = """\
line:
  a-company-shop:
    secret: ${LINE_SHOP_SECRET}
    token: ${LINE_SHOP_TOKEN}
    windows: [sales]
  a-company-staff:
    secret: ${LINE_STAFF_SECRET}
    token: ${LINE_STAFF_TOKEN}
    windows: [hr, it]
    default: hr
slack:
  a-company:
    team: T0123ABCD
    signing_secret: ${SLACK_SIGNING_SECRET}
    bot_token: ${SLACK_BOT_TOKEN}
    app_token: ${SLACK_APP_TOKEN}
    windows: [hr, it]
    default: it
website: {origins: ["https://shop.example"], windows: [sales]}
api:
  erp: {token: "${ERP_TOKEN}", windows: [sales], groups: [customers]}
"""

SECRETS = {
    "LINE_SHOP_SECRET": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "LINE_SHOP_TOKEN": "shop-token/abcdefghijklmnopqrstuvwxyz",
    "LINE_STAFF_SECRET": "f0e1d2c3b4a5968778695a4b3c2d1e0f",
    "LINE_STAFF_TOKEN": "staff-token/abcdefghijklmnopqrstuvwxyz",
    "SLACK_SIGNING_SECRET": "00112233445566778899aabbccddeeff",
    "SLACK_BOT_TOKEN": "xoxb-00000000000-abcdefghijkl",
    "SLACK_APP_TOKEN": "xapp-1-A00000000-abcdefghijkl",
    "ERP_TOKEN": "erp-token-0123456789",
}

CONNECTED = ["line.a-company-shop", "line.a-company-staff", "slack.a-company", "website", "api.erp"]


@pytest.fixture
def load(company, write):
    """Load a channels.yaml beside three windows."""
    for name, serves in (("sales", "customers"), ("hr", "employees"), ("it", "employees")):
        write(f"windows/{name}.yaml", f"name: {name}\ndepartment: 人\ntitle: 窗口\nserves: [{serves}]\n")

    def _load(text: str | bytes | None = GOOD, **environment: str) -> LoadedChannels:
        if text is not None:
            write("channels.yaml", text)
        return load_channels(company, {**SECRETS, **environment}, load_windows(company))

    return _load


def told(loaded: LoadedChannels) -> list[str]:
    return [str(fault) for fault in loaded.faults]


def connected(channels: Channels) -> list[str]:
    return [
        *(f"line.{account.name}" for account in channels.line),
        *(f"slack.{workspace.name}" for workspace in channels.slack),
        *(["website"] if channels.website.origins else []),
        *(f"api.{client.name}" for client in channels.api),
    ]


def test_all_keys_are_read(load):
    """Each account has its secrets from the variables, its windows, and the window for what none matches better."""
    loaded = load()
    assert (loaded.faults, loaded.notes) == ((), ())
    line = {name: SECRETS[f"LINE_{name}"] for name in ("SHOP_SECRET", "SHOP_TOKEN", "STAFF_SECRET", "STAFF_TOKEN")}
    slack = (SECRETS["SLACK_SIGNING_SECRET"], SECRETS["SLACK_BOT_TOKEN"], SECRETS["SLACK_APP_TOKEN"])
    assert loaded.channels == Channels(
        line=(
            LineAccount("a-company-shop", line["SHOP_SECRET"], line["SHOP_TOKEN"], ("sales",), "sales"),
            LineAccount("a-company-staff", line["STAFF_SECRET"], line["STAFF_TOKEN"], ("hr", "it"), "hr"),
        ),
        slack=(SlackWorkspace("a-company", "T0123ABCD", *slack, ("hr", "it"), "it"),),
        website=Website(("https://shop.example",), ("sales",)),
        api=(ApiClient("erp", SECRETS["ERP_TOKEN"], ("sales",), frozenset({"customers"})),),
    )


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n"])
def test_without_accounts_nothing_is_connected(load, text):
    """No file, an empty one, and one of remarks are all right."""
    assert load(text) == LoadedChannels(Channels(), (), ())


def test_an_account_without_any_variable_is_not_connected(load):
    """The sample company runs without a token: each such account is a note that names what to set, not a fault."""
    loaded = load(LINE_STAFF_SECRET="", LINE_STAFF_TOKEN=" ", ERP_TOKEN="")
    assert told(loaded) == []
    assert connected(loaded.channels) == ["line.a-company-shop", "slack.a-company", "website"]
    assert [str(note).partition("; ")[0] for note in loaded.notes] == [
        "channels.yaml:6: line.a-company-staff: not connected: LINE_STAFF_SECRET and LINE_STAFF_TOKEN are not set",
        "channels.yaml:21: api.erp: not connected: ERP_TOKEN is not set",
    ]
    assert str(loaded.notes[1]).endswith("; to connect it, set it in the environment or .env")


def test_an_account_with_some_variables_is_a_fault(load):
    """Someone meant to connect it: what is missing is named, and the other accounts work."""
    loaded = load(LINE_SHOP_TOKEN="", SLACK_APP_TOKEN="")
    assert [line.partition("; ")[0] for line in told(loaded)] == [
        "channels.yaml:4: line.a-company-shop.token: LINE_SHOP_TOKEN is not set",
        "channels.yaml:16: slack.a-company.app_token: SLACK_APP_TOKEN is not set",
    ]
    assert told(loaded)[0].endswith("; set it in the environment or .env, like  LINE_SHOP_TOKEN=…")
    assert connected(loaded.channels) == ["line.a-company-staff", "website", "api.erp"]


@pytest.mark.parametrize(
    ("written", "instead", "said", "lost"),
    [
        (
            "app_token: ",
            "app_tokn: ",
            "16: slack.a-company.app_tokn: is not a key of channels.yaml; did you mean app_token?",
            "slack.a-company",
        ),
        (
            "    token: ${LINE_SHOP_TOKEN}\n",
            "",
            "2: line.a-company-shop.token: is missing; write it like  token: ${LINE_SHOP_TOKEN}",
            "line.a-company-shop",
        ),
        (
            "token: ${LINE_SHOP_TOKEN}",
            "token: $LINE_SHOP_TOKEN",
            "4: line.a-company-shop.token: is written out here; put it into an environment variable or .env",
            "line.a-company-shop",
        ),
        (
            "token: ${LINE_SHOP_TOKEN}",
            "token:",
            "4: line.a-company-shop.token: has no value; write it like  token: ${LINE_SHOP_TOKEN}",
            "line.a-company-shop",
        ),
        (
            "token: ${LINE_SHOP_TOKEN}",
            "token: ${TRANSOM_SECRET_KEY}",
            "4: line.a-company-shop.token: refers to TRANSOM_SECRET_KEY, which is a setting of Transom",
            "line.a-company-shop",
        ),
        (
            "windows: [hr, it]\n    default: hr",
            "windows: []\n    default: hr",
            "9: line.a-company-staff.windows: must not be empty; write it like  windows: [sales]",
            "line.a-company-staff",
        ),
        (
            "    default: hr\n",
            "",
            "6: line.a-company-staff.default: is missing, and there are 2 windows; write one of its windows",
            "line.a-company-staff",
        ),
        (
            "default: hr",
            "default: sales",
            "10: line.a-company-staff.default: is none of the account's windows; write one of its windows, like  def",
            "line.a-company-staff",
        ),
        (
            "team: T0123ABCD",
            "team: a-company",
            "13: slack.a-company.team: must be the workspace's id, a T with capital letters and digits; write it",
            "slack.a-company",
        ),
        ("a-company:", "A公司:", f"12: slack.A公司: {'must be lower-case letters'}", "slack.a-company"),
        ("  a-company-shop:", "  1:", "2: line.1: must be lower-case letters", "line.a-company-shop"),
        ('["https://shop.example"]', "[]", "19: website.origins: must not be empty; write it like", "website"),
        ("windows: [sales], groups", "groups", "21: api.erp.windows: is missing; write it like", "api.erp"),
        ("[customers]", "[Customers]", '21: api.erp.groups: is "Customers", but must be lower-case', "api.erp"),
        ("website: {", "website: [{", "19: website: must have keys of its own; write it like  website:", "website"),
    ],
)
def test_one_bad_account_does_not_stop_the_others(load, written, instead, said, lost):
    """One line: the file, the line, the key, what is wrong and how to write it; all other accounts are used."""
    assert written in GOOD
    text = GOOD.replace(written, instead, 1)
    loaded = load(text.replace("[sales]}\napi", "[sales]}]\napi") if instead.endswith("[{") else text)
    assert [line for line in told(loaded) if not line.startswith(f"channels.yaml:{said}")] == []
    assert len(loaded.faults) == 1
    assert connected(loaded.channels) == [name for name in CONNECTED if name != lost]


@pytest.mark.parametrize("section", ["line", "slack", "website", "api"])
@pytest.mark.parametrize("instead", ["", " [a]", " text", " {x: }", " {x: [a]}", " {x: 1, 2: {}}"])
def test_a_section_of_another_shape_is_told(load, section, instead):
    """Whatever stands there, it is a fault and no crash, and the other sections are used."""
    whole = {"line": "line:", "slack": "slack:", "website": "website:", "api": "api:"}
    before, _, after = GOOD.partition(whole[section])
    rest = after[after.index("\n") + 1 :].splitlines(keepends=True)
    while rest and rest[0].startswith(" "):
        rest.pop(0)
    loaded = load(f"{before}{section}:{instead}\n{''.join(rest)}")
    assert loaded.faults
    assert connected(loaded.channels) == [name for name in CONNECTED if name.partition(".")[0] != section]


def test_a_window_that_is_not_there_does_not_silence_the_account(load):
    """It is a fault with the likely name; the account goes on with its other windows, one of them as default."""
    loaded = load(GOOD.replace("[hr, it]\n    default: hr", "[hrr, it]\n    default: hrr", 1))
    assert told(loaded) == ['channels.yaml:9: line.a-company-staff.windows: there is no window "hrr"; did you mean hr?']
    assert [(account.windows, account.default) for account in loaded.channels.line] == [
        (("sales",), "sales"),
        (("it",), "it"),
    ]


@pytest.mark.parametrize(("account", "windows"), [("line.a-company-shop", "[sales]\n  a-"), ("website", "[sales]}\n")])
def test_without_any_window_there_is_no_account(load, account, windows):
    """Where none of the windows is there, nothing could answer."""
    loaded = load(GOOD.replace(windows, windows.replace("sales", "nowhere"), 1))
    assert [line.partition("; ")[0] for line in told(loaded)] == [
        f'channels.yaml:{5 if "line" in account else 19}: {account}.windows: there is no window "nowhere"'
    ]
    assert connected(loaded.channels) == [name for name in CONNECTED if name != account]


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("${LINE_STAFF_SECRET}", "${LINE_SHOP_SECRET}", "7: line.a-company-staff.secret: is the same as that of line."),
        ("${LINE_STAFF_TOKEN}", "${LINE_STAFF_SECRET}", "8: line.a-company-staff.token: is the same as that of line."),
        ('"${ERP_TOKEN}"', '"${SLACK_BOT_TOKEN}"', "21: api.erp.token: is the same as that of slack.a-company.bot_to"),
    ],
)
def test_a_secret_opens_one_account_only(load, written, instead, said):
    """With a secret of another's, one account could be taken for the other; the first keeps it."""
    loaded = load(GOOD.replace(written, instead, 1))
    assert len(loaded.faults) == 1
    assert told(loaded)[0].startswith(f"channels.yaml:{said}")
    assert len(connected(loaded.channels)) == len(CONNECTED) - 1


def test_the_same_value_in_two_variables_is_seen(load):
    """What counts is the secret, not the variable's name."""
    loaded = load(LINE_STAFF_SECRET=SECRETS["LINE_SHOP_SECRET"])
    said = "line.a-company-staff.secret: is the same as that of line.a-company-shop.secret; each needs its own"
    assert told(loaded) == [f"channels.yaml:7: {said}"]


SECOND_WORKSPACE = """\
  branch:
    team: {team}
    signing_secret: ${{SLACK_SIGNING_SECRET}}
    bot_token: ${{BRANCH_BOT_TOKEN}}
    app_token: ${{SLACK_APP_TOKEN}}
    windows: [hr]
website:"""


def test_one_slack_app_may_serve_several_workspaces(load):
    """The app's secrets are then the same; each workspace has its own team and bot token."""
    text = GOOD.replace("website:", SECOND_WORKSPACE.format(team="T0456EFGH"))
    loaded = load(text, BRANCH_BOT_TOKEN="xoxb-1")
    assert told(loaded) == []
    assert [workspace.team for workspace in loaded.channels.slack] == ["T0123ABCD", "T0456EFGH"]


def test_a_workspace_is_there_once(load):
    """Two entries of one team would both answer; the first keeps it, connected or not."""
    text = GOOD.replace("website:", SECOND_WORKSPACE.format(team="T0123ABCD"))
    said = "channels.yaml:20: slack.branch.team: is the same as that of slack.a-company.team; each needs its own"
    for environment in ({"BRANCH_BOT_TOKEN": "xoxb-1"}, {"BRANCH_BOT_TOKEN": "xoxb-1", "SLACK_BOT_TOKEN": ""}):
        loaded = load(text, **environment)
        assert said in told(loaded)
        assert "branch" not in [workspace.name for workspace in loaded.channels.slack]


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://Shop.Example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(load, written, origin):
    """In lower case, and without the port that its scheme has anyway."""
    loaded = load(GOOD.replace("https://shop.example", written))
    assert loaded.channels.website.origins == (origin,)


@pytest.mark.parametrize(
    "written",
    [
        "shop.example",
        "https://",
        "https://shop.example/",
        "https://shop.example/a",
        "https://shop.example?a",
        "https://*.example",
        "*",
        "null",
        "https://u@shop.example",
        "ftp://shop.example",
        "https://shop.example:0",
        "https://shop.example:99999",
        "https://shop.example:",
        "https://商店.tw",
        "https://a.example https://b.example",
        "https://a.example; script-src *",
        "https://-a.example",
    ],
)
def test_what_is_no_origin_is_told(load, written):
    """A path, a star, a name with password or several in one would open the widget to others, or to none."""
    loaded = load(GOOD.replace("https://shop.example", written))
    assert [line.partition("; ")[0] for line in told(loaded)] == [
        "channels.yaml:19: website.origins: must be scheme://host or scheme://host:port in ASCII, with nothing after it"
    ]
    assert loaded.channels.website == Website()


WRITTEN_OUT = "hidden-0123456789-abcdefghijklmnop"


@pytest.mark.parametrize(
    "written",
    [
        "secret: ${LINE_SHOP_SECRET}",
        "${LINE_SHOP_TOKEN}",
        "[sales]\n",
        "sales",
        "a-company-shop",
        "default: hr",
        "hr, it",
        "T0123ABCD",
        '"${ERP_TOKEN}"',
        'token: "${ERP_TOKEN}"',
        "customers",
        '["https://shop.example"]',
        "https://shop.example",
        "website",
        "website: {",
        "line:\n",
        "secret: $",
    ],
)
@pytest.mark.parametrize("around", ["{}", "{}: x", "[{}]", "'{}", "{{{}}}", "x{}: {}", "{0}: 1\n    {0}: 2"])
def test_a_secret_in_the_wrong_place_is_never_shown(load, written, around):
    """Wherever somebody pastes it, no message repeats it."""
    assert written in GOOD
    loaded = load(GOOD.replace(written, around.format(WRITTEN_OUT, WRITTEN_OUT), 1))
    said = "\n".join(map(str, (*loaded.faults, *loaded.notes)))
    # a well-formed name of an account is no secret
    assert WRITTEN_OUT not in said.replace(f"line.{WRITTEN_OUT}", "")


def test_the_values_of_variables_are_never_shown(load):
    """Neither a fault, nor a note, nor a repr carries one."""
    bad = {name: f"{value} \n中" for name, value in SECRETS.items() if name != "LINE_SHOP_SECRET"}
    for loaded in (load(), load(**bad), load(**{**bad, "ERP_TOKEN": "short"})):
        said = f"{loaded!r} {[str(fault) for fault in loaded.faults]}"
        assert not any(value in said for value in (*SECRETS.values(), "short;"))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("erp token 0123456789", "holds blanks or other characters that no key has; copy it anew"),
        ("erp-token\r\nX-Other: 1", "holds blanks or other characters that no key has; copy it anew"),
        ("erp-token-０１２３４５", "holds blanks or other characters that no key has; copy it anew"),
        ("erp-token", "is too short to be safe; use at least 16 characters"),
    ],
)
def test_what_cannot_be_a_token_is_told(load, value, said):
    """A badly copied token fails here, and not in the header of a later call."""
    assert told(load(ERP_TOKEN=value)) == [f"channels.yaml:21: api.erp.token: ERP_TOKEN {said}"]


def test_blanks_around_a_token_do_not_count(load):
    """They come along when a token is copied."""
    assert load(ERP_TOKEN=f" {SECRETS['ERP_TOKEN']}\n").channels == load().channels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "api:\n  erp: {token: ${ERP_TOKEN}, windows: [sales]}\n",
            ':2: inside { } a reference needs quotes; write it like  {token: "${ERP_TOKEN}"}',
        ),
        ("line:\n\ta: 1\n", ":2: a tab stands where YAML allows only spaces"),
        ("line：\n  a: 1\n", ":1: the colon is full-width (：); write it like  windows: [sales]"),
        ("line: [\n", ":2: a [list] or {group} is not closed; close it, like  windows: [sales]"),
        ("- line\n", ":1: the file must hold keys with values, not a list or a text; it needs for example"),
        ("line: {a: {}}\nline: {}\n", ":2: line: is written twice; keep one of them"),
        (GOOD.replace("line:", "# 公司\nline:").encode("cp950"), ":1: the file is not UTF-8"),
    ],
)
def test_what_is_no_yaml_connects_nothing(load, text, said):
    """One fault in plain words, and no account."""
    loaded = load(text)
    assert loaded.channels == Channels()
    assert len(loaded.faults) == 1
    assert told(loaded)[0].startswith(f"channels.yaml{said}")


def test_a_file_that_cannot_be_read_is_a_fault(load, company):
    """A folder of that name, or a link that leads nowhere, is not the same as no file."""
    (company / "channels.yaml").symlink_to("nowhere")
    assert told(load(None))[0].startswith("channels.yaml: the file cannot be read (")


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ("{line: [a-company-staff]}", None),
        ("{line: []}", None),
        ('{slack: [{channel: "#a", groups: [employees]}]}', None),
        ("{line: [a-company-shop]}", "a-company-shop does not list hr in channels.yaml, and that is what counts"),
        ("{line: [a-company-stuff]}", "a-company-stuff is not in channels.yaml; did you mean a-company-staff?"),
    ],
)
def test_a_window_that_counts_on_another_account_is_noted(load, write, channels, said):
    """What channels.yaml lists is what counts; a window file that says otherwise is a note, connected or not."""
    head = "name: hr\ndepartment: 人\ntitle: 窗口\nserves: [employees]\n"
    write("windows/hr.yaml", f"{head}channels: {channels}\n")
    for environment in ({}, dict.fromkeys(SECRETS, "")):
        loaded = load(**environment)
        notes = [str(note) for note in loaded.notes if note.file != "channels.yaml"]
        assert [note.partition("; add")[0] for note in notes] == (
            [f"windows/hr.yaml: channels.line: {said}"] if said else []
        )
        assert loaded.faults == ()


def test_a_window_that_no_account_lists_is_noted(load, write):
    """Its channels do nothing, whether the workspace does not list it or there is none."""
    head = "name: hr\ndepartment: 人\ntitle: 窗口\nserves: [employees]\n"
    write("windows/hr.yaml", head + 'channels: {slack: [{channel: "#a", groups: [employees]}], line: [x]}\n')
    assert [str(note).partition(";")[0] for note in load(None).notes] == [
        "windows/hr.yaml: channels.line: x is not in channels.yaml",
        "windows/hr.yaml: channels.slack: no workspace of channels.yaml lists hr, so it is not on Slack",
    ]
