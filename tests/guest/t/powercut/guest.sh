# shellcheck shell=sh
# Knows what a machine whose power was cut has on disk, and that nothing is granted that its policy does not grant; then changes policies, on and on.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64 aarch64
#
# A state is SITE.UPDATE.APPROVAL: which site file and which update of the database are there, and of which state the approval is, or none. One that
# is being taken back is GROUP.withdrawn, or, where the BAR is to be another group's, GROUP.regrouped: it says what was given, and gives nothing.
address=0000:01:00.0
device=/sys/bus/pci/devices/$address
approval=/var/lib/pciwc/approvals/$address.json
update=/var/lib/pciwc/quirks.d/update.json
copy=/var/lib/pciwc/quirks.good/update.json
known=/share/known

mkdir -p /state /var/lib/pciwc /etc/pciwc
check "boot $BOOT: the disk mounts" mount -t ext4 /dev/disk/by-id/virtio-state /state
mkdir -p /state/lib /state/etc $known
mount --bind /state/lib /var/lib/pciwc
mount --bind /state/etc /etc/pciwc

group_of() { case $1 in none) echo root ;; *) echo "$1" ;; esac; }
# put_site none|GROUP: as an administrator does who knows how; who else is let in changes with it
put_site() {
    cp "$known/site.$1" /etc/pciwc/site.new
    sync /etc/pciwc/site.new
    mv /etc/pciwc/site.new /etc/pciwc/site.json
    sync /etc/pciwc
}
put_update() { pciwc quirks update --force "/share/$1"; }
# which FILE NAME...: the NAME whose text the file has; - when it is not there, and ? when it is none of them
which_is() {
    which_file=$1
    shift
    [ -e "$which_file" ] || { echo -; return; }
    for which_name; do
        [ ! -f "$which_name" ] || ! cmp -s "$which_file" "$which_name" || { echo "$which_name"; return; }
    done
    echo '?'
}
# sets site_now, update_now, copy_now, approved: what is there
look() {
    site_now=$(which_is /etc/pciwc/site.json $known/site.*)
    site_now=${site_now##*/site.}
    update_now=$(which_is $update /share/warn /share/deny)
    update_now=${update_now##*/}
    copy_now=$(which_is $copy /share/warn /share/deny)
    copy_now=${copy_now##*/}
    approved=$(which_is $approval $known/approval.*)
    approved=${approved##*/approval.}
}
# the approval that is right for a site and an update: "SITE.UPDATE", or -
right() { if [ -e "$known/approval.$1.$2" ]; then echo "$known/approval.$1.$2"; else echo -; fi; }
is_right() { [ "$(which_is $approval "$(right "$site_now" "$update_now")")" = "$(right "$site_now" "$update_now")" ]; }
mode() { stat -c '%a %G' $device/resource2_wc; }

if [ "$BOOT" = 1 ]; then
    for group in none pciwc alice; do
        [ $group = none ] && grant='"grant": []' || grant="\"grant\": [{\"device\": \"$address\", \"bar\": 2, \"group\": \"$group\", \"backend\": \"grant\"}]"
        site "$(accepts virtual-platform entry:ivshmem-arm64-guest)" '"minimum": {"gain": 0}' "$grant"
        cp /etc/pciwc/site.json $known/site.$group
    done
    check "a BAR is probed" pciwc probe --wide $address:2
    for bundle in warn deny; do
        check "an update that says $bundle is installed" put_update $bundle
        for group in none pciwc alice; do
            put_site $group
            pciwc refresh > /dev/null 2>&1 || true
            [ ! -e $approval ] || cp $approval $known/approval.$group.$bundle
        done
    done
    is "$(find $known -name 'approval.*' | sed 's,.*/approval.,,' | sort | tr '\n' ' ')" "alice.warn pciwc.warn " "each group has an approval, and a denial leaves none"
    for group in pciwc alice; do
        sed -e '/"\(revision\|fingerprint\|mode\)"/d; s/\("group": .*\),/\1/' $known/approval.$group.warn > $known/approval.$group.regrouped
        sed -e '/"path"/d; /"safe_bars"/{N; N; s/\[.*\]/[]/}' $known/approval.$group.regrouped > $known/approval.$group.withdrawn
    done
    cp /var/lib/pciwc/findings/$address-bar2.json $known/findings
    sync
else
    look
    note "there is $site_now.$update_now.$approved"
    unlike "$site_now $update_now $copy_now $approved" '\?' "boot $BOOT: each file is whole"
    is "$(mode)" "600 root" "before the first event nobody has the BAR"
    echo change > $device/uevent
    udevadm settle
    if [ "$(mode)" != "600 root" ]; then
        is "$approved $(mode)" "$site_now.$update_now 660 $(group_of "$site_now")" "what is granted, the site and the database of now grant"
    elif is_right && [ "$site_now" != none ] && [ "$update_now" = warn ]; then not_ok "what holds is in force"
    else ok "nothing that is stale is granted"
    fi
    code=0
    pciwc refresh > /dev/null 2> /tmp/refresh.err || code=$?
    [ $code = 0 ] || note "$(cat /tmp/refresh.err)"
    is "$code" 0 "refresh works"
    check "its approval is the right one" is_right
    exits 0 "and all is as the policy says" pciwc policy verify
    # the power may have gone when one of the two was replaced
    check "an update that was cut is done again" put_update "$update_now"
    look
    is "$copy_now" "$update_now" "and its copy is the same again"
    is "$(find /var/lib/pciwc/approvals /run/pciwc -name '.*[0-9]')" "" "nothing half-written is left beside them"
fi
[ -n "${LAST:-}" ] && cutting='' || cutting=1

# step STATE WHAT: that comes next, and leaves that state
step() {
    host step "$now" "$1" "$2"
    now=$1
}
look
now=$site_now.$update_now.$approved
while [ -n "$cutting" ]; do
    case $(($(od -An -N2 -tu2 /dev/urandom) % 7)) in
    0 | 1)
        case $site_now in none) to=pciwc ;; pciwc) to=alice ;; *) to=none ;; esac
        step "$to.$update_now.$approved" site
        put_site $to
        site_now=$to ;;
    2 | 3)
        case $update_now in warn) to=deny ;; *) to=warn ;; esac
        then=$approved
        if [ -e /run/pciwc/policy.json ] || [ -e $approval ]; then then=$(right "$site_now" "$to"); then=${then##*/approval.}; fi
        step "$site_now.$to.$then" update
        put_update $to > /dev/null 2> /tmp/said || not_ok "update: $(cat /tmp/said)"
        update_now=$to approved=$then ;;
    4)
        step "$site_now.$update_now.-" revert
        pciwc policy revert > /dev/null 2> /tmp/said || not_ok "revert: $(cat /tmp/said)"
        approved=- ;;
    *)
        then=$(right "$site_now" "$update_now")
        step "$site_now.$update_now.${then##*/approval.}" refresh
        pciwc refresh > /dev/null 2>&1 || true
        approved=${then##*/approval.} ;;
    esac
done
