"""The protocol: requests to a service, and the meaning of its responses. Knows no file, keyring or terminal.

provider               the public class: the flow of a service that `facts` describe
facts, traits          the attributes of a service; the attributes of any provider, with defaults
authorization_request, pushed_request, client_authentication       RFC 6749 §4.1.1 and §2.3, RFC 7636, RFC 9126
response, token_response, token_lifetime, access_token; error_response, error_members, error_meaning    RFC 6749 §5
device, device_polls   the codes of a machine without a browser, and the polls       RFC 8628
id_token, jwt, identity     the account that a token belongs to       OpenID Connect Core, RFC 7519
registration, registration_calls, registration_error, registered_client       RFC 7591, RFC 7592
discover → discovery/, mcp; discovered       an address is asked, what it tells, its provider       RFC 9728, RFC 8414
http/, urls, placeholders, secret_fields       sending; URLs that may be used; {names}; fields with secrets
May import platform, provider and errors; httpx in http/ alone.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.oauth2.provider import OAuth2Provider

__all__ = ["OAuth2Provider"]


def __getattr__(name: str) -> object:
    """Load the public class when it is first asked for (PEP 562): the rest of this folder is used without it."""
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from gumauth.oauth2.provider import OAuth2Provider

    globals()[name] = OAuth2Provider
    return OAuth2Provider
