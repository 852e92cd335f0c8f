"""apibot.core.retrieval and apibot.core.defaults: exact, merged, by layer; what settings give a request."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from apibot.core import settings
from apibot.core.browser import Browser
from apibot.core.core import Core
from apibot.core.defaults import backend_order, request_defaults
from apibot.core.errors import SettingsError
from apibot.core.layer import Layer, TopLayer
from apibot.core.request import Request
from apibot.core.retrieval import sections
from apibot.core.schema import Settings
from apibot.core.secret import Secret
from apibot.queries import AllPages, CategoryMembers, Titles
from apibot.tasks import CallAction, Edit, Fetch, Purge

API = "http://127.0.0.1:8080/api.php"


def loaded(text: str, folder: Path) -> Settings:
    """Return the settings that a file of the user's gives."""
    path = folder / "apibot.toml"
    path.write_text(text)
    path.chmod(0o600)
    return settings.load({"wiki": API}, environ={"APIBOT_HOME": str(folder)}, folder=folder / "none")[0]


# Exactly.

WIKIS = """
[retry]
budget = 5
[wikis.home]
api = "http://127.0.0.1/api.php"
pace = {write_interval = 2}
[wikis."en.wikipedia"]
api = "http://127.0.0.2/api.php"
[accounts.bot]
user = "Bot"
password = "correct-horse"
[layers.Task_Edit]
minor = true
"""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("retry.budget", 5.0),
        ("retry.maxlag", 5),
        ("timeout", 60.0),
        ("wikis.home.pace.write_interval", 2.0),
        ("wikis.home.pace.total", None),
        ('wikis."en.wikipedia".api', "http://127.0.0.2/api.php"),
        ("layers.Task_Edit.minor", True),
        ("log.levels", {}),
    ],
)
def test_one_setting(tmp_path: Path, path: str, value: object) -> None:
    assert loaded(WIKIS, tmp_path).exact(path) == value


def test_a_block_of_settings_and_a_secret(tmp_path: Path) -> None:
    found = loaded(WIKIS, tmp_path)
    assert found.exact("retry") is found.retry
    assert found.exact("wikis.home") is found.wikis["home"]
    assert isinstance(found.exact("accounts.bot.password"), Secret)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("retry.bugdet", r"^retry\.bugdet: there is no 'bugdet' in retry\. Known there: budget, run_budget, "),
        ("retyr.budget", r"there is no 'retyr' in the settings\. Known there: .*, retry, "),
        ("retry.budget.seconds", r"there is no 'seconds' in retry\.budget\. Nothing is\."),
        ("wikis.hmoe.api", r"there is no 'hmoe' in wikis\. Known there: home, en\.wikipedia\."),
        ("accounts.bot.password._text", r"no '_text' in accounts\.bot\.password\. Nothing is\."),
        ("exact", r"there is no 'exact' in the settings"),
    ],
)
def test_what_there_is_none_of_is_refused_with_what_there_is(tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        loaded(WIKIS, tmp_path).exact(path)
    assert "correct-horse" not in str(caught.value)


# Merged.


def test_blocks_are_merged_from_the_general_to_the_special(tmp_path: Path) -> None:
    text = "[pace]\nwrite_interval = 1\nin_flight = 1\n" + WIKIS
    merged = loaded(text, tmp_path).merged("pace", "wikis.home.pace", "wikis.other.pace")
    assert merged == {"write_interval": 2.0, "in_flight": 1}, "None is not set"
    assert loaded(text, tmp_path).merged("wikis.home.pace", "pace")["write_interval"] == 1.0


def test_empty_values_of_the_special_win(tmp_path: Path) -> None:
    text = '[layers.Task]\nsummary = "bot"\nminor = true\n[layers.Task_Edit]\nsummary = ""\nminor = false\n'
    found = loaded(text, tmp_path).merged("layers.Task", "layers.Task_Edit", "layers.API_Task_Edit")
    assert found == {"summary": "", "minor": False}


@pytest.mark.parametrize(
    ("path", "message"), [("retyr", "there is no 'retyr'"), ("retry.budget", "only blocks of them can be merged")]
)
def test_what_can_not_be_merged_is_refused(tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        loaded(WIKIS, tmp_path).merged("pace", path)


# By layer.


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("API_Action_Edit", ["*", "Action", "API_Action", "Action_Edit", "API_Action_Edit"]),
        ("API_Task_Edit", ["*", "Task", "API_Task", "Task_Edit", "API_Task_Edit"]),
        ("Task_Edit", ["*", "Task", "Task_Edit"]),
        ("Query_AllPages", ["*", "Query", "Query_AllPages"]),
        ("WEB_Query_AllPages", ["*", "Query", "WEB_Query", "Query_AllPages", "WEB_Query_AllPages"]),
        ("API_Mainmodule", ["*", "Mainmodule", "API_Mainmodule"]),
        ("Strange", ["*", "Strange"]),
    ],
)
def test_a_layer_looks_from_the_general_to_the_special(label: str, names: list[str]) -> None:
    assert [one.name for one in sections(label)] == names


LAYERS = """
[layers."*"]
a = "all"
b = "all"
c = "all"
d = "all"
e = "all"
strange = 1
[layers.Action]
b = "actions"
c = "actions"
d = "actions"
e = "actions"
[layers.API_Action]
c = "the API's actions"
d = "the API's actions"
e = "the API's actions"
[layers.Action_Edit]
d = "edits"
e = "edits"
own = 2
[layers.API_Action_Edit]
e = "the API's edits"
[layers.API_Action_Move]
e = "another's"
[layers.WEB_Action_Edit]
e = "another's"
"""


def test_the_more_special_section_wins(tmp_path: Path) -> None:
    found = loaded(LAYERS, tmp_path).layer("API_Action_Edit", "abcde")
    assert found == {
        "a": "all",
        "b": "actions",
        "c": "the API's actions",
        "d": "edits",
        "e": "the API's edits",
        "own": 2,
    }


def test_what_a_layer_does_not_know_is_not_taken_from_general_sections(tmp_path: Path) -> None:
    assert loaded(LAYERS, tmp_path).layer("API_Action_Edit", "a") == {
        "a": "all",
        "d": "edits",
        "e": "the API's edits",
        "own": 2,
    }
    assert loaded(LAYERS, tmp_path).layer("API_Mainmodule") == {}


@pytest.mark.parametrize(
    "name", ["Taks_Edit", "Edit", "task_Edit", "API_Module_Edit", "API_Action_*", "API", "API_Querymodule_Info"]
)
def test_a_section_that_no_layer_looks_into_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"no layer looks into this section.*Task_Edit") as caught:
        loaded(f'[layers."{name}"]\nsummary = "x"\n', tmp_path)
    assert str(caught.value).startswith(f"layers.{name}: ")


@pytest.mark.parametrize(
    ("value", "typed"),
    [('"x"', "x"), ("5", 5), ("0.5", 0.5), ("true", True), ("false", False), ('["a", "b"]', ("a", "b")), ("[]", ())],
)
def test_values_of_layers_keep_their_types(tmp_path: Path, value: str, typed: object) -> None:
    found = loaded(f"[layers.API_Action_Edit]\nkey = {value}\n", tmp_path).layers["API_Action_Edit"]["key"]
    assert (found, type(found)) == (typed, type(typed))


@pytest.mark.parametrize("value", ["{ a = 1 }", "1979-05-27", "[1.5]"])
def test_other_values_of_layers_are_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match=r"layers\.API_Action_Edit\.key: .* is not str or "):
        loaded(f"[layers.API_Action_Edit]\nkey = {value}\n", tmp_path)


# What settings give a request.


def given(text: str, kind: type[Request], label: str | None = None) -> dict[str, object]:
    layers = {key: dict(value) for key, value in tomllib.loads(text)["layers"].items()}
    return request_defaults(Settings(layers=layers), label or f"API_Task_{kind.__name__}", kind)


def test_fields_from_the_general_to_the_special() -> None:
    text = """
    [layers."*"]
    redirects = true
    [layers.Task]
    summary = "bot"
    bot = false
    [layers.API_Task]
    minor = true
    [layers.Task_Edit]
    summary = "edit"
    tags = ["a"]
    [layers.API_Task_Edit]
    minor = false
    """
    assert given(text, Edit) == {"summary": "edit", "bot": False, "minor": False, "tags": ("a",)}
    assert given(text, Fetch) == {"redirects": True}
    assert given(text, Purge) == given(text, CallAction) == {}
    assert given(text, Titles, "API_Query_Titles") == {"redirects": True}
    assert given(text, AllPages, "API_Query_AllPages") == {}


@pytest.mark.parametrize("section", ["Task_Edit", "API_Task_Edit"])
@pytest.mark.parametrize("key", ["sumary", "page", "Minor"])
def test_an_unknown_key_of_a_section_for_one_request_is_refused_with_the_fields(section: str, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        given(f"[layers.{section}]\n{key} = 'x'\n", Edit)
    message = str(caught.value)
    assert message.startswith(f"layers.{section}: unknown key {key!r}. Known: append, bot, create, ")
    assert "page" not in message.partition("Known")[2]
    assert (", backends." in message) == (section == "Task_Edit")


def test_a_backends_section_has_no_order_of_backends() -> None:
    with pytest.raises(SettingsError, match=r"layers\.API_Task_Edit: unknown key 'backends'"):
        given("[layers.API_Task_Edit]\nbackends = ['web']\n", Edit)
    assert given("[layers.Task_Edit]\nbackends = ['web']\n[layers.API_Task]\nbackends = ['web']\n", Edit) == {}


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("minor", "'yes'", "bool"),
        ("summary", "5", "str"),
        ("tags", "'a'", "a list"),
        ("tags", "[5]", "str"),
        ("create", "'maybe'", "one of only, never"),
        ("section", "'nwe'", "int or one of new"),
        ("section", "true", "int or one of new"),
    ],
)
def test_a_field_of_a_wrong_type_is_refused(key: str, value: str, wanted: str) -> None:
    with pytest.raises(SettingsError, match=rf"layers\.Task_Edit: {key}: .* is not {wanted}\.$"):
        given(f"[layers.Task_Edit]\n{key} = {value}\n", Edit)


@pytest.mark.parametrize(("value", "typed"), [("3", 3), ("'new'", "new")])
def test_a_field_of_several_types(value: str, typed: object) -> None:
    assert given(f"[layers.Task_Edit]\nsection = {value}\n", Edit) == {"section": typed}


def test_a_field_of_a_query() -> None:
    text = "[layers.Query]\nlimit = 5\n[layers.Query_CategoryMembers]\ntype = ['page', 'file']\n"
    assert given(text, CategoryMembers, "API_Query_CategoryMembers") == {"limit": 5, "type": ("page", "file")}


# Which fields a call gives.


def test_fields_given_with_their_defaults_are_given() -> None:
    assert Edit("A", text="x").named() == {"page", "text"}
    assert Edit("A", text="x", bot=True, summary="").named() == {"page", "text", "bot", "summary"}
    assert Edit(page="A", append="x").named() == {"page", "append"}
    assert Edit("A", text="x").replaced(minor=False).named() == {"page", "text", "minor"}
    assert Edit("A", text="x").replaced(minor=False).replaced(text="y").named() == {"page", "text", "minor"}
    assert Edit.from_fields({"page": "A", "text": "x", "bot": True}).named() == {"page", "text", "bot"}
    assert Edit("A", text="x").settled().named() == set(Edit.field_names())
    assert Titles(["A"]).limited(1).named() == {"titles"}
    assert Titles(["A"]).replaced(redirects=False).limited(1).named() == {"titles", "redirects"}


def test_what_was_given_makes_no_difference_otherwise() -> None:
    plain, said = Edit("A", text="x"), Edit("A", text="x", bot=True)
    assert plain == said == plain.settled()
    assert hash(plain) == hash(said)
    assert repr(plain) == repr(said)
    assert plain.to_fields() == said.to_fields() == plain.settled().to_fields()


# In a core.


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("APIBOT_HOME", str(tmp_path))
    monkeypatch.setattr(Browser, "xfer", None)
    return tmp_path


class Web:
    """A backend that implements Edit and Fetch, and nothing else."""

    name = "web"
    info = None

    def __init__(self, core: Core) -> None:
        self.core = core

    def maker(self, kind: type[Request]) -> object:
        return (lambda kind: Layer(self.core, f"WEB_Task_{kind.__name__}", None)) if kind in {Edit, Fetch} else None

    def close(self) -> None:
        """Nothing is open."""


def backend_of(core: Core, kind: type[Request]) -> str:
    return core.stack(kind)[1].label.partition("_")[0]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("", "API API API"),
        ('backends = ["web", "api"]', "WEB WEB API"),
        ('[layers.Task_Edit]\nbackends = ["web", "api"]', "WEB API API"),
        ('[layers.Task]\nbackends = ["web", "api"]\n[layers.Task_Edit]\nbackends = ["api"]', "API WEB API"),
        (
            'backends = ["web", "api"]\n[layers.Task_Edit]\nbackends = ["api"]\n[layers.Query]\nbackends = ["api"]',
            "API WEB API",
        ),
        ('[layers."*"]\nbackends = ["web", "api"]\n[layers.Task_Fetch]\nbackends = []', "WEB API API"),
    ],
)
def test_the_order_of_backends_by_request(home: Path, text: str, chosen: str) -> None:
    from apibot.composition import connect

    (home / "apibot.toml").write_text(text)
    with connect(API, contact="me@example.org") as core:
        core.add("web", Web)  # type: ignore[arg-type]  # knows nothing of the wiki
        assert [backend_of(core, kind) for kind in (Edit, Fetch, AllPages)] == chosen.split()


def test_an_order_of_backends_that_is_no_list_is_refused(home: Path) -> None:
    found = loaded('[layers.Task_Edit]\nbackends = "web"\n', home)
    with pytest.raises(SettingsError, match="backends of Task_Edit: 'web' is not a list"):
        backend_order(found, "Task_Edit")


def test_wrong_settings_of_a_request_are_said_when_it_is_first_used(home: Path) -> None:
    from apibot.composition import connect

    (home / "apibot.toml").write_text('[layers.Task_Edit]\nsumary = "x"\n')
    with connect(API, contact="me@example.org") as core:
        core.stack(Fetch)
        for _time in range(2):
            with pytest.raises(SettingsError, match="unknown key 'sumary'"):
                core.perform(Edit("A", text="x"))


def test_a_call_wins_over_settings(home: Path) -> None:
    from apibot.composition import connect

    (home / "apibot.toml").write_text('[layers.Task_Edit]\nsummary = "by default"\nbot = false\n')
    with connect(API, contact="me@example.org") as core:
        top = core.stack(Edit)[0]
        assert isinstance(top, TopLayer)
        for edit, summary, bot in (
            (Edit("A", text="x"), "by default", False),
            (Edit("A", text="x", summary="given", bot=True), "given", True),
            (Edit("A", text="x", summary=""), "", False),
            (Edit.from_fields({"page": "A", "text": "x", "bot": True}), "by default", True),
            (Edit("A", text="x").settled(), "", True),
        ):
            filled = top.filled(edit)
            assert (filled.summary, filled.bot) == (summary, bot)


# The documentation.


def blocks(language: str) -> list[str]:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_documented_settings_are_valid(home: Path) -> None:
    whole, layers, order, network = [loaded(text, home) for text in blocks("toml")]
    assert network.browser.redirects == 5
    assert whole.log.levels == {"API_Exchanger": "debug", "API_Action_*": "warning"}
    assert whole.log.json == "bot.jsonl"
    assert request_defaults(whole, "API_Task_Edit", Edit) == {"summary": "bot"}
    assert request_defaults(layers, "API_Task_Edit", Edit) == {
        "summary": "Bot: see [[User:Me/Bot]]",
        "bot": False,
        "minor": True,
    }
    assert layers.layer("API_Action_Edit") == {"recreate": True}
    assert layers.layer("API_Mainmodule") == {"uselang": "de"}
    orders = [backend_order(order, label) for label in ("Query_AllPages", "Task_Fetch", "Task_Edit")]
    assert orders == [("api",), ("api", "web"), ("web", "api")]


def test_the_documented_code_runs(home: Path) -> None:
    [code] = blocks("python")
    core = SimpleNamespace(settings=loaded(WIKIS, home))
    exec(compile(code, "settings.md", "exec"), {"core": core})  # noqa: S102  # our own text
