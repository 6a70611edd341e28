"""The table of commands: every command, argument, option and help text, defined once.

The two parsers, the help texts, the manual page and the shells' completion scripts are made from this table.
"""

from __future__ import annotations

from gumauth.cli.parsing.parameters import Command, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JSON = Parameter(
    name="--json", help="Print one JSON object on standard output; a failure is one JSON object on standard error."
)
ENV_FILE = Parameter(
    name="--env-file",
    metavar="FILE",
    help="Read client ids and secrets from this file of NAME=VALUE lines. The environment's own variables win.",
    completes="files",
)
ACCOUNT = Parameter(
    name="account",
    metavar="ACCOUNT",
    required=True,
    completes="accounts",
    help="The account: PROVIDER for the default one, or PROVIDER/NAME, where `gumauth list` shows the name.",
)
MIN_VALID = Parameter(
    name="--min-valid",
    metavar="SECONDS",
    reads="seconds",
    help="Refresh the token unless it is valid for at least this long. It is 60 seconds otherwise.",
)
PROVIDER_HELP = (
    "The provider: a name that `gumauth providers` lists, a file such as ./auth.py or ./auth.py:Class, or the https "
    "address of an MCP server or an issuer."
)
HOST = Parameter(
    name="--host",
    metavar="HOST",
    help="Use the service at this host of your own, such as git.example.com. The account is named by the host.",
)
TENANT = Parameter(
    name="--tenant", metavar="TENANT", help="Use this tenant of the service, such as `organizations` of Microsoft's."
)
TRACE = Parameter(
    name="--trace",
    help=(
        "Show every request to the provider, and its answer, on standard error. Secrets are cut to a length and a hash."
    ),
)
NAME = Parameter(name="--name", metavar="NAME", help="The name of the service at that --host, where it has another.")


def _connect() -> Command:
    return Command(
        name="connect",
        group="Accounts",
        summary="Connect an account.",
        details=(
            "Opens the provider's consent page in the browser, waits until you come back, and keeps the tokens in the "
            "keyring.\n\n"
            "The address of the page is printed too. Where the browser cannot reach this machine (over SSH, in a "
            "container), open it anywhere and paste the address that you were sent to into the terminal. Where the "
            "provider has a device grant, --device prints a code instead, which can be entered on any device.\n\n"
            "An MCP server, or an OAuth or OpenID issuer, is connected by its address: `gumauth connect "
            "https://mcp.example.com/mcp`. No app has to be registered where the server registers clients itself. What "
            "was found is shown before the browser opens, and the account is named by the host.\n\n"
            "A service that people run themselves, or that has a host for each of its customers, is connected with "
            "--host: `gumauth connect gitlab --host git.example.com`. The account remembers it.\n\n"
            "A key, which a service gives without a login, is connected with --key and the names of its fields: "
            "`gumauth connect openweather --key api_key`. PROVIDER is any name then. The values are asked for, hidden; "
            "where there is no terminal, they are read from standard input, one line each.\n\n"
            "Connecting an account again gives it new tokens; `gumauth connect linear/work` names it. Where the login "
            "turns out to be another account than you thought, it stands beside the others. What is not sure is asked "
            "afterwards, on a terminal. Without a provider, there is a list to choose from."
        ),
        parameters=(
            Parameter(name="provider", metavar="PROVIDER", completes="providers", help=PROVIDER_HELP),
            Parameter(name="--as", metavar="ALIAS", help="Give the account a name of your own, such as `work`."),
            Parameter(
                name="--scope",
                metavar="SCOPE",
                many=True,
                help="Ask for this scope in place of the provider's usual ones. It may be repeated.",
            ),
            Parameter(
                name="--add-scope",
                metavar="SCOPE",
                many=True,
                help="Ask for this scope beside those of before. It may be repeated.",
            ),
            Parameter(
                name="--no-browser", help="Print the address and wait, without a browser. No terminal is needed then."
            ),
            Parameter(
                name="--device",
                help=(
                    "Print a code to enter at the provider, on any device, and wait. No browser and no port is needed."
                ),
            ),
            Parameter(
                name="--client-credentials",
                help="Get a token for the client itself, with no person and no browser, where the provider gives such.",
            ),
            Parameter(
                name="--key",
                metavar="FIELD",
                many=True,
                help="Connect a key in place of a login: ask for the value of this field. It may be repeated.",
            ),
            Parameter(
                name="--port",
                metavar="PORT",
                reads="port",
                help="Listen for the callback on this port. The redirect URI changes with it.",
            ),
            Parameter(
                name="--timeout",
                metavar="SECONDS",
                reads="seconds",
                help="Stop waiting for you after this time. It is 600 seconds otherwise.",
            ),
            Parameter(
                name="--replace",
                help=(
                    "Let the alias go over from the account that has it now. That one stays connected under another "
                    "name. With --key, let fields go that the key has now."
                ),
            ),
            HOST,
            TENANT,
            Parameter(
                name="--name",
                metavar="NAME",
                help="Name a service at an address, or at a --host, in place of its host: for a second one of a host.",
            ),
            Parameter(
                name="--register", help="Register a client anew with a service that is connected by its address."
            ),
            Parameter(
                name="--issuer",
                metavar="URL",
                help="Ask this issuer for tokens, where a resource names several or none.",
            ),
            Parameter(
                name="--no-resource",
                help="Leave out the parameter `resource`, for a service that refuses it. The account remembers it.",
            ),
            Parameter(
                name="--redirect-host",
                metavar="HOST",
                help=(
                    "Come back to `localhost` in place of `127.0.0.1`, where a service connected by its address wants "
                    "it."
                ),
            ),
            TRACE,
            ENV_FILE,
            JSON,
        ),
        run="gumauth.cli.commands.connect:run",
    )


def _list() -> Command:
    return Command(
        name="list",
        group="Accounts",
        summary="Show every connected account.",
        details=(
            "Shows each account by the name that the other commands take, with its nickname, its state, when its token "
            "ends and its scopes, and which account is its provider's default. A narrow window has room for less. "
            "No secret is read: the keyring is not touched. With the name of a provider, only its accounts are shown."
        ),
        parameters=(
            Parameter(
                name="account",
                metavar="ACCOUNT",
                completes="accounts",
                help="A provider, for all accounts of it, or one account: PROVIDER/NAME.",
            ),
            JSON,
        ),
        run="gumauth.cli.commands.list:run",
    )


def _token() -> Command:
    return Command(
        name="token",
        group="Accounts",
        summary="Print an access token that is valid now.",
        details=(
            "Prints the token alone on standard output, and refreshes it first when it is about to expire. Of a key, "
            "it prints the value. A browser is never opened: where only a new consent helps, the exit status is 3.\n\n"
            "With --for, the token is printed in the words of the program that asks: `mcp` for the header helpers of "
            "MCP clients, `git` for a credential helper of git, `kubectl` and `gcp` for their credential plugins. "
            "`gumauth link PROGRAM ACCOUNT` says where the command goes."
        ),
        parameters=(
            ACCOUNT,
            Parameter(
                name="word",
                metavar="WORD",
                only_with="--for",
                help="With `--for git`, what git asks for, which git itself adds: `get`, `store` or `erase`. With "
                "`--for kubectl`, `access-token` where the account's id_token is not wanted.",
            ),
            MIN_VALID,
            Parameter(name="--header", help="Print the whole header line: `Authorization: Bearer TOKEN`."),
            Parameter(
                name="--for",
                metavar="PROGRAM",
                help="Print it in the words of this program: `mcp`, `git`, `kubectl` or `gcp`.",
            ),
            Parameter(name="--field", metavar="FIELD", help="Print this field of a key that has several."),
            Parameter(
                name="--id-token",
                help="Print the OpenID id_token in place of the access token, where the provider gives one.",
            ),
            ENV_FILE,
            JSON,
        ),
        run="gumauth.cli.commands.token:run",
    )


def _refresh() -> Command:
    return Command(
        name="refresh",
        group="Accounts",
        summary="Refresh tokens now.",
        details=(
            "Refreshes the named accounts, whether their tokens are about to expire or not. Without a name, every "
            "account that can be refreshed is, and the others are listed as passed over."
        ),
        parameters=(
            Parameter(
                name="accounts",
                metavar="ACCOUNT",
                many=True,
                completes="accounts",
                help="The accounts: PROVIDER for its default one, or PROVIDER/NAME.",
            ),
            TRACE,
            ENV_FILE,
            JSON,
        ),
        run="gumauth.cli.commands.refresh:run",
    )


def _revoke() -> Command:
    return Command(
        name="revoke",
        group="Accounts",
        summary="End a grant at the provider.",
        details=(
            "Makes the provider forget the tokens. The account stays in the list as revoked, until you connect it "
            "again or disconnect it. A provider's name alone is enough only where it has no second account."
        ),
        parameters=(ACCOUNT, ENV_FILE, JSON),
        run="gumauth.cli.commands.revoke:run",
    )


def _disconnect() -> Command:
    return Command(
        name="disconnect",
        group="Accounts",
        summary="Revoke a grant and forget the account.",
        details=(
            "Revokes the tokens at the provider, deletes them from the keyring, and takes the account off the list. It "
            "says which of these happened. Where the provider cannot be reached nothing is forgotten, so that the "
            "command can be run again. A key is only forgotten: delete it at its service too. A provider's name alone "
            "is enough only where it has no second account."
        ),
        parameters=(
            ACCOUNT,
            Parameter(
                name="--keep-grant",
                help="Forget the account here without asking the provider. Its tokens stay valid there.",
            ),
            ENV_FILE,
            JSON,
        ),
        run="gumauth.cli.commands.disconnect:run",
    )


def _default() -> Command:
    return Command(
        name="default",
        group="Accounts",
        summary="Choose a provider's default account.",
        details=(
            "The default account is the one that the provider's name alone stands for, as in `gumauth token linear`."
        ),
        parameters=(ACCOUNT, JSON),
        run="gumauth.cli.commands.default:run",
    )


def _rename() -> Command:
    return Command(
        name="rename",
        group="Accounts",
        summary="Give an account another name of your own.",
        details=(
            "Changes the account's alias, and nothing else: nobody is asked for consent, and the tokens stay. The old "
            "alias is free from then on. An alias that another account of the provider has is refused."
        ),
        parameters=(
            ACCOUNT,
            Parameter(name="alias", metavar="ALIAS", help="What it is to be called, such as `work`."),
            Parameter(name="--none", help="Take its alias away. It is called by its nickname or a number then."),
            JSON,
        ),
        run="gumauth.cli.commands.rename:run",
    )


def _move() -> Command:
    return Command(
        name="move",
        group="Accounts",
        summary="Move accounts to another place.",
        details=(
            "Moves accounts from this machine to the database that GUMAUTH_STORE names, for all machines that use it, "
            "or from there to this machine's keyring or encrypted file; or from one of these two to the other. Nobody "
            "is asked for consent. Names, scopes and tokens come along, and so does the client that refreshing needs, "
            "where gumauth keeps it.\n\n"
            "An account is in one place at a time: never do two refresh it. After an interruption it cannot be used "
            "until the same command is run again on the same machine, or the command that moves it back."
        ),
        parameters=(
            Parameter(
                name="accounts",
                metavar="ACCOUNT",
                required=True,
                many=True,
                completes="accounts",
                help="The accounts: PROVIDER for its default one, or PROVIDER/NAME.",
            ),
            Parameter(
                name="--to",
                metavar="PLACE",
                help="Where to: `postgresql`, or the address of a database, without a password; `keyring` or `file`.",
            ),
            JSON,
        ),
        run="gumauth.cli.commands.move:run",
    )


def _run() -> Command:
    return Command(
        name="run",
        group="Programs",
        summary="Run a command with tokens in its environment.",
        details=(
            "Every token is had first, refreshed if it is due; if one cannot be, nothing is started. Then gumauth "
            "becomes the command: its exit status, signals and terminal are its own.\n\n"
            "`NAME=ACCOUNT` puts the token of an account into a variable. A variable of the environment, or of the "
            "file of --env-file, whose whole value is `gumauth:ACCOUNT` becomes that account's token too, so that such "
            "a file holds no secret. `ACCOUNT#id_token` is its id_token, in place of its access token.\n\n"
            "With `NAME@=ACCOUNT`, the variable holds the path of a file with the token, which is kept fresh while the "
            "command runs, for programs that outlive a token and read files again.\n\n"
            "With --gumstack, the command is an MCP server for Gumstack and runs as it is, in its own environment: "
            "`mcp.gumstack` is gumauth's there. It serves on loopback, its providers are connected when it starts, and "
            "`get_credentials` gives what is connected, fresh at every call. `ACCOUNT` alone chooses the account of "
            "its provider, in place of the default account."
        ),
        parameters=(
            Parameter(
                name="references",
                metavar="NAME=ACCOUNT",
                many=True,
                help=(
                    "A variable for the command and the account whose token it holds. `NAME@=ACCOUNT` is a file's path."
                ),
            ),
            Parameter(
                name="command",
                metavar="COMMAND",
                rest=True,
                help="The command and its arguments, as they are; no shell reads them.",
            ),
            Parameter(name="--gumstack", help="Run an MCP server for Gumstack, with the accounts that are connected."),
            Parameter(
                name="--env-file",
                metavar="FILE",
                help="Give the command the variables of this file of NAME=VALUE lines. The environment's own win.",
                completes="files",
            ),
            MIN_VALID,
        ),
        run="gumauth.cli.commands.run:run",
    )


def _mcp() -> Command:
    return Command(
        name="mcp",
        group="Programs",
        summary="Serve a remote MCP server to a client on standard input and output.",
        details=(
            "Passes every message on to the account's MCP server, with a token that is kept fresh: for the MCP clients "
            "that can start a program and cannot ask for headers. The client starts it; on a terminal there is nothing "
            "to see."
        ),
        parameters=(
            Parameter(
                name="account",
                metavar="ACCOUNT",
                required=True,
                completes="accounts",
                help="The account, or the address of its MCP server.",
            ),
            Parameter(
                name="--url",
                metavar="URL",
                help="The address of the MCP server, for an account that was not connected by one.",
            ),
            ENV_FILE,
        ),
        run="gumauth.cli.commands.mcp:run",
    )


def _link() -> Command:
    return Command(
        name="link",
        group="Programs",
        summary="Show how a program asks gumauth for its token from now on.",
        details=(
            "Prints what to put where, with full paths. With --write it is done, by the program's own command where it "
            "has one. Without a program, all are listed.\n\n"
            "No token is read, printed or written: the program asks gumauth whenever it needs one. `gumauth help "
            "programs` has what is to be known of each."
        ),
        parameters=(
            Parameter(
                name="program",
                metavar="PROGRAM",
                completes="programs",
                help="The program: a word that `gumauth link` lists.",
            ),
            Parameter(
                name="account",
                metavar="ACCOUNT",
                completes="accounts",
                help="The account whose token the program is to use.",
            ),
            Parameter(
                name="--url",
                metavar="URL",
                help="The address that it is for: of one organisation, as https://github.com/acme, or of a server.",
            ),
            Parameter(name="--write", help="Do it, by the program's own command."),
            JSON,
        ),
        run="gumauth.cli.commands.link:run",
    )


def _providers() -> Command:
    return Command(
        name="providers",
        group="Providers",
        summary="Show what can be connected, and how.",
        details=(
            "Lists the providers, or those in which a word occurs. With a name, it says where to register an app, "
            "which redirect URI to enter there, and which variables hold the client id and secret. With the address of "
            "an MCP server or an issuer, it asks there, and shows what `gumauth connect` would connect."
        ),
        parameters=(
            Parameter(name="provider", metavar="PROVIDER", completes="providers", help=PROVIDER_HELP),
            HOST,
            TENANT,
            NAME,
            Parameter(
                name="--client-metadata",
                metavar="URL",
                help="Print the client metadata document to publish at this address, for GUMAUTH_CLIENT_METADATA_URL.",
            ),
            ENV_FILE,
            JSON,
        ),
        run="gumauth.cli.commands.providers:run",
    )


def _setup() -> Command:
    return Command(
        name="setup",
        group="Providers",
        summary="Keep an app's client id and secret in the keyring.",
        details=(
            "Says where to register an app and which redirect URI to enter there, then asks for the client id and, "
            "hidden, for the client secret. They are kept in the keyring and used by `gumauth connect`.\n\n"
            "With `-`, the client id and the secret are read from standard input, one line each. With --client-id only "
            "the secret is. --from-env and --env-file keep what there is, so that every other shell has it too.\n\n"
            "--forget deletes them. Accounts that need them to be refreshed or revoked are named, and on a terminal "
            "you are asked."
        ),
        parameters=(
            Parameter(name="provider", metavar="PROVIDER", required=True, completes="providers", help=PROVIDER_HELP),
            Parameter(name="stdin", metavar="-", help="Read standard input in place of asking."),
            HOST,
            TENANT,
            NAME,
            Parameter(
                name="--client-id", metavar="ID", help="Take this client id in place of asking. It is no secret."
            ),
            Parameter(name="--from-env", help="Keep the client id and secret that the environment holds."),
            Parameter(
                name="--env-file",
                metavar="FILE",
                help=(
                    "Keep the client id and secret of this file of NAME=VALUE lines. The environment's own variables "
                    "win."
                ),
                completes="files",
            ),
            Parameter(name="--forget", help="Delete the client id and secret that were kept."),
            JSON,
        ),
        run="gumauth.cli.commands.setup:run",
    )


def _new() -> Command:
    return Command(
        name="new",
        group="Provider files",
        summary="Write a provider file for another service.",
        details=(
            "Writes ./NAME.py, a class of facts that `gumauth connect ./NAME.py` connects: from what an issuer or an "
            "MCP server says of itself, from the facts of a built-in service, or from what you answer on a "
            "terminal.\n\n"
            "With --gumstack it is a file for Gumstack's MCP servers, and needs nothing of gumauth. With --test there "
            "are tests beside it, on a server of this machine; with --package there is a whole package that other "
            "people install beside gumauth. No file is ever written over."
        ),
        parameters=(
            Parameter(
                name="provider_name",
                metavar="NAME",
                required=True,
                help="The provider's name, in small letters: what people type behind `gumauth connect`.",
            ),
            Parameter(
                name="--from",
                metavar="SOURCE",
                completes="providers",
                help=(
                    "The https address of an issuer or an MCP server, or a built-in service whose facts are a "
                    "beginning."
                ),
            ),
            Parameter(
                name="--host",
                metavar="HOST",
                help="Take the facts for this host, where that built-in service has several.",
            ),
            Parameter(
                name="--tenant",
                metavar="TENANT",
                help="Take the facts for this tenant, where that built-in service has several.",
            ),
            Parameter(name="--gumstack", help="Write a file for Gumstack's MCP servers."),
            Parameter(name="--test", help="Write tests beside it, which run in pytest."),
            Parameter(name="--package", help="Write a package around it, with its tests: gumauth-NAME."),
            Parameter(
                name="--in", metavar="FOLDER", completes="files", help="Write in this folder, not in the current one."
            ),
            JSON,
        ),
        run="gumauth.cli.commands.new:run",
    )


def _demo() -> Command:
    return Command(
        name="demo",
        group="Help",
        summary="Watch the whole life of an account, on this machine.",
        details=(
            "Starts a real authorization server on the loopback interface and takes an account through connect, "
            "list, token, expiry, refresh, revoke and disconnect, in a temporary folder. No account and no keyring "
            "are needed. Every step is compared with what the server saw; the exit status is 0 only if they agree."
        ),
        parameters=(
            Parameter(name="--no-browser", help="Let the demo play the person, also where there is a browser."),
            JSON,
        ),
        run="gumauth.cli.commands.demo:run",
    )


def _doctor() -> Command:
    return Command(
        name="doctor",
        group="Help",
        summary="Find what will not work, before it does not.",
        details=(
            "Checks the keyring, the callback's port, the browser, the clock, the client credentials and the provider "
            "files. Each finding says what to do; the exit status is 1 if something will not work. With the name of a "
            "provider, only its accounts, its client credentials and its file are looked at."
        ),
        parameters=(
            Parameter(name="provider", metavar="PROVIDER", completes="providers", help="Look at this provider only."),
            ENV_FILE,
            JSON,
        ),
        run="gumauth.cli.commands.doctor:run",
    )


def _check() -> Command:
    return Command(
        name="check",
        group="Provider files",
        summary="Play a provider file against a strict server, and say what breaks.",
        details=(
            "Plays a whole life of an account (consent, code, tokens, nickname, refresh, revocation), and then what "
            "services do on bad days, against a server on this machine that stands for every host. Nothing of the real "
            "service is touched, and client credentials are made up.\n\n"
            "Each line says what the service did, what the file did, what that means for its user, and the line and "
            "the change that mend it. The exit status is 1 if something breaks."
        ),
        parameters=(
            Parameter(
                name="provider",
                metavar="PROVIDER",
                required=True,
                completes="providers",
                help="A file such as ./auth.py or ./auth.py:Class, or the name of a provider.",
            ),
            HOST,
            TENANT,
            Parameter(
                name="--answer",
                metavar="FILE",
                many=True,
                completes="files",
                help=(
                    "Answer with the JSON in this file where the nickname is read, in place of what check finds out. "
                    "PART=FILE does so at addresses that hold PART. It may be repeated."
                ),
            ),
            Parameter(name="--all", help="A line for each thing that is fine, too."),
            Parameter(
                name="--watch",
                help=("Check again at every save of the file or of a module beside it. What is fine is not listed."),
            ),
            JSON,
        ),
        run="gumauth.cli.commands.check:run",
    )


def _store() -> Command:
    return Command(
        name="store",
        group="Help",
        summary="Administer a database with the accounts of several machines.",
        details=(
            "GUMAUTH_STORE has the address of the database, and GUMAUTH_KEY_FILE the file with the key that the "
            "database never has.\n\n"
            "`gumauth store init` makes the database ready for accounts, or brings it up to date, and makes the key "
            "file where there is none. It prints the grants for other roles of the database as SQL. It can be run "
            "again.\n\n"
            "`gumauth store log` shows who took, connected, refreshed or changed what, and when, the newest first.\n\n"
            "`gumauth store reader-key FILE` writes the key file of machines that may read tokens, and can neither "
            "connect nor refresh, such as CI runners. A file that is there is not written.\n\n"
            "`gumauth store rekey FILE` changes the key: the new one in FILE, which is made where it is missing, opens "
            "the database beside the present one. When every machine has it, `gumauth store rekey --finish` with the "
            "new key file seals everything anew, so that the key before opens nothing any more. Both can be run again."
        ),
        parameters=(
            Parameter(
                name="action",
                metavar="ACTION",
                required=True,
                completes="store",
                help="What to do: `init`, `log`, `reader-key` or `rekey`.",
            ),
            Parameter(
                name="file",
                metavar="FILE",
                completes="files",
                help="With `reader-key`, the new file that is written; with `rekey`, that of the new key.",
            ),
            Parameter(
                name="--account",
                metavar="ACCOUNT",
                completes="accounts",
                help="With `log`, show only what was done with this account, or with all accounts of a provider.",
            ),
            Parameter(
                name="--limit",
                metavar="COUNT",
                reads="count",
                help="With `log`, show as many lines at most. It is 50 otherwise.",
            ),
            Parameter(name="--finish", help="With `rekey`, let the new key alone open the database."),
            JSON,
        ),
        run="gumauth.cli.commands.store:run",
    )


def _completion() -> Command:
    return Command(
        name="completion",
        group="Help",
        summary="Print the completion script of a shell.",
        details=(
            "One line in the shell's own file switches completion on.\n\n"
            "For bash: `source <(gumauth completion bash)` in ~/.bashrc.\n\n"
            "For zsh: `source <(gumauth completion zsh)` in ~/.zshrc, behind compinit.\n\n"
            "For fish: `gumauth completion fish | source` in ~/.config/fish/config.fish."
        ),
        parameters=(
            Parameter(
                name="shell", metavar="SHELL", required=True, completes="shells", help="The shell: bash, zsh or fish."
            ),
        ),
        run="gumauth.cli.commands.completion:run",
    )


def _help() -> Command:
    return Command(
        name="help",
        group="Help",
        summary="Explain gumauth, one of its commands, or a topic.",
        details=(
            "For a command it is the same as --help, or -h, behind the command. A topic is a page of the manual; in a "
            "pipe it is Markdown."
        ),
        parameters=(
            Parameter(
                name="subject",
                metavar="SUBJECT",
                completes="help",
                help="The command or topic. Without one, all are listed.",
            ),
        ),
        run="gumauth.cli.commands.help:run",
    )


class Commands:
    """The commands by their names, in the order of the help. Each is made when it is first asked for.

    A run needs one of them, and making all takes longer than reading and checking the account's file.
    """

    def __init__(self, **makers: Callable[[], Command]) -> None:
        self._makers, self._made = makers, dict[str, Command]()

    def __getitem__(self, name: str) -> Command:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def get(self, name: str) -> Command | None:
        """The command of this name; None where there is none."""
        return self[name] if name in self._makers else None

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def values(self) -> list[Command]:
        """All commands."""
        return [self[name] for name in self]

    def items(self) -> list[tuple[str, Command]]:
        """All commands, each behind its name."""
        return [(name, self[name]) for name in self]


COMMANDS = Commands(
    connect=_connect,
    list=_list,
    token=_token,
    refresh=_refresh,
    revoke=_revoke,
    disconnect=_disconnect,
    default=_default,
    rename=_rename,
    move=_move,
    run=_run,
    mcp=_mcp,
    link=_link,
    providers=_providers,
    setup=_setup,
    new=_new,
    check=_check,
    demo=_demo,
    doctor=_doctor,
    store=_store,
    completion=_completion,
    help=_help,
)

SUMMARY = "Connect your OAuth accounts from a terminal, and get a fresh token whenever one is needed."
