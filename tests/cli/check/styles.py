"""Bodies of `get_nickname` and `exchange` as people write them, each of which reads another answer."""

from __future__ import annotations

HEAD = """
import base64, dataclasses, json, os, types
import httpx
from mcp.gumstack import AuthProvider, TokenResponse

API = "https://api.styles.example"


class Styles(AuthProvider):
    name = "styles"

    def get_url(self, redirect_uri, state):
        query = {"client_id": os.environ["STYLES_CLIENT_ID"], "redirect_uri": redirect_uri, "state": state,
                 "response_type": "code", "scope": "read"}
        return str(httpx.URL("https://styles.example/authorize", params=query))

    async def _token(self, **members):
        members |= {"client_id": os.environ["STYLES_CLIENT_ID"], "client_secret": os.environ["STYLES_CLIENT_SECRET"]}
        async with httpx.AsyncClient() as client:
            response = await client.post("https://styles.example/token", data=members)
            response.raise_for_status()
            return response

    async def _get(self, path, access_token, **options):
        async with httpx.AsyncClient() as client:
            response = await client.get(API + path, headers={"Authorization": f"Bearer {access_token}"}, **options)
            response.raise_for_status()
            return response

    def _tokens(self, response):
        data = response.json()
        return TokenResponse(access_token=data["access_token"], refresh_token=data.get("refresh_token"),
                             expires_in=data.get("expires_in"))

    async def exchange(self, code, redirect_uri):
        sent = await self._token(grant_type="authorization_code", code=code, redirect_uri=redirect_uri)
        return self._tokens(sent)

    async def refresh(self, refresh_token):
        return self._tokens(await self._token(grant_type="refresh_token", refresh_token=refresh_token))

"""

NICKNAMES = {
    "an e-mail": """return (await self._get("/me", access_token)).json()["email"]""",
    "nested": """return (await self._get("/me", access_token)).json()["data"]["viewer"]["email"]""",
    "a chain of gets": """
        data = (await self._get("/me", access_token)).json()
        return data.get("user", {}).get("profile", {}).get("display_name")""",
    "a list": """return (await self._get("/me", access_token)).json()[0]["email"]""",
    "a list inside": """return (await self._get("/me", access_token)).json()["emails"][0]["address"]""",
    "the primary of a list": """
        emails = (await self._get("/user/emails", access_token)).json()
        return next(each["email"] for each in emails if each["primary"] and each["verified"])""",
    "two requests": """
        user = (await self._get("/user", access_token)).json()
        emails = (await self._get("/user/emails", access_token)).json()
        for each in emails:
            if each.get("primary"):
                return f'{user["login"]} ({each["email"]})'
        return None""",
    "ok": """
        data = (await self._get("/auth.test", access_token)).json()
        if not data["ok"]:
            raise RuntimeError(data.get("error"))
        return f'{data["user"]} at {data["team"]}'""",
    "a code that is 0": """
        data = (await self._get("/me", access_token)).json()
        if data.get("code") != 0:
            raise RuntimeError(data.get("msg"))
        return data["data"]["name"]""",
    "a status": """
        data = (await self._get("/me", access_token)).json()
        if data["status"] != "success":
            return None
        return data["payload"]["user"]["handle"]""",
    "errors": """
        data = (await self._get("/me", access_token)).json()
        if "errors" in data or data.get("message"):
            raise RuntimeError("no")
        return data["data"]["me"]["username"]""",
    "a dataclass": """
        @dataclasses.dataclass
        class User:
            id: str
            full_name: str
            plan: str
        return User(**(await self._get("/me", access_token)).json()["account"]).full_name""",
    "a plain copy": """
        data = dict((await self._get("/me", access_token)).json())
        return data["fullName"]""",
    "object hook": """
        text = (await self._get("/me", access_token)).text
        me = json.loads(text, object_hook=lambda members: types.SimpleNamespace(**members))
        return me.screen_name""",
    "edges and nodes": """
        async with httpx.AsyncClient() as client:
            response = await client.post(API + "/graphql", json={"query": "{ me { boards { edges } } }"},
                                         headers={"Authorization": access_token})
        data = response.json()
        if data.get("errors"):
            raise RuntimeError(data["errors"][0]["message"])
        return data["data"]["workspaces"]["edges"][0]["node"]["name"]""",
    "swallows everything": """
        try:
            return (await self._get("/me", access_token)).json()["result"]["owner"]["mail"]
        except Exception:
            return None""",
    "falls back to a word": """
        try:
            return (await self._get("/me", access_token)).json()["person"]["mail"]
        except KeyError:
            return "Somebody" """,
    "a match": """
        match (await self._get("/me", access_token)).json():
            case {"account": {"owner": {"email": str(email)}}}:
                return email
        return None""",
    "is a dict": """
        data = (await self._get("/me", access_token)).json()
        user = data.get("user")
        if isinstance(user, dict):
            return user.get("name")
        return None""",
    "is a list": """
        data = (await self._get("/me", access_token)).json()
        if not isinstance(data, list) or not data:
            return None
        return data[0].get("name")""",
    "a number": """
        data = (await self._get("/me", access_token)).json()
        return f"user {int(data['user_id']) + 1}" if data["count"] > 0 else None""",
    "pages": """
        url, names = "/members", []
        while url:
            data = (await self._get(url, access_token)).json()
            names += [each["name"] for each in data["members"]]
            url = data.get("next")
        return ", ".join(names)""",
    "by id": """
        me = (await self._get("/session", access_token)).json()["userId"]
        return (await self._get(f"/users/{me}", access_token)).json()["values"][0]["displayName"].strip().lower()""",
    "items": """
        data = (await self._get("/me", access_token)).json()
        return ", ".join(str(value) for name, value in data.items() if name == "email")""",
    "its own parser": """
        text = (await self._get("/me", access_token)).content.decode().strip()
        decoder = json.JSONDecoder()
        data, _ = decoder.raw_decode(text)
        return data["session"]["user"]["login"]""",
    "a list that is looked at first": """
        accounts = (await self._get("/me", access_token)).json().get("accounts")
        if accounts and isinstance(accounts, list) and isinstance(accounts[0], dict) and "company" in accounts[0]:
            return accounts[0]["company"].get("title")
        return None""",
    "an enum": """
        import enum
        class Kind(enum.Enum):
            HUMAN = "human"
        data = (await self._get("/me", access_token)).json()
        return Kind(data["kind"]).name + data["who"]""",
    "an address of discovery": """
        async with httpx.AsyncClient() as client:
            known = (await client.get("https://styles.example/.well-known/openid-configuration")).json()
            response = await client.get(known["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"})
        return response.json()["preferred_username"]""",
    "whom a token is for": """
        data = (await self._get("/tokeninfo", access_token)).json()
        if data["aud"] != os.environ["STYLES_CLIENT_ID"] or int(data["expires_in"]) <= 0:
            raise ValueError("not for us")
        return data["email"]""",
}
"""What is read → the body of a `get_nickname`."""

UNKNOWN = {
    "without end": """
        def down(node):
            return down(node["child"])
        return down((await self._get("/me", access_token)).json())""",
    "no JSON": """
        import xml.etree.ElementTree as Tree
        return Tree.fromstring((await self._get("/me", access_token)).text).find("email").text""",
    "the token itself": """
        return json.loads(base64.urlsafe_b64decode(access_token.split(".")[1] + "=="))["email"]""",
}
"""What is read and cannot be found out → the body of a `get_nickname`."""

EXCHANGES = {
    "authed_user": """
        user = response.json()["authed_user"]
        return TokenResponse(access_token=user["access_token"], refresh_token=user.get("refresh_token"),
                             expires_in=user.get("expires_in"))""",
    "ok": """
        data = response.json()
        if not data.get("ok"):
            raise RuntimeError(data.get("error"))
        return TokenResponse(access_token=data["access_token"], refresh_token=data.get("refresh_token"),
                             expires_in=data.get("expires_in"))""",
    "data": """
        data = response.json()["data"]
        return TokenResponse(access_token=data["access_token"], refresh_token=data["refresh_token"],
                             expires_in=data["expires_in"])""",
    "camel case": """
        data = response.json()
        if data["code"] != 0:
            raise RuntimeError(data["msg"])
        return TokenResponse(access_token=data["accessToken"], refresh_token=data["refreshToken"],
                             expires_in=data["expiresIn"])""",
    "more members": """
        data = response.json()
        self.workspace = data["workspace"]["name"]
        return TokenResponse(access_token=data["access_token"], refresh_token=data["refresh_token"],
                             scope=data["scope"], expires_in=int(data["expires_in"]))""",
    "a form": """
        from urllib.parse import parse_qs
        data = parse_qs(response.text)
        return TokenResponse(access_token=data["access_token"][0], refresh_token=data["refresh_token"][0],
                             expires_in=data["expires_in"][0])""",
    "an id_token": """
        data = response.json()
        part = data["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        self.email = claims["email"]
        return TokenResponse(access_token=data["access_token"], refresh_token=data.get("refresh_token"),
                             expires_in=data.get("expires_in"))""",
}
"""What is read → the body of a function that makes a `TokenResponse` of a token endpoint's answer."""


def with_nickname(body: str) -> str:
    """A provider file with this body of `get_nickname`."""
    return f"{HEAD}    async def get_nickname(self, access_token):\n        {body.strip()}\n"


def with_tokens(body: str) -> str:
    """A provider file with this body of `_tokens`."""
    return f"{with_nickname(NICKNAMES['an e-mail'])}\n    def _tokens(self, response):\n        {body.strip()}\n"


WHOLE = {
    "requests, in a thread": with_nickname("""
        import asyncio, requests
        response = await asyncio.to_thread(
            requests.get, API + "/me", headers={"Authorization": f"Bearer {access_token}"}, timeout=5)
        return response.json()["profile"]["handle"]"""),
    "pydantic by keywords": with_nickname("""
        from pydantic import BaseModel
        class Account(BaseModel):
            id: int
            label: str
        class Answer(BaseModel):
            accounts: list[Account]
            active: bool
        return Answer(**(await self._get("/me", access_token)).json()).accounts[0].label"""),
    "pydantic's own parser": with_nickname("""
        from pydantic import BaseModel
        class User(BaseModel):
            uuid: str
            primary_mail: str
        class Answer(BaseModel):
            user: User
        return Answer.model_validate_json((await self._get("/me", access_token)).content).user.primary_mail"""),
    "a checked id_token": with_tokens("""
        import jwt
        data = response.json()
        claims = jwt.decode(data["id_token"], options={"verify_signature": False},
                            audience=os.environ["STYLES_CLIENT_ID"])
        self.whose = claims["sub"]
        return TokenResponse(access_token=data["access_token"], refresh_token=data["refresh_token"],
                             expires_in=data["expires_in"])"""),
    "a dotenv file": "from dotenv import load_dotenv\nload_dotenv()\n"
    + with_nickname("""
        assert os.environ["STYLES_CLIENT_SECRET"] != "kept", "kept"
        return (await self._get(os.environ["STYLES_PATH"], access_token)).json()["email"]"""),
    "numbers and switches": "import os\nLIMIT = int(os.environ['STYLES_LIMIT']) + int(os.environ['STYLES_ODD'])\n"
    "PORT = int(os.getenv('STYLES_PORT', '8000'))\nassert PORT == 8000\n"
    "assert os.environ['STYLES_USE_TLS'].lower() == 'true'\nURL = os.environ['STYLES_TOKEN_URL']\n"
    "assert URL.startswith('https://')\nassert os.environ.get('STYLES_SCOPES', 'a b') == 'a b'\n"
    + with_nickname(NICKNAMES["an e-mail"]),
}
"""What is special → a whole provider file."""
