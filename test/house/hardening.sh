#!/bin/sh
# The programs as they were built: position-independent, relocations read-only and bound at the start, no
# executable stack, stack protector, fortified calls, and landing pads for indirect branches.
#
#       hardening.sh PROGRAM...
#
# The mark that lets a kernel enforce the landing pads (IBT) is set by the linker only when every object has
# it, and Debian's start files do not: so main() itself is looked at.
set -u
export LC_ALL=C
code=0

# must WHAT FILE PATTERN COMMAND...: the command's output has the pattern.
must() {
        what=$1 file=$2 pattern=$3
        shift 3
        if ! "$@" "$file" 2>/dev/null | grep -Eq "$pattern"; then
                echo "$file: no $what"
                code=1
        fi
}

[ $# -gt 0 ] || { echo "usage: hardening.sh PROGRAM..." >&2; exit 2; }
for file in "$@"; do
        must "position independence" "$file" 'Type: +DYN' readelf -hW
        must "read-only relocations" "$file" 'GNU_RELRO' readelf -lW
        must "binding at the start" "$file" 'BIND_NOW|FLAGS_1.* NOW' readelf -dW
        must "stack without execution" "$file" 'GNU_STACK.* RW +0x' readelf -lW
        must "stack protector" "$file" '__stack_chk_fail' readelf -sW
        must "fortified calls" "$file" '__[a-z]+_chk@' readelf -sW
        if readelf -lW "$file" | grep -Eq 'LOAD.* RWE'; then
                echo "$file: a segment that can be written and executed"
                code=1
        fi
        case "$(uname -m):$file" in
        x86_64:*.so*) ;;
        x86_64:*) must "landing pad in main()" "$file" 'endbr64' objdump -d --no-show-raw-insn --disassemble=main ;;
        esac
        echo "$file: looked at"
done
exit $code
