"""Programs that ask gumauth on their command line, or are started with a token. Pure.

Sources: kubernetes.io/docs/reference/access-authn-authz/authentication ("client-go credential plugins"),
rclone.org/webdav, curl.se/docs/manpage.html, cloud.google.com/sdk/docs/authorizing,
docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html,
developer.hashicorp.com/terraform/cli/config/environment-variables, docs.docker.com/reference/cli/docker/login.
"""

from __future__ import annotations

from gumauth.errors import UsageError
from gumauth.handout.recipes.quoting import csv, shell, spaced
from gumauth.handout.recipes.recipe import TERMINAL, Present, Recipe, Step, Wanted, starts_gumauth
from gumauth.platform.text import one_line

EXEC_API = "client.authentication.k8s.io/v1beta1"
"""The version of kubectl's protocol: every kubectl since 1.12 has it, and its `config` needs no more options for it."""

TERRAFORM = {"github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN", "google": "GOOGLE_OAUTH_ACCESS_TOKEN"}
"""The variable that terraform's provider of a service reads."""

REGISTRIES = {
    "google": ("oauth2accesstoken", "LOCATION-docker.pkg.dev"),
    "github": ("oauth2", "ghcr.io"),
    "gitlab": ("oauth2", "registry.gitlab.com"),
}
"""The user name that goes with a token, and the host of the registry."""


def _kubectl_words(wanted: Wanted) -> tuple[str, ...]:
    command, *arguments = wanted.token("--for", "kubectl")
    return (
        *("kubectl", "config", "set-credentials", wanted.name),
        *(f"--exec-api-version={EXEC_API}", f"--exec-command={command}"),
        *(f"--exec-arg={csv(argument)}" for argument in arguments),
    )


def _kubectl_present(wanted: Wanted) -> Present:
    return Present(
        show=("kubectl", "config", "view", "-o", f'jsonpath={{.users[?(@.name=="{wanted.name}")].user}}'),
        remove=("kubectl", "config", "delete-user", wanted.name),
        is_ours=starts_gumauth,
    )


def _kubectl_then(wanted: Wanted) -> tuple[str, ...]:
    return (f"Then `kubectl config set-context --current --user={wanted.name}` takes it for the present cluster.",)


def _rclone(wanted: Wanted) -> str:
    url = wanted.url or "URL"
    for word in (url, *wanted.token()):
        if _is_replaced(word):
            raise UsageError(
                f"{one_line(word)!r} cannot stand in rclone's file, which puts other values in place of %(NAME)s.",
                hint="Use a path and an address without it; a link will do.",
            )
    command = spaced(wanted.token())
    return f"[{wanted.name}]\ntype = webdav\nurl = {url}\nvendor = other\nbearer_token_command = {command}"


def _is_replaced(word: str) -> bool:
    """Whether rclone puts another value of its file in place of a part: no spelling stops that. Tried: rclone 1.60."""
    import re

    return re.search(r"%\([^)]+\)s", word) is not None


def _rclone_notes(wanted: Wanted) -> tuple[str, ...]:
    notes = () if wanted.url else ("URL is the address of the WebDAV server.",)
    if spaced(wanted.token()) != " ".join(wanted.token()):
        return (
            *notes,
            (
                "An older rclone, such as 1.60, splits the command at every blank and knows no quotes: it needs links"
                " to gumauth and to the folder of GUMAUTH_HOME whose paths have neither."
            ),
        )
    return notes


def _curl(wanted: Wanted) -> str:
    return f"set -o pipefail; {shell(wanted.token('--header'))} | curl -H @- {shell([wanted.url or 'URL'])}"


def _gcloud(wanted: Wanted) -> str:
    return shell((*wanted.run("CLOUDSDK_AUTH_ACCESS_TOKEN"), "gcloud", "projects", "list"))


def _aws(wanted: Wanted) -> str:
    command = shell((*wanted.run("AWS_WEB_IDENTITY_TOKEN_FILE@", "#id_token"), "aws", "sts", "get-caller-identity"))
    return f"AWS_ROLE_ARN=arn:aws:iam::ID:role/ROLE {command}"


def _terraform(wanted: Wanted) -> str:
    variable = TERRAFORM.get(wanted.provider) or f"TF_VAR_{wanted.name.replace('-', '_')}_token"
    return shell((*wanted.run(variable), "terraform", "plan"))


def _docker(wanted: Wanted) -> str:
    user, host = REGISTRIES.get(wanted.provider, ("oauth2", "HOST"))
    return f"{shell(wanted.token())} | docker login -u {user} --password-stdin {host}"


def _docker_notes(wanted: Wanted) -> tuple[str, ...]:
    host = REGISTRIES.get(wanted.provider, ("", "HOST"))[1]
    return (
        *(("HOST is the registry's, such as registry.example.com.",) if host == "HOST" else ()),
        *(("LOCATION is the registry's, such as europe-west1.",) if host.startswith("LOCATION") else ()),
        (
            "docker keeps this token and cannot ask for the next one: run the line again when it has ended. Without"
            " a credential helper of its own, docker keeps it in plain text in ~/.docker/config.json."
        ),
    )


RECIPES = (
    Recipe(
        program="kubectl",
        title="kubectl",
        place=TERMINAL,
        text=lambda wanted: shell(_kubectl_words(wanted)),
        then=_kubectl_then,
        steps=lambda wanted: (Step(argv=_kubectl_words(wanted)),),
        present=_kubectl_present,
        environment=("KUBE",),
    ),
    Recipe(
        program="rclone",
        title="rclone, for WebDAV",
        place="the file that `rclone config file` names",
        text=_rclone,
        notes=_rclone_notes,
    ),
    Recipe(
        program="curl",
        title="curl",
        place=TERMINAL,
        text=_curl,
        notes=lambda _: ("`set -o pipefail` makes the line fail where there is no token; curl alone would go on.",),
    ),
    Recipe(
        program="gcloud",
        title="gcloud",
        place=TERMINAL,
        text=_gcloud,
        notes=lambda _: ("The token is fixed while one gcloud runs.",),
    ),
    Recipe(
        program="aws",
        title="aws, as a web identity",
        place=TERMINAL,
        text=_aws,
        notes=lambda _: (
            (
                "AWS wants an id_token whose audience the role trusts; the account must have been connected with the"
                " scope openid. The file is kept fresh while the command runs, and is gone with it."
            ),
        ),
    ),
    Recipe(
        program="terraform",
        title="terraform",
        place=TERMINAL,
        text=_terraform,
        notes=lambda wanted: (
            () if wanted.provider in TERRAFORM else ("Name the variable as your configuration has it.",)
        ),
    ),
    Recipe(
        program="docker",
        title="docker login",
        place=TERMINAL,
        text=_docker,
        notes=_docker_notes,
    ),
)
