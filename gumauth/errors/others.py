"""Every error that gumauth raises on purpose, as one tree of classes.

    GumauthError                    failed                1
    ├── UsageError                  usage                 2
    │   ├── UnknownProvider         unknown_provider      2
    │   └── AmbiguousAccount        ambiguous_account     2
    ├── MissingCredentials          missing_credentials   1
    ├── ProviderFileError           provider_file         1
    ├── ProviderCodeError           provider_code         1
    ├── DiscoveryError              discovery             1
    ├── RegistrationError           registration          1
    ├── AuthorizationError          authorization         1
    ├── TokenEndpointError          token_endpoint        1
    │   └── InvalidGrant            invalid_grant         3
    ├── NicknameError               nickname              1
    ├── CallbackError               callback              1
    │   ├── PortInUse               port_in_use           1
    │   ├── CallbackTimeout         callback_timeout      1
    │   └── NoBrowser               no_browser            1
    ├── CodeExpired                 code_expired          1
    ├── NotRefreshable              not_refreshable       1
    ├── CannotRevoke                cannot_revoke         1
    ├── AccountConflict             account_conflict      1
    ├── ForeignHost                 foreign_host          1
    ├── CommandNotFound             command_not_found     127
    ├── CommandNotRun               command_not_run       126
    ├── NotConnected                not_connected         3
    ├── ReconnectNeeded             reconnect             3
    ├── Denied                      denied                4
    ├── Temporary                   temporary             5
    │   ├── NetworkError            network               5
    │   │   └── EnvironmentFault    network               5
    │   ├── MayNotRefresh           may_not_refresh       5
    │   └── Busy                    busy                  5
    │       └── RefreshElsewhere    busy                  5
    ├── HomeError                   home                  6
    │   └── NoLocks                 no_locks              6
    ├── StoreError                  store                 6
    │   ├── NoKeyring               no_keyring            6
    │   ├── NoBus                   no_bus                6
    │   ├── UnsafeKeyring           unsafe_keyring        6
    │   ├── KeyringLocked           keyring_locked        6
    │   ├── PromptDismissed         prompt_dismissed      6
    │   ├── AccessDenied            access_denied         6
    │   ├── KeyringTimeout          keyring_timeout       6
    │   ├── RecordTooLarge          record_too_large      6
    │   ├── RecordCorrupt           record_corrupt        6
    │   │   └── NewerRecord         newer_record          6
    │   ├── RecordMissing           record_missing        6
    │   ├── OtherStore              other_store           6
    │   ├── PassphraseError         passphrase            6
    │   ├── StoreAway               store_away            5
    │   ├── KeyReplaced             store                 6
    │   └── ClaimLost               claim_lost            5
    └── Interrupted                 interrupted           130

The columns are `code` (in `--json`) and `exit_code`. A message says what happened; the hint is one thing to do now.

An error is given facts (an account, a command, a provider's argument, variables), and this module words them. A caller
that knows one more fact hands it to a method of the error: `name_account`, `name_provider`, `add`, `reword`.
"""

from __future__ import annotations

from gumauth.errors.handing_out import Busy, GumauthError, StoreError, Temporary, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    ClientSecret: TypeAlias = Literal["needed", "optional", "none"]  # whether a provider's apps have one

__name__ = "gumauth.errors"  # where programs import them, and what a traceback shows


def wanted_variables(variables: tuple[str, str], secret: ClientSecret) -> str:
    """Which of a provider's two variables a person has to set, in words.

    Args:
        variables: Of the client id and of the client secret.
        secret: Whether the provider's apps have a client secret.
    """
    id_variable, secret_variable = variables
    if secret == "needed":
        return f"{id_variable} and {secret_variable}"
    return id_variable + (f", and {secret_variable} where the app has a secret" if secret == "optional" else "")


class UnknownProvider(UsageError):
    """No provider has that name."""

    code = "unknown_provider"


class MissingCredentials(GumauthError):
    """The client id or secret, or another variable, that the provider needs is nowhere to be found.

    Args:
        argument: What a command line calls the provider, as one word of a shell; it stands for `{argument}` in `hint`.
        variables: The names of the environment variables that are not set.
    """

    code = "missing_credentials"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        argument: str | None = None,
        variables: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.argument, self.variables, self._advice = argument, variables, hint
        if argument is not None:
            self.name_provider(argument)

    def name_provider(self, argument: str) -> None:
        """Put into the hint what a command line calls the provider, in place of what it was called before."""
        if self.argument is not None and self._advice is not None:
            self.argument, self.hint = argument, self._advice.replace("{argument}", argument)

    def reword(self, mend: Callable[[str], str]) -> None:
        """As for every error, and also for the hint that a later `name_provider` makes."""
        super().reword(mend)
        self._advice = self._advice and mend(self._advice)

    @classmethod
    def of_client(
        cls,
        shown: str,
        variables: tuple[str, str],
        argument: str,
        *,
        secret: ClientSecret = "needed",
        has_id: bool = False,
        was_read: bool = False,
    ) -> MissingCredentials:
        """The error for a provider without a client secret, or without client id and secret.

        Args:
            shown: What the message calls the provider.
            variables: The variables of the client id and of the client secret.
            argument: What a command line calls the provider.
            secret: Whether the provider's apps have a client secret.
            has_id: Whether the client id is set.
            was_read: Whether the stored credentials were looked for too.
        """
        id_variable, secret_variable = variables
        wanted = wanted_variables(variables, secret)
        message = f"The client credentials of {shown} are missing: {wanted}."
        if secret != "needed":
            message = f"The client id of {shown} is missing: {id_variable}."
        hint = f"Run `gumauth setup {{argument}}`, or set {wanted}."
        if has_id:
            message = f"{shown} needs a client secret too, and {secret_variable} is not set."
            hint = f"Set it, or unset {id_variable}, so that what `gumauth setup {{argument}}` stored is used."
        elif was_read:
            are = "are not set, and none are" if secret == "needed" else "is not set, and none is"
            message = f"{message[:-1]} {are} stored."
        return cls(message, hint=hint, argument=argument, variables=variables[has_id : 1 if secret == "none" else 2])

    @classmethod
    def of_import(cls, message: str, variable: str, argument: str | None) -> MissingCredentials:
        """The error for a variable that a provider's code reads while it is imported.

        Args:
            message: What happened.
            variable: The variable's name.
            argument: What a command line calls the provider; None where there is no name or file for `gumauth setup`.
        """
        if not variable.endswith(("_CLIENT_ID", "_CLIENT_SECRET")):
            argument = None
        run = "Set" if argument is None else "Run `gumauth setup {argument}`, or set"
        hint = f"{run} {variable} in the environment or in a file behind --env-file."
        return cls(message, hint=hint, argument=argument, variables=(variable,))


class ProviderFileError(GumauthError):
    """A provider file or plugin cannot be used: broken, writable by others, or without a provider in it."""

    code = "provider_file"


class ProviderCodeError(GumauthError):
    """A provider's method raised, hung, or returned a value that the contract does not allow."""

    code = "provider_code"
    usual_hint = "The provider's file has to be mended."


class DiscoveryError(GumauthError):
    """An address does not tell how to connect it: no metadata, or metadata that may not be believed (RFC 8414 §3.3)."""

    code = "discovery"


class RegistrationError(GumauthError):
    """The service does not register this client, or its answer is no registration (RFC 7591 §3.2)."""

    code = "registration"


class AuthorizationError(GumauthError):
    """The authorization endpoint sent an error, and not because the person refused (RFC 6749 §4.1.2.1)."""

    code = "authorization"
    usual_hint = "Check the app's settings at the provider."


class TokenEndpointError(GumauthError):
    """The token or revocation endpoint refused, or did not answer as RFC 6749 §5 says."""

    code = "token_endpoint"
    usual_hint = "Try again; if it stays so, check the app's settings at the provider, and the provider's endpoints."
    access_token_ended = False
    """Whether a revocation that failed has ended the access token, which must not be handed out any more."""
    may_be_dead = False
    """Whether the grant may be dead: the reason for the refusal is unknown, and a new connect may help."""


class InvalidGrant(TokenEndpointError):
    """The refresh token or the code is dead (RFC 6749 §5.2, `invalid_grant`)."""

    code, exit_code = "invalid_grant", 3


class NicknameError(GumauthError):
    """The provider did not say whose account a token belongs to."""

    code = "nickname"
    usual_hint = "Give the account a name of your own with --as."

    @classmethod
    def because(cls, shown: str, error: GumauthError) -> NicknameError:
        """The error for a provider, called `shown`, that was asked and failed."""
        return cls(f"{shown} did not say whose account this is: {error.message}")


class CallbackError(GumauthError):
    """gumauth could not listen for the callback, or the callback was wrong."""

    code = "callback"


class PortInUse(CallbackError):
    """Another program holds the port of the redirect URI."""

    code = "port_in_use"


class CallbackTimeout(CallbackError):
    """No callback came in time."""

    code = "callback_timeout"


class NoBrowser(CallbackError):
    """There is no browser to open, and no terminal to show the URL on."""

    code = "no_browser"


class CodeExpired(GumauthError):
    """The code of a device authorization has ended before a person allowed access with it (RFC 8628 §3.5)."""

    code = "code_expired"


class NotRefreshable(GumauthError):
    """The account has no refresh token, or its provider's tokens do not expire."""

    code = "not_refreshable"


class CannotRevoke(GumauthError):
    """The provider offers no way to end a grant from here."""

    code = "cannot_revoke"


class AccountConflict(GumauthError):
    """The alias belongs to another person's account."""

    code = "account_conflict"


class ForeignHost(GumauthError):
    """A request would send a token to another host than the service's, or over plain http."""

    code = "foreign_host"


class Denied(GumauthError):
    """The person or the provider refused consent."""

    code, exit_code = "denied", 4


class NetworkError(Temporary):
    """The provider could not be reached."""

    code = "network"


class EnvironmentFault(NetworkError):
    """A variable of the environment prevents every request: a proxy, or certificates."""


class RefreshElsewhere(Busy):
    """Another machine refreshes the account, whose present token still has life."""


class NoKeyring(StoreError):
    """No keyring that is safe to use answers on this machine."""

    code = "no_keyring"


class NoBus(NoKeyring):
    """There is no D-Bus session, so no keyring can be asked."""

    code = "no_bus"


class UnsafeKeyring(StoreError):
    """The selected keyring backend loses secrets or keeps them in plain text."""

    code = "unsafe_keyring"


class KeyringLocked(StoreError):
    """The keyring is locked, and nobody can be asked to unlock it."""

    code = "keyring_locked"


class PromptDismissed(StoreError):
    """The person closed the keyring's prompt."""

    code = "prompt_dismissed"


class AccessDenied(StoreError):
    """The keyring, or the operating system, does not let gumauth in."""

    code = "access_denied"


class KeyringTimeout(StoreError):
    """The keyring did not answer within the deadline."""

    code = "keyring_timeout"


class RecordTooLarge(StoreError):
    """The store does not take a record of this size."""

    code = "record_too_large"


class KeyReplaced(StoreError):
    """What was to be written is sealed under a key that the store does not have any more; nothing was written."""

    usual_hint = "Run the command again."


class ClaimLost(StoreError):
    """Another machine has claimed the account meanwhile: this one must not write it any more."""

    code, exit_code = "claim_lost", 5
