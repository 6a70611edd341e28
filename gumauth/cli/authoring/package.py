"""The files of a package that brings a provider under the entry point group `gumauth.providers`. Pure."""

from __future__ import annotations

from gumauth import __version__
from gumauth.cli.authoring.draft import Draft
from gumauth.cli.authoring.life_file import life_of
from gumauth.registry.lookup import GROUP

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "{distribution}"
version = "0.1.0"
description = "{shown} for gumauth"
readme = "README.md"
requires-python = ">=3.11"
keywords = ["gumauth", "oauth"]
dependencies = [{dependency}]

[project.entry-points."{group}"]
"{name}" = "{module}:{class_name}"

[dependency-groups]
test = ["gumauth>={version}", "pytest>=8.2"]
lint = ["mypy>=1.15", "ruff>=0.9"]

[tool.hatch.build.targets.wheel]
packages = ["src/{module}"]

[tool.mypy]
strict = true
files = ["src", "tests"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""

README = """\
# {distribution}

{shown} for [gumauth]: installed beside gumauth, it can be connected by its name.

```console
$ pipx inject gumauth {distribution}
$ gumauth providers {name}
$ gumauth connect {name}
```

In a clone, with the tests:

```console
$ python3 -m venv .venv
$ .venv/bin/pip install -q -U pip && .venv/bin/pip install -q -e . --group test
$ .venv/bin/python -m pytest
```

[gumauth]: https://pypi.org/project/gumauth/
"""

WORKFLOW = """\
name: test

on:
  push:
  pull_request:

permissions:
  contents: read

jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        python: ["3.11", "3.12", "3.13"]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: ${{ matrix.python }}
      - run: python -m pip install -U pip
      - run: python -m pip install -e . --group test --group lint
      - run: python -m pytest
      - run: ruff format --check .
      - run: ruff check .
      - run: mypy
"""

IGNORED = """\
__pycache__/
.mypy_cache/
.pytest_cache/
.ruff_cache/
.venv/
build/
dist/
"""


def package(draft: Draft, provider: str, *, gumstack: bool) -> dict[str, str]:
    """The texts of the files, by their paths below the folder in which the package's own folder is made.

    Args:
        draft: The provider.
        provider: The text of the provider's module.
        gumstack: Whether it is a file for Gumstack, which needs httpx and not gumauth.
    """
    module, folder = module_of(draft), distribution_of(draft)
    values = {
        "distribution": folder,
        "shown": draft.shown,
        "dependency": '"httpx>=0.27"' if gumstack else f'"gumauth>={__version__}"',
        "group": GROUP,
        "name": draft.name,
        "module": module,
        "class_name": draft.class_name,
        "version": __version__,
    }
    files = {
        "pyproject.toml": PYPROJECT.format(**values),
        "README.md": README.format(**values),
        ".gitignore": IGNORED,
        ".github/workflows/test.yml": WORKFLOW,
        f"src/{module}/__init__.py": provider,
        f"src/{module}/py.typed": "",
        f"tests/test_{draft.module}.py": life_of(draft, module, gumstack=gumstack),
    }
    return {f"{folder}/{path}": text for path, text in files.items()}


def module_of(draft: Draft) -> str:
    """The name of the package that is imported."""
    return f"gumauth_{draft.module}"


def distribution_of(draft: Draft) -> str:
    """The name of the package that is installed, and of its folder."""
    return f"gumauth-{draft.module.replace('_', '-')}"
