"""Templates of own profiles can neither reach anything nor run without end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from botlab.errors import BotlabError
from botlab.render import template_limits
from botlab.render.template_weights import weight_of
from botlab.render.templates import limited_template
from botlab.site.load import Layer, load_site

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/modern/site.yaml"
SITE = load_site([Layer(EXAMPLE.read_text(encoding="utf-8"))]).site
VALUES: Mapping[str, Any] = MappingProxyType(
    {"site": SITE, "numbers": list(range(2000)), "words": {"a": "b"}, "function": len}
)


def rendered(directory: Path, text: str) -> str:
    """Return the text of a template."""
    file = directory / "bundle.yaml.j2"
    file.write_text(text, encoding="utf-8")
    return limited_template(file).render(VALUES)


def refusal(directory: Path, text: str) -> str:
    """Return the message of the error of a template, without the name of its file."""
    with pytest.raises(BotlabError) as caught:
        rendered(directory, text)
    return str(caught.value).removeprefix(f"{directory}/bundle.yaml.j2")


def largest_of(entries: list[str]) -> int:
    """Return the number of characters that a template may write for a list."""
    return template_limits.largest_text({"entries": entries})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ site.site }} {{ site.networks.of_pods[0] }}", "modern 10.1.0.0/16"),
        ('{{ "a:b".split(":")[1] }}{{ " x ".strip().upper() }}', "bX"),
        ("{% for key, word in words.items() %}{{ key ~ word ~ 1 }}{% endfor %}", "ab1"),
        ("{{ words.get('a') | q }} {{ [1, 'x'] | yaml }}", '"b" [1, "x"]'),
        ("{{ numbers[2] - 1 + 5 }}{{ numbers | length }}", "62000"),
        ("{{ [2, 1] | sort | join(',') }}{{ none | default('x', true) }}", "1,2x"),
        ("{% for n in numbers if n < 3 %}{{ loop.index0 }}{% endfor %}", "012"),
        ("{% macro m(x) %}<{{ caller() }}{{ x }}>{% endmacro %}"
         "{% call m(1) %}y{% endcall %}", "<y1>"),
        ('{% import "common/macros.j2" as m with context %}{{ m is defined }}', "True"),
        ("{{ site.juju if site.gpu.stack.value == 'charm' else '' }}", "3.6"),
    ],
)  # fmt: skip
def test_language_reads_values(tmp_path: Path, text: str, expected: str) -> None:
    """The values of the site, the methods that change nothing, macros and filters."""
    assert rendered(tmp_path, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ words.__class__.__mro__ }}",
        "{{ site.parse_file('/etc/passwd') }}",
        "{{ site.parse_raw('x', proto='pickle', allow_pickle=true) }}",
        "{{ site.model_copy() }}",
        "{{ site.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(site) }}",
        "{{ numbers.append(1) }}",
        "{{ words.clear() }}",
        "{{ site.networks.pods.hosts() }}",
        "{{ self._TemplateReference__context }}",
        "{{ function.__self__ }}",
        "{% for n in numbers %}{{ loop.cycle(1) }}{% endfor %}",
    ],
)
def test_attribute_that_could_do_something_is_unsafe(tmp_path: Path, text: str) -> None:
    """The models of a site have methods that read files and load pickles."""
    assert refusal(tmp_path, text).startswith(":1: access to attribute ")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{% include 'x' %}", "Include"),
        ("{% extends 'x' %}", "Extends"),
        ("{% block x %}{% endblock %}", "Block"),
        ("{% set x %}x{% endset %}", "AssignBlock"),
        ("{% filter upper %}x{% endfilter %}", "FilterBlock"),
        ("{{ 'x' * 9 }}", "Mul"),
        ("{{ 2 ** 9 }}", "Pow"),
        ("{{ '%9d' % 1 }}", "Mod"),
        ("{% with x = 1 %}{% endwith %}", "With"),
    ],
)
def test_statement_or_operator_of_the_rest_of_jinja_is_refused(
    tmp_path: Path, text: str, part: str
) -> None:
    assert refusal(tmp_path, "\n" + text) == f":2: templates of profiles have no {part}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ range(9) }}", ":1: 'range' is undefined"),
        ("{% set x = namespace() %}", ":1: 'namespace' is undefined"),
        ("{{ lipsum() }}", ":1: 'lipsum' is undefined"),
        ("{{ missing }}", ":1: 'missing' is undefined"),
        ("{{ 'a' + 'b' }}", ":1: `+` is for numbers; join texts with `~`"),
        ("{% for n in numbers recursive %}{% endfor %}", ":1: a loop must not be recursive"),
        ("{% if %}", ":1: Expected an expression, got 'end of statement block'"),
        (
            "{{ 1 | center }}",
            ":1: there is no filter center; the filters are default, join, length, list, lower, q,"
            " sort, string, upper, yaml",
        ),
        (
            "{% import '../../etc/passwd.j2' as x %}",
            ":1: there is no template ../../etc/passwd.j2 beside the template of the profile",
        ),
        (
            "{% import 'common/../../../pyproject.j2' as x %}",
            ":1: there is no template common/../../../pyproject.j2 beside the template of the"
            " profile",
        ),
        ("{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}", ": the template is nested too deeply"),
        (
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            ":1: the template is nested too deeply",
        ),
    ],
)
def test_fault_names_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == message


def test_neighbour_can_be_imported(tmp_path: Path) -> None:
    """It has the same language."""
    (tmp_path / "parts.j2").write_text("{% macro m() %}x{% endmacro %}", encoding="utf-8")
    assert rendered(tmp_path, "{% import 'parts.j2' as p %}{{ p.m() }}") == "x"

    (tmp_path / "parts.j2").write_text("\n{% include 'x' %}", encoding="utf-8")
    with pytest.raises(BotlabError, match=r"parts\.j2:2: templates of profiles have no Include"):
        rendered(tmp_path, "{% import 'parts.j2' as p %}")


def test_fault_in_a_macro_of_this_project_is_reported_at_its_call(tmp_path: Path) -> None:
    text = '{% import "common/macros.j2" as m with context %}\n\n{{ m.relation(mistyped, "a:b") }}'
    assert refusal(tmp_path, text) == ":3: 'mistyped' is undefined"


def test_file_outside_of_the_directory_cannot_be_imported(tmp_path: Path) -> None:
    """Even if it is a template."""
    (tmp_path / "secret.j2").write_text("x", encoding="utf-8")
    home = tmp_path / "profile"
    home.mkdir()

    for name in ("../secret.j2", f"{tmp_path}/secret.j2", "./../secret.j2"):
        message = refusal(home, f"{{% import '{name}' as x %}}")
        assert message == f":1: there is no template {name} beside the template of the profile"


def test_link_out_of_the_directory_cannot_be_imported(tmp_path: Path) -> None:
    """A file that is not a template would be shown, too."""
    (tmp_path / "secret").write_text("hidden", encoding="utf-8")
    home = tmp_path / "profile"
    home.mkdir()
    (home / "s.j2").symlink_to("../secret")

    with pytest.raises(BotlabError, match=r"s\.j2: is a link that leads out of the directory"):
        rendered(home, "{% import 's.j2' as s %}{{ s }}")


def doubled(first: str, again: str, use: str) -> str:
    """Return a template that puts a collection into itself again and again."""
    return f"{{% set a = {first} %}}" + f"{{% set a = {again} %}}" * 40 + use


@pytest.mark.parametrize(
    "text",
    [
        doubled("[1]", "[a, a]", "{{ a }}"),
        doubled("[1]", "[a, a]", "{{ a | string }}"),
        doubled("[1]", "[a, a]", "{{ a == [a] }}"),
        doubled("(1,)", "(a, a)", "{{ {a: 1} }}"),
        doubled("{'x': 1}", "{'a': a, 'b': a}", "{{ a | yaml }}"),
        doubled("{'x': 1}", "{'a': a.items(), 'b': a.values()}", "{{ a }}"),
        doubled("['" + "x" * 10_000 + "']", "[a, a]", "{{ a }}"),
        doubled("[site]", "[a | list, a | list]", "{{ a }}"),
    ],
)
def test_collections_in_collections_are_limited(tmp_path: Path, text: str) -> None:
    """They take no memory, but their text, their hash and a comparison would take years."""
    assert refusal(tmp_path, text) == ":1: a list or mapping has more than 1000000 entries in all"


def test_collections_are_written_as_those_of_python(tmp_path: Path) -> None:
    text = "{{ {'a': [1, (2, 'x')]} | yaml }} {{ [1, {'a': (2,)}] }} {{ (1, 2) == (1, 2) }}"
    assert rendered(tmp_path, text) == '{"a": [1, [2, "x"]]} [1, {\'a\': (2,)}] True'


@pytest.mark.parametrize("name", ["varargs", "kwargs"])
def test_macros_have_no_collections_of_their_own(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, f"{{% macro m(x) %}}{{{{ {name} }}}}{{% endmacro %}}")
    assert message == f":1: templates of profiles have no {name}"


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in numbers %}{% for b in numbers %}{% endfor %}{% endfor %}",
        "{{ (numbers | list | length) - (site.networks.pods | list | length) }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}"
        "{% for n in numbers %}{{ m(m(m(m(m(m(n)))))) }}{% endfor %}",
        "{% for a in site.networks.pods | sort %}{% endfor %}",
        "{{ site.networks.pods | join }}",
    ],
)
def test_steps_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Loops, calls, and the filters that read whole sequences."""
    monkeypatch.setattr(template_limits, "MOST_STEPS", 10_000)

    assert refusal(tmp_path, text) == ":1: the template takes more than 10000 steps"


@pytest.mark.parametrize(
    "text",
    [
        "{% macro d(x) %}{{ x }}{{ x }}{% endmacro %}{{ " + "d(" * 20 + "'ab'" + ")" * 20 + " }}",
        "{% set a = 'ab' %}" + "{% set a = a ~ a %}" * 20,
        "{{ numbers | join('-----------') }}",
        "{% set a = numbers | join('-----------') %}",
        "{% for n in numbers %}0123456789{% endfor %}",
    ],
)
def test_texts_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Doubling of a text, and text that is added up."""
    monkeypatch.setattr(template_limits, "LARGEST_TEXT", 10_000)

    message = "the template makes more than 10000 characters of text, the most for this site"
    assert refusal(tmp_path, text).endswith(f": {message}")


def test_text_may_be_as_long_as_the_largest_template_and_grow_with_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle that is much larger than its site would take minutes to check."""
    monkeypatch.setattr(template_limits, "LARGEST_TEMPLATE", 1000)
    numbers = VALUES["numbers"]
    least, most = 1000, 1000 + 300 * (len(numbers) + weight_of(SITE))
    assert len(rendered(tmp_path, "x" * least)) == least
    assert least < template_limits.largest_text(VALUES) < most
    assert largest_of(["x"]) < largest_of(["x"] * 1000) < largest_of(["x" * 1000] * 1000)


@pytest.mark.parametrize(
    "text",
    [
        "{% for n in numbers %}{% endfor %}",
        "{% macro m() %}{% endmacro %}{{ m() }}",
        "{{ site.site | upper }}",
        "{{ numbers | yaml }}",
        "{% set a = site.site ~ 'y' %}",
    ],
)
def test_time_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A step that handles a large text takes long."""
    monkeypatch.setattr(template_limits, "MOST_SECONDS", -1.0)

    assert refusal(tmp_path, text) == ":1: the template takes more than -1 seconds"


def test_each_use_of_a_filter_is_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_limits, "MOST_STEPS", 10)

    assert rendered(tmp_path, "{{ 'x' | upper }}" * 10) == "X" * 10
    message = refusal(tmp_path, "{{ 'x' | upper }}" * 11)
    assert message == ":1: the template takes more than 10 steps"


def test_large_template_is_not_read(tmp_path: Path) -> None:
    assert "was not read" in refusal(tmp_path, "x" * (template_limits.LARGEST_TEMPLATE + 1))


def test_all_faults_of_a_template_are_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bundle.yaml.j2"
    file.write_text("{% include 'x' %}\n{{ 'x' * 2 }}\n{{ 1 | xml }}\n", encoding="utf-8")

    faults = limited_template(file).faults()
    assert [(fault.line, fault.problem.split(";")[0]) for fault in faults] == [
        (1, "templates of profiles have no Include"),
        (2, "templates of profiles have no Mul"),
        (3, "there is no filter xml"),
    ]


def test_text_that_is_not_a_template_is_one_fault_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bundle.yaml.j2"
    file.write_text("\n{% if %}", encoding="utf-8")

    (fault,) = limited_template(file).faults()
    assert (fault.line, fault.problem) == (
        2,
        "Expected an expression, got 'end of statement block'",
    )
