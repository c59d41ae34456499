# What den's executable does before Bun's own start (x86-64 Linux). Bun raises RLIMIT_NOFILE, ignores SIGPIPE and SIGXFSZ, marks
# inherited descriptors close-on-exec and obeys BUN_* variables; all four would be visible to what `den run` starts. So at the
# very first instruction the state that was received is noted down, and BUN_* variables are hidden from the runtime by changing
# their first letter to the character U+0001 (src/host/received.ts reads the notes and gives the names back). Two variables of den's own tell the
# engine not to start threads, which do not pay in a few milliseconds; received.ts takes them away again.
#
# Assembled once; the bytes stand in scripts/runtime.ts: as x86-64.S -o x.o && objcopy -O binary x.o x.bin && xxd -p x.bin
# RECORD, ENTRY and ENVIRON are replaced by scripts/runtime.ts. Layout of the record, from RECORD:
#   0   magic 0x4E4544 ("DEN")        8   flags (unused)
#   16  struct rlimit64 {cur, max}
#   32  struct kernel_sigaction of SIGPIPE (handler first)    64  the same of SIGXFSZ
#   96  256 x struct pollfd {int fd; short events; short revents} for descriptors 3 to 258; POLLNVAL (0x20) means closed
        .intel_syntax noprefix
        .text
start:
        push    rdx
        push    rbx
        push    rbp
        movabs  rbx, 0x1111111111111111         # RECORD
        mov     qword ptr [rbx], 0x4E4544

        mov     eax, 302                        # prlimit64(0, RLIMIT_NOFILE, 0, &limit)
        xor     edi, edi
        mov     esi, 7
        xor     edx, edx
        lea     r10, [rbx + 16]
        syscall

        mov     eax, 13                         # rt_sigaction(SIGPIPE, 0, &old, 8)
        mov     edi, 13
        xor     esi, esi
        lea     rdx, [rbx + 32]
        mov     r10d, 8
        syscall
        mov     eax, 13                         # rt_sigaction(SIGXFSZ, 0, &old, 8)
        mov     edi, 25
        xor     esi, esi
        lea     rdx, [rbx + 64]
        mov     r10d, 8
        syscall

        lea     rdi, [rbx + 96]                 # poll every descriptor from 3 on, without waiting
        mov     eax, 3
fill:
        mov     dword ptr [rdi + rax*8 - 24], eax
        mov     dword ptr [rdi + rax*8 - 20], 0
        inc     eax
        cmp     eax, 259
        jne     fill
        mov     esi, 256
        xor     edx, edx
        mov     eax, 7
        syscall

        mov     rax, [rsp + 24]                 # argc; the environment follows argv and its null
        lea     rbp, [rsp + rax*8 + 40]
next:
        mov     rax, [rbp]
        test    rax, rax
        je      done
        add     rbp, 8
        cmp     dword ptr [rax], 0x5F4E5542     # "BUN_"
        jne     next
        mov     byte ptr [rax], 0x01            # no name that a shell can set
        jmp     next
done:
        mov     r8, rbp                         # the null after the environment; the auxiliary vector follows it
        pop     rbp
        pop     rbx
        pop     rdx
        mov     r9, rsp                         # the block that the kernel made: argc, argv, null, environment, null, auxiliary vector
        lea     rax, [r8 + 8]
auxiliary:
        mov     rcx, [rax]
        add     rax, 16
        test    rcx, rcx
        jne     auxiliary
        mov     rcx, rax                        # a copy of it below, with room for two more variables; the stack stays 16-aligned
        sub     rcx, r9
        sub     rsp, rcx
        sub     rsp, 16
        and     rsp, -16
        mov     rdi, rsp
        mov     rsi, r9
        mov     rcx, r8
        sub     rcx, r9
        shr     rcx, 3
        rep movsq
        mov     r10, rax
        lea     rax, [rip + first]
        stosq
        lea     rax, [rip + second]
        stosq
        mov     rcx, r10
        sub     rcx, r8
        shr     rcx, 3
        rep movsq
        mov     rax, [rsp]
        lea     rax, [rsp + rax*8 + 16]
        movabs  rcx, 0x3333333333333333         # ENVIRON: libc's variable, set by the loader before this code runs
        mov     [rcx], rax
        movabs  rax, 0x2222222222222222         # ENTRY
        jmp     rax
first:
        .asciz  "BUN_JSC_useConcurrentGC=0"
second:
        .asciz  "BUN_JSC_useWarmUpMarkedBlocks=0"
