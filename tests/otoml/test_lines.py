import tomllib

from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.otoml import decode_file
from tests.otoml.records import table

DECOYS = [
    "# [[records]]\n",
    "a = '''\n[[records]]\n'''\n",
    'a = """\n[[records]]\n"""\n',
    'a = """\n\\"""\n[[records]]\n"""\n',
    'a = """""\n[[records]]\n"""""\n',
    "a = '''''\n[[records]]\n'''''\n",
    'a = [\n[["records"]]\n]\n',
    'a = [\n[["records"]], # ]\n[["records"]]\n]\n',
    'a = "[[records]]"\n',
    "a = '\"'\n",
    'a = "\'#"\n',
    'a = "\\\\"\n',
    'a = "\\""\n',
    'a = ""\n',
    'a = """"""\n',
    "a = ''''''\n",
    '"[[records]]" = 1\n',
    "'#' = 1\n",
    "[records.a]\nb = 1\n",
    "[[records.records]]\n",
    "[[records.a]]\n[[records.a]]\n",
    '[["records".a]]\n',
]
HEADERS = [
    "[[records]]",
    "  [[records]]",
    "\t[[ records\t]] # x",
    '[["records"]]',
    "[['records']]",
    '[["rec\\u006frds"]]',
]


@given(st.lists(st.tuples(st.sampled_from(HEADERS), st.sampled_from(DECOYS)), min_size=1))
def test_the_line_of_a_record_is_that_of_its_header(parts: list[tuple[str, str]]) -> None:
    texts = [f"{header}\nmark = {place}\n{decoy}" for place, (header, decoy) in enumerate(parts)]
    text = "".join(texts)
    assert len(tomllib.loads(text)["records"]) == len(parts)

    decoded = decode_file(text.encode())

    starts = ["".join(texts[:place]).count("\n") + 1 for place in range(len(texts))]
    assert [refused.line for refused in decoded.refused] == starts


def test_lines_are_counted_with_windows_line_ends_and_the_foreign_first_line() -> None:
    text = "O:\r\n" + f"{table('k1')}\n{table('k2')}\n{table('k3', zone='[]')}".replace(
        "\n", "\r\n"
    )

    decoded = decode_file(text.encode())

    assert [decoded.line_of(0), decoded.line_of(1), decoded.refused[0].line] == [2, 10, 18]


def test_an_inline_table_has_no_line_but_an_index() -> None:
    decoded = decode_file(b"records = [\n{},\n{a = 1}\n]\n")

    assert [(refused.line, refused.index) for refused in decoded.refused] == [(0, 0), (0, 1)]
