# shellcheck shell=bash
# Knows how to get packages of any Debian suite and architecture from the machine's own mirror, through a private apt state:
# the machine's sources, architectures and package database are not touched, root is not needed, signatures are verified.
# SPDX-License-Identifier: GPL-2.0-or-later

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# debian_mirror: prints the URI of the Debian main archive in the machine's apt configuration.
debian_mirror() {
    local codename uri
    # shellcheck disable=SC2016 # apt expands these
    uri=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian|Debian|main|//p' | head -n 1)
    if [ -z "$uri" ]; then
        # never updated: nobody says yet whose archive it is; a wrong guess fails at the signature
        codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
        # shellcheck disable=SC2016
        uri=$(apt-get --no-release-info indextargets --format '$(RELEASE)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
            sed -n "s/^$codename|main|//p" | grep -E '/debian/*$' | head -n 1) || true
    fi
    [ -n "$uri" ] || { echo "apt has no source for the Debian main archive" >&2; return 1; }
    echo "$uri"
}

# apt_open ARCH SUITE: sets APT_CONFIG to a private state for them (index fetched at most once in four hours).
apt_open() {
    local deb=${DEB_ARCH[$1]} suite=$2 base=${2%-backports} mirror option value
    APT_STATE=$CACHE/apt/$suite-$deb
    [ -f "$KEYRING" ] || { echo "no $KEYRING: install debian-archive-keyring" >&2; return 1; }
    mirror=$(debian_mirror)
    mkdir -p "$APT_STATE"/{etc/apt.conf.d,etc/preferences.d,etc/sources.list.d,etc/auth.conf.d,state/lists/partial,cache/archives/partial}
    exec {APT_LOCK}> "$APT_STATE/lock"
    flock "$APT_LOCK"
    : > "$APT_STATE/status"
    {   echo "deb [signed-by=$KEYRING] $mirror $base main"
        [ "$suite" = "$base" ] || echo "deb [signed-by=$KEYRING] $mirror $suite main"
    } > "$APT_STATE/etc/sources.list"
    {   cat <<-CONF
	Dir::Etc "$APT_STATE/etc";
	Dir::State "$APT_STATE/state";
	Dir::State::status "$APT_STATE/status";
	Dir::Cache "$APT_STATE/cache";
	APT::Architecture "$deb";
	APT::Architectures { "$deb"; };
	APT::Default-Release "$suite";
	APT::Install-Recommends "false";
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	Acquire::Retries "3";
	CONF
        for option in Acquire::http::Proxy Acquire::https::Proxy Acquire::http::Proxy-Auto-Detect; do
            value=; eval "$(apt-config shell value "$option")"
            [ -z "$value" ] || echo "$option \"$value\";"
        done
    } > "$APT_STATE/apt.conf"
    export APT_CONFIG=$APT_STATE/apt.conf
    [ -n "$(find "$APT_STATE/updated" -mmin -240 2>/dev/null)" ] && return
    apt-get -q update
    touch "$APT_STATE/updated"
}

# apt_fetch ARGUMENT...: apt-get; should the mirror have moved on since the index was fetched, once more with a new one.
apt_fetch() { apt-get -q -y "$@" || { apt-get -q update && apt-get -q -y "$@"; }; }

apt_close() { exec {APT_LOCK}>&-; unset APT_CONFIG; }

# debs_closure ARCH SUITE OUT PACKAGE...: the packages and all they depend on, as .deb files in OUT.
debs_closure() {
    local arch=$1 suite=$2 out=$3
    shift 3
    apt_open "$arch" "$suite"
    mkdir -p "$out/partial"
    # the package database is empty, so that what would be installed is the whole closure
    apt_fetch --download-only -o Dir::Cache::archives="$out" install "$@"
    apt_close
    rm -rf "$out/partial" "$out/lock"
}

# debs_only ARCH SUITE OUT PACKAGE...: just these.
debs_only() {
    local arch=$1 suite=$2 out=$3
    shift 3
    apt_open "$arch" "$suite"
    mkdir -p "$out"
    (cd "$out" && apt_fetch download "$@")
    apt_close
}

# deb_depends ARCH SUITE PACKAGE: what it depends on, one a line, without versions.
deb_depends() {
    apt_open "$1" "$2" > /dev/null
    apt-cache show --no-all-versions "$3" | sed -n 's/^Depends: //p' | tr ',|' '\n' | sed 's/^ *//; s/ *(.*//; s/ *$//'
    apt_close
}

# unpack_merged ROOT DEB...: unpacks them over each other with /bin, /sbin, /lib and /lib64 inside /usr, as Debian installs them.
unpack_merged() {
    local root=$1 dir deb
    shift
    for dir in bin sbin lib lib64; do
        mkdir -p "$root/usr/$dir"
        ln -sfn "usr/$dir" "$root/$dir"
    done
    for deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"; done
}
