"""The name that a node has when nobody gave it one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.bootstrap.node_name import default_node_name, node_name
from hero_onboarding.bootstrap.reading import read_node_name

ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("kili", "kili"),
        ("Kili.Example.org", "kili"),
        ("my_host 1", "my-host-1"),
        ("--x", "x"),
        ("zo\u00eb", "zo-"),
        ("", "node"),
        (".local", "node"),
        ("-", "node"),
        ("h" * 200, "h" * 56),
    ],
)
def test_a_name_is_the_hosts_first_label_and_a_hash(host: str, label: str) -> None:
    assert node_name(host, ID) == f"{label}-3eb1bd"


def test_two_machines_of_one_host_name_have_two_names() -> None:
    assert node_name("kili", ID) != node_name("kili", ID[::-1])


def test_this_machine_keeps_its_name() -> None:
    assert default_node_name() == default_node_name() == read_node_name(default_node_name())


@given(st.text(), st.text())
def test_every_host_gives_a_name_that_a_node_may_have(host: str, machine_id: str) -> None:
    name = node_name(host, machine_id)

    assert read_node_name(name) == name
