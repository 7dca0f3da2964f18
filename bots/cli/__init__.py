"""The command ``transom``. Bad use, a wrong setting or file: one clear sentence on standard error and exit 2."""

import sys

import typer

from bots import terminal
from bots.cli import accounts, complaints, documents, inbox, models, notifications, people, serving, windows
from bots.errors import BotsError
from rag_core.errors import RagError

app = typer.Typer(
    help="窗口 A window for every department: grounded answers with source and page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (documents, serving, accounts):
    part.register(app)
app.add_typer(windows.app, name="windows")
app.add_typer(models.app, name="models")
app.add_typer(people.app, name="people")
app.add_typer(inbox.app, name="inbox")
app.add_typer(inbox.outbox_app, name="outbox")
app.add_typer(inbox.calls_app, name="calls")
app.add_typer(inbox.offers_app, name="offers")
app.add_typer(notifications.app, name="notifications")
app.add_typer(complaints.app, name="complaints")
app.add_typer(accounts.line_app, name="line")
app.add_typer(accounts.slack_app, name="slack")


def main() -> None:
    """Run the command; every expected trouble ends as a sentence and exit 2."""
    try:
        app()
    except (RagError, BotsError) as error:
        terminal.err.print(str(error), style="red", markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # piped into head
        sys.exit(0)
