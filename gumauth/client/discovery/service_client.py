"""The client of a discovered service: prepared, a client metadata document, or registered. Promises D7, M15, M16, M20.

In this order: what the environment or `gumauth setup` holds; the document that GUMAUTH_CLIENT_METADATA_URL names, where
the server takes one; dynamic registration, where the server has it.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from gumauth.client import credentials
from gumauth.client.client_registration import obtain
from gumauth.client.context import Context
from gumauth.client.credentials import Credentials
from gumauth.client.discovery import services
from gumauth.client.discovery.resolve import resolved
from gumauth.client.registered_clients import RegisteredClients, port_of_kept
from gumauth.errors import GumauthError, MissingCredentials, RegistrationError, UsageError
from gumauth.oauth2.discovery import choices
from gumauth.oauth2.discovery.document import document_fault
from gumauth.oauth2.discovery.service import Service
from gumauth.oauth2.registration import is_same_origin
from gumauth.platform.frozen import replace
from gumauth.platform.settings import mending, source
from gumauth.platform.text import one_line
from gumauth.platform.threads import in_thread
from gumauth.registry.resolved import ResolvedProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.oauth2.facts import AuthMethod

DOCUMENT = "GUMAUTH_CLIENT_METADATA_URL"
"""The variable that names the client metadata document."""

USUAL_PORT = 4862

HOSTS = ("127.0.0.1", "localhost")

POST = "client_secret_post"

NOTE_PATIENCE = 0.1
"""Seconds to wait for another process before something is not noted, which only saves a question later."""

Way = Literal["prepared", "document", "registration"]


class ServiceClient:
    """The client with which one connect asks a discovered service; implements `connect.client_source.ClientSource`.

    Args:
        context: Environment and store.
        service: The service.
        register: Whether a client is registered anew, whatever there is already.
        grant_types: What the client is to be registered for: the grant of the connect, and what the server lists of
            the others.
        say: Tells the person a sentence.
    """

    def __init__(
        self,
        context: Context,
        service: Service,
        *,
        register: bool = False,
        grant_types: tuple[str, ...] = ("authorization_code", "refresh_token"),
        say: Callable[[str], None],
    ) -> None:
        self._context, self._service, self._register, self._say = context, service, register, say
        further = (each for each in grant_types[1:] if not service.grant_types or each in service.grant_types)
        self._grant_types = (*grant_types[:1], *further)
        self._way: Way | None = None
        self._client_id = ""
        self._how = ""
        self._is_new = False
        self._method: AuthMethod | None = None
        self._redirect_uri: str | None = None
        self._other_host: str | None = None
        self._again: set[str] = set()

    @property
    def ports(self) -> tuple[int, ...]:
        """The port that the kept client was registered with, or the usual one."""
        way = next(iter(self.ways), None)
        kept = port_of_kept(self._context, self._service.issuer) if way == "registration" else None
        return (kept or USUAL_PORT,)

    @property
    def any_port(self) -> bool:
        """Whether any other port will do: a client that a person has registered has its own."""
        return self.ways[:1] != ("prepared",)

    @property
    def ways(self) -> tuple[Way, ...]:
        """How the service can be given a client, the best way first."""
        service, is_prepared = self._service, credentials.place(self._context, self._service.name) is not None
        if "client_credentials" in self._grant_types:
            return ("prepared",) if is_prepared else ()
        if self._register:
            return ("registration",) if service.registration_url else ()
        return choices.client_ways(
            prepared=is_prepared,
            takes_documents=service.takes_documents and "authorization_code" in self._grant_types,
            document_url=self._document(),
            auth_methods=service.auth_methods or None,
            registration_url=service.registration_url,
        )

    def _document(self) -> str | None:
        environ = self._context.environ
        url = environ.get(DOCUMENT) or None
        if url is not None and (fault := document_fault(url)):
            raise UsageError(
                f"{source(environ, DOCUMENT)} names no client metadata document: {fault}.",
                hint=mending(environ, DOCUMENT),
            )
        return url

    async def obtain(self, redirect_uri: str | None) -> Credentials:
        """The credentials of the client, registered now where that is needed; see `ClientSource`."""
        self._way, self._redirect_uri = next(iter(self.ways), None), redirect_uri
        if self._way is None:
            raise self._no_client(redirect_uri)
        found = await self._by(self._way, redirect_uri)
        self._client_id = found.client_id
        return found

    async def _by(self, way: Way, redirect_uri: str | None) -> Credentials:
        service, context = self._service, self._context
        if way == "prepared":
            found: Credentials | None = await in_thread(self._prepared)
            if found is None:
                raise self._no_client(redirect_uri)
            self._how = found.origin
            method = choices.auth_method(service.auth_methods or None, has_secret=found.client_secret is not None)
            return replace(found, auth_method=method)
        if way == "document":
            self._how = "its client metadata document"
            return Credentials(client_id=self._document() or "", auth_method="none", origin=self._how)
        began = context.clock()
        client = await obtain(
            context,
            issuer=service.issuer,
            registration_url=service.registration_url or "",
            token_url=service.token_url,
            auth_methods=self._auth_methods(),
            redirect_uris=both_hosts(redirect_uri) if redirect_uri is not None else (),
            grant_types=self._grant_types,
            anew=self._register or "client" in self._again,
            say=self._say,
        )
        if redirect_uri is not None and redirect_uri not in client.redirect_uris:
            self._other_host = urlsplit(client.redirect_uris[0]).hostname
            raise RegistrationError(
                f"{service.shown} takes no redirect URI such as {redirect_uri}.",
                hint=f"Connect with --redirect-host {self._other_host}.",
            )
        self._method = client.auth_method
        self._is_new = client.registered_at >= began
        self._how = "registered just now" if self._is_new else "registered before"
        return replace(credentials.of_registered(client), origin=self._how)

    def _prepared(self) -> Credentials | None:
        return credentials.find(self._context, self._service.name, issuer=self._service.issuer)

    def _auth_methods(self) -> tuple[str, ...] | None:
        """The methods to register for. Some servers miss the client id beside Basic, and have it in the body."""
        listed = self._service.auth_methods
        return (POST,) if "client" in self._again and self._method == "basic" and POST in listed else listed or None

    def details(self) -> list[tuple[str, str]]:
        """Resource, issuer, the page of another origin than the issuer's, and client, in rows."""
        service = self._service
        named = f"{service.resource_name}, " if service.resource_name else ""
        resource = [("Resource", f"{named}{service.resource or service.url}")] if service.has_resource else []
        url = service.authorize_url
        page = [("Sign-in at", url)] if url and not is_same_origin(url, service.issuer) else []
        return [*resource, ("Issuer", service.issuer), *page, ("Client", f"{self._client_id} ({self._how})")]

    def worked(self) -> None:
        """Note that tokens came for the client."""
        self._note(worked=True)
        try:
            if services.read(self._context, self._service.name) is None:
                services.write(self._context, self._service)  # another connect, which failed, has forgotten it
        except GumauthError:
            pass  # the address is asked again

    def unanswered(self) -> str:
        """Note that nobody came back; gives what helps where the page in the browser refuses the client."""
        if not self._client_id:
            return ""  # no page was opened
        if self._way == "registration":
            if not self._is_new:
                self._note(worked=False)
                return "If its page does not know the client, connect again: another one is registered then."
            return ""
        if self._way == "prepared" and self._redirect_uri is not None:
            return f"If it complained of the redirect URI, register {self._redirect_uri} there."
        if self._service.registration_url is None:
            return ""
        return "If its page refuses the client, connect again with --register."

    def _note(self, *, worked: bool) -> None:
        if self._way != "registration":
            return
        kept = RegisteredClients(self._context, self._service.issuer, patience=NOTE_PATIENCE)
        note = kept.worked if worked else kept.doubt
        try:
            note(self._client_id, self._context.clock())
        except GumauthError:
            pass  # what was noted only saves a question

    def again(self, error: GumauthError) -> tuple[ResolvedProvider, str] | None:
        """The provider on another host, without `resource`, or with another client; each once. Promises D5, D7, M24."""
        if self._other_host in HOSTS and "host" not in self._again:
            self._again.add("host")
            self._remember(replace(self._service, redirect_host=self._other_host))
            return resolved(self._service), f"{self._service.shown} wants the redirect URI on {self._other_host}."
        if self._way == "registration" and "client" not in self._again and _is_about_client(error):
            self._again.add("client")
            RegisteredClients(self._context, self._service.issuer).drop(self._client_id)
            why = f"{self._service.shown} does not know its client any more; another one is registered."
            return resolved(self._service), why
        if self._service.resource is not None and "resource" not in self._again and choices.refuses_resource(error):
            self._again.add("resource")
            self._remember(replace(self._service, resource=None))
            return resolved(self._service), f"{self._service.shown} refuses `resource`; asking again without it."
        return None

    def _remember(self, service: Service) -> None:
        self._service = service
        services.write(self._context, service)

    def _no_client(self, redirect_uri: str | None) -> MissingCredentials:
        service = self._service
        where = f" ({one_line(service.documentation, 300)})" if service.documentation else ""
        uri = f" with the redirect URI {redirect_uri}" if redirect_uri is not None else ""
        document = f" Or set {DOCUMENT}: it takes client metadata documents." if service.takes_documents else ""
        message = f"{service.shown} does not register clients by itself."
        if "client_credentials" in self._grant_types:
            message, document = f"No app is known that {service.shown} gives tokens of its own.", ""
        return MissingCredentials(
            message,
            hint=f"Register an app there{where}{uri}, then run `gumauth setup {{argument}}`.{document}",
            argument=service.url,
            variables=credentials.variables(service.name),
        )


def both_hosts(redirect_uri: str) -> tuple[str, ...]:
    """The redirect URI, and the same with the other spelling of the host. Promise M19."""
    parts = urlsplit(redirect_uri)
    port = f":{parts.port}" if parts.port else ""
    others = [urlunsplit(parts._replace(netloc=f"{host}{port}")) for host in HOSTS]
    return (redirect_uri, *(uri for uri in others if uri != redirect_uri))


def _is_about_client(error: GumauthError) -> bool:
    return credentials.are_refused(error) or "missing client_id" in error.message.lower()
