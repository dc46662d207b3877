// The entry point, and what the compiler expects of a C library. Panics abort, so the personality that core's
// unwinding tables name is never called.
    .section .text._start,"ax",@progbits
    .globl _start
_start:
    xor ebp, ebp
    mov rdi, rsp
    sub rsp, {free} + {room}
    and rsp, -16
    mov rsi, rsp
    call gv_start
    ud2

    .section .text.memcpy,"ax",@progbits
    .globl memcpy
memcpy:
    mov rax, rdi
    mov rcx, rdx
    rep movsb
    ret

    .section .text.memmove,"ax",@progbits
    .globl memmove
memmove:
    mov rax, rdi
    mov rcx, rdx
    cmp rdi, rsi
    ja 2f
    rep movsb
    ret
2:  lea rdi, [rdi + rdx - 1]
    lea rsi, [rsi + rdx - 1]
    std
    rep movsb
    cld
    ret

    .section .text.memset,"ax",@progbits
    .globl memset
memset:
    mov r8, rdi
    mov eax, esi
    mov rcx, rdx
    rep stosb
    mov rax, r8
    ret

    .section .text.memcmp,"ax",@progbits
    .globl memcmp
    .globl bcmp
memcmp:
bcmp:
    xor ecx, ecx
2:  cmp rcx, rdx
    je 3f
    movzx eax, byte ptr [rdi + rcx]
    movzx r8d, byte ptr [rsi + rcx]
    inc rcx
    sub eax, r8d
    je 2b
    ret
3:  xor eax, eax
    ret

    .section .text.strlen,"ax",@progbits
    .globl strlen
strlen:
    xor eax, eax
2:  cmp byte ptr [rdi + rax], 0
    je 3f
    inc rax
    jmp 2b
3:  ret

    .section .text.rust_eh_personality,"ax",@progbits
    .globl rust_eh_personality
rust_eh_personality:
    ud2
    .text
