# shellcheck shell=bash disable=SC2034 # GUEST_STATUS is the caller's
# Knows how one guest is started, served and waited for.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Settings of the next boots, each with a default:
#   append WORD...              kernel arguments             cpu MODEL             memory MIB
#   machine OPTION...           e.g. x-oem-id=Ampere         iommu on|off          time_limit SECONDS
#   qemu ARGUMENT...            anything else                guest_env NAME VALUE  for the guest's script
#   overlay DIR                 files there before udev starts; a test's folder root/ is one
#   same_disk                   so are those which the guest has left in /share/state.tar, instead of those of the last time
#   emulator new                the newest QEMU there is, not the one that others use
#   kernel NAME                 another one than the run's, e.g. newest; also between two boots
#   module                      the project's kernel module lies in the guest, for depmod and modprobe
#   systemd                     is the guest's first process, with what the project installs for it; else only udevd runs
#   efi                         boot through EDK2: ACPI and SMBIOS also on aarch64
#   dtb_edit ARGUMENT...        aarch64: one fdtput command without the file, e.g. dtb_edit -t s / model "A Board"
#   dtb_reset                   QEMU's own device tree again
#
# guest_run SESSION SCRIPT: runs it to its end; 0 when the guest left a status (in GUEST_STATUS), 124 after the timeout, 125 when it died,
# 123 when a test had not begun after BOOT_LIMIT seconds, 122 when the emulator lost a timer of the guest's: it stands still, for ever.

BOOT=0 QEMU_PID='' GUEST_STATUS=''
APPEND=() MACHINE_OPTIONS=() QEMU_ARGUMENTS=() GUEST_ENV=() DTB_EDITS=() OVERLAYS=()
CPU_MODEL='' MEMORY=1024 TIME_LIMIT=300 BOOT_LIMIT=200 IOMMU=on FIRMWARE=()

append() { APPEND+=("$@"); }
machine() { MACHINE_OPTIONS+=("$@"); }
qemu() { QEMU_ARGUMENTS+=("$@"); }
cpu() { CPU_MODEL=$1; }
memory() { MEMORY=$1; }
overlay() { OVERLAYS+=("$1"); }
same_disk() {
    [ -d "$WORK/state" ] || overlay "$WORK/state"
    rm -rf "$WORK/state"
    mkdir "$WORK/state"
    tar -C "$WORK/state" -xf "$SHARE/state.tar"
}
iommu() { IOMMU=$1; }
time_limit() { TIME_LIMIT=$1; }
guest_env() { GUEST_ENV+=("export $1='${2//\'/\'\\\'\'}'"); }
dtb_edit() {
    local options=()
    while [[ $1 != /* ]]; do options+=("$1"); shift; done
    DTB_EDITS+=("fdtput ${options[*]@Q} \"\$WORK/dtb\" ${*@Q}")
}
dtb_reset() { DTB_EDITS=(); }
emulator() {
    artefact prefix "qemu-$1"
    QEMU=$ARTEFACT/bin/qemu-system-$ARCH
}
kernel() {
    kernel_check "$1"
    KERNEL=$1
    kernel_artefacts
}
module() {
    module_artefact
    overlay "$ARTEFACT/root"
}
systemd() { append guest.systemd=1; }
efi() {
    [ "$ARCH" = aarch64 ] || return 0           # x86_64 has ACPI and SMBIOS without it
    artefact firmware
    FIRMWARE=(-bios "$ARTEFACT/QEMU_EFI.fd")
}

# memory_type CPU ADDRESS: which one the process on that CPU has there.
memory_type() { "$GUEST/lib/pagetable.py" "$WORK/gdb" "$ARCH" "$1" "$2"; }
qmp() { "$GUEST/lib/qmp.py" "$WORK/qmp" "$@"; }
hmp() { qmp hmp "$*"; }

# machine_arguments [OPTION]: sets MACHINE_ARGUMENTS, all that the device tree depends on.
machine_arguments() {
    local options=("${MACHINE[$ARCH]}")
    [ "$IOMMU" = off ] || options+=(${IOMMU_MACHINE[$ARCH]:+"${IOMMU_MACHINE[$ARCH]}"})
    options+=("${MACHINE_OPTIONS[@]}" "$@")
    MACHINE_ARGUMENTS=(-M "$(IFS=,; echo "${options[*]}")" -cpu "${CPU_MODEL:-${CPU[$ARCH]}}" -smp 2 -m "$MEMORY")
}

dtb_make() {
    local edit
    machine_arguments "dumpdtb=$WORK/dtb"
    "$QEMU" -display none -nodefaults "${MACHINE_ARGUMENTS[@]}" > "$WORK/dtb.log" 2>&1
    for edit in "${DTB_EDITS[@]}"; do eval "$edit"; done
}

# What the guest finds besides Debian's userland: the harness, the project, what the test brings.
initrd_make() {
    local dir
    rm -rf "$WORK/tree"
    mkdir -p "$WORK/tree/guest"
    cp "$GUEST/guest/init" "$WORK/tree/init"
    cp "$GUEST"/guest/* "$GUEST/lib/tap.sh" "$PROGRAMS"/* "$WORK/tree/guest/"
    cpio_make "$WORK/tree" "$WORK/guest.cpio"
    cat "$BASE" "$MODULES" ${PROJECT:+"$PROJECT"} "$WORK/guest.cpio" > "$WORK/initrd"
    for dir in "${OVERLAYS[@]}"; do
        cpio_make "$dir" "$WORK/overlay.cpio"
        cat "$WORK/overlay.cpio" >> "$WORK/initrd"
    done
}

guest_start() {
    local session=$1 script=$2 serial=$3 name dtb=() iommu=() timer=''
    BOOT=$((BOOT + 1))
    SHARE=$WORK/share
    mkdir -p "$SHARE"
    rm -f "$SHARE"/{want,done,reply,part}.* "$SHARE/begun.$BOOT" "$WORK"/{qmp,gdb}
    {   for name in BOOT ARCH KERNEL; do echo "export $name=${!name}"; done
        printf '%s\n' "export SESSION=$session SCRIPT=$script" "${GUEST_ENV[@]}"
    } > "$SHARE/environment"
    initrd_make
    [ ${#DTB_EDITS[@]} = 0 ] || { dtb_make; dtb=(-dtb "$WORK/dtb"); }
    machine_arguments
    [ "$IOMMU" = off ] || iommu=(${IOMMU_DEVICE[$ARCH]:+-device "${IOMMU_DEVICE[$ARCH]}"})
    # x86's kernel counts ticks in real time at boot, and panics when a busy host lets too few of them happen
    [ "$ARCH" != x86_64 ] || timer=no_timer_check
    local command=("$QEMU" -accel "tcg,thread=${THREADS[$ARCH]}" "${MACHINE_ARGUMENTS[@]}"
        -nodefaults -no-user-config -display none -no-reboot "${FIRMWARE[@]}" "${dtb[@]}"
        -kernel "$VMLINUZ" -initrd "$WORK/initrd"
        -append "console=${CONSOLE[$ARCH]},115200 quiet panic=-1 oops=panic cgroup_disable=memory mitigations=off random.trust_cpu=on ${IOMMU_APPEND[$ARCH]} $timer ${APPEND[*]}"
        -chardev "$serial" -serial chardev:console -qmp "unix:$WORK/qmp,server=on,wait=off"
        -object "rng-random,id=rng,filename=/dev/urandom" -device "virtio-rng-pci,rng=rng"
        -virtfs "local,path=$SHARE,mount_tag=share,security_model=none,id=share"
        -gdb "unix:$WORK/gdb,server=on,wait=off"
        "${iommu[@]}" "${DEVICES[@]}" "${QEMU_ARGUMENTS[@]}")
    printf '%q ' "${command[@]}" > "$WORK/command.$BOOT"
    # should this shell be killed outright, the guest does not outlive it
    setpriv --pdeathsig KILL -- "${command[@]}" 2> "$WORK/qemu.$BOOT" <&"${GUEST_STDIN:-0}" >&"${GUEST_STDOUT:-1}" &
    QEMU_PID=$!
}

guest_stop() {
    [ -n "$QEMU_PID" ] || return 0
    kill "$QEMU_PID" 2> /dev/null && sleep 0.2
    kill -KILL "$QEMU_PID" 2> /dev/null || true
    wait "$QEMU_PID" 2> /dev/null || true
    QEMU_PID=
}

# Each /share/want.NAME.ID holds NAME and its arguments, a line each; host_NAME is called with them, in this shell.
guest_serve() {
    local want id call status
    for want in "$SHARE"/want.*; do
        [ -e "$want" ] || continue
        id=${want##*/want.}
        mapfile -t call < "$want"
        rm "$want"
        status=0
        if declare -F "host_${call[0]}" > /dev/null; then "host_${call[0]}" "${call[@]:1}" > "$SHARE/reply.$id" 2>&1 || status=$?
        else echo "host.sh has no host_${call[0]}" > "$SHARE/reply.$id"; status=127; fi
        echo "$status" > "$SHARE/part.$id"
        mv "$SHARE/part.$id" "$SHARE/done.$id"
    done
}

guest_run() {
    local until=$((SECONDS + TIME_LIMIT)) up=$((SECONDS + BOOT_LIMIT)) status=0 looks=0
    GUEST_STATUS=
    guest_start "$1" "$2" "${3:-file,id=console,path=$WORK/console.$((BOOT + 1))}"
    while kill -0 "$QEMU_PID" 2> /dev/null; do
        guest_serve
        if [ $SECONDS -ge $until ]; then status=124; break; fi
        if [ "$1" = test ] && [ $SECONDS -ge $up ] && [ ! -e "$SHARE/begun.$BOOT" ]; then status=123; break; fi
        if [ $((++looks % 50)) = 0 ] && grep -qs "timer wakeup didn't happen" "$WORK/console.$BOOT"; then status=122; break; fi
        sleep 0.1
    done
    guest_stop
    if [ -f "$SHARE/status.$BOOT" ]; then GUEST_STATUS=$(cat "$SHARE/status.$BOOT"); return "$status"; fi
    [ $status != 0 ] || status=125
    return $status
}
