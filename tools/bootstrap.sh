# What ./check and ./demo need; sourced by both, in the project's folder.
# shellcheck shell=bash
#
# Everything here can be interrupted at any time and is then taken up again: the stamp of an installation is written
# last, half-configured packages are completed, and a policy file left behind is taken away.

PACKAGES=(mediawiki php-cli php-sqlite3 php-intl php-mbstring php-xml php-apcu php-curl php-gd)
POLICY=/usr/sbin/policy-rc.d
MARK="apibot: no service starts while packages are installed"

TEMP=$(mktemp -d)
CHILD=0  # the process group of the running step

cleanup() {
    trap '' INT TERM HUP
    rm -rf "$TEMP"
    if grep -qs "$MARK" "$POLICY"; then as_root rm -f "$POLICY"; fi
}

group() {  # $1: a signal for all processes of the running step
    if ((${ROOT_STEP:-0})); then as_root sh -c "kill -s $1 -- -$CHILD"; else kill -s "$1" -- "-$CHILD"; fi 2>/dev/null
}

stopped() {  # $1: number of the signal; lets the running step clean up and end, then us; asked again, at once
    set +e
    if ((CHILD)); then
        trap 'group KILL' INT TERM HUP
        group INT
        while group 0; do
            wait "$CHILD" 2>/dev/null
            sleep 0.1
        done
    fi
    printf '\nInterrupted.\n' >&2
    exit $((128 + $1))
}

trap cleanup EXIT
trap 'stopped 2' INT
trap 'stopped 15' TERM
trap 'stopped 1' HUP

fail() {  # one line for the reader, then the end
    printf '%s\n' "$1" >&2
    exit 1
}

seconds() {  # $1, $2: two values of EPOCHREALTIME; prints the time between them
    local tenths=$(((${2/[.,]/} - ${1/[.,]/} + 50000) / 100000))
    printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

quiet() {  # runs a command in a process group of its own, its output in $TEMP/log
    local status=0
    set -m
    "$@" </dev/null >"$TEMP/log" 2>&1 9<&- &
    CHILD=$!
    set +m
    wait "$CHILD" || status=$?
    CHILD=0
    return "$status"
}

step() {  # $1: what is done, rest: the command; one line, and the command's output if it failed
    local name=$1 start=$EPOCHREALTIME status=0
    shift
    printf '  %-24s ' "$name"
    quiet "$@" || status=$?
    if ((status)); then
        printf 'failed after %s\n' "$(seconds "$start" "$EPOCHREALTIME")"
        sed 's/^/    /' "$TEMP/log"
    else
        seconds "$start" "$EPOCHREALTIME"
        printf '\n'
    fi
    return "$status"
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

may_install() {
    [[ $(command -v apt-get) ]] && as_root true 2>/dev/null
}

apt_install() {  # Debian packages; the lists are fetched anew only if they do not do
    local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300)
    as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a  # after an interrupted run
    "${apt[@]}" install --no-install-recommends "$@" ||
        { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"; }
}

installed() {  # $1: a Debian package
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

install_packages() {  # Debian packages, without letting a web server that comes along run, now or after a restart
    local had_apache=1
    installed apache2 || had_apache=0
    if [[ ! -e $POLICY ]]; then
        printf '#!/bin/sh\n# %s\nexit 101\n' "$MARK" >"$TEMP/policy"
        as_root install -m 755 "$TEMP/policy" "$POLICY"
    fi
    apt_install "$@" || return 1
    if ((!had_apache)) && installed apache2; then
        as_root update-rc.d apache2 disable
        as_root invoke-rc.d --force apache2 stop || true  # a policy file that was there may have let it start
    fi
    if grep -qs "$MARK" "$POLICY"; then as_root rm -f "$POLICY"; fi
}

find_python() {  # prints a Python that can make the virtual environment
    local python
    for python in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$python"
            return
        fi
    done
    return 1
}

make_venv() {  # .venv, complete or made anew
    .venv/bin/python -m pip --version >/dev/null 2>&1 && return
    if ! find_python >/dev/null && may_install; then
        ROOT_STEP=1 step "install python3-venv" apt_install python3-venv || exit 1
    fi
    local python
    python=$(find_python) || fail "Python 3.11 or newer with venv is missing. Install it, on Debian: apt-get install python3-venv"
    step "make .venv" "$python" -m venv --clear .venv || exit 1
}

install_project() {  # $1: the extra wanted; dev holds all
    local want extra
    want=$({ cat pyproject.toml; pwd; } | sha256sum)
    if .venv/bin/python -c '' 2>/dev/null; then
        for extra in dev "$1"; do
            [[ $(cat ".venv/installed-$extra" 2>/dev/null) == "$want" ]] && return
        done
    fi
    make_venv
    rm -f .venv/installed-*
    step "install apibot[$1]" .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$1]" || exit 1
    printf '%s\n' "$want" >".venv/installed-$1"
}

install_wiki() {
    local package missing=()
    for package in "${PACKAGES[@]}"; do
        installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    may_install || fail "Packages are missing. Run as root: apt-get install --no-install-recommends ${missing[*]}"
    ROOT_STEP=1 step "install ${#missing[@]} Debian packages" install_packages "${missing[@]}" || exit 1
}

bootstrap() {  # $1: the extra wanted; one at a time
    if [[ $(command -v flock) ]]; then
        exec 9<.
        flock -n 9 || { printf 'Waiting for another ./check or ./demo to set up.\n' && flock 9; }
    fi
    if grep -qs "$MARK" "$POLICY"; then as_root rm -f "$POLICY"; fi  # left by a run that was killed
    install_project "$1"
    install_wiki
    exec 9<&-
}
