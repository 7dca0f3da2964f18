"""The one error tree of bots. Each message is a sentence that says where, what, and what to do."""


class BotsError(Exception):
    """Something bots could not do."""


class WindowFileError(BotsError):
    """A window file is wrong. The message has a line per fault: file, line, what is wrong, how to write it."""


class SettingError(BotsError):
    """A setting is missing or wrong; the message names it and says how to write it."""


class NotServed(BotsError):
    """The visitor shares no group with the window's ``serves``, or there is no such window."""
