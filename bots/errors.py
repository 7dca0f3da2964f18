"""The one error tree of bots. Each message is a sentence that says where, what, and what to do."""


class BotsError(Exception):
    """Something bots could not do."""


class WindowFileError(BotsError):
    """A window file is wrong. The message has a line per fault: file, line, what is wrong, how to write it."""


class SettingError(BotsError):
    """A setting is missing or wrong; the message names it and says how to write it."""


class NotServed(BotsError):
    """The visitor shares no group with the window's ``serves``, or there is no such window."""


class NotWanted(BotsError):
    """A file that nothing here asks for, from a visitor who may send one only where something does."""


class InboxUnavailable(BotsError):
    """The inbox could not store all that came in. The sender has to send it again; what is known is passed over."""


class TooMany(BotsError):
    """A visitor has asked too often within the last minute. ``retry_s`` says when to try again."""

    def __init__(self, retry_s: int) -> None:
        super().__init__(f"Too many questions; try again in {retry_s} seconds.")
        self.retry_s = retry_s
