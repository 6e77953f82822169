"""`completion`: what bash, zsh and fish need to complete the command line, made from the same source as --help."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tray_app.cli.arguments import build_parser
from tray_app.cli.exit_codes import ExitCode
from tray_app.cli.grammar import Command, Option, grammar

if TYPE_CHECKING:
    from tray_app.cli.context import Context

PROGRAM = "swarmui-tray"

NAMES = f"{PROGRAM} --quiet {{}} servers list --names 2>/dev/null"
"""Prints the names of the servers in the settings; the braces take what says which settings."""


def completion(context: "Context") -> int:
    """Print the script for a shell."""
    shells: dict[str, Callable[[Command], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
    for line in shells[context.options.args.shell](grammar(build_parser())).splitlines():
        context.output.stdout.write(line + "\n")
    return ExitCode.DONE


def bash(program: Command) -> str:
    """The script for bash; it needs nothing of bash-completion."""
    cases = [
        f"""        {_pattern(each)})
            options="{" ".join(_spellings(each.options))}"
            words="{" ".join(word for word, _ in each.words)}"
            files={_flag(any(argument.takes_file for argument in each.arguments))}
            servers={_flag(any(argument.takes_server for argument in each.arguments))} ;;"""
        for each in program.all()
    ]
    return f"""# bash completion for {PROGRAM}: eval "$({PROGRAM} completion bash)"
_swarmui_tray_servers() {{
    local name
    while IFS= read -r name; do
        if [[ $name == "$current"* ]]; then COMPREPLY+=("$name"); fi
    done < <({NAMES.format('"${settings[@]}"')})
}}
_swarmui_tray() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" path="" value="" word options words files servers i
    local -a settings=()
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${{COMP_WORDS[i]}}"
        if [[ -n $value ]]; then
            [[ $value == --config || $value == --profile ]] && settings+=("$value" "$word")
            value=""
            continue
        fi
        case "$word" in
            {"|".join(_spellings(_taking(program)))}) value="$word" ;;
            -*) ;;
            *)
                case "$path $word" in
                    {"|".join(_pattern(each) for each in program.all() if each.path)}) path="$path $word" ;;
                esac ;;
        esac
    done
    case "$value" in
        "") ;;
{_bash_values(program)}
        *) return ;;
    esac
    case "$path" in
{chr(10).join(cases)}
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; ((files)) && compgen -f -- "$current")
        if ((servers)); then _swarmui_tray_servers; fi
    fi
}}
complete -o filenames -F _swarmui_tray {PROGRAM}
"""


def _bash_values(program: Command) -> str:
    lines = []
    for each in _taking(program):
        if each.choices:
            found = f'-W "{" ".join(each.choices)}"'
        elif each.takes_file:
            found = "-f"
        elif each.takes_server:
            lines.append(f"        {'|'.join(each.names)}) _swarmui_tray_servers; return ;;")
            continue
        else:
            continue
        fill = f'mapfile -t COMPREPLY < <(compgen {found} -- "$current")'
        lines.append(f"        {'|'.join(each.names)}) {fill}; return ;;")
    return "\n".join(lines)


def zsh(program: Command) -> str:
    """The script for zsh, as a file `_swarmui-tray` in a folder of fpath, or read with eval after compinit."""
    cases = [
        f"""        ({_pattern(each)})
            options=({" ".join(_zsh_entry(name, option.text) for option in each.options for name in option.names)})
            verbs=({" ".join(_zsh_entry(word, text) for word, text in each.words)})
            files={_flag(any(argument.takes_file for argument in each.arguments))}
            servers={_flag(any(argument.takes_server for argument in each.arguments))} ;;"""
        for each in program.all()
    ]
    return f"""#compdef {PROGRAM}
# zsh completion for {PROGRAM}: {PROGRAM} completion zsh > ~/.zfunc/_{PROGRAM}
_swarmui_tray_servers() {{
    local -a names
    names=("${{(@f)$({NAMES.format("$settings")})}}")
    [[ -n $names[1] ]] && compadd -- $names
}}
_swarmui_tray() {{
    local route="" value="" word files=0 servers=0
    local -a options verbs settings
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        if [[ -n $value ]]; then
            [[ $value == --config || $value == --profile ]] && settings+=("$value" "$word")
            value=""
            continue
        fi
        case "$word" in
            ({"|".join(_spellings(_taking(program)))}) value="$word" ;;
            (-*) ;;
            (*)
                case "$route $word" in
                    ({"|".join(_pattern(each) for each in program.all() if each.path)}) route="$route $word" ;;
                esac ;;
        esac
    done
    case "$value" in
        ("") ;;
{_zsh_values(program)}
        (*) return ;;
    esac
    case "$route" in
{chr(10).join(cases)}
    esac
    if [[ $PREFIX == -* ]]; then
        _describe -o option options
        return
    fi
    (( $#verbs )) && _describe command verbs
    (( files )) && _files
    (( servers )) && _swarmui_tray_servers
}}
if [[ "$funcstack[1]" = "_{PROGRAM}" ]]; then
    _swarmui_tray "$@"
else
    compdef _swarmui_tray {PROGRAM}
fi
"""


def _zsh_values(program: Command) -> str:
    lines = []
    for each in _taking(program):
        if each.choices:
            lines.append(f"        ({'|'.join(each.names)}) compadd -- {' '.join(each.choices)}; return ;;")
        elif each.takes_file:
            lines.append(f"        ({'|'.join(each.names)}) _files; return ;;")
        elif each.takes_server:
            lines.append(f"        ({'|'.join(each.names)}) _swarmui_tray_servers; return ;;")
    return "\n".join(lines)


def fish(program: Command) -> str:
    """The script for fish."""
    lines = [
        f"# fish completion for {PROGRAM}: {PROGRAM} completion fish | source",
        "function __swarmui_tray_path",
        "    set -l path ''",
        "    set -l value ''",
        "    for word in (commandline -opc)[2..-1]",
        '        if test -n "$value"',
        "            set value ''",
        "            continue",
        "        end",
        "        switch $word",
        f"            case {' '.join(_spellings(_taking(program)))}",
        "                set value $word",
        "            case '-*'",
        "            case '*'",
        '                switch "$path $word"',
        f"                    case {' '.join(_pattern(each) for each in program.all() if each.path)}",
        '                        set path "$path $word"',
        "                end",
        "        end",
        "    end",
        "    echo -- $path",
        "end",
        "function __swarmui_tray_servers",
        "    set -l settings",
        "    set -l value ''",
        "    for word in (commandline -opc)",
        "        if contains -- $value --config --profile",
        "            set -a settings $value $word",
        "        end",
        "        set value $word",
        "    end",
        f"    {NAMES.format('$settings')}",
        "end",
        f"complete -c {PROGRAM} -f",
    ]
    for each in program.all():
        at = f"complete -c {PROGRAM} -n 'test (__swarmui_tray_path) = \"{_where(each)}\"'"
        lines += [f"{at} -a {word} -d {_quoted(text)}" for word, text in each.words]
        if any(argument.takes_file for argument in each.arguments):
            lines.append(f"{at} -F")
        if any(argument.takes_server for argument in each.arguments):
            lines.append(f"{at} -a '(__swarmui_tray_servers)'")
        lines += [f"{at} {_fish_option(option)} -d {_quoted(option.text)}" for option in each.options]
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    words = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    if option.metavar is not None:
        words.append("-r -F" if option.takes_file else "-x")
    if option.takes_server:
        words.append("-a '(__swarmui_tray_servers)'")
    if option.choices:
        words.append(f"-a {_quoted(' '.join(option.choices))}")
    return " ".join(words)


def _zsh_entry(name: str, text: str) -> str:
    return _quoted(f"{name}:" + text.replace(":", "\\:"))


def _taking(program: Command) -> list[Option]:
    """All options that take a value, each once."""
    found = {option.names: option for each in program.all() for option in each.options if option.metavar is not None}
    return list(found.values())


def _spellings(options: Iterable[Option]) -> list[str]:
    return list(dict.fromkeys(name for each in options for name in each.names))


def _where(command: Command) -> str:
    """The path as the walk builds it: each word with a space before it."""
    return "".join(f" {word}" for word in command.path)


def _pattern(command: Command) -> str:
    return f'"{_where(command)}"'


def _quoted(text: str) -> str:
    """In single quotes, as all three shells take it."""
    return "'" + text.replace("'", "'\\''") + "'"


def _flag(value: object) -> int:
    return int(bool(value))
