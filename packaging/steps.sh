# Steps that `run` and `test` share; read by them with `.`, not started by itself. POSIX sh.
# They set `root`, the checkout, before.

temporary=$(mktemp -d)
log=$temporary/log
trap 'rm -rf "$temporary"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '==> %s\n' "$*"; }

fail() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}

# Run a command without its output, unless it fails.
quietly() {
    "$@" >"$log" 2>&1 && return
    status=$?
    tail -n 40 "$log" >&2
    return "$status"
}

# Set `python` to the first Python on PATH that is new enough.
find_python() {
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return
        fi
    done
    fail "Python 3.11 or newer is needed and none was found. On Debian 12: apt-get install python3"
}

# Print the names of a package list.
names_in() { sed 's/#.*//' "$@" | tr -s ' \n' '\n' | sed '/^$/d'; }

# Print those of the named Debian packages that are neither installed nor provided by an installed one.
missing_of() {
    dpkg-query -W -f='${db:Status-Abbrev}|${Package}, ${Provides}\n' |
        sed -n 's/^ii *|//p' | tr ',' '\n' | sed 's/ *(.*//; s/ //g' >"$log"
    for name in "$@"; do
        grep -qxF -e "$name" "$log" || printf '%s\n' "$name"
    done
}

# Install what is missing of the packages in the given lists, and venv for Debian's own Python.
install_packages() {
    wanted=$(names_in "$@")
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        if [ "$(uname -s)" = Linux ]; then
            say "This is not a Debian system. Its own packages must give what these give:" $wanted
        fi
        return 0
    fi
    if ! grep -qs '^VERSION_ID="\?12' /etc/os-release || ! grep -qs '^ID="\?debian' /etc/os-release; then
        say "Only Debian 12 is verified; its package names are tried here (Ubuntu 24.04 and others: unverified)."
    fi
    "$python" -c 'import ensurepip' 2>/dev/null || wanted="$wanted python3-venv"
    missing=$(missing_of $wanted)
    [ -n "$missing" ] || return 0
    missing=$(echo $missing)
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null; then
        as_root=sudo
    else
        fail "These Debian packages are missing: $missing. Neither root nor sudo is at hand to install them." \
            "Run this as root, then start again: apt-get install $missing"
    fi
    say "Installing Debian packages: $missing"
    # An index that cannot be refreshed is no reason to stop: the one at hand may do.
    quietly $as_root apt-get update || say "The package index could not be refreshed; going on with the old one."
    quietly $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $missing ||
        fail "Debian packages could not be installed (see above). Install them by hand, then start again:" \
            "apt-get install $missing"
}

# Started with sudo from somebody's checkout: root was for the packages only, the rest is theirs.
# Starts the script named first anew as that user; else returns.
leave_root() {
    [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] || return 0
    [ "$(stat -c %U "$root")" = "$SUDO_USER" ] || return 0
    script=$1
    shift
    say "Going on as $SUDO_USER."
    runtime=/run/user/$(id -u "$SUDO_USER")
    [ -d "$runtime" ] && set -- XDG_RUNTIME_DIR="$runtime" sh "$script" "$@" || set -- sh "$script" "$@"
    [ -S "$runtime/bus" ] && set -- DBUS_SESSION_BUS_ADDRESS="unix:path=$runtime/bus" "$@"
    rm -rf "$temporary"
    exec sudo -H -u "$SUDO_USER" --preserve-env=DISPLAY,WAYLAND_DISPLAY,XAUTHORITY -- env "$@"
}

# What an environment was made from. Another answer means: make it anew.
description() {
    printf '%s\n' "$root" "$("$python" -VV)"
    cksum <"$1"
}

# make_environment DIRECTORY REQUIREMENTS [-e]: a virtual environment with the pinned packages and the project in it.
# Each of its two marks is written after its step: what was interrupted lacks it and is done anew.
make_environment() {
    venv=$1 requirements=$2 editable=${3:-}
    [ -w "$root" ] || fail "The folder $root cannot be written to by this user. Use a copy of your own."
    "$python" -c 'import ensurepip' 2>/dev/null ||
        fail "This Python ($python) cannot make virtual environments: its module ensurepip is missing." \
            "Install the package that brings it (often named python3-venv), or put another Python first on PATH."
    if [ ! -f "$venv/packages" ] || [ "$(cat "$venv/packages")" != "$(description "$requirements")" ]; then
        say "Making the environment $venv (the first time about 100 MB are loaded)"
        quietly "$python" -m venv --clear "$venv" || fail "The environment could not be made (see above)."
        install_with "$venv" --only-binary :all: --require-hashes -r "$requirements" ||
            fail "The Python packages could not be installed (see above)."
        description "$requirements" >"$venv/packages"
    fi
    if [ ! -f "$venv/project" ] || [ -n "$(changed_since "$venv/project")" ]; then
        say "Installing SwarmUI Tray into it"
        rm -f "$venv/project"
        install_with "$venv" --no-index --no-deps --no-build-isolation --force-reinstall $editable "$root" ||
            fail "SwarmUI Tray could not be installed (see above)."
        # pip compiles what it copies; the first start from a checkout would do it, on the thread that draws the icon.
        [ -z "$editable" ] || quietly "$venv/bin/python" -m compileall -q "$root/tray_app" ||
            fail "The modules in $root/tray_app could not be compiled (see above)."
        touch "$venv/project"
    fi
}

install_with() {
    python_of_venv=$1/bin/python
    shift
    quietly "$python_of_venv" -m pip install --disable-pip-version-check --no-input "$@"
}

# Print a file of the project that is newer than the mark and not yet in what is installed.
changed_since() {
    if [ -n "$editable" ]; then
        find "$root/pyproject.toml" -newer "$1"
    else
        find "$root/pyproject.toml" "$root/tray_app" "$root/resources" -type f ! -name '*.pyc' -newer "$1" | head -n 1
    fi
}
