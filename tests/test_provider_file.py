"""Every way in which a provider file can fail is one clear error; one that others can write is not run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gumauth.errors import ProviderFileError
from gumauth.provider_file import load

FILE = """from mcp.gumstack import AuthProvider, TokenResponse


class Acme(AuthProvider):
    name = "acme"

    def get_url(self, redirect_uri, state):
        return "https://acme.example/"

    async def exchange(self, code, redirect_uri):
        return TokenResponse(access_token=code)

    async def refresh(self, refresh_token):
        raise NotImplementedError

    async def get_nickname(self, access_token):
        return "ada"
"""


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "auth.py"
    path.write_text(FILE)
    return path


def test_a_file_that_imports_the_contract_from_gumstack_is_loaded(file: Path) -> None:
    found = load(str(file), None)
    assert (found.name, found.source, found.origin) == ("acme", f"{file}:Acme", str(file))
    assert len(found.fingerprint or "") == 64


@pytest.mark.requirement("P1")
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = 1\ndef broken(:\n", "auth.py, line 2: invalid syntax."),
        ("x = 1\n\nraise ValueError('no\\x1b[31m way\\n')", "auth.py, line 3: ValueError: no way."),
        ("x = 1\nimport sys\nsys.exit(3)", "auth.py, line 3: SystemExit: 3."),
        ("def f():\n    return {}['x']\nf()", "auth.py, line 2: KeyError: 'x'."),
        ("import json\njson.loads('{')", "auth.py, line 2: JSONDecodeError"),
        ("\nimport nothing_like_it.deeper", "auth.py, line 2: it needs 'nothing_like_it', which is not installed."),
        ("from gumauth import Nothing", "auth.py, line 1: ImportError"),
        ("raise BaseExceptionGroup('x', [KeyError()])", "auth.py, line 1: ExceptionGroup"),
        ("raise RuntimeError", "auth.py, line 1: RuntimeError: no reason given."),
        ("x = '\x00'", "auth.py"),
        ("\udcff", "auth.py"),
        ("", "holds no provider"),
    ],
)
def test_a_broken_file_is_one_error_with_file_and_line(file: Path, source: str, words: str) -> None:
    file.write_bytes(source.encode(errors="surrogateescape"))
    with pytest.raises(ProviderFileError) as caught:
        load(str(file), None)
    assert words in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.requirement("P1")
def test_a_missing_import_is_answered_with_the_command_that_installs_it(file: Path) -> None:
    file.write_text("import nothing_like_it.deeper")
    with pytest.raises(ProviderFileError) as caught:
        load(str(file), None)
    assert caught.value.hint == f"Install it where gumauth runs: {sys.executable} -m pip install nothing_like_it"


@pytest.mark.requirement("P1")
def test_ctrl_c_is_not_a_failure_of_the_file(file: Path) -> None:
    file.write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load(str(file), None)


def test_what_a_file_prints_does_not_get_among_the_results(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"print('hello')\n{FILE}")
    load(str(file), None)
    assert capsys.readouterr() == ("", "hello\n")


def test_a_file_finds_the_one_beside_it_and_hides_no_other(file: Path) -> None:
    (file.parent / "acme_urls.py").write_text("URL = 'https://acme.example/'")
    (file.parent / "json.py").write_text("raise ValueError")
    file.write_text(
        f"import json, dataclasses\nfrom acme_urls import URL\n@dataclasses.dataclass\nclass X:\n    a: int\n{FILE}"
    )
    assert load(str(file), None).name == "acme"


@pytest.mark.parametrize("path", ["missing.py", ".", "auth.py/x.py", "a\x00.py", "\udcff/auth.py"])
def test_what_cannot_be_read_is_said(file: Path, path: str) -> None:
    with pytest.raises(ProviderFileError, match="cannot be read"):
        load(os.path.join(file.parent, path), None)


def test_what_is_no_file_or_too_large_is_not_run(file: Path) -> None:
    with pytest.raises(ProviderFileError, match="it is not a file"):
        load(os.devnull, None)
    file.write_bytes(b"#" * (1048576 + 1))
    with pytest.raises(ProviderFileError, match="larger than 1 MiB"):
        load(str(file), None)


@pytest.mark.requirement("P3")
def test_a_file_that_others_can_write_is_not_run(file: Path) -> None:
    file.write_text("raise AssertionError('it was run')")
    file.chmod(0o646)
    with pytest.raises(ProviderFileError, match="other users can write it") as caught:
        load(str(file), None)
    assert caught.value.hint == f"Take that right away: chmod go-w {file}"


@pytest.mark.requirement("P3")
def test_a_file_in_a_folder_that_others_can_write_is_not_run(tmp_path: Path) -> None:
    below = tmp_path / "open" / "below"
    below.mkdir(parents=True)
    (below / "auth.py").write_text(FILE)
    below.parent.chmod(0o777)
    with pytest.raises(ProviderFileError, match=f"other users can write its folder {below.parent}"):
        load(str(below / "auth.py"), None)
    below.parent.chmod(0o1777)  # as /tmp: others can add a file, but not replace one
    assert load(str(below / "auth.py"), None).name == "acme"


@pytest.mark.requirement("P3")
def test_nothing_is_imported_from_a_folder_into_which_others_can_put_files(tmp_path: Path) -> None:
    """As /tmp: the file itself is safe there, but a package's try for what is not installed would find theirs."""
    folder = tmp_path / "everybodys"
    folder.mkdir()
    folder.chmod(0o1777)
    (folder / "auth.py").write_text(f"try:\n    import acme_zstandard\nexcept ImportError:\n    pass\n{FILE}")
    (folder / "acme_zstandard.py").write_text("raise AssertionError('it was run')")
    assert load(str(folder / "auth.py"), None).name == "acme"
    assert str(folder) not in sys.path


@pytest.mark.requirement("P3")
def test_a_link_does_not_hide_who_can_write(tmp_path: Path, file: Path) -> None:
    file.chmod(0o666)
    link = tmp_path / "link.py"
    link.symlink_to(file)
    with pytest.raises(ProviderFileError, match="other users can write it"):
        load(str(link), None)


@pytest.mark.requirement("P3")
def test_the_folder_that_counts_is_the_one_that_a_link_leads_to(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "auth.py").write_text(FILE)
    (tmp_path / "auth.py").symlink_to(shared / "auth.py")
    assert load(str(tmp_path / "auth.py"), None).source == f"{shared}/auth.py:Acme"
    shared.chmod(0o777)
    with pytest.raises(ProviderFileError, match="other users can write its folder"):
        load(str(tmp_path / "auth.py"), None)


@pytest.mark.requirement("P3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_or_another_group_is_not_run(file: Path) -> None:
    os.chown(file, -1, 1)
    file.chmod(0o664)
    with pytest.raises(ProviderFileError, match="other users can write it"):
        load(str(file), None)
    file.chmod(0o644)
    assert load(str(file), None).name == "acme"
    os.chown(file, 12345, 12345)
    with pytest.raises(ProviderFileError, match="belongs to another user"):
        load(str(file), None)


@pytest.mark.requirement("P3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root is known to have a group of its own name everywhere")
def test_a_group_that_is_the_users_own_may_write(file: Path) -> None:
    os.chown(file, 0, 0)
    file.chmod(0o664)
    assert load(str(file), None).name == "acme"
    os.chown(file, 0, 54321)  # a group that has no name
    with pytest.raises(ProviderFileError, match="other users can write it"):
        load(str(file), None)
