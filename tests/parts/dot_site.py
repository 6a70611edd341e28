"""A small site with django-oauth-toolkit: login form, consent page, tokens, revocation, and who is asking.

Run as `python -m tests.parts.dot_site`. It reads one line of JSON from standard input (see `Settings`), prints its port
on a line of its own when it listens, and ends when standard input does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from collections.abc import Callable

LOGIN_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Log in</title>
<form method="post">{% csrf_token %}{{ form.as_p }}<button id="log-in">Log in</button></form></html>"""


class ClientSettings(TypedDict):
    client_id: str
    secret: str | None
    redirect_uris: list[str]


class Settings(TypedDict):
    """What the site is made of; secrets come this way, because arguments and variables can be read by others.

    Args:
        open_to_clients: Whether anybody may register a client, and a device may ask for a code; the metadata says so.
        documents: What stands at URLs on the internet: client metadata documents. The site takes them if there are any.
    """

    database: str
    username: str
    password: str
    email: str
    access_lifetime: int
    clients: list[ClientSettings]
    open_to_clients: bool
    documents: dict[str, dict[str, Any]]


class Server(WSGIServer):
    """One thread a request; wsgiref's own would let a browser's idle connection hold up everybody else."""

    daemon_threads = True
    request_queue_size = 256

    def process_request(self, request: Any, client_address: Any) -> None:
        threading.Thread(target=self._serve, args=(request, client_address), daemon=True).start()

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:
            pass  # the client went away
        finally:
            self.shutdown_request(request)


class Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's name
        """Nothing: URLs carry codes."""


def configure(settings: Settings, origin: str) -> None:
    import django
    from django.conf import settings as django_settings

    django_settings.configure(
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": settings["database"],
                # Many refreshes at once wait for each other rather than fail with "database is locked".
                "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        LOGIN_URL="/login/",
        LOGGING_CONFIG=None,
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        # The tables as the models are now: running every migration takes longer than the tests that need them.
        MIGRATION_MODULES=dict.fromkeys(["auth", "contenttypes", "sessions", "oauth2_provider"]),
        OAUTH2_PROVIDER=oauth_settings(settings, origin),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF=__name__,
        SECRET_KEY=os.urandom(32).hex(),
        TEMPLATES=[template_settings()],
        USE_TZ=True,
    )
    django.setup()


def oauth_settings(settings: Settings, origin: str) -> dict[str, object]:
    return {
        **(settings_open_to_clients(origin) if settings["open_to_clients"] else {}),
        "CIMD_ENABLED": bool(settings["documents"]),
        "CIMD_METADATA_FETCHER": partial(Documents, settings["documents"]),
        "ACCESS_TOKEN_EXPIRE_SECONDS": settings["access_lifetime"],
        "ALLOW_LOCALHOST_LOOPBACK": True,
        "PKCE_REQUIRED": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ROTATE_REFRESH_TOKEN": True,
        "SCOPES": {"read": "Read what is yours", "write": "Change what is yours"},
        "DEFAULT_SCOPES": ["read"],
        "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
        "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
        "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
        "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
        "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
        # The database keeps digests, so a test may look for tokens in every file.
        "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    }


def settings_open_to_clients(origin: str) -> dict[str, object]:
    return {
        "DCR_ENABLED": True,
        "DCR_REGISTRATION_PERMISSION_CLASSES": ("oauth2_provider.dcr.AllowAllDCRPermission",),
        "DEVICE_FLOW_INTERVAL": 1,
        "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["none", "client_secret_post", "client_secret_basic"],
        "OAUTH_DEVICE_VERIFICATION_URI": f"{origin}/o/device/",
    }


class Documents:
    """Gets client metadata documents where the test has put them: no test asks the internet."""

    def __init__(self, documents: dict[str, dict[str, Any]]) -> None:
        self.documents = documents

    def fetch(self, client_id: str) -> tuple[dict[str, Any], int]:
        from oauth2_provider.cimd import CIMDError

        if client_id not in self.documents:
            raise CIMDError("no such document")
        return self.documents[client_id], 300


def template_settings() -> dict[str, object]:
    pages = ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_PAGE})
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "loaders": [pages, "django.template.loaders.app_directories.Loader"],
        },
    }


def fill(settings: Settings) -> None:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oauth2_provider.models import get_application_model

    call_command("migrate", run_syncdb=True, verbosity=0)
    get_user_model().objects.create_user(settings["username"], settings["email"], settings["password"])
    applications = get_application_model()
    for client in settings["clients"]:
        kind = applications.CLIENT_PUBLIC if client["secret"] is None else applications.CLIENT_CONFIDENTIAL
        applications.objects.create(
            name=client["client_id"],
            client_id=client["client_id"],
            client_secret=client["secret"] or "",
            client_type=kind,
            authorization_grant_type=applications.GRANT_AUTHORIZATION_CODE,
            redirect_uris=" ".join(client["redirect_uris"]),
        )


def whoami(request: Any) -> Any:
    """The e-mail of the person whose token it is; 403 without a good one, as the toolkit does it."""
    from django.http import JsonResponse
    from oauth2_provider.decorators import protected_resource

    def say(request: Any) -> Any:
        return JsonResponse({"email": request.resource_owner.email})

    view: Callable[[Any], Any] = protected_resource()(say)
    return view(request)


def __getattr__(name: str) -> object:
    """Django's `urlpatterns`, which can only be written once it is set up."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.contrib.auth.views import LoginView
    from django.urls import include, path

    # By name: imported under `python -m`, this module is there twice.
    return [
        path("login/", LoginView.as_view(), name="login"),
        path("whoami/", whoami),
        path(".well-known/oauth-authorization-server/<path:issuer_path>", metadata_with_devices),
        path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    ]


def metadata_with_devices(request: Any, issuer_path: str) -> Any:
    """The toolkit's metadata, at the place of RFC 8414, with the endpoint for devices, which it leaves to the site."""
    from django.http import JsonResponse
    from django.urls import reverse
    from oauth2_provider.settings import oauth2_settings
    from oauth2_provider.views import OAuthServerMetadataView

    published = json.loads(OAuthServerMetadataView.as_view()(request, issuer_path=issuer_path).content)
    if oauth2_settings.OAUTH_DEVICE_VERIFICATION_URI:
        place = reverse("oauth2_provider:device-authorization")
        published["device_authorization_endpoint"] = request.build_absolute_uri(place)
    return JsonResponse(published)


def main() -> None:
    settings: Settings = json.loads(sys.stdin.readline())
    server = Server(("127.0.0.1", 0), Handler)
    configure(settings, f"http://127.0.0.1:{server.server_port}")
    fill(settings)
    from django.core.handlers.wsgi import WSGIHandler

    server.set_app(WSGIHandler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()  # until whoever started it closes the pipe, or dies


if __name__ == "__main__":
    main()
