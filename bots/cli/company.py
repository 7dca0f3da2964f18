"""What the commands open: the settings, the company's windows and accounts, an installation."""

from collections.abc import Iterator
from contextlib import contextmanager

from bots import terminal
from bots.compose import Office, Transom, opened
from bots.environment import references
from bots.errors import SettingError
from bots.logs import set_up_logs
from bots.settings import Settings, keep_secret_key, load_settings
from bots.windows.channels import load_channels
from bots.windows.load import Loaded, load_company
from bots.windows.model import Window


@contextmanager
def installation() -> Iterator[tuple[Transom, list[Window]]]:
    """Yield the installation and the windows that load; what is wrong with the others is said."""
    chosen = read_settings()
    windows = read_windows(chosen)
    with opened(chosen) as transom:
        yield transom, list(windows.windows)


def read_windows(chosen: Settings) -> Loaded:
    """Return the windows; faults are said on standard error."""
    company = load_company(chosen.company)
    for fault in company.faults:
        terminal.err.print(str(fault), style="red", markup=False)
    return company


def read_settings() -> Settings:
    """Return the settings, with logs set up."""
    chosen = load_settings()
    set_up_logs(chosen.log_level)
    return chosen


def office(chosen: Settings, *, quiet: bool = False) -> Office:
    """Return the company that is talked with; faults of its files are said, unless ``quiet``."""
    company = load_company(chosen.company) if quiet else read_windows(chosen)
    channels = load_channels(chosen.company, references(), company.windows)
    for fault in () if quiet else channels.faults:
        terminal.err.print(str(fault), style="red", markup=False)
    key = keep_secret_key(chosen).get_secret_value()
    return Office(chosen, company.windows, channels.channels, key)


def named(windows: list[Window], name: str) -> Window:
    """Return the window of that name. Raises SettingError."""
    for window in windows:
        if window.name == name:
            return window
    names = ", ".join(window.name for window in windows) or "none"
    raise SettingError(f"There is no window {name}. The windows are: {names}.")


def groups_of(text: str) -> frozenset[str]:
    """Return comma-separated groups."""
    return frozenset(group.strip() for group in text.split(",") if group.strip())
