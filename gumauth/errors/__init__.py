"""Every error that is raised on purpose, and its words.

handing_out  the root, and what `gumauth token` may meet
others       all else, with the tree of all; loaded when one of them is first asked for

All are imported from here. A class takes 20 µs to make, and `gumauth token` needs few of them.
"""

from __future__ import annotations

from gumauth.errors.handing_out import AmbiguousAccount as AmbiguousAccount
from gumauth.errors.handing_out import Busy as Busy
from gumauth.errors.handing_out import CommandNotFound as CommandNotFound
from gumauth.errors.handing_out import CommandNotRun as CommandNotRun
from gumauth.errors.handing_out import GumauthError as GumauthError
from gumauth.errors.handing_out import HomeError as HomeError
from gumauth.errors.handing_out import Interrupted as Interrupted
from gumauth.errors.handing_out import MayNotRefresh as MayNotRefresh
from gumauth.errors.handing_out import NewerRecord as NewerRecord
from gumauth.errors.handing_out import NoLocks as NoLocks
from gumauth.errors.handing_out import NotConnected as NotConnected
from gumauth.errors.handing_out import OtherStore as OtherStore
from gumauth.errors.handing_out import PassphraseError as PassphraseError
from gumauth.errors.handing_out import ReconnectNeeded as ReconnectNeeded
from gumauth.errors.handing_out import RecordCorrupt as RecordCorrupt
from gumauth.errors.handing_out import RecordMissing as RecordMissing
from gumauth.errors.handing_out import StoreAway as StoreAway
from gumauth.errors.handing_out import StoreError as StoreError
from gumauth.errors.handing_out import Temporary as Temporary
from gumauth.errors.handing_out import UsageError as UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.errors.others import AccessDenied as AccessDenied
    from gumauth.errors.others import AccountConflict as AccountConflict
    from gumauth.errors.others import AuthorizationError as AuthorizationError
    from gumauth.errors.others import CallbackError as CallbackError
    from gumauth.errors.others import CallbackTimeout as CallbackTimeout
    from gumauth.errors.others import CannotRevoke as CannotRevoke
    from gumauth.errors.others import ClaimLost as ClaimLost
    from gumauth.errors.others import ClientSecret as ClientSecret
    from gumauth.errors.others import CodeExpired as CodeExpired
    from gumauth.errors.others import Denied as Denied
    from gumauth.errors.others import DiscoveryError as DiscoveryError
    from gumauth.errors.others import EnvironmentFault as EnvironmentFault
    from gumauth.errors.others import ForeignHost as ForeignHost
    from gumauth.errors.others import InvalidGrant as InvalidGrant
    from gumauth.errors.others import KeyReplaced as KeyReplaced
    from gumauth.errors.others import KeyringLocked as KeyringLocked
    from gumauth.errors.others import KeyringTimeout as KeyringTimeout
    from gumauth.errors.others import MissingCredentials as MissingCredentials
    from gumauth.errors.others import NetworkError as NetworkError
    from gumauth.errors.others import NicknameError as NicknameError
    from gumauth.errors.others import NoBrowser as NoBrowser
    from gumauth.errors.others import NoBus as NoBus
    from gumauth.errors.others import NoKeyring as NoKeyring
    from gumauth.errors.others import NotRefreshable as NotRefreshable
    from gumauth.errors.others import PortInUse as PortInUse
    from gumauth.errors.others import PromptDismissed as PromptDismissed
    from gumauth.errors.others import ProviderCodeError as ProviderCodeError
    from gumauth.errors.others import ProviderFileError as ProviderFileError
    from gumauth.errors.others import RecordTooLarge as RecordTooLarge
    from gumauth.errors.others import RefreshElsewhere as RefreshElsewhere
    from gumauth.errors.others import RegistrationError as RegistrationError
    from gumauth.errors.others import TokenEndpointError as TokenEndpointError
    from gumauth.errors.others import UnknownProvider as UnknownProvider
    from gumauth.errors.others import UnsafeKeyring as UnsafeKeyring
    from gumauth.errors.others import wanted_variables as wanted_variables


def __getattr__(name: str) -> object:
    """Load one of the other errors from where it is (PEP 562)."""
    from importlib import import_module

    others = import_module("gumauth.errors.others")
    if name not in vars(others):
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = globals()[name] = getattr(others, name)
    return value
