"""The environment and .env become one frozen value, or a sentence a person can act on."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bots.environment import references
from bots.errors import SettingError
from bots.settings import EmbedderChoice, Settings, default_data_folder, keep_secret_key, load_settings


def loaded(folder: Path, **environment: str) -> Settings:
    return load_settings(environment, folder)


def trouble(folder: Path, **environment: str) -> str:
    with pytest.raises(SettingError) as raised:
        load_settings(environment, folder)
    return str(raised.value)


def test_defaults_need_no_variable(tmp_path):
    """Without any variable the company beside us is served without models, on this machine only."""
    settings = loaded(tmp_path)
    assert settings.company == tmp_path / "company"
    assert settings.data == default_data_folder(tmp_path, tmp_path / "company", os.geteuid())
    assert (settings.host, settings.port, settings.generator) == ("127.0.0.1", 8000, "extractive")
    assert settings.embedder_choice == EmbedderChoice("none")
    assert settings.database_url is None
    assert (settings.public_url, settings.line.api_base, settings.slack.api_base) == (None, None, None)
    assert (settings.workers, settings.sweep_s, settings.retention_days) == (8, 5.0, 90)


def test_variables_are_read(tmp_path):
    """Each variable, nested ones too, ends up in its field with its type."""
    settings = loaded(
        tmp_path,
        TRANSOM_COMPANY="~/a",
        TRANSOM_DATA="state",
        DATABASE_URL="postgresql://u:p@db/t",
        TRANSOM_GENERATOR="openai",
        TRANSOM_OPENAI__BASE_URL="http://gpu1:8080/v1/",
        TRANSOM_OPENAI__MODEL="breeze",
        TRANSOM_OPENAI__TIMEOUT_S="7.5",
        TRANSOM_PORT="9000",
        TRANSOM_LOG_LEVEL="debug",
        TRANSOM_PUBLIC_URL="https://transom.a-company.example/",
        TRANSOM_WORKERS="4",
        TRANSOM_SWEEP_S="0.2",
        TRANSOM_RETENTION_DAYS="30",
        TRANSOM_LINE__API_BASE="http://127.0.0.1:9001/",
        TRANSOM_SLACK__API_BASE="http://127.0.0.1:9002/api/",
    )
    assert settings.company == Path.home() / "a"
    assert settings.data == tmp_path / "state"
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://u:p@db/t"
    assert settings.openai.base_url == "http://gpu1:8080/v1"
    assert settings.openai.timeout_s == 7.5
    assert (settings.port, settings.log_level) == (9000, "DEBUG")
    assert settings.public_url == "https://transom.a-company.example"
    assert (settings.workers, settings.sweep_s, settings.retention_days) == (4, 0.2, 30)
    assert (settings.line.api_base, settings.slack.api_base) == ("http://127.0.0.1:9001", "http://127.0.0.1:9002/api")


def test_the_file_is_read_and_the_environment_wins(tmp_path):
    """.env in the working directory counts, other programs' lines in it do not, and the environment is stronger."""
    (tmp_path / ".env").write_text("\ufeffTRANSOM_PORT=9001\nTRANSOM_HOST=0.0.0.0\nOTHER=1\n", encoding="utf-8")
    settings = loaded(tmp_path, TRANSOM_PORT="9002")
    assert (settings.port, settings.host) == (9002, "0.0.0.0")


def test_an_empty_variable_counts_as_absent(tmp_path):
    """TRANSOM_PORT= neither overrides .env nor is a fault."""
    (tmp_path / ".env").write_text("TRANSOM_PORT=9001\n", encoding="utf-8")
    assert loaded(tmp_path, TRANSOM_PORT="").port == 9001


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TRANSOM_PORT", "80a", 'is "80a", which is not a whole number; write it like  TRANSOM_PORT=8000'),
        ("TRANSOM_PORT", "70000", "is above 65535"),
        ("TRANSOM_READ_WORKERS", "0", "is below 1"),
        ("TRANSOM_READ_LIMIT_S", "0", "is not above 0"),
        ("TRANSOM_READ_LIMIT_S", "soon", "is not a number"),
        ("TRANSOM_LOG_LEVEL", "loud", "is none of 'DEBUG'"),
        ("TRANSOM_PUBLIC_URL", "transom.a-company.example", "is not a web address"),
        ("TRANSOM_PUBLIC_URL", "http://transom.a-company.example", "must start with https://"),
        ("TRANSOM_PUBLIC_URL", "https://a-company.example/transom", "must end after the machine's name or port"),
        ("TRANSOM_PUBLIC_URL", "https://a-company.example?a=b", "must end after the machine's name or port"),
        ("TRANSOM_WORKERS", "0", "is below 1"),
        ("TRANSOM_WORKERS", "65", "is above 64"),
        ("TRANSOM_SWEEP_S", "0", "is not above 0"),
        ("TRANSOM_SWEEP_S", "inf", "is not a number"),
        ("TRANSOM_RETENTION_DAYS", "0", "is below 1"),
        ("TRANSOM_LINE__API_BASE", "api.line.me", "is not a web address"),
        ("TRANSOM_SLACK__API_BASE", "slack.com", "is not a web address"),
        ("TRANSOM_GENERATOR", "gpt", "is none of 'extractive', 'llama' or 'openai'"),
        ("TRANSOM_LLAMA__SEQUENCES", "0", "is below 1"),
        ("TRANSOM_LLAMA__ADAPTERS", "a-company", "must be name=path"),
        ("TRANSOM_OPENAI__BASE_URL", "gpu1", "is not a web address"),
        ("TRANSOM_OUR_MACHINES", "http://gpu1/", "must be names of machines"),
        ("TRANSOM_COMPANY", "~nobody-of-that-name/x", "is not a path of this machine"),
    ],
)
def test_a_wrong_value_is_told_in_a_sentence(tmp_path, variable, value, said):
    """The fault names the variable and what is wrong, and is no dump of the library that found it."""
    told = trouble(tmp_path, **{variable: value})
    assert told.startswith(f"{variable} ")
    assert said in told
    assert "pydantic" not in told
    assert "\n" not in told


def test_every_fault_is_told_at_once(tmp_path):
    """Two wrong values make two lines; a line from .env says that it stands there."""
    (tmp_path / ".env").write_text("TRANSOM_PORT=x\n", encoding="utf-8")
    lines = trouble(tmp_path, TRANSOM_LOG_LEVEL="loud").splitlines()
    assert [line.split(" is ")[0] for line in lines] == ["TRANSOM_PORT (in .env)", "TRANSOM_LOG_LEVEL"]


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("TRANSOM_COMPNAY", "TRANSOM_COMPANY"),
        ("TRANSOM_OPENAI__BASEURL", "TRANSOM_OPENAI__BASE_URL"),
        ("TRANSOM_LINE__APIBASE", "TRANSOM_LINE__API_BASE"),
        ("TRANSOM_SLAK__API_BASE", "TRANSOM_SLACK__API_BASE"),
        ("TRANSOM_WORKER", "TRANSOM_WORKERS"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_right_one(tmp_path, misspelt, meant):
    """A setting that would silently do nothing is a fault."""
    assert trouble(tmp_path, **{misspelt: "x"}) == f"{misspelt} is not a setting of Transom; did you mean {meant}?"


@pytest.mark.parametrize("group", ["TRANSOM_LINE", "TRANSOM_SLACK", "TRANSOM_OPENAI"])
def test_a_group_of_settings_is_no_setting(tmp_path, group):
    """Only what stands in it is: a JSON text in its place would pass by the checks."""
    assert trouble(tmp_path, **{group: '{"api_base": "http://elsewhere"}'}).startswith(f"{group} is not a setting of")


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000", "https://a.example:8443"])
def test_this_machine_may_be_reached_without_https(tmp_path, url):
    """For trying out; a port is all right anywhere."""
    assert loaded(tmp_path, TRANSOM_PUBLIC_URL=url).public_url == url


def test_references_are_read_from_the_file_and_the_environment(tmp_path):
    """A secret may stand in .env; the environment wins, and an empty variable counts as absent."""
    (tmp_path / ".env").write_text("LINE_TOKEN=file\nSLACK_TOKEN=file\nERP_TOKEN=file\nEMPTY=\n", encoding="utf-8")
    environment = {"SLACK_TOKEN": "environment", "ERP_TOKEN": "", "EMPTY": ""}
    expected = {"LINE_TOKEN": "file", "SLACK_TOKEN": "environment", "ERP_TOKEN": "file"}
    assert references(environment, tmp_path) == expected


def test_settings_hold_no_references(tmp_path):
    """What the company's files refer to is nobody else's business."""
    assert "hidden-word" not in repr(loaded(tmp_path, LINE_TOKEN="hidden-word").model_dump())


def test_a_file_of_references_that_is_broken_is_told(tmp_path):
    """The same sentence as for settings."""
    (tmp_path / ".env").write_text("this is a sentence\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"\.env:1: is not NAME=value"):
        references({}, tmp_path)


def test_the_tests_own_variables_are_no_faults(tmp_path):
    """What only tests read is not taken for a misspelt setting."""
    assert loaded(tmp_path, TRANSOM_TEST_DATA="/x", TRANSOM_NO_SKIPS="1", TRANSOM_SOAK="1").port == 8000


@pytest.mark.parametrize("line", ["this is a sentence", "TRANSOM_PORT 'x"])
def test_a_broken_line_of_the_file_is_named(tmp_path, line):
    """A line that is no NAME=value is told with its number."""
    (tmp_path / ".env").write_text(f"TRANSOM_PORT=1\n{line}\n", encoding="utf-8")
    assert ".env:2: is not NAME=value" in trouble(tmp_path)


def test_a_file_in_another_encoding_is_told(tmp_path):
    """A Big5 .env is a fault, not a crash."""
    (tmp_path / ".env").write_bytes("TRANSOM_COMPANY=公司\n".encode("big5"))
    assert "cannot be read as UTF-8" in trouble(tmp_path)


def test_a_server_for_answers_needs_address_and_model(tmp_path):
    """Asking for a server without saying which is told with both settings."""
    told = trouble(tmp_path, TRANSOM_GENERATOR="openai", TRANSOM_OPENAI__MODEL="m")
    assert "TRANSOM_OPENAI__BASE_URL=http" in told


@pytest.mark.parametrize(
    ("environment", "choice"),
    [
        ({"TRANSOM_EMBEDDER": "/srv/bge"}, EmbedderChoice("sentence-transformers", "/srv/bge")),
        ({"TRANSOM_EMBEDDER": "BAAI/bge-m3"}, EmbedderChoice("sentence-transformers", "BAAI/bge-m3")),
        (
            {"TRANSOM_EMBEDDER": "openai:bge", "TRANSOM_OPENAI__BASE_URL": "http://a/v1"},
            EmbedderChoice("openai", "bge", "http://a/v1"),
        ),
        (
            {"TRANSOM_EMBEDDER": "openai:org/bge:v2", "TRANSOM_EMBEDDER_URL": "http://b/v1"},
            EmbedderChoice("openai", "org/bge:v2", "http://b/v1"),
        ),
    ],
)
def test_the_embedder_is_chosen_by_its_name(tmp_path, environment, choice):
    """A plain name or path is a local model; openai:MODEL is a server."""
    assert loaded(tmp_path, **environment).embedder_choice == choice


def test_the_answers_key_stays_with_the_answers_server(tmp_path):
    """An embedder with an address of its own never receives the other server's key."""
    settings = loaded(
        tmp_path,
        TRANSOM_EMBEDDER="openai:bge",
        TRANSOM_EMBEDDER_URL="http://elsewhere/v1",
        TRANSOM_OPENAI__API_KEY="key-of-the-answers",
    )
    assert settings.embedder_choice.api_key is None


@pytest.mark.parametrize(
    "environment",
    [
        {"TRANSOM_EMBEDDER": "openai:bge"},
        {"TRANSOM_EMBEDDER": "openai:", "TRANSOM_EMBEDDER_URL": "http://b/v1"},
        {"TRANSOM_EMBEDDER": "bge", "TRANSOM_EMBEDDER_URL": "http://b/v1"},
    ],
)
def test_half_an_embedder_server_is_told(tmp_path, environment):
    """A server without model, a model without server, and a server that nothing uses are faults."""
    assert "TRANSOM_EMBEDDER=openai:" in trouble(tmp_path, **environment)


def test_secrets_are_never_shown(tmp_path):
    """Neither the repr nor a fault carries a key or a password."""
    settings = loaded(
        tmp_path,
        DATABASE_URL="postgresql://u:hidden-word@db/t",
        TRANSOM_OPENAI__API_KEY="hidden-word",
        TRANSOM_EMBEDDER_API_KEY="hidden-word",
        TRANSOM_SECRET_KEY="hidden-word-hidden-word",
    )
    assert "hidden-word" not in f"{settings!r} {settings}"
    told = trouble(
        tmp_path,
        DATABASE_URL="mysql://u:hidden-word@db/t",
        TRANSOM_SECRET_KEY="hidden-word",
        TRANSOM_OPENAI__BASE_URL="http://u:hidden-word@gpu1/v1",
    )
    assert len(told.splitlines()) == 3
    assert "hidden-word" not in told


def test_settings_cannot_be_changed(tmp_path):
    """Whoever holds the settings holds what was read at the start."""
    with pytest.raises(ValueError, match="frozen"):
        loaded(tmp_path).port = 1


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://localhost:8080/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://GPU1:8080/v1", True),
        ("http://gpu1.:8080/v1", True),
        ("https://api.example.com/v1", False),
        ("http://localhost@api.example.com/v1", False),
        ("http://gpu1.api.example.com/v1", False),
        ("http://127.0.0.1.example.com", False),
        ("localhost", False),
        ("", False),
        ("http://[broken", False),
    ],
)
def test_only_named_machines_are_ours(tmp_path, url, ours):
    """What is not clearly one of our machines counts as outside; this machine is always ours."""
    assert loaded(tmp_path, TRANSOM_OUR_MACHINES=" Gpu1 , 10.0.0.7").is_ours(url) is ours


def test_roots_data_lies_outside_any_home():
    """As root the default is below /var/lib, for others below the working directory."""
    assert default_data_folder(Path("/root"), Path("/root/a b"), 0).parent == Path("/var/lib/transom")
    assert default_data_folder(Path("/home/ann"), Path("/srv/a"), 1000).parent == Path("/home/ann/.transom")


@pytest.mark.parametrize("user_id", [0, 1000])
def test_each_company_has_a_state_of_its_own(user_id):
    """Syncing one company cannot empty another's index; the same company finds its state again."""
    here = Path("/home/ann")
    one, other = (default_data_folder(here, Path(company), user_id) for company in ("/srv/a b", "/opt/a b"))
    assert one != other
    assert one == default_data_folder(here, Path("/srv/a b"), user_id)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    """Without TRANSOM_SECRET_KEY one is kept in the data folder, with mode 0600."""
    settings = loaded(tmp_path, TRANSOM_DATA=str(tmp_path / "state"))
    key = keep_secret_key(settings).get_secret_value()
    assert len(key) >= 32
    assert keep_secret_key(settings).get_secret_value() == key
    files = list((tmp_path / "state").iterdir())
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600]


def test_a_key_cut_off_by_a_crash_is_made_anew(tmp_path):
    """An empty key file would let anyone sign links."""
    (tmp_path / "secret_key").touch()
    settings = loaded(tmp_path, TRANSOM_DATA=str(tmp_path))
    assert len(keep_secret_key(settings).get_secret_value()) >= 32


def test_a_given_key_is_used_and_not_written_down(tmp_path):
    """TRANSOM_SECRET_KEY leaves no file behind."""
    settings = loaded(tmp_path, TRANSOM_DATA=str(tmp_path / "state"), TRANSOM_SECRET_KEY="k" * 16)
    assert keep_secret_key(settings).get_secret_value() == "k" * 16
    assert not (tmp_path / "state").exists()


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path):
    """The sentence names the place and the ways out."""
    (tmp_path / "file").touch()
    settings = loaded(tmp_path, TRANSOM_DATA=str(tmp_path / "file" / "state"))
    with pytest.raises(SettingError, match="TRANSOM_DATA"):
        keep_secret_key(settings)


def test_processes_that_start_together_agree_on_the_key(tmp_path):
    """The first one's key is everybody's; nobody overwrites it."""
    settings = loaded(tmp_path, TRANSOM_DATA=str(tmp_path / "state"))
    with ThreadPoolExecutor(8) as pool:
        keys = {key.get_secret_value() for key in pool.map(keep_secret_key, [settings] * 32)}
    assert len(keys) == 1
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["secret_key"]
