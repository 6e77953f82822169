"""The command line as a tree of plain values, read off the parser: what completions and the manual are made from."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its spellings, what it does, what it takes: nothing (`metavar` None), one of `choices`, a file."""

    names: tuple[str, ...]
    text: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    common: bool = False

    @property
    def takes_file(self) -> bool:
        """Whether its value is a file or a folder."""
        return self.metavar in {"FILE", "DIR"}

    @property
    def takes_server(self) -> bool:
        """Whether its value is the name of a server in the settings."""
        return "--server" in self.names


@dataclass(frozen=True, slots=True)
class Argument:
    """One positional argument."""

    metavar: str
    text: str
    choices: tuple[str, ...] = ()

    @property
    def takes_file(self) -> bool:
        """Whether it is a file."""
        return self.metavar == "FILE"

    @property
    def takes_server(self) -> bool:
        """Whether it is the name of a server in the settings."""
        return self.metavar == "SERVER"


@dataclass(frozen=True, slots=True)
class Command:
    """A verb, or an action of one; `path` is as in ("config", "set"), empty for the program itself."""

    path: tuple[str, ...]
    text: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    commands: tuple["Command", ...]

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """The plain words that can follow, with what they mean: commands, or the choices of an argument."""
        below = [(each.path[-1], each.text) for each in self.commands]
        return (*below, *((word, each.text) for each in self.arguments for word in each.choices))

    def all(self) -> Iterator["Command"]:
        """This one and all below it."""
        yield self
        for each in self.commands:
            yield from each.all()


def grammar(parser: argparse.ArgumentParser, path: tuple[str, ...] = (), text: str = "") -> Command:
    """What the parser understands."""
    options, arguments, commands = [], [], []
    # argparse has no public way to look at what it holds.
    groups = [each for each in parser._action_groups if each.title == "global options"]  # noqa: SLF001
    shared = [action for group in groups for action in group._group_actions]  # noqa: SLF001
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            texts = {each.dest: each.help or "" for each in action._choices_actions}  # noqa: SLF001
            commands = [grammar(each, (*path, name), texts[name]) for name, each in action.choices.items()]
        elif action.option_strings:
            options.append(_option(action, common=action in shared))
        else:
            name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
            arguments.append(Argument(name, _help(action), tuple(map(str, action.choices or ()))))
    return Command(path, text or parser.description or "", tuple(options), tuple(arguments), tuple(commands))


def _option(action: argparse.Action, *, common: bool) -> Option:
    choices = tuple(map(str, action.choices or ()))
    metavar = None
    if action.nargs != 0:
        metavar = action.metavar if isinstance(action.metavar, str) else "|".join(choices) or action.dest.upper()
    return Option(tuple(action.option_strings), _help(action), metavar, choices, common)


def _help(action: argparse.Action) -> str:
    return (action.help or "") % {"default": action.default}
