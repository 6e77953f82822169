"""The tables of docs/roles.md are what the tray shows and can do for each role today."""

from tests import roles
from tray_app.core.checkup import ABILITIES


def test_the_tables_of_the_roles_are_up_to_date() -> None:
    assert roles.tables() == roles.written(), "run `python -m tests.roles --write` and look at what has changed"


def test_each_ability_has_a_column() -> None:
    assert len(roles.SHORT) == len(ABILITIES)
