"""One call of a provider's method, and the errors that name the method and its file."""

from __future__ import annotations

from gumauth.errors import NetworkError, ProviderCodeError
from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from gumauth.oauth2.traits import Method
    from gumauth.registry.resolved import ResolvedProvider


@frozen
class MethodCall:
    """One call of a provider's method.

    Args:
        resolved: The provider.
        method: The method's name.
        secrets: The secrets that the provider's code knows. No error repeats them.
    """

    resolved: ResolvedProvider
    method: Method
    secrets: Collection[str]

    _secret = ("secrets",)

    def contract_error(self, what: str) -> ProviderCodeError:
        """The error for a method that does not keep the contract."""
        return ProviderCodeError(f"{self._shown} {what}.")

    def deadline_error(self, seconds: float) -> NetworkError:
        """The error for a method that did not end within its deadline."""
        return NetworkError(f"{self._shown} did not end within {seconds:.0f} s.", hint="Try again.")

    @property
    def _shown(self) -> str:
        return f"`{self.method}` of {self.resolved.name} ({one_line(self.resolved.source)})"
